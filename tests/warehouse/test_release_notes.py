"""What an analyst must know of a release, told by the release itself; and how recent each filer's data are."""

from dataclasses import replace
from pathlib import Path

import polars as pl

from schemas.frames import RECORDS
from tests.warehouse.office import Night, accepted, catalogue, day, opened, rows, visit, waiting
from warehouse import definitions, ledger
from warehouse.connection import Warehouse, conform
from warehouse.models import parse
from warehouse.reading import Reader
from warehouse.release import publish

MAY, JUNE = day("2013-05-02"), day("2013-06-02")


def receive(night: Night, report: str, place: str, at, **more: object) -> Night:
    night.receive(rows(visit(f"row-of-{report}", report, place)), at)
    ledger.record_receipts(night.warehouse, receipt(f"file-of-{report}", at, night.run_id, **more))
    return night


def receipt(file_id: str, at, run_id: str, *, is_duplicate: bool = False) -> pl.DataFrame:
    path = f"{at:%Y-%m-%d}/{file_id}{'（再报）' if is_duplicate else ''}.xlsx"
    row = {"path": path, "file_id": file_id, "received_at": at, "known_from": at, "bytes": 1}
    return pl.DataFrame([{**row, "is_duplicate": is_duplicate, "run_id": run_id}])


def told(folder: Path, number: int) -> list[tuple[str, str, str]]:
    with Reader(folder / "releases" / "current.duckdb") as reader:
        asked = f"select kind, name, told from ops.release_notes where release_no = {number} order by all"
        return reader.query(asked).rows()


def two_nights(warehouse: Warehouse) -> None:
    receive(Night(warehouse, "night-1"), "s", "甲", MAY).hear(accepted("row-of-s"), MAY, s=True).release()
    second = receive(Night(warehouse, "night-2"), "t", "乙", JUNE)
    ledger.record_receipts(warehouse, receipt("file-of-s", JUNE, "night-2", is_duplicate=True))
    second.hear(accepted("row-of-s", "row-of-t"), JUNE, s=True, t=True)
    decided = pl.DataFrame(
        [{"known_from": JUNE, "kind": "alias", "what": "乙院", "why": "来函确认", "run_id": "night-2"}]
    )
    ledger.record_decisions(warehouse, decided)
    moved = {"run_id": "night-2", "table_name": "target_attainment", "key": "plan_year=2013"}
    moved |= {"column_name": "completed_area_m2", "value_before": "10.00", "value_after": "20.00"}
    ratio = moved | {"column_name": "completion_ratio", "value_before": "0.1234500000", "value_after": None}
    other = moved | {"table_name": "safety"}
    warehouse.insert("ops.moves", pl.DataFrame([each | {"submission_ids": ["t"]} for each in (moved, ratio, other)]))
    second.release()


def test_a_release_says_what_came_what_was_decided_and_which_headline_moved(tmp_path: Path) -> None:
    with opened(tmp_path) as warehouse:
        two_nights(warehouse)
    assert told(tmp_path, 1) == [("received", "F90 走访记录", "1份报表，1行")]
    assert told(tmp_path, 2) == [
        ("decision", "alias 乙院", "名称认定，来函确认"),
        ("duplicate", "重复文件", "1份，与此前收到的内容完全相同，不再读取"),
        (
            "figure",
            "target_attainment.completed_area_m2 plan_year=2013",
            "target_attainment 2013 completed_area_m2：10.00 → 20.00，因1份报表",
        ),
        (
            "figure",
            "target_attainment.completion_ratio plan_year=2013",
            "target_attainment 2013 completion_ratio：12.3% → —，因1份报表",
        ),
        ("received", "F90 走访记录", "1份报表，1行"),
    ]


def test_a_run_that_released_nothing_is_told_of_in_the_next_release(tmp_path: Path) -> None:
    with opened(tmp_path) as warehouse:
        receive(Night(warehouse, "night-1"), "s", "甲", MAY).hear(accepted("row-of-s"), MAY, s=True).release()
        receive(Night(warehouse, "night-2"), "t", "乙", JUNE).hear(
            accepted("row-of-s", "row-of-t"), JUNE, s=True, t=True
        ).write()
        late = receive(Night(warehouse, "night-3"), "u", "丙", JUNE)
        late.hear(accepted("row-of-s", "row-of-t", "row-of-u"), JUNE, s=True, t=True, u=True).release()
    assert told(tmp_path, 2) == [("received", "F90 走访记录", "2份报表，2行")]


def test_what_came_while_the_clock_was_set_back_is_told_of_in_its_own_release(tmp_path: Path) -> None:
    with opened(tmp_path) as warehouse:
        receive(Night(warehouse, "2014-01-02"), "s", "甲", MAY).hear(accepted("row-of-s"), MAY, s=True).release()
        late = receive(Night(warehouse, "2013-12-31"), "t", "乙", JUNE)
        late.hear(accepted("row-of-s", "row-of-t"), JUNE, s=True, t=True).release()
    assert told(tmp_path, 1) == [("received", "F90 走访记录", "1份报表，1行")]
    assert told(tmp_path, 2) == [("received", "F90 走访记录", "1份报表，1行")]


def test_a_release_that_only_hides_a_name_tells_of_nothing_and_the_next_goes_on(tmp_path: Path) -> None:
    with opened(tmp_path) as warehouse:
        receive(Night(warehouse, "night-1"), "s", "甲", MAY).hear(accepted("row-of-s"), MAY, s=True).release()
        assert publish(warehouse, tmp_path / "releases", "night-2", words=["王芳"])  # no run: nothing came
        late = receive(Night(warehouse, "night-3"), "t", "乙", JUNE)
        late.hear(accepted("row-of-s", "row-of-t"), JUNE, s=True, t=True).release(words=["王芳"])
    assert told(tmp_path, 2) == []
    assert told(tmp_path, 3) == [("received", "F90 走访记录", "1份报表，1行")]


def test_another_version_of_the_program_is_told(tmp_path: Path) -> None:
    with opened(tmp_path) as warehouse:
        one = receive(Night(warehouse, "night-1"), "s", "甲", MAY).hear(accepted("row-of-s"), MAY, s=True)
        one.release(code_version="aaaa")
        Night(warehouse, "night-2").hear(accepted("row-of-s", compound="d"), JUNE, s=True).release(code_version="bbbb")
    assert told(tmp_path, 2) == [("program", "读取与核对程序", "版本 aaaa → bbbb")]


def test_definitions_that_are_new_changed_or_gone_are_told_and_the_first_are_not(tmp_path: Path) -> None:
    visits = parse("summary", "visits", _VISITS)
    with opened(tmp_path) as warehouse:
        assert definitions.record(warehouse, [visits], "night-1") > 0
        assert definitions.record(warehouse, [visits], "night-2") == 0
        warehouse.execute("comment on column core.visit.place is '走访地点 | Place that was visited'")
        warehouse.execute("alter table core.visit add column weather varchar")
        warehouse.execute("comment on column core.visit.weather is '天气 | Weather of the day'")
        counting = replace(visits, body=visits.body.replace("core.visit", "core.visit  -- of today\n where true"))
        assert definitions.record(warehouse, [counting], "night-3") == 3
        definitions.record(warehouse, [], "night-4")
        changes = warehouse.frame("select run_id, kind, name, column_name, change from ops.definitions order by all")
    assert changes.filter(pl.col("change") == "first")["run_id"].unique().to_list() == ["night-1"]
    assert changes.filter(pl.col("change") != "first").rows() == [
        ("night-3", "calculation", "summary.visits", "", "changed"),
        ("night-3", "meaning", "core.visit", "place", "changed"),
        ("night-3", "meaning", "core.visit", "weather", "new"),
        ("night-4", "calculation", "summary.visits", "", "gone"),
    ]


def test_a_change_recorded_while_the_clock_was_set_back_is_recorded_once(tmp_path: Path) -> None:
    visits = parse("summary", "visits", _VISITS)
    counting = replace(visits, body=visits.body.replace("core.visit", "core.visit where true"))
    with opened(tmp_path) as warehouse:
        definitions.record(warehouse, [visits], "night-2")
        assert definitions.record(warehouse, [counting], "night-1") == 1
        assert definitions.record(warehouse, [counting], "night-3") == 0


def test_a_comment_or_blanks_are_no_other_calculation(tmp_path: Path) -> None:
    visits = parse("summary", "visits", _VISITS)
    with opened(tmp_path) as warehouse:
        definitions.record(warehouse, [visits], "night-1")
        spaced = replace(visits, body=visits.body.replace("select", "select  -- all\n   "))
        assert definitions.record(warehouse, [spaced], "night-2") == 0


def test_a_changed_layout_is_told_by_its_name(tmp_path: Path) -> None:
    with opened(tmp_path) as warehouse:
        definitions.record(warehouse, [], "night-1")
        first, *others = warehouse.catalogue.layouts
        warehouse.catalogue = replace(catalogue(), layouts=(replace(first, totals=("总数",)), *others))
        definitions.record(warehouse, [], "night-2")
        found = warehouse.frame("select kind, name, change from ops.definitions where run_id = 'night-2'")
    assert found.rows() == [("layout", first.id, "changed")]


def test_freshness_is_told_per_street_and_filer_and_names_who_never_sent(tmp_path: Path) -> None:
    owed = {"row_id": "e", "form_code": "F90", "filer_id": "silent", "street_id": "110108005", "due_date": MAY.date()}
    with opened(tmp_path) as warehouse:
        receive(Night(warehouse, "night-1"), "s", "甲", MAY).hear(accepted("row-of-s"), MAY, s=True).write()
        schema = {**RECORDS["expected_reports"], "known_from": MAY_TYPE}
        warehouse.insert("core.expected_reports", conform(pl.DataFrame([{**owed, "known_from": MAY}]), schema))
        night = receive(Night(warehouse, "night-2"), "t", "乙", JUNE)
        night.hear(accepted("row-of-s"), JUNE, held=[waiting("row-of-t", "t")], s=True, t=True).write()
        found = warehouse.frame(
            "select filer_id, street_id, days_since_received, rows_known, rows_waiting from ops.freshness order by all"
        )
    assert found.rows() == [("silent", "110108005", None, 0, 0), ("street", None, 0, 1, 1)]


MAY_TYPE = pl.Datetime("us", "UTC")
_VISITS = """-- One place.
-- grain: place
-- reads: core.visit
-- column place: 地点; place
select place from core.visit
"""
