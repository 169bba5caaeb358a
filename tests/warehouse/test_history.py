"""Two times: what opens, what closes, what stays; read as of any instant."""

from pathlib import Path

import polars as pl
import pytest

from schemas.frames import FINDINGS, QUARANTINE
from tests.warehouse.office import (
    Night,
    accepted,
    day,
    finding,
    judged,
    nothing,
    opened,
    rows,
    visit,
    waiting,
)
from warehouse import digest, ledger, load
from warehouse.connection import Warehouse
from warehouse.history import Book, changes, fingerprints
from warehouse.load import landed_rows

APRIL, MAY, JUNE, AUGUST = day("2013-04-02"), day("2013-05-02"), day("2013-06-02"), day("2013-08-02")


def seen(warehouse: Warehouse, as_of: str, table: str = "core.visit", column: str = "place") -> list[str]:
    sql = f"select {column} from {table}_as_of(timestamptz '{as_of} 00:00:00+08') order by 1"
    return warehouse.frame(sql)[column].to_list()


def versions(*pairs: tuple[str, str]) -> pl.DataFrame:
    return pl.DataFrame(
        {"row_id": [p[0] for p in pairs], "version_hash": [p[1] for p in pairs]}, schema_overrides={"row_id": pl.String}
    )


def test_changes_open_what_is_new_and_close_what_is_gone() -> None:
    known = versions(("stays", "1"), ("restated", "1"), ("gone", "1"))
    said = versions(("stays", "1"), ("restated", "2"), ("new", "1"))
    found = changes(known, said, MAY)
    assert sorted(found.opened.select("row_id", "version_hash").rows()) == [("new", "1"), ("restated", "2")]
    assert sorted(found.closed.select("row_id", "version_hash").rows()) == [("gone", "1"), ("restated", "1")]
    assert found.opened["known_from"].unique().to_list() == [MAY]
    assert found.closed["known_to"].unique().to_list() == [MAY]
    assert changes(said, said, JUNE).is_empty


def test_a_later_version_replaces_the_whole_report(tmp_path: Path) -> None:
    with opened(tmp_path) as warehouse:
        (
            Night(warehouse)
            .receive(rows(visit("first-a", "first", "甲"), visit("first-b", "first", "乙")), APRIL)
            .receive(rows(visit("second-a", "second", "甲", "12.00")), MAY)
            .hear(accepted("first-a", "first-b"), APRIL, first=True)
            .hear(accepted("second-a", version=2), MAY, first=False, second=True)
            .write()
        )
        assert seen(warehouse, "2013-04-01") == []
        assert seen(warehouse, "2013-04-02") == ["乙", "甲"]
        assert seen(warehouse, "2013-05-02") == ["甲"]
        known = warehouse.frame("select row_id, known_from, known_to from core.visit order by row_id").rows()
        assert known == [("first-a", APRIL, MAY), ("first-b", APRIL, MAY), ("second-a", MAY, None)]
        counts = ledger.known_submissions(warehouse).select(
            "submission_id", "rows_read", "rows_accepted", "is_effective"
        )
        assert sorted(counts.rows()) == [("first", 2, 2, False), ("second", 1, 1, True)]


def test_two_versions_of_one_day_leave_an_interval_nobody_sees(tmp_path: Path) -> None:
    with opened(tmp_path) as warehouse:
        (
            Night(warehouse)
            .receive(rows(visit("draft", "s1", "甲")), MAY)
            .receive(rows(visit("final", "s2", "甲", "11.00")), MAY)
            .hear(accepted("draft"), MAY, s1=True)
            .hear(accepted("final", version=2), MAY, s1=False, s2=True)
            .write()
        )
        assert seen(warehouse, "2013-05-02", column="row_id") == ["final"]
        assert ("draft", MAY, MAY) in warehouse.frame("select row_id, known_from, known_to from core.visit").rows()


def test_a_row_can_go_and_come_back_within_a_run(tmp_path: Path) -> None:
    with opened(tmp_path) as warehouse:
        (
            Night(warehouse)
            .receive(rows(visit("r", "s", "甲")), APRIL)
            .hear(accepted("r"), APRIL, s=True)
            .hear(accepted(), MAY, held=[waiting("r", "s")], s=True)
            .hear(accepted("r"), MAY, s=True)
            .hear(accepted(), JUNE, held=[waiting("r", "s")], s=True)
            .write()
        )
        intervals = warehouse.frame("select known_from, known_to from core.visit order by known_from, known_to").rows()
        assert intervals == [(APRIL, MAY), (MAY, JUNE)]
        waited = warehouse.frame("select known_from, known_to from ops.quarantine order by known_from").rows()
        assert waited == [(MAY, MAY), (JUNE, None)]


def play(home: Path, *, together: bool) -> tuple[str, str]:
    """Three received days as one run or as three; the digests afterwards."""
    steps = [
        (
            rows(visit("a1", "a", "甲"), visit("a2", "a", "乙")),
            APRIL,
            accepted("a1"),
            [waiting("a2", "a")],
            {"a": True},
        ),
        (rows(visit("b1", "b", "丙")), MAY, accepted("a1", "a2", "b1"), [], {"a": True, "b": True}),
        (rows(visit("c1", "c", "甲", "9.00")), JUNE, accepted("c1", "b1"), [], {"a": False, "b": True, "c": True}),
    ]
    home.mkdir()
    with opened(home) as warehouse:
        night = Night(warehouse)
        for landed, at, taken, held, effective in steps:
            night.receive(landed, at).hear(taken, at, held=held, **effective)
            if not together:
                night.write()
                night = Night(warehouse)
        if together:
            night.write()
        counted = ledger.known_submissions(warehouse).select("submission_id", "rows_accepted", "rows_quarantined")
        assert counted.rows() == [("a", 2, 0), ("b", 1, 0), ("c", 1, 0)]
        return digest.state_digest(warehouse), digest.history_digest(warehouse)


def test_one_run_or_many_end_the_same(tmp_path: Path) -> None:
    assert play(tmp_path / "all at once", together=True) == play(tmp_path / "night by night", together=False)


def test_twice_is_once(tmp_path: Path) -> None:
    landed, taken, held = rows(visit("a", "s", "甲"), visit("b", "s", "乙")), accepted("a"), [waiting("b", "s")]
    found = [finding("f", "s")]
    with opened(tmp_path) as warehouse:
        Night(warehouse).receive(landed, MAY).hear(taken, MAY, held, found, s=True).write()
        before = {
            t: warehouse.frame(f"from {t} order by all") for t in ("core.visit", "ops.quarantine", "ops.findings")
        }
        Night(warehouse, "again").receive(landed, MAY).hear(taken, JUNE, held, found, s=True).write()
        for table, rows_before in before.items():
            assert warehouse.frame(f"from {table} order by all").equals(rows_before, null_equal=True), table


def test_a_row_restated_by_resolving_is_a_new_version(tmp_path: Path) -> None:
    with opened(tmp_path) as warehouse:
        Night(warehouse).receive(rows(visit("r", "s", "甲")), MAY).hear(
            accepted("r", compound="old"), MAY, s=True
        ).write()
        Night(warehouse).hear(accepted("r", compound="new"), JUNE, s=True).write()
        assert seen(warehouse, "2013-05-03", column="compound_id") == ["old"]
        assert seen(warehouse, "2013-06-03", column="compound_id") == ["new"]


def test_a_row_read_differently_is_a_new_version_and_the_old_one_stays(tmp_path: Path) -> None:
    with opened(tmp_path) as warehouse:
        Night(warehouse).receive(rows(visit("r", "s", "甲", "1.00")), MAY).hear(accepted("r"), MAY, s=True).write()
        Night(warehouse).receive(rows(visit("r", "s", "甲", "2.00")), MAY).hear(accepted("r"), JUNE, s=True).write()
        areas = warehouse.frame("select area_m2, known_from, known_to from core.visit order by known_from").rows()
        assert [(str(a), f, t) for a, f, t in areas] == [("1.00", MAY, JUNE), ("2.00", JUNE, None)]
        assert warehouse.value("select count(*) from landed.visit") == 1


def test_a_corrected_value_overrides_what_was_read_in_the_rows_that_were_corrected(tmp_path: Path) -> None:
    from decimal import Decimal

    said = [{"column_name": "area_m2", "correction": "c1"}]
    corrected = accepted("r", area_m2=Decimal("7.00"), corrections=said)
    with opened(tmp_path) as warehouse:
        landed = rows(visit("r", "s", "甲", "1.00"), visit("as read", "s", "乙", "2.00"))
        both = pl.concat([corrected, accepted("as read")], how="diagonal")
        night = Night(warehouse).receive(landed, MAY).hear(accepted("r", "as read"), MAY, s=True)
        night.hear(both, JUNE, s=True).hear(accepted("r", "as read"), AUGUST, s=True).write()
        found = warehouse.frame(
            "select row_id, area_m2::varchar, raw.area_m2, corrections, known_from from core.visit"
            " order by row_id, known_from"
        )
    assert found.rows() == [
        ("as read", "2.00", "2.00", None, MAY),
        ("r", "1.00", "1.00", None, MAY),
        ("r", "7.00", "1.00", said, JUNE),
        ("r", "1.00", "1.00", None, AUGUST),
    ]


def test_findings_of_judgement_close_and_findings_of_reading_stay(tmp_path: Path) -> None:
    with opened(tmp_path) as warehouse:
        night = Night(warehouse).receive(rows(visit("r", "s", "甲")), MAY, "2013-05-02/花园路/走访.xlsx")
        night.book.note(finding("unit-line-missing", "s"), MAY)
        night.hear(accepted("r"), MAY, found=[finding("falls", "s")], s=True).write()
        Night(warehouse).hear(accepted("r"), JUNE, s=True).write()
        found = warehouse.frame("select finding_id, origin, file, known_to from ops.findings order by 1").rows()
        path = "2013-05-02/花园路/走访.xlsx"
        assert found == [("falls", "judgement", path, JUNE), ("unit-line-missing", "reading", path, None)]
        assert seen(warehouse, "2013-05-03", "ops.findings", "finding_id") == ["falls", "unit-line-missing"]
        assert seen(warehouse, "2013-06-03", "ops.findings", "finding_id") == ["unit-line-missing"]


def test_a_file_read_again_closes_what_its_reading_no_longer_finds(tmp_path: Path) -> None:
    with opened(tmp_path) as warehouse:
        night = Night(warehouse).receive(rows(visit("r", "s", "甲")), MAY)
        for finding_id, report in (("healed", "s"), ("stays", "s"), ("of another file", "t")):
            night.book.note(finding(finding_id, report), MAY)
        night.hear(accepted("r"), MAY, s=True).write()
        again = Night(warehouse)
        again.book.note(finding("stays", "s"), JUNE, read_again=["file-of-s"])
        again.hear(accepted("r"), JUNE, s=True).write()
        open_now = warehouse.frame("select finding_id from ops.findings where known_to is null order by 1")
        assert open_now["finding_id"].to_list() == ["of another file", "stays"]
        assert warehouse.value("select known_to from ops.findings where finding_id = 'healed'") == JUNE


def test_judging_does_not_repeat_what_reading_found(tmp_path: Path) -> None:
    with opened(tmp_path) as warehouse:
        night = Night(warehouse).receive(rows(visit("r", "s", "甲")), MAY)
        night.book.note(finding("f", "s"), MAY)
        night.hear(accepted("r"), MAY, found=[finding("f", "s")], s=True).write()
        assert warehouse.frame("select finding_id, origin from ops.findings").rows() == [("f", "reading")]


def test_a_finding_that_says_something_else_is_a_new_version(tmp_path: Path) -> None:
    with opened(tmp_path) as warehouse:
        night = Night(warehouse).receive(rows(visit("r", "s", "甲")), MAY)
        night.hear(accepted("r"), MAY, found=[finding("f", "s", found="差1")], s=True).write()
        Night(warehouse).hear(accepted("r"), JUNE, found=[finding("f", "s", found="差2")], s=True).write()
        found = warehouse.frame("select found, known_from, known_to from ops.findings order by known_from").rows()
        assert found == [("差1", MAY, JUNE), ("差2", JUNE, None)]


def test_quarantine_says_where_the_row_stands(tmp_path: Path) -> None:
    with opened(tmp_path) as warehouse:
        held = [waiting("r", "s", column_name="place", address="B5", suggestion="甲院")]
        Night(warehouse).receive(rows(visit("r", "s", "甲")), MAY).hear(accepted(), MAY, held, s=True).write()
        said = warehouse.frame("select file_id, sheet_name, row_number, address, suggestion from ops.quarantine").row(0)
        assert said == ("file-of-s", "走访", 5, "B5", "甲院")


def test_outside_the_scope_nothing_closes(tmp_path: Path) -> None:
    with opened(tmp_path) as warehouse:
        landed = rows(visit("in", "inside", "甲"), visit("out", "outside", "乙"))
        Night(warehouse).receive(landed, MAY).hear(accepted("in", "out"), MAY, inside=True, outside=True).write()
        book = Book(warehouse, scope=["inside"])
        none = pl.DataFrame(schema=QUARANTINE), pl.DataFrame(schema=FINDINGS)
        book.play({"visit": accepted()}, *none, judged(inside=True), JUNE)
        with warehouse.transaction() as tx:
            book.apply(tx)
        assert warehouse.frame("select row_id from core.visit where known_to is null")["row_id"].to_list() == ["out"]


def test_instants_go_forward_and_rows_are_landed_first(tmp_path: Path) -> None:
    with opened(tmp_path) as warehouse:
        night = Night(warehouse)
        with pytest.raises(ValueError, match="never landed, such as r"):
            night.hear(accepted("r"), MAY)
        with pytest.raises(ValueError, match="instants go forward"):
            night.hear(accepted(), APRIL)


def test_what_landed_comes_back_as_it_was(tmp_path: Path) -> None:
    landed = rows(
        visit("r1", "s", "甲", approximate_columns=["area_m2"]),
        visit(
            "r2",
            "s",
            "乙",
            visited=None,
            topics=None,
            faults=[{"code": "E41", "severity": "W", "column_name": "visited"}],
        ),
    )
    with opened(tmp_path) as warehouse:
        Night(warehouse).receive(landed, MAY).hear(accepted("r1", "r2"), MAY, s=True).write()
        assert landed_rows(warehouse, "visit").equals(landed, null_equal=True)
        assert landed_rows(warehouse, "visit").schema == landed.schema


def test_landed_rows_of_some_reports(tmp_path: Path) -> None:
    with opened(tmp_path) as warehouse:
        landed = rows(visit("here", "s1", "甲"), visit("there", "s2", "乙"))
        Night(warehouse).receive(landed, MAY).hear(accepted("here", "there"), MAY, s1=True, s2=True).write()
        assert landed_rows(warehouse, "visit", ["s1"])["row_id"].to_list() == ["here"]


def test_landed_rows_come_in_order_however_few_are_sorted_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    landed = rows(*(visit(f"r{n}", f"s{n % 4}", "甲") for n in range(10)))
    with opened(tmp_path) as warehouse:
        Night(warehouse).receive(landed, MAY).write(checked=False)
        whole, some = landed_rows(warehouse, "visit"), landed_rows(warehouse, "visit", ["s1", "s3"])
        for at_once in (1, 3, 4):
            monkeypatch.setattr(load, "_ROWS_AT_ONCE", at_once)
            assert landed_rows(warehouse, "visit").equals(whole)
            assert landed_rows(warehouse, "visit", ["s1", "s3"]).equals(some)
    assert (whole.height, some["submission_id"].unique().sort().to_list()) == (10, ["s1", "s3"])


def test_texts_as_received_come_only_of_the_reports_asked_for(tmp_path: Path) -> None:
    with opened(tmp_path) as warehouse:
        Night(warehouse).receive(rows(visit("r1", "s1", "甲"), visit("r2", "s2", "乙")), MAY).write(checked=False)
        for texts_of, held in ((None, ["甲", "乙"]), ([], [None, None]), (["s2"], [None, "乙"])):
            found = landed_rows(warehouse, "visit", texts_of=texts_of).sort("row_id")
            assert [None if raw is None else raw["place"] for raw in found["raw"]] == held
            assert found["place"].to_list() == ["甲", "乙"]
            assert found.schema == rows(visit("r", "s", "甲")).schema


def test_a_file_read_again_without_rows_leaves_none_landed(tmp_path: Path) -> None:
    from warehouse.load import forget_files

    with opened(tmp_path) as warehouse:
        Night(warehouse).receive(rows(visit("r", "s", "甲")), MAY).hear(accepted("r"), MAY, s=True).write()
        with warehouse.transaction() as tx:
            forget_files(tx, pl.Series(["file-of-s"]))
        assert landed_rows(warehouse, "visit").equals(nothing())
        assert warehouse.value("select count(*) from core.visit") == 1


def test_fingerprints_tell_apart_and_ignore_empty_columns() -> None:
    frame = pl.DataFrame(
        {
            "a": ["1", "1", None, "1"],
            "b": ["2", "22", "12", "2"],
            "l": [["x"], ["x"], [None], []],
            "s": [{"f": None}] * 4,
        }
    )
    hashes = fingerprints(frame, ["a", "b", "l", "s"])
    assert hashes.n_unique() == 4
    wider = frame.with_columns(pl.lit(None, dtype=pl.String).alias("later_column"))
    assert fingerprints(wider, ["later_column", "s", "l", "b", "a"]).equals(hashes)
    assert hashes[0] == "e7807a2d165f5e94"


def test_the_same_receipt_is_written_once(tmp_path: Path) -> None:
    receipt = pl.DataFrame({"path": ["2013-05-01/a.xlsx"], "file_id": ["f"], "received_at": [MAY]})
    with opened(tmp_path) as warehouse:
        for _ in range(2):
            with warehouse.transaction() as tx:
                ledger.record_receipts(tx, receipt)
        assert ledger.known_receipts(warehouse).height == 1
