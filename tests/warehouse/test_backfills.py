"""What a file read again replaced is kept, and taking it back leaves no trace in how things stand now."""

import datetime as dt
from pathlib import Path

import polars as pl

from tests.warehouse.office import Night, accepted, day, finding, opened, rows, visit, waiting
from warehouse import backfills, digest, ledger
from warehouse.connection import Warehouse
from warehouse.load import landed_rows

MAY, JUNE, JULY, AUGUST = day("2013-05-02"), day("2013-06-02"), day("2013-07-02"), day("2013-08-02")


def first_night(warehouse: Warehouse) -> None:
    landed = rows(visit("restated", "s", "甲"), visit("gone", "s", "乙"), visit("waits", "s", "丙"))
    night = Night(warehouse).receive(landed, MAY)
    night.hear(accepted("restated", "gone"), MAY, [waiting("waits", "s")], [finding("healed", "s")], s=True).write()


def read_again(warehouse: Warehouse, at: dt.datetime, place: str, plan_id: str = "p") -> None:
    """The file is read otherwise: one row says something else, one vanished, the one that waited is accepted."""
    state = digest.state_digest(warehouse)
    with warehouse.transaction():
        backfills.keep(warehouse, pl.Series(["file-of-s"]), at)
        backfills.record(warehouse, plan_id=plan_id, applied_at=at, reason="新版式", state_before=state, facts="{}")
    landed = rows(visit("restated", "s", place), visit("waits", "s", "丙"))
    Night(warehouse, f"apply {plan_id}").receive(landed, at).hear(accepted("restated", "waits"), at, s=True).write()


def take_back(warehouse: Warehouse, applied_at: dt.datetime, at: dt.datetime) -> dict[str, int]:
    with warehouse.transaction():
        opened = backfills.take_back(warehouse, applied_at, at, "有误")
        backfills.record_undo(warehouse, applied_at, "{}")
    return opened


def held(warehouse: Warehouse) -> tuple[str, str]:
    return digest.state_digest(warehouse), digest.findings_digest(warehouse)


def places(warehouse: Warehouse, at: dt.datetime) -> list[str]:
    sql = f"select place from core.visit_as_of(timestamptz '{at.isoformat()}') order by place"
    return warehouse.frame(sql)["place"].to_list()


def test_taking_back_restores_rows_waiting_rows_findings_and_readings(tmp_path: Path) -> None:
    with opened(tmp_path) as warehouse:
        first_night(warehouse)
        before, landed = held(warehouse), landed_rows(warehouse, "visit")
        reports = ledger.known_submissions(warehouse)
        read_again(warehouse, JUNE, "丁")
        assert held(warehouse) != before
        assert take_back(warehouse, JUNE, JULY) == {"visit": 2}
        assert held(warehouse) == before
        assert landed_rows(warehouse, "visit").equals(landed, null_equal=True)
        assert ledger.known_submissions(warehouse).equals(reports, null_equal=True)
        assert [places(warehouse, at) for at in (MAY, JUNE, JULY)] == [["乙", "甲"], ["丁", "丙"], ["乙", "甲"]]
        [told] = backfills.applied(warehouse)
        assert (told["undone_at"], told["undo_reason"]) == (JULY, "有误")


def test_instants_taken_back_do_not_count_for_how_things_stand_but_for_what_comes_next(tmp_path: Path) -> None:
    with opened(tmp_path) as warehouse:
        first_night(warehouse)
        read_again(warehouse, JUNE, "丁")
        assert ledger.newest_instant(warehouse) == JUNE
        warehouse.execute(f"update ops.files set known_from = timestamptz '{MAY.isoformat()}'")  # as when first read
        take_back(warehouse, JUNE, JULY)
        assert (ledger.newest_instant(warehouse), ledger.last_instant(warehouse)) == (MAY, JULY)
        assert backfills.stands_since(warehouse) == MAY


def test_of_two_backfills_the_later_is_taken_back_and_then_the_earlier(tmp_path: Path) -> None:
    with opened(tmp_path) as warehouse:
        first_night(warehouse)
        states = [held(warehouse)]
        read_again(warehouse, JUNE, "丁", "first")
        states.append(held(warehouse))
        read_again(warehouse, JULY, "戊", "second")
        take_back(warehouse, JULY, AUGUST)
        assert held(warehouse) == states[1]
        take_back(warehouse, JUNE, AUGUST + dt.timedelta(days=1))
        assert held(warehouse) == states[0]


def test_what_the_newest_ten_replaced_is_kept(tmp_path: Path) -> None:
    with opened(tmp_path) as warehouse:
        first_night(warehouse)
        days = [JUNE + dt.timedelta(days=number) for number in range(backfills.KEPT + 2)]
        for at in days:
            with warehouse.transaction():
                backfills.keep(warehouse, pl.Series(["file-of-s"]), at)
        assert [backfills.can_be_taken_back(warehouse, at) for at in days] == [False] * 2 + [True] * backfills.KEPT


def test_a_finding_names_its_own_path_where_the_bytes_came_twice(tmp_path: Path) -> None:
    with opened(tmp_path) as warehouse:
        night = Night(warehouse).receive(rows(visit("r", "s", "甲")), MAY)
        twice = finding("again", "s").with_columns(file=pl.lit("2013-05-02/再报.xlsx"))
        both = pl.concat([finding("first", "s"), twice], how="diagonal")
        night.book.note(both, MAY)
        night.hear(accepted("r"), MAY, s=True).write()
        once_more = Night(warehouse)
        once_more.book.note(both, JUNE, read_again=["file-of-s"])
        once_more.hear(accepted("r"), JUNE, s=True).write()
        said = warehouse.frame("select finding_id, file, known_to from ops.findings order by 1").rows()
        assert said == [("again", "2013-05-02/再报.xlsx", None), ("first", "2013-05-01/走访.xlsx", None)]
