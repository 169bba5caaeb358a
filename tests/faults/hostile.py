"""Read the hostile corpus as a night would, honest files among it, and measure what each file cost.

`python -m tests.faults.hostile` (or `make faults`) writes RESULTS.md and RESULTS.json beside this file; with `expected`
it writes down what each attack comes to.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from flows import home, isolation, workers
from flows.isolation import Reader
from flows.settings import Limits
from flows.workers import Original
from schemas.forms import load
from tests.faults import results
from tests.faults.attacks import ATTACKS, BOMBS
from tests.faults.mutants import mutants
from tests.transforms.layout_books import book, building, f06
from transforms.layout import read_file

HERE = Path(__file__).parent
SECONDS, BYTES = 25, 1536 << 20
HONEST_EVERY = 25


@dataclass
class Ran:
    """What one file came to."""

    name: str
    outcome: str
    said: str
    seconds: float = 0.0
    peak_bytes: int = 0


class Measured(Reader):
    """A reading process that is timed, and asked by the kernel how much memory it took at most."""

    costs: ClassVar[dict[str, tuple[float, int]]] = {}

    def ask(self, question):
        status = f"/proc/{self.process.pid}"
        with contextlib.suppress(OSError):
            Path(f"{status}/clear_refs").write_text("5")
        begun = time.monotonic()
        try:
            return super().ask(question)
        finally:
            seconds, peak = self.costs.get(question.file_id, (0.0, 0))
            seconds = max(seconds, time.monotonic() - begun)
            self.costs[question.file_id] = seconds, max(peak, _peak(status))


def _peak(status):
    with contextlib.suppress(OSError):
        for line in Path(f"{status}/status").read_text().splitlines():
            if line.startswith("VmHWM"):
                return int(line.split()[1]) << 10
    return 0


def honest(number):
    """One of many honest workbooks, all different."""
    return book(f06(*(building(row, area=1000 + number + row) for row in range(1, 6))))


def read_corpus(named, limits, folder):
    """Read (name, bytes) with an honest file after every few; give what became of them, and of the honest ones."""
    place = home.create(Path(folder) / "home")
    originals: dict[str, tuple[str, Original]] = {}

    def keep(name, data):
        file_id = hashlib.sha256(data).hexdigest()
        target = place.archived(file_id)
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(data)
        originals.setdefault(file_id, (name, Original(file_id, f"{len(originals)}.xlsx")))

    for number, (name, data) in enumerate(named):
        keep(name, bytes(data))
        if number % HONEST_EVERY == 0:
            keep(f"honest {number}", honest(number))
    plain = isolation.Reader
    isolation.Reader, Measured.costs = Measured, {}
    try:
        reads = workers.read_all(place, [original for _, original in originals.values()], limits)
    finally:
        isolation.Reader = plain
        isolation.end_readers()
    ran, wrong = [], []
    for read in reads:
        name = originals[read.file_id][0]
        said = read.failure or "；".join(workers.load_reading(read.path).findings["found"].to_list()[:1])
        ran.append(Ran(name, read.outcome, said, *Measured.costs.get(read.file_id, (0.0, 0))))
        if name.startswith("honest") and not _is_right(place, read):
            wrong.append(name)
    return ran, wrong


def _is_right(place, read):
    """Whether an honest file was read as it is read alone."""
    if read.path is None:
        return False
    data = place.archived(read.file_id).read_bytes()
    alone = read_file(data, read.file_name, read.file_id, load(), secret=home.person_key(place))
    found = workers.load_reading(read.path)
    return found.rows.keys() == alone.rows.keys() and all(
        rows.equals(found.rows[entity]) for entity, rows in alone.rows.items()
    )


def write_expected():
    """Write what each attack comes to now: look at what changed before it is kept."""
    with tempfile.TemporaryDirectory() as folder:
        ran, _ = read_corpus(((name, make()) for name, make in ATTACKS.items()), Limits(), folder)
    found = {each.name: each.outcome for each in ran}
    known = [(name, found.get(name) or _twin(name, ran)) for name in ATTACKS]
    (HERE / "expected.tsv").write_text("".join(f"{name}\t{outcome}\n" for name, outcome in known), encoding="utf-8")


def _twin(name, ran):
    """Two attacks of the same bytes are one file: the outcome of the other."""
    twins = {hashlib.sha256(bytes(make())).hexdigest(): each for each, make in reversed(ATTACKS.items())}
    first = twins[hashlib.sha256(bytes(ATTACKS[name]())).hexdigest()]
    return next(each.outcome for each in ran if each.name == first)


def main(count=1000):
    """Run all of it, and write the results."""
    corpora = {
        "attacks": ((name, make()) for name, make in ATTACKS.items()),
        "bombs": ((name, make()) for name, make in BOMBS.items()),
        "mutants": mutants(count),
    }
    limits = Limits(seconds_per_file=SECONDS, memory_megabytes=BYTES >> 20)
    told = {}
    for corpus, named in corpora.items():
        with tempfile.TemporaryDirectory() as folder:
            begun = time.monotonic()
            ran, wrong = read_corpus(named, limits, folder)
            told[corpus] = _told(ran, wrong, time.monotonic() - begun)
        print(corpus, json.dumps({**told[corpus], "files": None}, ensure_ascii=False), flush=True)
    slim = {name: {**facts, "files": facts["files"] if name != "mutants" else []} for name, facts in told.items()}
    results.keep("hostile", {"limits": {"seconds": SECONDS, "mib": BYTES >> 20}, **slim})
    results.write()


def _told(ran, wrong, seconds):
    hostile = [each for each in ran if not each.name.startswith("honest")]
    return {
        "count": len(hostile),
        "outcomes": dict(sorted(Counter(each.outcome for each in hostile).items())),
        "honest": len(ran) - len(hostile),
        "honest_wrong": wrong,
        "longest_seconds": round(max(each.seconds for each in hostile), 2),
        "most_mib": round(max(each.peak_bytes for each in hostile) / (1 << 20)),
        "seconds": round(seconds, 1),
        "files": [
            {"name": e.name, "outcome": e.outcome, "said": e.said, "seconds": round(e.seconds, 2)} for e in hostile
        ],
    }


if __name__ == "__main__":
    write_expected() if sys.argv[1:] == ["expected"] else main(*map(int, sys.argv[1:]))
