"""`xinyan rebuild` and `xinyan verify`: the warehouse made again from archive and reference, and compared.

The log of the archive is replayed in order: nights, reviewed decisions, applies, undos, each at the instants it had.
Nights that follow one another are loaded together, which comes to the same. Nothing is written into the home but, by
`rebuild`, the warehouse, once it is complete.
"""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import polars as pl

from flows import backfilling, chronicle, deciding, intake, loading, lock, settings, workers
from flows.errors import UserError
from flows.home import PRIVATE, Home
from flows.intake import Receipt
from flows.layouts import packages_of
from flows.loading import Ground
from flows.settings import ZONE
from flows.steps import PACKAGES, RUN_ID, Night, code_version
from flows.workers import Original, Read
from warehouse import Warehouse, backfills, digest, ledger, open_warehouse
from warehouse import release as releasing
from warehouse.release import Release

Progress = Callable[[int, int], None]
Entry = Mapping[str, Any]


def rebuild(home: Home, progress: Progress, packages: tuple[str, ...] = PACKAGES) -> dict[str, Any]:
    """Make `warehouse.duckdb` again; one that is there is put beside it, under another name. Publishes nothing.

    Raises `UserError` where an original is missing or another process writes.
    """
    with lock.writer(home.writer_lock, "xinyan rebuild"):
        return remake(home, progress, packages)


def is_lost(home: Home) -> bool:
    """Whether there is no warehouse although nights are in the log."""
    return not home.warehouse.exists() and any(entry["kind"] == chronicle.NIGHT for entry in intake.decisions(home))


def remake(home: Home, progress: Progress, packages: tuple[str, ...]) -> dict[str, Any]:
    """The same, for who holds the lock already."""
    packages = packages_of(home, packages)
    entries = _entries(home)
    made = home.staging / "rebuilt.duckdb"
    _clear(made)
    with _replayed(home, made, progress, packages) as replay:
        replay.play(entries)
        digests = replay.digests()
        waiting = len(replay.receipts) - replay.played
        replay.record("rebuild", replay.files)  # the last run: it made no release
    aside = _put_in_place(home, made)
    newest = releasing.newest(home.releases)
    return {
        "files": replay.files,
        "nights": replay.nights,
        "waiting": waiting,
        **digests,
        "release": None if newest is None else newest.release_no,
        "same_as_release": None if newest is None else all(getattr(newest, name) == digests[name] for name in digests),
        "other_code": sorted({*_codes(entries)} - {code_version(packages)}),
        "aside": None if aside is None else str(aside),
    }


def rebuild_lines(told: Mapping[str, Any]) -> Iterable[str]:
    """The same for a person."""
    yield f"Made again from {told['files']} files of {told['nights']} nights."
    if told["aside"]:
        yield f"What was there lies in {told['aside']}; remove it when you need it no more."
    if told["waiting"]:
        yield f"{told['waiting']} receipts were never loaded; the next night takes them in."
    if told["release"] is None:
        yield "There is no release to compare with."
    elif told["same_as_release"]:
        yield f"State and history are those of release {told['release']}."
    elif told["other_code"]:
        others = ", ".join(told["other_code"])
        yield f"Release {told['release']} holds what other versions of the program read ({others}): they may differ."
    else:
        yield f"PROBLEM  State or history differ from release {told['release']}. `xinyan verify` says where."


def verify(home: Home, progress: Progress, packages: tuple[str, ...] = PACKAGES) -> dict[str, Any]:
    """Replay the log in a temporary place and compare each release made by this code; of the others, the file alone."""
    packages = packages_of(home, packages)
    entries, kept, mine = _entries(home), releasing.releases(home.releases), code_version(packages)
    found: dict[int, dict[str, Any]] = {}
    ours: list[tuple[Release, int]] = []
    for release in kept:
        upto = _upto(entries, release)
        others = sorted({*_codes(entries[:upto]), release.code_version} - {mine})
        found[release.release_no] = {
            "release": release.release_no,
            "made_by": ", ".join(others) if others else mine,
            "file": _file_outcome(home, release),
            "digests": "not compared" if others else "",
        }
        ours += [] if others else [(release, upto)]
    if ours:
        with (
            _elsewhere(home) as aside,
            _replayed(aside, aside.warehouse, progress, packages) as replay,
        ):
            played = 0
            for release, upto in ours:
                replay.play(entries[played:upto])
                played = max(played, upto)
                found[release.release_no]["digests"] = _compared(release, replay.digests())
    checked = list(found.values())
    wrong = [each["release"] for each in checked if each["digests"].startswith("differ") or each["file"] == "damaged"]
    return {"code": mine, "releases": checked, "wrong": wrong}


def verify_lines(told: Mapping[str, Any]) -> Iterable[str]:
    """The same for a person."""
    if not told["releases"]:
        yield "There is no release to verify."
    for each in told["releases"]:
        by = "" if each["made_by"] == told["code"] else f", made by version {each['made_by']}"
        yield f"release {each['release']}: file {each['file']}, digests {each['digests']}{by}"
    if told["wrong"]:
        yield f"PROBLEM  {', '.join(map(str, told['wrong']))}: what the archive gives is not what was released."
    elif told["releases"]:
        yield "All is well."


@contextmanager
def _elsewhere(home: Home) -> Iterator[Home]:
    """A temporary home with the archive and the reference of this one, so that nothing is written here."""
    with tempfile.TemporaryDirectory(prefix="xinyan-verify-") as folder:
        aside = Home(Path(folder))
        aside.staging.mkdir(mode=PRIVATE)
        aside.archive.mkdir(mode=PRIVATE)
        for path in home.archive.iterdir():
            if path != home.names_file:  # reading writes the names of persons down; here into a list of its own
                (aside.archive / path.name).symlink_to(path)
        aside.reference.symlink_to(home.reference, target_is_directory=True)
        yield aside


def _file_outcome(home: Home, release: Release) -> str:
    if not release.file_sha256:
        return "of unknown hash"
    path = home.releases / release.file_name
    return "sound" if releasing.file_sha256(path) == release.file_sha256 else "damaged"


def _compared(release: Release, digests: Mapping[str, str]) -> str:
    differ = [name.removesuffix("_digest") for name, value in digests.items() if getattr(release, name) != value]
    return f"differ ({', '.join(differ)})" if differ else "same"


def _entries(home: Home) -> list[dict[str, Any]]:
    entries = [dict(entry) for entry in intake.decisions(home)]
    return [*chronicle.nights_missing(home, entries), *entries]


def _codes(entries: Iterable[Entry]) -> set[str]:
    return {entry["code"] for entry in entries if entry.get("code")}


def _upto(entries: Sequence[Entry], release: Release) -> int:
    """How much of the log a release holds: up to the run it names.

    A release of an older program does not say; then up to the last run that began no later than its own by the clock.
    """
    runs = {entry["run_id"]: number for number, entry in enumerate(entries, 1) if "run_id" in entry}
    for name in (release.last_run_id, release.run_id):
        if name in runs:
            return runs[name]
    return max((number for run_id, number in runs.items() if run_id <= release.run_id), default=0)


@contextmanager
def _replayed(home: Home, path: Path, progress: Progress, packages: tuple[str, ...]) -> Iterator[_Replay]:
    """An empty warehouse at a path, to replay into."""
    chosen = settings.load(home.settings_file)
    night = Night(home, chosen, dt.datetime.now(ZONE), packages=packages)
    (path.parent / "releases").mkdir(exist_ok=True)
    with open_warehouse(path, night.catalogue) as warehouse:
        yield _Replay(night, warehouse, progress)
        warehouse.checkpoint()


@dataclass
class _Replay:
    """The log, played so far."""

    night: Night
    warehouse: Warehouse
    progress: Progress
    waiting: list[Entry] = field(default_factory=list)
    decided: list[dict[str, Any]] = field(default_factory=list)
    nights: int = 0
    files: int = 0
    played: int = 0
    runs: int = 0

    @property
    def receipts(self) -> dict[tuple[str, str], Receipt]:
        """Every receipt of the archive by path and content."""
        return {(each.path, each.file_id): each for each in intake.receipts(self.night.home)}

    def play(self, entries: Sequence[Entry]) -> None:
        """Replay some entries, each after those before it."""
        for number, entry in enumerate(entries):
            kind = entry["kind"]
            if kind == chronicle.NIGHT:
                self.waiting.append(entry)
            elif kind in deciding.KINDS:
                self._load()  # it belongs to the run that the log names next
                self.decided.append({**entry, "is_new": True})
            elif kind.removesuffix(" removed") in deciding.KINDS:
                self._load()
                run_id = next((each["run_id"] for each in entries[number:] if each.get("run_id")), "")
                self._end(kind.removesuffix(" removed"), entry, run_id)
            elif kind == "apply":
                self._load(but=entry["known_from"])
                self._apply(entry)
            elif kind == "undo":
                self._load()
                self._undo(entry)
        self._load()

    def digests(self) -> dict[str, str]:
        """State and history so far."""
        known = digest.known(self.warehouse)
        return {"state_digest": known.state, "history_digest": known.history}

    def _load(self, but: str | None = None) -> None:
        """Load the nights that wait, and the decisions that began with them (not those of an apply that follows)."""
        later = [each for each in self.decided if each["is_new"] and each["known_from"] == but]
        turn = self._turn(self.waiting[0]["run_id"] if self.waiting else "")
        ground = self._ground(turn, [each for each in self.decided if each not in later])
        if not self.waiting and not ground.decided.change:
            return
        receipts, originals = self._received()
        reads = self._read(originals)
        with self.warehouse.transaction():
            loading.load(self.warehouse, ground, receipts, reads)
            for run_id in (each["run_id"] for each in self.waiting):
                files = receipts.filter((pl.col("run_id") == run_id) & ~pl.col("is_duplicate")).height
                self.record("nightly" if run_id else "rebuild", files, run_id)
        self.nights, self.waiting = self.nights + len(self.waiting), []
        self.decided = [each if each in later else {**each, "is_new": False} for each in self.decided]

    def _received(self) -> tuple[pl.DataFrame, list[Original]]:
        """The receipts of the nights that wait, and what is to be read: contents nothing brought before."""
        known = set(ledger.known_files(self.warehouse)["file_id"])
        here, rows, originals = self.receipts, [], []
        for run_id, path, file_id, known_from in ((n["run_id"], *row) for n in self.waiting for row in n["receipts"]):
            receipt = here.get((path, file_id))
            if receipt is None:
                raise UserError(
                    f"{self.night.home.decisions}",
                    f"a night lists {path}, which archive/receipts.jsonl does not",
                    "both files as they were written",
                    "Restore them from the backup of the home.",
                )
            at = dt.datetime.fromisoformat(known_from)
            rows.append(loading.receipt_row(receipt, at, file_id in known, run_id))
            if file_id not in known:
                originals.append(Original(file_id, receipt.file_name))
                known.add(file_id)
        self.played += len(rows)
        return loading.receipt_rows(rows), originals

    def _read(self, originals: Sequence[Original]) -> list[Read]:
        done = self.files
        self.files += len(originals)
        total = len({file_id for _, file_id in self.receipts})

        def advance(count: int) -> None:
            nonlocal done
            done += count
            self.progress(done, total)

        return workers.read_all(self.night.home, originals, self.night.settings.limits, self.night.packages, advance)

    def _ground(
        self, turn: Night, decided: Iterable[dict[str, Any]], removed: Sequence[tuple[str, str]] = (), at: Any = None
    ) -> Ground:
        found = deciding.of_log(decided, removed, at)
        return Ground(turn.catalogue, found, turn.terms, turn.run_id, anew=True)

    def _end(self, kind: str, entry: Entry, run_id: str) -> None:
        """A reviewed decision was taken out of its file."""
        at = dt.datetime.fromisoformat(entry["known_from"])
        for each in self.decided:
            if (each["kind"], each["key"]) == (kind, entry["key"]):
                each["known_to"] = entry["known_from"]
        ground = self._ground(self._turn(run_id), self.decided, [(kind, entry["key"])], at)
        with self.warehouse.transaction():
            loading.load(self.warehouse, ground, loading.receipt_rows([]), [])

    def _apply(self, entry: Entry) -> None:
        at = dt.datetime.fromisoformat(entry["known_from"])
        names = dict(self.warehouse.frame("select file_id, file_name from ops.files").iter_rows())
        originals = [Original(file_id, names[file_id]) for file_id in entry["files"] if file_id in names]
        limits = self.night.settings.limits
        reads = workers.read_all(self.night.home, originals, limits, self.night.packages)
        turn = self._turn(entry.get("run_id", ""))
        ground = self._ground(turn, self.decided)
        backfilling.carry_out(turn, self.warehouse, ground, reads, at, entry, moved_by=entry.get("causes", []))
        self.decided = [{**each, "is_new": False} for each in self.decided]

    def _undo(self, entry: Entry) -> None:
        applied = next(
            each
            for each in reversed(backfills.applied(self.warehouse))
            if each["plan_id"] == entry["plan_id"] and each["undone_at"] is None
        )
        at = dt.datetime.fromisoformat(entry["known_from"])
        gone = {key for name in deciding.UNDONE.values() for key in entry.get(name, ())}
        self.decided = [each for each in self.decided if each["key"] not in gone]
        turn = self._turn(entry.get("run_id", ""))
        backfilling.take_back(turn, self.warehouse, self._ground(turn, self.decided), applied, entry["reason"], at)

    def _turn(self, run_id: str = "") -> Night:
        """The run that the log names, so that its release tells what came by it; a new one where it names none."""
        self.runs += 1
        at = dt.datetime.strptime(run_id, RUN_ID).replace(tzinfo=ZONE) if run_id else self.night.started_at
        return replace(self.night, started_at=at if run_id else at + dt.timedelta(microseconds=self.runs))

    def record(self, kind: str, files: int, run_id: str = "") -> None:
        """Write down a run that was replayed, under its own id."""
        turn = self._turn(run_id)
        ledger.record_run(
            self.warehouse,
            run_id=turn.run_id,
            kind=kind,
            started_at=turn.started_at,
            finished_at=dt.datetime.now(ZONE),
            files=files,
            outcome="completed",
            code_version=code_version(turn.packages),
            note="replayed from the archive",
        )


def _put_in_place(home: Home, made: Path) -> Path | None:
    """Put the new warehouse where the old one was; gives where that lies now."""
    aside = None
    if home.warehouse.exists():
        aside = home.warehouse.with_name("warehouse.before-rebuild.duckdb")
        home.warehouse.replace(aside)
    home.warehouse.with_name(home.warehouse.name + ".wal").unlink(missing_ok=True)
    made.replace(home.warehouse)
    return aside


def _clear(made: Path) -> None:
    for path in (made, made.with_name(made.name + ".wal")):
        path.unlink(missing_ok=True)
