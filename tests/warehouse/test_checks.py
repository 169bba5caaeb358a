"""Every check has a case that passes and one that fails; a failed promise names its rows."""

from pathlib import Path

import polars as pl
import pytest

from tests.warehouse.office import Night, accepted, day, opened, rows, visit, waiting
from warehouse import checks, models
from warehouse.connection import Warehouse
from warehouse.errors import ChecksFailedError

APRIL, MAY = day("2013-04-02"), day("2013-05-02")


def office(warehouse: Warehouse) -> None:
    """Two reports, one row of which waits."""
    landed = rows(visit("r1", "s1", "甲"), visit("r2", "s2", "乙"), visit("q", "s2", "丙"))
    night = Night(warehouse).receive(landed, APRIL)
    night.hear(accepted("r1", "r2"), APRIL, held=[waiting("q", "s2")], s1=True, s2=True).write()


def failed(warehouse: Warehouse) -> list[tuple[str, str, int]]:
    with warehouse.transaction() as tx:
        results = checks.run(tx, models.usable(warehouse), "now")
    broken = results.filter(pl.col("outcome") == "failed")
    return broken.select("check_name", "object_name", "failing_rows").rows()


def test_what_a_night_writes_passes(tmp_path: Path) -> None:
    with opened(tmp_path) as warehouse:
        office(warehouse)
        assert failed(warehouse) == []
        results = warehouse.frame("select * from ops.checks where run_id = 'now'")
    assert {"cells_conserved", "rows_conserved", "key_unique_now", "times_in_order"} <= set(results["check_name"])
    assert results["severity"].unique().to_list() == ["fail"]


def test_the_promises_of_forms_that_did_not_change_are_not_asked_again(tmp_path: Path) -> None:
    with opened(tmp_path) as warehouse:
        office(warehouse)
        warehouse.execute("insert into core.visit by name select * from core.visit limit 1")
        with warehouse.transaction() as tx:
            results = checks.run(tx, [], "now", unchanged=["visit"])
    of_form = results.filter(pl.col("object_name").is_in(["core.visit", "landed.visit"]))
    assert set(of_form["outcome"]) == {"passed"} and "key_unique_now" in of_form["check_name"]


@pytest.mark.parametrize(
    ("harm", "check", "table"),
    [
        ("update ops.cells set cells = 6 where file_id = 'file-of-s1'", "cells_conserved", "ops.cells"),
        ("delete from ops.cells where file_id = 'file-of-s1'", "cells_conserved", "ops.cells"),
        (
            "update ops.submissions set rows_quarantined = 0 where submission_id = 's2'",
            "rows_conserved",
            "ops.submissions",
        ),
        (
            "update ops.submissions set rows_accepted = null where submission_id = 's1'",
            "rows_conserved",
            "ops.submissions",
        ),
        (
            "insert into ops.submissions from ops.submissions where submission_id = 's1'",
            "report_once",
            "ops.submissions",
        ),
        (
            "insert into ops.findings (finding_id, origin, known_from) select 'f', 'reading', now() from range(2)",
            "finding_once",
            "ops.findings",
        ),
        (
            "update core.visit set known_to = known_from - interval 1 day where row_id = 'r1'",
            "times_in_order",
            "core.visit",
        ),
        ("delete from core.visit where row_id = 'r1'", "every_row_once", "landed.visit"),
        ("delete from ops.quarantine", "every_row_once", "landed.visit"),
        (
            "insert into ops.quarantine by name select 'r1' as row_id, now() as known_from",
            "every_row_once",
            "landed.visit",
        ),
        ("update ops.quarantine set known_from = null", "times_in_order", "ops.quarantine"),
    ],
)
def test_a_broken_promise_is_seen(tmp_path: Path, harm: str, check: str, table: str) -> None:
    with opened(tmp_path) as warehouse:
        office(warehouse)
        warehouse.execute(harm)
        assert (check, table, 1) in failed(warehouse)


def test_a_key_known_twice_now_is_seen(tmp_path: Path) -> None:
    with opened(tmp_path) as warehouse:
        office(warehouse)
        warehouse.execute("update core.visit set place = '甲' where row_id = 'r2'")
        assert failed(warehouse) == [
            ("key_unique_now", "core.visit", 1),
            ("key_unique_at_every_instant", "core.visit", 1),
        ]


@pytest.mark.parametrize(
    ("first", "second", "overlaps"),
    [
        (("2013-04-02", "2013-05-02"), ("2013-05-02", None), False),
        (("2013-04-02", "2013-05-02"), ("2013-05-01", None), True),
        (("2013-04-02", None), ("2013-05-01", "2013-05-01"), False),
        (("2013-04-02", "2013-05-02"), ("2013-04-02", "2013-04-03"), True),
        (("2013-05-01", None), ("2013-04-02", "2013-05-02"), True),
    ],
    ids=["follows", "overlaps", "never visible", "same start", "earlier row, later id"],
)
def test_a_key_is_unique_at_every_instant_of_the_past(
    tmp_path: Path, first: tuple[str, str | None], second: tuple[str, str | None], overlaps: bool
) -> None:
    with opened(tmp_path) as warehouse:
        office(warehouse)
        for row_id, (start, end) in (("r1", first), ("r2", second)):
            warehouse.execute(
                "update core.visit set place = '甲', known_from = cast($2 as timestamptz),"
                " known_to = cast($3 as timestamptz) where row_id = $1",
                [row_id, f"{start} 00:00:00+08", None if end is None else f"{end} 00:00:00+08"],
            )
        assert (("key_unique_at_every_instant", "core.visit", 1) in failed(warehouse)) is overlaps


def test_a_failed_promise_names_its_rows_and_stops_the_run(tmp_path: Path) -> None:
    with opened(tmp_path) as warehouse:
        office(warehouse)
        warehouse.execute("update ops.cells set cells = 6 where file_id = 'file-of-s1'")
        with warehouse.transaction() as tx:
            results = checks.run(tx, [], "now")
        with pytest.raises(ChecksFailedError) as error:
            checks.require(results, "night of 2013-04-02")
    assert str(error.value) == (
        "night of 2013-04-02: 1 checks failed (cells_conserved on ops.cells: 1 rows, such as file_id=file-of-s1, "
        "sheet_index=1, non_empty_cells=7, cells_classed=6); expected every check passed. The last release stands. "
        "Report this: these checks guard our own promises, no sender can break them."
    )
    assert error.value.checks.height == results.height


def test_a_declared_check_is_a_select_or_a_condition(tmp_path: Path) -> None:
    model = models.Model(
        layer="summary",
        name="seen",
        row="One place.",
        title_zh="",
        grain=("place",),
        reads=(),
        checks=(
            models.Check("big", "warn", "area > 5"),
            models.Check("no_yi", "fail", "select place from summary.seen where place = '乙'"),
        ),
        columns={"place": "地点", "area": "面积"},
        body="",
    )
    with opened(tmp_path) as warehouse:
        warehouse.execute(
            "create table summary.seen as from (values ('甲', 9), ('乙', 5), ('丙', null)) as t (place, area)"
        )
        with warehouse.transaction() as tx:
            results = checks.run(tx, [model], "now").filter(pl.col("object_name") == "summary.seen")
    found = results.select("check_name", "severity", "outcome", "examples").rows()
    assert found == [
        ("grain_unique", "fail", "passed", None),
        ("big", "warn", "failed", "place=乙"),
        ("no_yi", "fail", "failed", "place=乙"),
    ]


def test_a_warning_stops_nothing(tmp_path: Path) -> None:
    results = pl.DataFrame(
        [("r", "big", "summary.seen", "warn", "failed", 1, "x", APRIL)], schema=checks.RESULTS, orient="row"
    )
    checks.require(results)
