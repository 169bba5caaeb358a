"""A reading as bytes: an archive of Arrow frames, checked on opening like anything a stranger sent; and a slip."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Sequence
from dataclasses import asdict
from functools import lru_cache
from pathlib import PurePosixPath

import polars as pl
import pyarrow.ipc

from schemas import frames
from schemas.columns import PolarsType
from schemas.frames import FrameSchema
from schemas.persons import is_name
from schemas.slips import NUMBER_LENGTH
from transforms.layout import FileReading
from transforms.layout.drift import Guess, ProposedLayout
from transforms.slip import EXTENSIONS, Heading, Mark, Slip

FRAMES: dict[str, FrameSchema] = {
    "sheets": frames.SHEETS,
    "cells": frames.CELLS,
    "submissions": frames.SUBMISSIONS,
    "columns": frames.LOCATED_COLUMNS,
    "controls": frames.CONTROLS,
    "control_cells": frames.CONTROL_CELLS,
    "findings": frames.FINDINGS,
}
_PART = re.compile(rf"file\.txt|drifts\.json|(?:{'|'.join(FRAMES)})\.arrow|rows/[a-z][a-z0-9_]{{0,60}}\.arrow")

_PACKED = pyarrow.ipc.IpcWriteOptions(compression="lz4", use_threads=False)
_ONE_THREAD = pyarrow.ipc.IpcReadOptions(use_threads=False)
_SLIP = re.compile(rf"[0-9a-f]{{{NUMBER_LENGTH}}}")


def pack(reading: FileReading) -> bytes:
    """Give a reading as bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        facts = (reading.file_id, reading.format, reading.refusal or "", reading.answers or "", reading.file_name)
        archive.writestr("file.txt", "\n".join(facts))
        if reading.drifts:
            archive.writestr("drifts.json", json.dumps([asdict(drift) for drift in reading.drifts]))
        for name in FRAMES:
            frame: pl.DataFrame = getattr(reading, name)
            if frame.height:
                archive.writestr(f"{name}.arrow", _as_bytes(frame))
        for entity, frame in reading.rows.items():
            archive.writestr(f"rows/{entity}.arrow", _as_bytes(frame))
    return buffer.getvalue()


def pack_answer(reading: FileReading) -> bytes:
    """Give a reading as bytes with the names of persons in a line before it: they are not staged with the rest."""
    return json.dumps(reading.names).encode() + b"\n" + pack(reading)


def unpack_answer(data: bytes) -> tuple[tuple[str, ...], bytes]:
    """Give the names, and the bytes of the reading. Raises ValueError for what cannot be names."""
    line, _, packed = data.partition(b"\n")
    names = json.loads(line)
    if not isinstance(names, list) or not all(isinstance(name, str) and is_name(name) for name in names):
        raise ValueError("not names")
    return tuple(names), packed


def unpack_drifts(data: bytes) -> tuple[ProposedLayout, ...]:
    """Give the layouts proposed by a reading that was unpacked before."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return _drifts(archive.read("drifts.json")) if "drifts.json" in archive.namelist() else ()


def unpack(data: bytes) -> FileReading:
    """Give the reading back. Raises ValueError for bytes that are none."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = archive.namelist()
        odd = [name for name in names if not _PART.fullmatch(name)]
        if odd or len(set(names)) < len(names) or "file.txt" not in names:
            raise ValueError("not a reading")
        file_id, kind, refusal, answers, file_name = archive.read("file.txt").decode().split("\n", 4)
        if answers and not _SLIP.fullmatch(answers):
            raise ValueError("not a slip's number")
        drifts = _drifts(archive.read("drifts.json")) if "drifts.json" in names else ()
        parts = {
            name: _frame(archive.read(f"{name}.arrow"), schema)
            if f"{name}.arrow" in names
            else _empty(tuple(schema.items()))
            for name, schema in FRAMES.items()
        }
        rows = {
            PurePosixPath(name).stem: _frame(archive.read(name), frames.ROW_LINEAGE, exact=False)
            for name in names
            if name.startswith("rows/")
        }
    said = {"refusal": refusal or None, "answers": answers or None, "drifts": drifts}
    return FileReading(file_id=file_id, file_name=file_name, format=kind, rows=rows, **said, **parts)


def _drifts(data: bytes) -> tuple[ProposedLayout, ...]:
    """Give proposals back, values of their own kinds only."""
    return tuple(
        ProposedLayout(
            str(said["sheet"]),
            str(said["form_code"]),
            str(said["base"]),
            bool(said["is_complete"]),
            float(said["confidence"]),
            tuple(map(str, said["difference"])),
            tuple(Guess(**{**guess, "evidence": tuple(map(str, guess["evidence"]))}) for guess in said["headers"]),
            str(said["toml"]),
        )
        for said in json.loads(data)
    )


def _as_bytes(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    table = frame.to_arrow(compat_level=pl.CompatLevel.newest())
    # pyarrow writes in this thread; polars would start its engine for every frame, however small
    with pyarrow.ipc.new_file(buffer, table.schema, options=_PACKED) as writer:
        writer.write_table(table)
    return buffer.getvalue()


def _frame(data: bytes, schema: FrameSchema, *, exact: bool = True) -> pl.DataFrame:
    """Give a frame that has these columns, and where `exact` no others."""
    table = pyarrow.ipc.open_file(pyarrow.BufferReader(data), options=_ONE_THREAD).read_all()
    table.validate(full=True)  # offsets and lengths too: nobody vouches for these bytes
    frame = pl.from_arrow(table)
    if not isinstance(frame, pl.DataFrame):
        raise ValueError("not a frame of a reading")
    found = dict(frame.schema)
    expected = dict(_empty(tuple(schema.items())).schema)
    if {name: found.get(name) for name in expected} != expected or (exact and list(found) != list(expected)):
        raise ValueError("not a frame of a reading")
    return frame


@lru_cache(maxsize=32)
def _empty(schema: tuple[tuple[str, PolarsType], ...]) -> pl.DataFrame:
    return pl.DataFrame(schema=dict(schema))


def pack_marks(heading: Heading, marks: Sequence[Mark]) -> bytes:
    """Give what a slip is to say as bytes."""
    return json.dumps({"heading": asdict(heading), "marks": [asdict(mark) for mark in marks]}).encode()


def unpack_marks(data: bytes) -> tuple[Heading, list[Mark]]:
    """Give back what a slip is to say."""
    said = json.loads(data)
    return Heading(**said["heading"]), [Mark(**mark) for mark in said["marks"]]


def pack_slip(slip: Slip) -> bytes:
    """Give a slip as bytes: its extension and remark on a line before it."""
    return json.dumps([slip.extension, slip.remark]).encode() + b"\n" + slip.data


def unpack_slip(data: bytes) -> Slip:
    """Give the slip back. Raises ValueError for bytes that are none."""
    line, _, workbook = data.partition(b"\n")
    extension, remark = json.loads(line)
    if extension not in EXTENSIONS or not isinstance(remark, str | None) or not workbook.startswith(b"PK"):
        raise ValueError("not a slip")
    return Slip(workbook, extension, remark)
