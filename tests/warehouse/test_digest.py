"""Digests say "the same" for the same facts in any order and on any DuckDB, and "not the same" for anything else."""

from pathlib import Path

import pytest

from tests.warehouse.office import Night, accepted, day, opened, rows, visit, waiting
from warehouse import digest
from warehouse.connection import Warehouse

MAY, JUNE = day("2013-05-02"), day("2013-06-02")


def three(warehouse: Warehouse) -> tuple[str, str, str]:
    return digest.state_digest(warehouse), digest.history_digest(warehouse), digest.findings_digest(warehouse)


def filled(home: Path, *, backwards: bool = False, area: str = "10.00") -> tuple[str, str, str]:
    home.mkdir()
    said = [visit("r1", "s", "甲", area), visit("r2", "s", "乙|2=1:x", topics=[], note=None)]
    with opened(home) as warehouse:
        Night(warehouse).receive(rows(*reversed(said) if backwards else said), MAY).hear(
            accepted("r1", "r2"), MAY, s=True
        ).write()
        return three(warehouse)


def test_the_order_of_rows_does_not_matter_and_one_cent_does(tmp_path: Path) -> None:
    one = filled(tmp_path / "one")
    assert filled(tmp_path / "other way round", backwards=True) == one
    other = filled(tmp_path / "a cent more", area="10.01")
    assert other[0] != one[0]
    assert other[1] != one[1]


def test_digests_do_not_depend_on_the_duckdb_version(tmp_path: Path) -> None:
    # Found with DuckDB 1.5.5 and 2.0.0 alike; a change here makes every home's recorded digests differ.
    assert [each[:16] for each in filled(tmp_path / "home")] == [
        "337bb2e93ee4194c",
        "d0a95925b1ddd7ff",
        "cf9c2f7611ed3e0d",
    ]


def test_state_forgets_what_was_withdrawn_and_history_does_not(tmp_path: Path) -> None:
    with opened(tmp_path) as warehouse:
        Night(warehouse).receive(rows(visit("r", "s", "甲")), MAY).hear(accepted("r"), MAY, s=True).write()
        before = three(warehouse)
        Night(warehouse, "apply").hear(accepted("r", compound="other"), JUNE, s=True).write()
        Night(warehouse, "undo").hear(accepted("r"), day("2013-06-03"), s=True).write()
        after = three(warehouse)
    assert after[0] == before[0]
    assert after[1] != before[1]


def test_what_waits_counts_in_the_digest_of_findings_only(tmp_path: Path) -> None:
    with opened(tmp_path) as warehouse:
        Night(warehouse).receive(rows(visit("r", "s", "甲")), MAY).hear(accepted("r"), MAY, s=True).write()
        before = three(warehouse)
        night = Night(warehouse).receive(rows(visit("q", "t", "乙")), JUNE)
        night.hear(accepted("r"), JUNE, held=[waiting("q", "t")], s=True, t=True).write()
        after = three(warehouse)
    assert after[:2] == before[:2]
    assert after[2] != before[2]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("select 'a' as x, 'bc' as y", "select 'ab' as x, 'c' as y"),
        ("select null::varchar as x", "select '' as x"),
        ("select ['a', 'b'] as x", "select ['a,b'] as x"),
        ("select [null]::varchar[] as x", "select []::varchar[] as x"),
        ("select {'a': 'x', 'b': null::varchar} as x", "select {'a': null::varchar, 'b': 'x'} as x"),
        ("select 1 as x, 2 as y", "select 2 as x, 1 as y"),
        ("select 1 as x union all select 1", "select 1 as x"),
        ("select timestamptz '2013-05-01 00:00:00+08' as x", "select timestamptz '2013-05-01 00:00:00+00' as x"),
    ],
)
def test_nothing_runs_together(tmp_path: Path, one: str, other: str) -> None:
    with opened(tmp_path) as warehouse:
        sums = []
        for select in (one, other):
            warehouse.execute(f"create or replace table core.probe as {select}")
            sums.append(str(digest.table_sum(warehouse, "core.probe", ())))
    assert sums[0] != sums[1]


def test_a_new_empty_column_changes_nothing(tmp_path: Path) -> None:
    with opened(tmp_path) as warehouse:
        warehouse.execute("create table core.probe as select 'a' as x, {'f': 1} as s")
        before = digest.table_sum(warehouse, "core.probe", ())
        warehouse.execute("alter table core.probe add column later varchar")
        warehouse.execute("alter table core.probe add column s.later varchar")
        assert digest.table_sum(warehouse, "core.probe", ()) == before
