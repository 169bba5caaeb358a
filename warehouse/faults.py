"""Named points a night passes, at which a test can make it stop: killed, failing, out of room, hanging.

Off unless the environment variable XINYAN_FAULT names a point as ``point:mode`` or ``point:mode:3`` (the third time it
is passed); then this process suffers it there. Nothing else depends on it.
"""

from __future__ import annotations

import errno
import os
import signal
import sys
import time
from collections import Counter
from typing import NoReturn

VARIABLE = "XINYAN_FAULT"

POINTS = {
    # intake
    "intake.copied": "an original lies beside its place in the archive",
    "intake.archived": "an original lies in the archive",
    "log.appending": "lines are about to be added to receipts.jsonl or decisions.jsonl",
    "log.appended": "the lines are durable",
    # reading and staging
    "reading.asking": "a file is about to be handed to a reading process",
    "reading.answered": "what it said has come back",
    "names.keeping": "names of persons are about to be kept",
    "names.kept": "they are durable",
    "staging.written": "a reading lies beside its place",
    "staging.staged": "a reading is staged",
    # validation and the transaction
    "warehouse.created": "a new warehouse lies beside its place",
    "warehouse.opened": "the warehouse is open, migrated and fitted",
    "load.validated": "everything new is read back and validated",
    "load.landed": "it is written as read",
    "load.judged": "every instant is judged",
    "load.booked": "what became known is written",
    "summaries.built": "the summaries are made",
    "summaries.checked": "every promise of ours was checked",
    "transaction.committing": "a transaction is about to be committed",
    "transaction.committed": "it is durable, and nobody was told yet",
    "checkpoint.begun": "the WAL is about to be brought into the file",
    "checkpoint.done": "the file holds everything",
    "close.begun": "the warehouse is about to be closed",
    "close.done": "it is closed",
    # release
    "release.begun": "nothing of a release is there yet",
    "release.filled": "the file in the making holds everything",
    "release.checkpointed": "it needs no WAL",
    "release.verified": "it reads back as it was meant",
    "release.told": "the facts lie beside its place, the file does not yet",
    "release.numbered": "the numbered file is in place",
    "release.copied": "the copy for the stable path is made",
    "release.current": "the stable path holds it",
    "release.pruned": "releases too many are gone",
    # receipts for the senders, journal
    "slips.written": "a return slip lies beside its place",
    "slips.placed": "a return slip is in its place",
    "journal.writing": "the journal is about to be written",
    "journal.written": "the journal is in its place",
}
"""Every point, and how things stand when it is passed."""


class FaultError(Exception):
    """What a point raises in the mode ``raise``."""


def _kill() -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("still alive")


def _hang() -> NoReturn:
    while True:
        time.sleep(60)


def _fail(error: Exception) -> NoReturn:
    raise error


MODES = {
    "kill": _kill,
    "raise": lambda: _fail(FaultError("asked for")),
    "no_space": lambda: _fail(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))),
    "io_error": lambda: _fail(OSError(errno.EIO, os.strerror(errno.EIO))),
    "hang": _hang,
}

_passed: Counter[str] = Counter()


def passing(point: str) -> None:
    """Pass a point of `POINTS`; suffer there what XINYAN_FAULT asks for."""
    asked = os.environ.get(VARIABLE)
    if asked:
        _suffer(point, *asked.split(":"))


def _suffer(point: str, wanted: str, mode: str, nth: str = "1") -> None:
    if wanted not in POINTS or mode not in MODES:
        raise ValueError(f"{VARIABLE}: no {wanted}:{mode}; points: {', '.join(POINTS)}; modes: {', '.join(MODES)}")
    _passed[point] += 1
    if point == wanted and _passed[point] == int(nth):
        sys.stderr.write(f"{VARIABLE}={wanted}:{mode}:{nth}\n")
        sys.stderr.flush()
        MODES[mode]()
