"""One writer at a time: a lock of the operating system on a file that names its holder; freed when the holder dies."""

from __future__ import annotations

import datetime as dt
import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flows.errors import UserError


@contextmanager
def writer(path: Path, doing: str) -> Iterator[None]:
    """Hold the lock while `doing` something; raises `UserError` naming the holder where another process has it.

    The lock is the system's, not the file's existence: a file left by a process that died stops nobody.
    """
    with path.open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UserError(str(path), *_held_by(path)) from None
        file.seek(0)
        file.truncate()
        since = dt.datetime.now(dt.UTC).astimezone().isoformat(timespec="seconds")
        json.dump({"pid": os.getpid(), "since": since, "doing": doing}, file)
        file.flush()
        try:
            yield
        finally:
            file.seek(0)
            file.truncate()


def is_held(path: Path) -> bool:
    """Whether the process the file names still runs. Only looks: trying the lock could stop a night about to begin."""
    try:
        os.kill(json.loads(path.read_text(encoding="utf-8"))["pid"], 0)
    except PermissionError:  # it runs, under another account
        return True
    except (OSError, ValueError, KeyError):
        return False
    return True


def _held_by(path: Path) -> tuple[str, str, str]:
    try:
        holder = json.loads(path.read_text(encoding="utf-8"))
        name = f"held by process {holder['pid']} ({holder['doing']}) since {holder['since']}"
    except (OSError, ValueError, KeyError):
        name = "held by another process"
    return name, "no other writer", "Wait until it has finished, then run again."
