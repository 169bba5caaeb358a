"""A reading as bytes: one archive of Arrow frames, checked when it is opened like anything a stranger sent."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import PurePosixPath

import polars as pl

from schemas import frames
from schemas.frames import FrameSchema
from transforms.layout import FileReading

FRAMES: dict[str, FrameSchema] = {
    "sheets": frames.SHEETS,
    "cells": frames.CELLS,
    "submissions": frames.SUBMISSIONS,
    "columns": frames.LOCATED_COLUMNS,
    "controls": frames.CONTROLS,
    "findings": frames.FINDINGS,
}
_PART = re.compile(rf"file\.txt|(?:{'|'.join(FRAMES)})\.arrow|rows/[a-z][a-z0-9_]{{0,60}}\.arrow")


def pack(reading: FileReading) -> bytes:
    """Give a reading as bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        facts = (reading.file_id, reading.format, reading.refusal or "", reading.file_name)
        archive.writestr("file.txt", "\n".join(facts))
        for name in FRAMES:
            frame: pl.DataFrame = getattr(reading, name)
            if frame.height:
                archive.writestr(f"{name}.arrow", _as_bytes(frame))
        for entity, frame in reading.rows.items():
            archive.writestr(f"rows/{entity}.arrow", _as_bytes(frame))
    return buffer.getvalue()


def unpack(data: bytes) -> FileReading:
    """Give the reading back. Raises ValueError for bytes that are none."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = archive.namelist()
        odd = [name for name in names if not _PART.fullmatch(name)]
        if odd or len(set(names)) < len(names) or "file.txt" not in names:
            raise ValueError("not a reading")
        file_id, kind, refusal, file_name = archive.read("file.txt").decode().split("\n", 3)
        parts = {
            name: _frame(archive.read(f"{name}.arrow"), schema)
            if f"{name}.arrow" in names
            else pl.DataFrame(schema=dict(schema))
            for name, schema in FRAMES.items()
        }
        rows = {
            PurePosixPath(name).stem: _frame(archive.read(name), frames.ROW_LINEAGE, exact=False)
            for name in names
            if name.startswith("rows/")
        }
    return FileReading(file_id=file_id, file_name=file_name, format=kind, rows=rows, refusal=refusal or None, **parts)


def _as_bytes(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.write_ipc(buffer, compression="lz4")
    return buffer.getvalue()


def _frame(data: bytes, schema: FrameSchema, *, exact: bool = True) -> pl.DataFrame:
    """Give a frame that has these columns, and where `exact` no others."""
    frame = pl.read_ipc(io.BytesIO(data))
    found = dict(frame.schema)
    expected = dict(pl.DataFrame(schema=dict(schema)).schema)
    if {name: found.get(name) for name in expected} != expected or (exact and list(found) != list(expected)):
        raise ValueError("not a frame of a reading")
    return frame
