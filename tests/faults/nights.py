"""A small home, nights of it that are disturbed, and what must hold whatever disturbed them."""

import hashlib
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import duckdb

from flows import home as homes
from flows import intake
from tests.faults import independent
from tests.flows.street import REGISTERED, UNKNOWN, alias, changed, files, of_street, put, respelt
from warehouse import faults
from warehouse import release as releasing

PROJECT = Path(__file__).parents[2]
LAST_DAY_BEFORE = "2013-03-02"
SECONDS_TO_RECOVER = 60


class Nights:
    """A process that forks nights (`tests.faults.zygote`)."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        environment = {
            **os.environ,
            "PYTHONPATH": str(PROJECT),
            "XINYAN_REPORT__ENABLED": "false",
            "TMPDIR": str(self.folder),  # what a killed night leaves behind goes with it
        }
        environment.pop(faults.VARIABLE, None)
        command = [sys.executable, "-m", "tests.faults.zygote"]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=PROJECT, env=environment
        )
        self._told = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.stdin.close()
        self._process.wait(60)
        self._process.stdout.close()

    def begin(self, place, *arguments, **asked):
        """Begin a command on a home, `nightly --plain` where none is named."""
        self._told += 1
        told = self.folder / f"told-{self._told}"
        line = [*(arguments or ("nightly", "--plain")), "--home", str(place.root)]
        fault = {faults.VARIABLE: asked.pop("fault")} if "fault" in asked else {}
        environment = {**asked.pop("environment", {}), **fault}
        facts = {"arguments": line, "told": str(told), "environment": environment, **asked}
        self._process.stdin.write(json.dumps(facts) + "\n")
        self._process.stdin.flush()
        pid = json.loads(self._process.stdout.readline())["pid"]
        return Begun(pid, told, self._process.stdout)

    def run(self, place, *arguments, **asked):
        """Run it to its end; gives its exit code (minus the signal that ended it) and what it said."""
        return self.begin(place, *arguments, **asked).end()


@dataclass
class Begun:
    """A night under way."""

    pid: int
    told: Path
    answers: object

    def kill(self):
        """Kill it as the system would, with nothing said to it before; whether it was still there."""
        try:
            os.kill(self.pid, signal.SIGKILL)
        except ProcessLookupError:  # it ended by itself at this very moment
            return False
        return True

    def ended_within(self, seconds):
        """Whether it ends by itself before so many seconds are over."""
        return bool(select.select([self.answers], [], [], seconds)[0])

    def suffers_within(self, seconds):
        """Whether it says that it suffers what was asked for before it ends, or so many seconds are over."""
        for _ in range(int(seconds * 20)):
            ended = self.ended_within(0.05)
            if self.told.exists() and faults.VARIABLE in self.told.read_text(encoding="utf-8", errors="replace"):
                return True
            if ended:
                return False
        return False

    def end(self):
        """Wait for its end."""
        code = json.loads(self.answers.readline())["code"]
        return code, self.told.read_text(encoding="utf-8", errors="replace") if self.told.exists() else ""


def sent():
    """Files of one street by path: registers, then reports of December, one sent again with a cell that waits."""
    chosen = {path: data for path, data in files(of_street).items() if path < "2014-03"}
    path = next(path for path in chosen if "抗震标段12月" in path)
    chosen[path] = changed(chosen[path], respelt(REGISTERED, UNKNOWN))
    chosen["2014-01-05/永定路抗震标段12月报.xlsx"] = changed(chosen[path], _doubtful)
    chosen["2014-01-06/永定路分指挥部说明.xlsx"] = b"PK\x03\x04 no workbook"
    assert len(chosen) <= 12
    return chosen


def _doubtful(book):
    """The cumulative output of the first building is no plain number in the copy sent again."""
    sheet = book.worksheets[0]
    first = next(row for row in sheet.iter_rows() if row[0].value == 1)
    head = next(c for row in sheet.iter_rows() for c in row if str(c.value).startswith("累计完成产值"))
    first[head.column - 1].value = "约300"


@dataclass
class Small:
    """A home before the night that is to be disturbed, and how things stand after one undisturbed."""

    before: homes.Home
    after: homes.Home
    seconds: float
    passed: frozenset

    def copy(self, root):
        """A home of its own, ready for the night."""
        shutil.copytree(self.before.root, root)
        return homes.Home(Path(root).resolve())


def small_home(folder, nights):
    """Load the registers in one night, keep that home, and play the next night undisturbed beside it."""
    place = homes.create(Path(folder) / "before")
    text = place.settings_file.read_text(encoding="utf-8")
    place.settings_file.write_text(text.replace("workers = 0 ", "workers = 1 "), encoding="utf-8")
    files = sent()
    for path, data in files.items():
        if path < LAST_DAY_BEFORE:
            put(place, path, data)
    passed = Path(folder) / "passed"
    assert nights.run(place, record=str(passed))[0] == 0
    for path, data in files.items():
        if path >= LAST_DAY_BEFORE:
            put(place, path, data)
    place.aliases_file.write_text(alias(), encoding="utf-8")
    after = homes.Home(Path(folder) / "after")
    shutil.copytree(place.root, after.root)
    begun = time.monotonic()
    code, told = nights.run(after, record=str(passed))
    assert code == 0, told
    seconds = time.monotonic() - begun
    for each in after.staging.iterdir():  # what was read once need not be read in every copy; see `unread`
        if each.is_dir():
            shutil.copytree(each, place.staging / each.name, dirs_exist_ok=True)
    names = place.names_file.read_text(encoding="utf-8")
    place.names_file.write_text(after.names_file.read_text(encoding="utf-8"), encoding="utf-8")
    (place.archive / "names.before").write_text(names, encoding="utf-8")
    return Small(place, after, seconds, frozenset(passed.read_text(encoding="utf-8").split()))


def unread(place):
    """Forget what was read of the night's files, so that it is read anew."""
    for each in place.staging.iterdir():
        if each.is_dir():
            shutil.rmtree(each)
    (place.archive / "names.before").replace(place.names_file)


def digests(place):
    """State, history and findings of the newest release."""
    newest = releasing.newest(place.releases)
    return (newest.state_digest, newest.history_digest, newest.findings_digest) if newest else None


def wrong_now(place, small):
    """What does not hold at any instant: of what was acknowledged nothing is lost, and no part of anything shows."""
    found = []
    made = {each.file_sha256: each for each in releasing.releases(place.releases)}
    current = hashlib.sha256(place.current.read_bytes()).hexdigest()
    if current not in made:
        found.append("current is no release")
    else:
        with duckdb.connect(str(place.current), read_only=True) as connection:
            [(count,)] = connection.sql("select count(*) from core.building_register where known_to is null").fetchall()
            if count != 15:
                found.append(f"{count} buildings in current")
    for each in releasing.releases(small.before.releases):
        if each.file_sha256 not in made:
            found.append(f"release {each.release_no} is lost")
    had = {(each.path, each.file_id) for each in intake.receipts(small.before)}
    has = [(each.path, each.file_id) for each in intake.receipts(place)]
    if not had <= set(has) or len(has) != len(set(has)):
        found.append("receipts lost or doubled")
    for _, file_id in has:
        kept = place.archived(file_id)
        if not kept.exists() or intake.hash_file(kept) != file_id:
            found.append(f"original {file_id[:8]} is not whole")
    return found


def wrong_at_last(place, small):
    """What differs from a night undisturbed, once a night went through."""
    found = wrong_now(place, small)
    if digests(place) != digests(small.after):
        found.append("digests differ from those of an undisturbed night")
    for name, facts in (("slips", _slips), ("decisions", _decisions), ("receipts", _receipts), ("releases", _releases)):
        if facts(place) != facts(small.after):
            found.append(f"{name} differ: {facts(place)} for {facts(small.after)}")
    found += independent.differences(place)
    return found


def _slips(place):
    return sorted(path.relative_to(place.returned).as_posix() for path in place.returned.rglob("*") if path.is_file())


def _decisions(place):
    """What the archive's log tells, without what depends on the clock of a run."""
    entries = [
        {name: said for name, said in entry.items() if name not in ("run_id", "code")}
        for entry in intake.decisions(place)
    ]
    known = [json.dumps(entry, ensure_ascii=False, sort_keys=True) for entry in entries if entry["kind"] != "layouts"]
    return len(known), sorted(set(known))


def _receipts(place):
    return sorted((each.path, each.file_id) for each in intake.receipts(place))


def _releases(place):
    return [each.release_no for each in releasing.releases(place.releases)][:1], place.current.exists()


def recover(place, small, nights, **asked):
    """One more night, undisturbed; gives what is wrong after it, and how long it took."""
    begun = time.monotonic()
    code, told = nights.run(place, **asked)
    seconds = time.monotonic() - begun
    found = [] if code == 0 else [f"the next night ended with {code}: {told[-300:]}"]
    if seconds > SECONDS_TO_RECOVER:
        found.append(f"the next night took {seconds:.0f} s")
    return found + (wrong_at_last(place, small) if code == 0 else []), seconds
