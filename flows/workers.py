"""Reading in isolated processes: a file that crashes, hangs or eats memory costs itself, never the run.

What was read lies in staging, one archive of Arrow frames per original, under the version of the code and layouts that
read it; a file read before by the same version is not read again.
"""

from __future__ import annotations

import hashlib
import hmac
import io
import multiprocessing
import os
import resource
import zipfile
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import polars as pl
from pebble import ProcessExpired, ProcessPool

import schemas.forms
from flows.errors import RunFailedError
from flows.home import PRIVATE, Home, person_key
from flows.settings import Limits
from schemas import frames
from schemas.reasons import REASONS
from transforms.layout import NO_SECRET, FileReading, read_file

PACKAGES = ("schemas",)
"""Where forms, layouts and codes are found; tests add their own."""

_FRAMES = {
    "sheets": frames.SHEETS,
    "cells": frames.CELLS,
    "submissions": frames.SUBMISSIONS,
    "columns": frames.LOCATED_COLUMNS,
    "controls": frames.CONTROLS,
    "findings": frames.FINDINGS,
}


@dataclass(frozen=True)
class Original:
    """One archived content to read, under the name it first came with."""

    file_id: str
    file_name: str


@dataclass(frozen=True)
class Read:
    """What became of one original: staged under `path`, or `failure` says why reading was given up."""

    file_id: str
    file_name: str
    path: str | None
    failure: str | None = None


@lru_cache(maxsize=8)
def code_version(packages: tuple[str, ...] = PACKAGES) -> str:
    """Sixteen hex digits that change with any line of the reading code, the forms, the layouts and the codes."""
    digest = hashlib.sha256()
    for package in ("schemas", "transforms", *(name for name in packages if name != "schemas")):
        for path, content in sorted(_sources(files(package), package)):
            digest.update(path.encode() + b"\0" + hashlib.sha256(content).digest())
    return digest.hexdigest()[:16]


def read_all(
    home: Home,
    originals: Sequence[Original],
    limits: Limits,
    packages: tuple[str, ...] = PACKAGES,
    done: Callable[[int], None] = lambda count: None,
    *,
    secret: bytes | None = None,
) -> list[Read]:
    """Read originals in worker processes, in the order given; `done` hears how many more are finished.

    `secret` is the key persons are hashed with; the home's where none is given.

    Never raises for a file: a crash, a timeout or a refused size becomes its `failure`.
    """
    room = home.staging / code_version(packages)
    room.mkdir(mode=PRIVATE, exist_ok=True)
    secret = secret or person_key(home)
    results: dict[str, Read] = {}
    waiting: list[Original] = []
    for original in originals:
        target = _staged(room, original, secret)
        if target.exists():
            results[original.file_id] = Read(original.file_id, original.file_name, str(target))
        elif _size(home, original) > limits.file_megabytes << 20:
            why = f"文件大于{limits.file_megabytes}MB"
            results[original.file_id] = Read(original.file_id, original.file_name, None, why)
        else:
            waiting.append(original)
    done(len(results))
    if waiting:
        for read in _in_processes(home, room, waiting, limits, packages, secret):
            results[read.file_id] = read
            done(1)
    return [results[original.file_id] for original in originals]


def _size(home: Home, original: Original) -> int:
    path = home.archived(original.file_id)
    try:
        return path.stat().st_size
    except OSError as error:
        raise RunFailedError(
            f"archive {path}",
            f"the original of {original.file_name} cannot be found ({error.strerror})",
            "every file that archive/receipts.jsonl lists",
            "Restore it from the backup of the home, or put the same file into the inbox again, and run again.",
        ) from None


def load_reading(path: str | Path) -> FileReading:
    """A staged reading back from its archive."""
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        file_id, file_name, kind = archive.read("file.txt").decode().split("\n")
        parts = {
            name: pl.read_ipc(io.BytesIO(archive.read(f"{name}.arrow")))
            if f"{name}.arrow" in names
            else pl.DataFrame(schema=dict(schema))
            for name, schema in _FRAMES.items()
        }
        rows = {
            Path(name).stem: pl.read_ipc(io.BytesIO(archive.read(name))) for name in names if name.startswith("rows/")
        }
    return FileReading(file_id=file_id, file_name=file_name, format=kind, rows=rows, **parts)


def save_reading(reading: FileReading, path: Path) -> None:
    """Stage a reading; complete or not there at all."""
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    with zipfile.ZipFile(partial, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("file.txt", "\n".join((reading.file_id, reading.file_name, reading.format)))
        for name in _FRAMES:
            frame: pl.DataFrame = getattr(reading, name)
            if frame.height:
                archive.writestr(f"{name}.arrow", _as_bytes(frame))
        for entity, frame in reading.rows.items():
            archive.writestr(f"rows/{entity}.arrow", _as_bytes(frame))
    partial.replace(path)


def _as_bytes(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.write_ipc(buffer, compression="lz4")
    return buffer.getvalue()


def _staged(room: Path, original: Original, secret: bytes) -> Path:
    """The name a file came with can decide its period and filer, the key its persons: both are part of the place."""
    name = hmac.digest(secret, original.file_name.encode(), "sha256").hex()[:8]
    return room / f"{original.file_id}-{name}.reading"


def _sources(folder: Traversable, prefix: str) -> Iterable[tuple[str, bytes]]:
    for entry in folder.iterdir():
        if entry.is_dir():
            if entry.name != "__pycache__":
                yield from _sources(entry, f"{prefix}/{entry.name}")
        elif entry.name.endswith((".py", ".toml")):
            yield f"{prefix}/{entry.name}", entry.read_bytes()


def _in_processes(
    home: Home, room: Path, originals: Sequence[Original], limits: Limits, packages: tuple[str, ...], secret: bytes
) -> Iterable[Read]:
    workers = min(limits.workers or os.cpu_count() or 1, len(originals))
    # spawn: a fork of a process whose libraries run threads can hang for good.
    context = multiprocessing.get_context("spawn")
    settled = (limits.memory_megabytes, packages, secret)
    with ProcessPool(workers, initializer=_prepare, initargs=settled, context=context) as pool:
        futures = []
        for original in originals:
            archived, target = str(home.archived(original.file_id)), str(_staged(room, original, secret))
            arguments = (archived, original.file_name, original.file_id, target)
            futures.append(pool.schedule(_read_one, args=arguments, timeout=limits.seconds_per_file))
        for original, future in zip(originals, futures, strict=True):
            failure = _failure(future, limits)
            path = None if failure else str(_staged(room, original, secret))
            yield Read(original.file_id, original.file_name, path, failure)


def _failure(future: Any, limits: Limits) -> str | None:
    try:
        result: str | None = future.result()
    except TimeoutError:
        return f"读取超过{limits.seconds_per_file:g}秒"
    except BrokenProcessPool:
        raise RunFailedError(
            "reading",
            "every reading process ended before it could read",
            "processes that can start",
            "Raise limits.memory_megabytes in reference/settings.toml, or make memory free, and run again.",
        ) from None
    except ProcessExpired:
        return "读取进程中断（文件可能损坏，或占用内存过大）"
    return result


_CATALOGUE: Any = None
_SECRET = NO_SECRET


def _prepare(memory_megabytes: int, packages: tuple[str, ...], secret: bytes) -> None:
    global _CATALOGUE, _SECRET
    ceiling = memory_megabytes << 20
    resource.setrlimit(resource.RLIMIT_AS, (ceiling, ceiling))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _CATALOGUE = schemas.forms.load(packages)
    _SECRET = secret


def _read_one(archived: str, file_name: str, file_id: str, target: str) -> str | None:
    try:
        reading = read_file(Path(archived).read_bytes(), file_name, file_id, _CATALOGUE, secret=_SECRET)
        save_reading(reading, Path(target))
    except MemoryError:
        return "读取时内存不足"
    except BaseException as error:  # a panic inside a reader is a BaseException; it costs this file, not the run
        if isinstance(error, KeyboardInterrupt | SystemExit):
            raise
        return f"读取时出错（{type(error).__name__}）"
    return None


def unread(read: Read) -> FileReading:
    """The reading of a file whose reading was given up: nothing but its finding E45."""
    reason = REASONS["E45"]
    identity = "|".join((reason.code, read.file_id, "", "", "", "", ""))
    finding = {
        "finding_id": hashlib.sha256(identity.encode()).hexdigest()[:16],
        "code": reason.code,
        "severity": "R",
        "file_id": read.file_id,
        "found": read.failure,
        "expected": "能正常打开的工作簿",
        "action": reason.action_zh,
    }
    empty = {name: pl.DataFrame(schema=dict(schema)) for name, schema in _FRAMES.items()}
    parts = empty | {"findings": pl.DataFrame([finding], schema=dict(frames.FINDINGS))}
    return FileReading(file_id=read.file_id, file_name=read.file_name, format="unreadable", rows={}, **parts)
