"""Processes that may die: each reads one file at a time, confined and within limits; the parent watches the clock.

A file is alone in its process, so a death is its own doing, or bad luck: it is read once more in a fresh process, and
given up after the second death. What comes back is bytes from a stranger: small JSON, and an archive that is checked.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import queue
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from flows.reading_process import ClosedError, receive, send
from warehouse import faults

Outcome = Literal["ok", "refused", "corrupt", "encrypted", "crashed", "timed_out", "out_of_memory"]
READABLE = frozenset(("ok", "refused", "corrupt", "encrypted"))
"""Outcomes that come with a reading, even if it holds nothing but the reason."""
_KNOWN = READABLE | {"crashed", "out_of_memory"}

_STARTING_SECONDS = 120
_MOST_BYTES = 1 << 30
_DEATHS = 2
# Nothing of the account's environment; one thread each, as there is a process for every core.
_ENVIRONMENT = {"LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "POLARS_MAX_THREADS": "1", "PYTHONHASHSEED": "0"}


@dataclass(frozen=True)
class Terms:
    """What a reading process is told, and may cost."""

    packages: tuple[str, ...]
    secret: bytes
    seconds: float
    memory_bytes: int
    limits: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Question:
    """One file to read; `load` gives its bytes when its turn comes.

    With `marks` (`staged.pack_marks`) its return slip is asked for instead: the answer is a packed slip.
    """

    file_id: str
    file_name: str
    load: Callable[[], bytes]
    marks: bytes = b""


@dataclass(frozen=True)
class Answer:
    """What came of it. `packed` is the reading, not yet checked; `error` the kind of error inside the reader."""

    outcome: Outcome
    packed: bytes = b""
    error: str = ""


class CannotStartError(Exception):
    """A fresh reading process ended, or said nothing, before it was ready; the text is the last it said."""


class _DiedError(Exception):
    """The process ended while it read."""


class Reader:
    """One reading process and the socket to it."""

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self._folder = tempfile.TemporaryDirectory(prefix="xinyan-reader-")
        ours, theirs = socket.socketpair()
        script = Path(__file__).with_name("reading_process.py")
        try:
            self.process = subprocess.Popen(
                [sys.executable, "-I", "-B", str(script), str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                cwd=self._folder.name,
                env=_ENVIRONMENT,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        finally:
            theirs.close()
        self._channel = ours
        self.confinement: tuple[str, ...] = self._settle()

    def _settle(self) -> tuple[str, ...]:
        terms = self.terms
        told = {
            "path": [os.path.abspath(entry or ".") for entry in sys.path],
            "folder": os.getcwd(),
            "packages": terms.packages,
            "secret": terms.secret.hex(),
            "seconds": terms.seconds,
            "memory_bytes": terms.memory_bytes,
            "most_bytes": _MOST_BYTES,
            "limits": dict(terms.limits),
        }
        try:
            self._channel.settimeout(_STARTING_SECONDS)
            send(self._channel, told)
            said, _ = receive(self._channel, 0, _until(_STARTING_SECONDS))
        except TimeoutError:
            self.end()
            raise CannotStartError(f"nothing said for {_STARTING_SECONDS} s") from None
        except (ClosedError, OSError):
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(5)
            last = self._last_words()
            ended = self.end()
            raise CannotStartError(last or f"ended with {ended}") from None
        self._last_words()
        return tuple(str(each) for each in said.get("ready", ()))

    def _last_words(self) -> str:
        """Give the last line the process wrote, and listen no more: of a sender's file nothing is repeated."""
        assert self.process.stderr is not None
        if self.process.stderr.closed:
            return ""
        with self.process.stderr as spoken:
            os.set_blocking(spoken.fileno(), False)
            lines = (spoken.read() or b"").decode(errors="replace").split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), "")

    def ask(self, question: Question) -> Answer:
        """Have one file read. Raises `_DiedError` where the process ended, and TimeoutError where the clock ran out."""
        seconds = self.terms.seconds
        try:
            self._channel.settimeout(seconds)
            data = question.load()
            asked = {"file_id": question.file_id, "file_name": question.file_name, "marks": len(question.marks)}
            send(self._channel, asked, question.marks + data)
            said, packed = receive(self._channel, _MOST_BYTES, _until(seconds))
        except TimeoutError:
            raise
        except (ClosedError, OSError):
            raise _DiedError from None
        outcome = said.get("outcome")
        if outcome not in _KNOWN:
            raise _DiedError
        return Answer(outcome, packed, str(said.get("error", ""))[:80])

    def end(self) -> int:
        """Kill the process with all it may have started, and give what it ended with."""
        self._channel.close()
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        ended = self.process.wait()
        self._last_words()
        self._folder.cleanup()
        return ended

    def wait_for_its_end(self) -> int:
        """Give what a process that is dying ended with."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(5)
        return self.end()


def _until(seconds: float) -> Callable[[], float]:
    deadline = time.monotonic() + seconds

    def left() -> float:
        rest = deadline - time.monotonic()
        if rest <= 0:
            raise TimeoutError
        return rest

    return left


class Readers:
    """Reading processes kept warm; safe to ask from several threads."""

    def __init__(self, terms: Terms, count: int) -> None:
        self.terms = terms
        self.count = count
        self._idle: queue.LifoQueue[Reader] = queue.LifoQueue()
        self._lock = threading.Lock()
        self._all: set[Reader] = set()
        self.is_closed = False

    def read(self, questions: Iterable[Question]) -> Iterator[Answer]:
        """Have files read, as many at a time as there are processes; answers come in the order of the questions."""
        threads = ThreadPoolExecutor(self.count, "reader")
        try:
            yield from threads.map(self._read, questions)
        except BaseException:
            self.close()  # whoever waits for a file is let go
            raise
        finally:
            threads.shutdown(wait=True, cancel_futures=True)

    def _read(self, question: Question) -> Answer:
        faults.passing("reading.asking")
        reader = self._take()
        for death in range(1, _DEATHS + 1):
            try:
                answer = reader.ask(question)
            except TimeoutError:
                self._drop(reader)
                return Answer("timed_out")
            except _DiedError:
                ended = self._drop(reader, dying=True)
                if ended == -signal.SIGXCPU:
                    return Answer("timed_out")
                if death == _DEATHS or self.is_closed:
                    break
                reader = self._start()
            except BaseException:
                self._drop(reader)
                raise
            else:
                self._give_back(reader, answer)
                return answer
        return Answer("crashed")

    def _take(self) -> Reader:
        try:
            return self._idle.get_nowait()
        except queue.Empty:
            return self._start()

    def _start(self) -> Reader:
        reader = Reader(self.terms)
        with self._lock:
            self._all.add(reader)
        return reader

    def _give_back(self, reader: Reader, answer: Answer) -> None:
        """Keep a process for the next file, unless an error inside it may have left something behind."""
        if answer.outcome in READABLE:
            self._idle.put(reader)
        else:
            self._drop(reader)

    def _drop(self, reader: Reader, *, dying: bool = False) -> int:
        with self._lock:
            self._all.discard(reader)
        return reader.wait_for_its_end() if dying else reader.end()

    def close(self) -> None:
        """End all processes."""
        self.is_closed = True
        with self._lock:
            readers, self._all = self._all, set()
        for reader in readers:
            reader.end()
        while not self._idle.empty():
            self._idle.get_nowait()


_WARM: list[Readers] = []
_WARM_LOCK = threading.Lock()


def warm_readers(terms: Terms, count: int) -> Readers:
    """The process-wide readers for these terms; those for other terms are ended first."""
    with _WARM_LOCK:
        if not _WARM or _WARM[0].is_closed or _WARM[0].terms != terms or _WARM[0].count != count:
            end_readers()
            _WARM.append(Readers(terms, count))
        return _WARM[0]


def end_readers() -> None:
    """End the processes that are kept warm."""
    while _WARM:
        _WARM.pop().close()


atexit.register(end_readers)
