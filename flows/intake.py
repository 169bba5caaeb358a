"""Intake: what lies in the inbox becomes archived originals and receipts. The inbox itself is never touched."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from flows import admission
from flows.errors import UserError
from flows.home import PRIVATE, Home
from flows.settings import ZONE, Limits
from warehouse import faults

_DAY_FOLDER = re.compile(r"^(\d{4})-(\d{2})-(\d{2})$")
_CHUNK = 1 << 20


@dataclass(frozen=True, order=True)
class Receipt:
    """One content received under one path. `path` is relative to the inbox, with forward slashes."""

    received_at: dt.datetime
    path: str
    file_id: str
    bytes: int

    @property
    def file_name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]

    def as_line(self) -> str:
        """The line of receipts.jsonl."""
        facts = {
            "path": self.path,
            "sha256": self.file_id,
            "received_at": self.received_at.isoformat(),
            "bytes": self.bytes,
        }
        return json.dumps(facts, ensure_ascii=False)


@dataclass(frozen=True)
class Skipped:
    """A thing in the inbox that is not a sender's file, and why it was left alone."""

    path: str
    why: str


@dataclass(frozen=True)
class Intake:
    """What one look at the inbox found."""

    new: tuple[Receipt, ...]
    skipped: tuple[Skipped, ...]
    listed: int


def take_in(
    home: Home, started_at: dt.datetime, until: dt.date | None = None, most_megabytes: int = Limits().admit_megabytes
) -> Intake:
    """Archive every file of the inbox that has no receipt yet.

    With `until`, only dated folders up to that day are looked at. Raises `UserError` where the inbox cannot be read or
    the archive not written; a single file that vanishes or changes while it is read is left for the next night.
    """
    known = {(receipt.path, receipt.file_id) for receipt in receipts(home)}
    new: list[Receipt] = []
    skipped: list[Skipped] = []
    listed = 0
    for entry in admission.entries(home.inbox):
        day = _received_day(entry.path)
        if until is not None and (day is None or day > until):
            continue
        received_at = started_at if day is None else dt.datetime.combine(day, dt.time(), ZONE)
        try:
            with admission.admitted(entry, most_megabytes << 20) as handle:
                file_id, size = _archive(home, handle)
        except admission.NotAdmittedError as why:
            skipped.append(Skipped(entry.path, str(why)))
            continue
        listed += 1
        if (entry.path, file_id) not in known:
            new.append(Receipt(received_at, entry.path, file_id, size))
    new.sort()
    _append(home.receipts, (receipt.as_line() for receipt in new))
    return Intake(tuple(new), tuple(skipped), listed)


def receipts(home: Home) -> list[Receipt]:
    """Every receipt ever written, in order of writing. Raises `UserError` for a damaged line, naming it."""
    if not home.receipts.exists():
        return []
    found = []
    lines = home.receipts.read_bytes().split(b"\n")
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            facts = json.loads(line)
            received_at = dt.datetime.fromisoformat(facts["received_at"])
            found.append(Receipt(received_at, facts["path"], facts["sha256"], int(facts["bytes"])))
        except (ValueError, KeyError, TypeError):
            if number == len(lines):  # cut off by a crash before its newline: the file is taken in again
                continue
            raise UserError(
                f"{home.receipts}, line {number}",
                "not a receipt",
                "JSON with path, sha256, received_at and bytes",
                "Restore the file from the backup of the home.",
            ) from None
    return found


def record_decision(home: Home, kind: str, known_from: dt.datetime, **facts: object) -> None:
    """Append one decision (apply, undo, code version) to the log that a rebuild replays."""
    line = json.dumps({"kind": kind, "known_from": known_from.isoformat(), **facts}, ensure_ascii=False, default=str)
    _append(home.decisions, [line])


def decisions(home: Home) -> list[dict[str, object]]:
    """Every decision recorded so far, oldest first."""
    if not home.decisions.exists():
        return []
    *lines, tail = home.decisions.read_bytes().split(b"\n")
    told = [json.loads(line) for line in lines if line.strip()]
    with contextlib.suppress(ValueError):  # cut off by a crash before its newline: who writes next says it again
        told += [json.loads(tail)]
    return told


def hash_file(path: Path) -> str:
    """The sha256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _received_day(relative: str) -> dt.date | None:
    match = _DAY_FOLDER.match(relative.split("/")[0])
    if match is None or "/" not in relative:
        return None
    try:
        return dt.date(*map(int, match.groups()))
    except ValueError:
        return None


def _archive(home: Home, handle: int) -> tuple[str, int]:
    """Copy an open file into the archive unless it is there; returns sha256 and size. Durable before it returns."""
    size = 0
    digest = hashlib.sha256()
    for chunk in _chunks(handle):
        digest.update(chunk)
        size += len(chunk)
    file_id = digest.hexdigest()
    target = home.archived(file_id)
    if target.exists():
        return file_id, size
    target.parent.mkdir(mode=PRIVATE, exist_ok=True)
    partial = target.with_name(target.name + ".partial")
    again = hashlib.sha256()
    with partial.open("wb") as copy:
        for chunk in _chunks(handle):
            again.update(chunk)
            copy.write(chunk)
        copy.flush()
        os.fsync(copy.fileno())
    if again.hexdigest() != file_id:
        partial.unlink()
        raise admission.NotAdmittedError("changed while it was read; left for the next night")
    partial.chmod(0o600)
    faults.passing("intake.copied")
    partial.replace(target)
    _sync_folder(target.parent)
    faults.passing("intake.archived")
    return file_id, size


def _chunks(handle: int) -> Iterator[bytes]:
    os.lseek(handle, 0, os.SEEK_SET)
    while chunk := os.read(handle, _CHUNK):
        yield chunk


def _append(path: Path, lines: Iterable[str]) -> None:
    lines = list(lines)
    if not lines:
        return
    _mend(path)
    faults.passing("log.appending")
    with path.open("a", encoding="utf-8") as file:
        file.writelines(line + "\n" for line in lines)
        file.flush()
        os.fsync(file.fileno())
    faults.passing("log.appended")


def _mend(path: Path) -> None:
    """Complete or drop a last line that a crash cut off."""
    if not path.exists():
        return
    kept, newline, tail = path.read_bytes().rpartition(b"\n")
    if not tail:
        return
    try:
        json.loads(tail)
    except ValueError:
        os.truncate(path, len(kept) + len(newline))
    else:
        with path.open("ab") as file:
            file.write(b"\n")


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
