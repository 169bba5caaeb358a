"""Reading in isolated processes: a file that crashes, hangs or eats memory costs itself, never the run.

What was read lies in staging, one archive of Arrow frames per original, under the version of the code and layouts that
read it; a file read before by the same version is not read again.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import tempfile
import tomllib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import polars as pl

import schemas.forms
from flows import isolation, persons, staged
from flows.errors import RunFailedError
from flows.home import PRIVATE, Home, person_key
from flows.isolation import READABLE, Answer, CannotStartError, Outcome, Question, Terms
from flows.settings import Limits
from schemas import frames
from schemas.reasons import REASONS
from transforms.layout import NO_SECRET, FileReading
from transforms.layout.drift import ProposedLayout
from transforms.slip import Slip, make_slip
from warehouse import faults

PACKAGES = ("schemas",)
"""Where forms, layouts and codes are found; tests add their own."""


@dataclass(frozen=True)
class Original:
    """One archived content to read, under the name it first came with."""

    file_id: str
    file_name: str


@dataclass(frozen=True)
class Read:
    """What became of one original: staged under `path`, or `failure` says why reading was given up.

    A file that is refused, corrupt or encrypted was read: its reading holds the reason.
    """

    file_id: str
    file_name: str
    path: str | None
    failure: str | None = None
    outcome: Outcome = "ok"


@lru_cache(maxsize=8)
def code_version(packages: tuple[str, ...] = PACKAGES) -> str:
    """Sixteen hex digits that change with any line of the reading code, the forms, the layouts and the codes."""
    digest = hashlib.sha256()
    for package in ("schemas", "transforms", *(name for name in packages if name != "schemas")):
        if "@" in package:  # a folder of layouts: its name says what is in it, wherever the home lies
            digest.update(package.rpartition("@")[2].encode())
            continue
        for path, content in sorted(_sources(files(package), package)):
            digest.update(path.encode() + b"\0" + hashlib.sha256(content).digest())
    return digest.hexdigest()[:16]


def read_by(packages: tuple[str, ...], form_codes: Iterable[str | None], *, is_open: bool) -> str:
    """What a file's reading rests on: a digest of the reading code, / and one of the forms and layouts of its sheets.

    Where a sheet was not read (`is_open`), any layout could read it one day, so that all of them count.
    """
    parts = _reading_parts(packages)
    forms = sorted(parts if is_open else {code for code in form_codes if code} & parts.keys())
    texts = "".join(f"{name}{parts[name]}" for name in forms if name)
    return f"{parts[''][:12]}/{hashlib.sha256(texts.encode()).hexdigest()[:12]}"


@lru_cache(maxsize=8)
def _reading_parts(packages: tuple[str, ...]) -> dict[str, str]:
    """A digest per form of its model and layouts, by code; under "" that of everything else that reads."""
    forms = schemas.forms.load(packages).forms
    codes = {form.entity: (form if form.part_of is None else forms[form.part_of]).code for form in forms.values()}
    codes |= {form.code: codes[form.entity] for form in forms.values()}
    digests: dict[str, Any] = {}
    for package in ("schemas", "transforms", *(name for name in packages if name != "schemas")):
        for path, content in sorted(_sources(files(package), package)):
            if path.startswith(_NOT_READING) or (package not in _OURS and path.endswith("__init__.py")):
                continue
            folder, _, name = path.removeprefix(f"{package}/").rpartition("/")
            owner = codes.get(name.removesuffix(".py"), "") if folder == "forms" else ""
            if folder == "layouts" and name.endswith(".toml"):
                owner = codes.get(tomllib.loads(content.decode()).get("form", ""), "")
            digests.setdefault(owner, hashlib.sha256()).update(path.encode() + b"\0" + hashlib.sha256(content).digest())
    return {owner: digest.hexdigest() for owner, digest in digests.items()}


_OURS = ("schemas", "transforms")
_NOT_READING = tuple(
    f"transforms/{part}"
    for part in (
        "sample/",
        "slip",
        "report",
        "reconcile",
        "split/",
        "identity.py",
        "versions.py",
        "contents.py",
        "names.py",
    )
)
"""What judges, writes or returns, and so never changes how a file is read."""


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
    heard = persons.known(home)
    for original in originals:
        target = _staged(room, original, secret)
        if target.exists() and original.file_id in heard:
            outcome = load_reading(target).refusal or "ok"
            results[original.file_id] = Read(original.file_id, original.file_name, str(target), None, outcome)
        elif _size(home, original) > limits.file_megabytes << 20:
            why = f"文件大于{limits.file_megabytes}MB（limits.file_megabytes）"
            results[original.file_id] = Read(original.file_id, original.file_name, None, why, "refused")
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
            f"the original cannot be found ({error.strerror})",
            "every file that archive/receipts.jsonl lists",
            "Restore it from the backup of the home, or put the same file into the inbox again, and run again.",
        ) from None


@contextmanager
def read_aside(
    paths: Sequence[Path], limits: Limits, packages: tuple[str, ...] = PACKAGES
) -> Iterator[list[FileReading]]:
    """Read files that are not taken in, in the order given; nothing of them stays behind."""
    with tempfile.TemporaryDirectory() as folder:
        aside = Home(Path(folder))
        aside.staging.mkdir()
        originals = []
        for path in paths:
            data = path.read_bytes()
            original = Original(hashlib.sha256(data).hexdigest(), path.name)
            target = aside.archived(original.file_id)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
            originals.append(original)
        read = read_all(aside, originals, limits, packages, secret=NO_SECRET)
        yield [unread(each) if each.path is None else load_reading(each.path) for each in read]


def load_reading(path: str | Path) -> FileReading:
    """A staged reading back from its archive."""
    return staged.unpack(Path(path).read_bytes())


def load_drifts(path: str | Path) -> tuple[ProposedLayout, ...]:
    """The layouts a staged reading proposes."""
    return staged.unpack_drifts(Path(path).read_bytes())


def _stage(packed: bytes, path: Path) -> None:
    """Stage a reading; complete or not there at all."""
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    partial.write_bytes(packed)
    faults.passing("staging.written")
    partial.replace(path)
    faults.passing("staging.staged")


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
    readers = isolation.warm_readers(_terms(limits, packages, secret), limits.workers or os.cpu_count() or 1)
    questions = [Question(each.file_id, each.file_name, home.archived(each.file_id).read_bytes) for each in originals]
    with _telling_why():
        for original, answer in zip(originals, readers.read(questions), strict=True):
            yield _settled(home, original, answer, _staged(room, original, secret), limits)


@contextmanager
def _telling_why() -> Iterator[None]:
    try:
        yield
    except CannotStartError as error:
        raise RunFailedError(
            "reading",
            f"a reading process ended before it could read ({error})",
            "processes that can start",
            "Raise limits.memory_megabytes in reference/settings.toml, or make memory free, and run again.",
        ) from None


def mark_all(
    questions: Sequence[Question], limits: Limits, packages: tuple[str, ...] = PACKAGES, secret: bytes = NO_SECRET
) -> Iterator[Slip]:
    """Make return slips in the processes that read; one that cannot be made there is a list alone."""
    if not questions:
        return
    readers = isolation.warm_readers(_terms(limits, packages, secret), limits.workers or os.cpu_count() or 1)
    with _telling_why():
        for question, answer in zip(questions, readers.read(questions), strict=True):
            try:
                if answer.outcome != "ok":
                    raise ValueError(answer.outcome)
                slip = staged.unpack_slip(answer.packed)
            except ValueError:  # whatever a workbook does to its process costs it the marks, not the night
                slip = make_slip(b"", *staged.unpack_marks(question.marks))
            yield slip


def _terms(limits: Limits, packages: tuple[str, ...], secret: bytes) -> Terms:
    reading = (
        ("file_bytes", limits.file_megabytes << 20),
        ("unzipped_bytes", limits.unzipped_megabytes << 20),
        ("cells", limits.cells_per_file),
    )
    return Terms(packages, secret, limits.seconds_per_file, limits.memory_megabytes << 20, reading)


def _settled(home: Home, original: Original, answer: Answer, target: Path, limits: Limits) -> Read:
    """Stage what came back, if it is a reading of this very file; anything else is taken for a crash.

    The names of persons in it are kept in the archive first: what is staged may be loaded and published.
    """
    faults.passing("reading.answered")
    outcome, error = answer.outcome, answer.error
    if outcome in READABLE:
        try:
            names, packed = staged.unpack_answer(answer.packed)
            reading = staged.unpack(packed)
        except Exception as odd:  # whatever is wrong with bytes that came back, they are of this file
            outcome, error = "crashed", type(odd).__name__
        else:
            if (reading.file_id, reading.file_name) == (original.file_id, original.file_name):
                # A full disk is not the file's fault: it fails the night, and the file is read again by the next.
                persons.remember(home, original.file_id, names)
                _stage(packed, target)
                return Read(original.file_id, original.file_name, str(target), None, outcome)
            outcome = "crashed"
    return Read(original.file_id, original.file_name, None, _failure(outcome, error, limits), outcome)


def _failure(outcome: Outcome, error: str, limits: Limits) -> str:
    """Say which limit was met, and where to change it."""
    if outcome == "timed_out":
        return f"读取超过{limits.seconds_per_file:g}秒（limits.seconds_per_file）"
    if outcome == "out_of_memory":
        return f"读取时内存不足，超过{limits.memory_megabytes}MB（limits.memory_megabytes）"
    return f"读取时出错（{error}）" if error.isidentifier() else "读取进程两次中断（文件可能损坏）"


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
    empty = {name: pl.DataFrame(schema=dict(schema)) for name, schema in staged.FRAMES.items()}
    parts = empty | {"findings": pl.DataFrame([finding], schema=dict(frames.FINDINGS))}
    return FileReading(file_id=read.file_id, file_name=read.file_name, format="unreadable", rows={}, **parts)
