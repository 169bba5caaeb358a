"""A judgement that remembers the one before says what one without memory says."""

import datetime as dt

import polars as pl
import pytest

from tests.transforms.worlds import EAST, NOW, REGISTERS, TABLES, WEST, building, progress, submission, world
from transforms.split import Memory, Verdicts, judge

ALIAS = {
    "kind": "compound",
    "street_id": "110108018",
    "alias": "花园甲三",
    "target": "花园路甲3号院",
    "known_from": dt.datetime(2013, 11, 1, tzinfo=dt.UTC),
}
SEPTEMBER = submission("sep", "contractor_progress", filer=EAST, period="2013-09")
AGAIN = submission("sep2", "contractor_progress", filer=EAST, period="2013-09", received="2013-10-03")
RIVAL = submission("rival", "contractor_progress", filer=WEST, period="2013-09", received="2013-10-04")
REGISTER = submission("F03b", "building_register", received="2013-10-05")
ROWS = [
    progress("one", "sep", "花园路甲3号院", "1号楼", "5000.00", 70),
    progress("lost", "sep", "花园甲三", "2号楼", "5200.00", 72),
    progress("one again", "sep2", "花园路甲3号院", "1号楼", "5000.00", 70),
    progress("lost again", "sep2", "花园甲三", "2号楼", "5200.00", 72),
    progress("claimed", "rival", "花园路甲3号院", "1号楼", "5000.00", 70),
]
CORRECTED = [building("yuan-1b", "花园路甲3号院", "1号楼", "5000.00", 70, report="F03b", firm=WEST)]
STEPS = [
    ([], NOW),
    ([SEPTEMBER], NOW),
    ([SEPTEMBER], dt.datetime(2013, 10, 1, tzinfo=dt.UTC)),  # before the alias counts
    ([SEPTEMBER], NOW),
    ([SEPTEMBER, RIVAL], NOW),
    ([SEPTEMBER, RIVAL, AGAIN], NOW),
    ([SEPTEMBER, RIVAL, AGAIN, REGISTER], NOW),
]


def verdicts(reports: list, at: dt.datetime, memory: Memory | None = None) -> Verdicts:
    names = {report["submission_id"] for report in (*REGISTERS, *reports)}
    tables = {
        entity: [line for line in lines if line["submission_id"] in names]
        for entity, lines in {
            **TABLES,
            "building_register": [*TABLES["building_register"], *CORRECTED],
            "contractor_progress": ROWS,
        }.items()
    }
    return judge(world([*REGISTERS, *reports], tables, aliases=[ALIAS]), at, memory)


def same(one: Verdicts, other: Verdicts) -> bool:
    frames = [
        (one.accepted[name], other.accepted[name]) for name in sorted(one.accepted.keys() | other.accepted.keys())
    ]
    frames += [(getattr(one, name), getattr(other, name)) for name in ("quarantined", "findings", "submissions")]
    return all(left.equals(right) for left, right in frames)


@pytest.mark.parametrize("order", [STEPS, STEPS[::-1], STEPS[::2] + STEPS[1::2]], ids=["on", "back", "mixed"])
def test_every_verdict_is_the_same_with_memory_as_without(order: list) -> None:
    memory = Memory()
    assert all(same(verdicts(reports, at, memory), verdicts(reports, at)) for reports, at in order)


def test_an_unchanged_form_is_not_heard_again() -> None:
    memory = Memory()
    first, second = (verdicts([SEPTEMBER], NOW, memory) for _ in range(2))
    assert isinstance(first.accepted["contractor_progress"], pl.DataFrame)
    assert first.accepted["contractor_progress"] is second.accepted["contractor_progress"]
