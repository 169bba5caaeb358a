"""Disturb nights of a small home in every way there is, and tell what was wrong afterwards: nothing should be.

`python -m tests.faults.disturbed` (or `make faults`) runs all of it and writes RESULTS.md and RESULTS.json beside this
file; `kills=40 disk_full=20` run those parts alone, so often; `kills=+40` adds to the kills on record, at other
moments. Nights are forks that are really killed; their catalogue holds the forms of the small home
(`tests.faults.zygote`). The disk that fills is a tmpfs of limited size where mounting is allowed, else a limit on the
size of files.
"""

import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from flows import intake
from tests.faults import readers, results
from tests.faults.nights import Nights, digests, recover, small_home, unread, wrong_at_last, wrong_now
from tests.flows.prefect_api import ask
from tests.flows.street import put
from tests.transforms.layout_books import book
from warehouse import faults
from warehouse import release as releasing

PATIENCE = 300
READING = ("reading", "names", "staging")
"""Points that are passed only where something is still to be read."""


@contextlib.contextmanager
def scene(folder):
    """Nights, and the small home they are of."""
    with Nights(Path(folder) / "nights") as nights:
        yield nights, small_home(folder, nights)


def forget(facts):
    """Keep no facts of a part that is under way."""


class Told:
    """What a part of the run did, and what was wrong; `keep` hears the facts so far after each thing."""

    def __init__(self, keep):
        self.count, self.wrong, self.slowest, self.more, self._keep = 0, [], 0.0, {}, keep
        self._begun = time.monotonic()

    def note(self, name, wrong, seconds=0.0):
        """One thing done, and what did not hold after it."""
        self.wrong += [f"{name}: {each}" for each in wrong]
        self.slowest = max(self.slowest, seconds)
        self._keep(self.facts())

    def facts(self):
        """For the results."""
        seconds = round(time.monotonic() - self._begun, 1)
        slowest = round(self.slowest, 1)
        return {"count": self.count, "wrong": self.wrong, "slowest_recovery": slowest, "seconds": seconds, **self.more}


def points(nights, small, folder, wanted=None, keep=forget):
    """Every point in every mode.

    On a home are as many disturbed nights, one after the other, as do not go through. A night that goes through without
    passing its point recovered what the one before it left.
    """
    told = Told(keep)
    left = [(point, mode) for point in (wanted or faults.POINTS) for mode in faults.MODES]
    place = None
    while left:
        point, mode = left[0]
        fresh = place is None or place[0] != point
        if fresh:
            if place is not None:
                told.note(place[0], *recover(place[1], small, nights))
            place = point, _fresh(small, folder, point)
        begun = time.monotonic()
        code, suffered = _suffer(nights, place[1], f"{point}:{mode}")
        if suffered:
            told.note(f"{point}:{mode}", wrong_now(place[1], small) + _unexpected(mode, code))
            told.count += 1
            left.pop(0)
        elif fresh:
            told.note(f"{point}:{mode}", ["was not passed"])
            left.pop(0)
        else:
            told.note(point, [] if code else wrong_at_last(place[1], small), time.monotonic() - begun)
            place = None
    told.note(place[0], *recover(place[1], small, nights))
    return told.facts()


def chain(nights, small, folder, suffered):
    """One home that suffers one thing after the other; then the next night recovers."""
    reading = next((fault for fault in suffered if fault.partition(".")[0] in READING), "")
    told, place = Told(forget), _fresh(small, folder, reading)
    for fault in suffered:
        code, happened = _suffer(nights, place, fault)
        told.note(fault, wrong_now(place, small) + _unexpected(fault.split(":")[1], code))
        told.count += happened
    told.note("at last", *recover(place, small, nights))
    return told.facts()


def _fresh(small, folder, point):
    root = Path(folder) / "disturbed"
    shutil.rmtree(root, ignore_errors=True)
    place = small.copy(root)
    if point.partition(".")[0] in READING:
        unread(place)
    if point == "warehouse.created":  # it is made again from the archive
        place.warehouse.unlink()
    return place


def _suffer(nights, place, fault):
    night = nights.begin(place, fault=fault)
    suffered = night.suffers_within(PATIENCE)
    if suffered and ":hang" in fault:
        night.kill()
    code, _ = night.end()
    return code, suffered


def _unexpected(mode, code):
    expected = -signal.SIGKILL if mode in ("kill", "hang") else 3
    return [] if code == expected else [f"ended with {code}, not {expected}"]


def kills(nights, small, folder, count, seed=2013, keep=forget):
    """Kill nights at seeded moments, on each home until a night got through or the tenth was killed; then recover."""
    told, chance = Told(keep), random.Random(seed)
    while told.count < count:
        place = _fresh(small, folder, "reading" if chance.random() < 0.2 else "")
        for _ in range(min(10, count - told.count)):
            night = nights.begin(place)
            ended = night.ended_within(chance.uniform(0, small.seconds)) or not night.kill()
            night.end()
            if ended:
                break
            told.count += 1
            told.note(f"kill {told.count}", wrong_now(place, small))
        told.note(f"after kill {told.count}", *recover(place, small, nights))
    return told.facts()


def disk_full(nights, small, folder, sizes, keep=forget):
    """A night on a disk with less and less missing; then there is room again, and the next night recovers."""
    told, codes, root = Told(keep), {}, Path(folder) / "disk"
    root.mkdir(exist_ok=True)
    mounted = _mount(root)
    if mounted:
        _unmount(root)
    largest = max(path.stat().st_size for path in small.after.root.rglob("*") if path.is_file())
    most = _size(small.after.root) - _size(small.before.root) + 2 * largest  # what is in the making needs room too
    for number in range(sizes):
        with _disk(root, mounted) as limit:
            place = small.copy(root / "home")
            room = (most if mounted else largest) * (2 * number + 1) // (2 * sizes)
            code, said = nights.run(place, **limit(room))
            codes[code] = codes.get(code, 0) + 1
            told.count += 1
            odd = [] if code in (0, 2, 3) and "Traceback" not in said else [f"ended with {code}: {said[-200:]}"]
            limit(None)
            told.note(f"{room} bytes", wrong_now(place, small) + odd)
            told.note(f"after {room} bytes", *recover(place, small, nights))
    told.more["limited_by"] = f"a tmpfs with up to {most >> 20} MB left" if mounted else "a limit on the size of files"
    told.more["exit_codes"] = {str(code): codes[code] for code in sorted(codes)}
    return told.facts()


@contextlib.contextmanager
def _disk(root, mounted):
    """A folder, and how to limit what may still be written there: by its disk, else by the size of single files."""
    if not mounted:
        shutil.rmtree(root)
        root.mkdir()
        yield lambda room: {"largest_file": max(room or 0, 4096)}
        return

    def limit(room):
        disk = os.statvfs(root)
        size = _LARGE if room is None else (disk.f_blocks - disk.f_bfree) * disk.f_frsize + room
        subprocess.run(["mount", "-o", f"remount,size={size}", str(root)], check=True)
        return {}

    assert _mount(root)
    try:
        yield limit
    finally:
        _unmount(root)


_LARGE = 1 << 30


def _size(folder):
    return sum(path.stat().st_blocks * 512 for path in folder.rglob("*") if path.is_file())


def _mount(root):
    command = ["mount", "-t", "tmpfs", "-o", f"size={_LARGE}", "tmpfs", str(root)]
    there = shutil.which("mount") is not None
    return there and subprocess.run(command, capture_output=True, check=False).returncode == 0


def _unmount(root):
    subprocess.run(["umount", "-l", str(root)], check=True)


def at_once(nights, small, folder, count, keep=forget):
    """Two nights of one home at the same moment: one goes through, the other is told that the home is in use."""
    told, codes = Told(keep), {}
    with Nights(Path(folder) / "others") as others:
        place = None
        for number in range(count):
            if number % 10 == 0:  # there is something to do the first time, and nothing afterwards
                place = _fresh(small, folder, "")
            one, other = nights.begin(place), others.begin(place)
            ended = sorted((one.end()[0], other.end()[0]))
            codes[str(ended)] = codes.get(str(ended), 0) + 1
            odd = [] if ended in ([0, 2], [0, 0]) else [f"ended with {ended}"]
            told.note(f"pair {number}", odd + wrong_at_last(place, small))
            told.count += 1
    told.more["exit_codes"] = codes
    return told.facts()


def backfill(nights, small, folder, count, keep=forget):
    """A backfill asked for while a night is under way, at a later moment each time."""
    told, codes = Told(keep), {}
    with Nights(Path(folder) / "others") as others:
        for number in range(count):
            place = _fresh(small, folder, "")
            night = nights.begin(place)
            night.ended_within(small.seconds * (number + 0.5) / count)
            asked = ("backfill", "plan", "--from", "2013-12", "--reason", "试")
            code, said = others.run(place, *asked)
            codes[code] = codes.get(code, 0) + 1
            odd = [] if code in (0, 2) else [f"plan ended with {code}: {said[-200:]}"]
            ended, _ = night.end()
            odd += [] if ended in (0, 2) else [f"the night ended with {ended}"]
            told.note(f"plan {number}", odd)
            told.note(f"after plan {number}", *recover(place, small, nights))
            told.count += 1
    told.more["exit_codes"] = {str(code): codes[code] for code in sorted(codes)}
    return told.facts()


UNDATED = "说明书.xlsx"
ZONES = ("UTC", "Asia/Shanghai", "America/Los_Angeles", "Pacific/Kiritimati")


def clocks(nights, small, folder, zones=ZONES, keep=forget, *, verified=True):
    """Nights that begin a second before midnight, with time standing still or running, in several zones of the machine.

    A file without a day came on the day the night began. Then the clock is set back twice, with a night each time, and
    once more to ask (where `verified`) whether archive and releases agree.
    """
    told, seen = Told(keep), {}
    at, undated = "2014-02-01T23:59:59+08:00", book([["没有表式"], ["什么也不是"]])
    for number, zone in enumerate(zones):
        place = _fresh(small, folder, "")
        put(place, UNDATED, undated)
        code, said = nights.run(place, environment={"TZ": zone}, at=at, step=0 if number == 0 else 600 * number)
        told.note(zone, [] if code == 0 else [f"ended with {code}: {said[-200:]}"])
        [received] = {each.received_at.isoformat() for each in intake.receipts(place) if each.path == UNDATED}
        seen[zone] = (*digests(place), received)
        told.count += 1
    told.note("zones", [] if len(set(seen.values())) == 1 else [f"differ: {seen}"])
    told.note("set back", _set_back(nights, place, verified))
    told.count += 1
    return told.facts()


def _set_back(nights, place, verified):
    """Two nights by a clock that was set back: what they bring comes after what stands, and the log keeps its order."""
    had = releasing.newest(place.releases)
    for number, at in enumerate(("2013-12-01T01:30:00+08:00", "2013-11-01T01:30:00+08:00")):
        put(place, f"另一份{number}.xlsx", book([["没有表式"], [f"第{number}份"]]))
        code, said = nights.run(place, at=at, step=0.01)
        if code != 0:
            return [f"ended with {code}: {said[-200:]}"]
        now = releasing.newest(place.releases)
        if now.release_no <= had.release_no or now.newest_instant < had.newest_instant:
            return [f"release {now.release_no} of {now.newest_instant} after {had.release_no} of {had.newest_instant}"]
        if releasing.file_sha256(place.current) != now.file_sha256:
            return ["current is an older release"]
        had = now
    if not verified:
        return []
    code, said = nights.run(place, "verify", at="2013-10-01T01:30:00+08:00", step=0.01)
    return [] if code == 0 else [f"verify ended with {code}: {said[-400:]}"]


def prefect(nights, small, folder, moments=("start", "middle", "end"), keep=forget):
    """Nights as Prefect flows whose server is killed; the next night, without Prefect, recovers."""
    told = Told(keep)
    undisturbed = small.copy(Path(folder) / "undisturbed")
    told.note("undisturbed", [] if nights.run(undisturbed, all_forms=True)[0] == 0 else ["did not go through"])
    whole = replace(small, after=undisturbed)  # the command knows all forms, and so more summaries
    for moment in moments:
        place = _fresh(small, folder, "")
        code = _with_server_killed(place, Path(folder), moment)
        told.more[moment] = code
        told.note(moment, wrong_now(place, small) + ([] if code in (0, 3) else [f"ended with {code}"]))
        told.note(f"after {moment}", *recover(place, whole, nights, all_forms=True))
        told.count += 1
    return told.facts()


def _with_server_killed(place, folder, moment):
    """Run the command on a server of its own, kill the server at a moment of the night; gives the exit code."""
    port = random.Random(os.getpid()).randrange(20_000, 60_000)
    url = f"http://127.0.0.1:{port}/api"
    environment = {**os.environ, "PREFECT_HOME": str(folder / "prefect"), "PREFECT_SERVER_ANALYTICS_ENABLED": "false"}
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    server = subprocess.Popen(command, env=environment, start_new_session=True, **quiet)
    try:
        _wait(lambda: _answers(url), server)
        run = [sys.executable, "-m", "flows.cli", "nightly", "--home", str(place.root)]
        environment |= {"PREFECT_API_URL": url, "XINYAN_REPORT__ENABLED": "false"}
        night = subprocess.Popen(run, env=environment, **quiet)
        signs = {
            "start": lambda: len(list(place.logs.glob("*.jsonl"))) > 1,
            "middle": lambda: len(place.receipts.read_bytes().splitlines()) > 5,
            "end": lambda: (place.releases / "000002.duckdb").exists(),
        }
        _wait(signs[moment], night)
        os.killpg(server.pid, signal.SIGKILL)
        return night.wait(600)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)
        server.wait(30)


def _answers(url):
    try:
        return ask(url, "health") is not None
    except OSError:
        return False


def _wait(sign, process):
    for _ in range(1200):
        if sign() or process.poll() is not None:
            return
        time.sleep(0.25)


AREAS = {
    "points_reading": ("intake", "log", "reading", "names", "staging"),
    "points_loading": ("warehouse", "load", "summaries", "transaction", "checkpoint", "close"),
    "points_releasing": ("release",),
    "points_returning": ("slips", "journal"),
}
"""Fault points by the part of the night they stand in."""


def of_areas(areas):
    """The points of some parts of the night."""
    return [point for point in faults.POINTS if point.partition(".")[0] in areas]


PARTS = {
    **{
        name: lambda n, s, f, count, keep, areas=areas: points(n, s, f, of_areas(areas)[:count], keep)
        for name, areas in AREAS.items()
    },
    "kills": lambda n, s, f, count, keep, before=0: kills(n, s, f, count, 2013 + before, keep),
    "disk_full": disk_full,
    "at_once": at_once,
    "backfill": backfill,
    "clocks": lambda n, s, f, count, keep: clocks(n, s, f, ZONES[:count], keep),
    "readers": lambda n, s, f, count, keep: readers.run(Path(f) / "readers", 8, count // 8, count // 20),
    "prefect": lambda n, s, f, count, keep: prefect(n, s, f, ("start", "middle", "end")[:count], keep),
}
WHOLE = {
    **{name: len(of_areas(areas)) for name, areas in AREAS.items()},
    "kills": 1000,
    "disk_full": 200,
    "at_once": 200,
    "backfill": 10,
    "clocks": 4,
    "readers": 10_000,
    "prefect": 3,
}


def main(*chosen):
    """Run the parts with the counts asked for, else all of them whole; what came so far is written down as it comes."""
    counts = dict(each.split("=") for each in chosen) or WHOLE
    with tempfile.TemporaryDirectory() as folder, scene(folder) as (nights, small):
        for name, count in counts.items():
            before = results.kept()["nights"][name] if str(count).startswith("+") else None

            def keep(facts, name=name, before=before):
                results.keep("nights", {name: _added(before, facts) if before else facts})
                results.write()

            more = {"before": before["count"]} if before else {}
            facts = PARTS[name](nights, small, folder, int(count), keep, **more)
            keep(facts)
            print(name, facts, flush=True)


def _added(before, facts):
    """What two runs of a part came to."""
    sums = {name: round(before[name] + facts[name], 1) for name in ("count", "seconds")}
    slowest = max(before["slowest_recovery"], facts["slowest_recovery"])
    return {**facts, **sums, "wrong": before["wrong"] + facts["wrong"], "slowest_recovery": slowest}


if __name__ == "__main__":
    main(*sys.argv[1:])
