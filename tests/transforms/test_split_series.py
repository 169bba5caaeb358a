"""Month against month: cumulative figures never fall (E03) and grow by the month's (E04)."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from tests.transforms.worlds import EAST, found, of_rows, progress, reasons, story, submission
from transforms.split import Verdicts

MONTHS = {month: dt.date(2013, month, 1) for month in range(1, 13)}


def monthly(month: int, **figures: Any) -> dict[str, Any]:
    return {
        "row_id": f"{month}",
        "submission_id": f"F08-{month}",
        "report_month": MONTHS[month],
        "compound_name": "塔院南里",
        "programme_type_code": "ENERGY_ENV",
    } | figures


def sub_command(*lines: dict[str, Any], **more: Any) -> Verdicts:
    reports = [
        submission(
            line["submission_id"],
            "subcommand_monthly",
            period=line["report_month"].strftime("%Y-%m"),
            received=f"2013-{line['report_month'].month + 1:02}-03",
        )
        for line in lines
    ]
    return story(reports, {"subcommand_monthly": list(lines)}, **more)


def test_a_fall_waits_and_the_next_month_is_judged_by_the_last_accepted() -> None:
    verdicts = sub_command(
        monthly(8, completed_households_cum=500),
        monthly(9, completed_households_cum=480),
        monthly(10, completed_households_cum=490),
        monthly(11, completed_households_cum=510),
    )
    assert reasons(verdicts) == {"9": "E03", "10": "E03"}
    assert found(verdicts, "E03") == [("10", "P7"), ("9", "P6")]
    assert verdicts.quarantined.filter(row_id="9")["found"].to_list() == ["受益户数为480，小于此前的500"]


@pytest.mark.parametrize("note", ["上月多报，核减20户", "更正", "按审计冲减"])
def test_a_noted_correction_may_fall(note: str) -> None:
    verdicts = sub_command(
        monthly(8, completed_households_cum=500),
        monthly(9, completed_households_cum=480, problems=note),
        monthly(10, completed_households_cum=490),
    )
    assert reasons(verdicts) == {}


def test_another_note_does_not_excuse_a_fall() -> None:
    verdicts = sub_command(
        monthly(8, completed_households_cum=500), monthly(9, completed_households_cum=480, problems="居民阻工")
    )
    assert reasons(verdicts) == {"9": "E03"}


def test_too_few_households_for_the_area_are_a_fall_and_no_slip_of_the_unit() -> None:
    figures = {"completed_area_cum_m2": Decimal(60000), "completed_buildings_cum": 9}
    verdicts = sub_command(
        monthly(8, completed_households_cum=894, **figures), monthly(9, completed_households_cum=94, **figures)
    )
    assert of_rows(verdicts).select("code", "address").rows() == [("E03", "P6")]
    alone = sub_command(monthly(9, completed_households_cum=94, **figures))
    assert of_rows(alone).select("code", "severity", "address").rows() == [("E43", "W", "P5")]


def test_counts_must_step_exactly_from_the_month_before() -> None:
    verdicts = sub_command(
        monthly(8, started_buildings_cum=5, started_buildings_month=5),
        monthly(9, started_buildings_cum=8, started_buildings_month=3),
        monthly(10, started_buildings_cum=10, started_buildings_month=1),
    )
    assert reasons(verdicts) == {}
    assert found(verdicts, "E04") == [("10", "I7")]


def test_a_missing_month_leaves_the_step_unknown() -> None:
    verdicts = sub_command(
        monthly(8, started_buildings_cum=5, started_buildings_month=5),
        monthly(10, started_buildings_cum=10, started_buildings_month=1),
    )
    assert found(verdicts, "E04") == []


def areas(september: str, month: str) -> Verdicts:
    units = [
        {"submission_id": f"F08-{m}", "column_name": name, "resolution": Decimal(100)}
        for m in (8, 9)
        for name in ("started_area_cum_m2", "started_area_month_m2")
    ]
    return sub_command(
        monthly(8, started_area_cum_m2=Decimal("12300"), started_area_month_m2=Decimal("12300")),
        monthly(9, started_area_cum_m2=Decimal(september), started_area_month_m2=Decimal(month)),
        columns=units,
    )


def test_areas_may_be_off_by_three_roundings() -> None:
    assert found(areas("15800", "3400"), "E04") == []
    assert found(areas("15900", "3400"), "E04") == [("9", "J6")]


def test_unlike_decimals_are_no_fall() -> None:
    units = [
        {"submission_id": "F08-8", "column_name": "completed_area_cum_m2", "resolution": Decimal(1)},
        {"submission_id": "F08-9", "column_name": "completed_area_cum_m2", "resolution": Decimal(100)},
    ]
    verdicts = sub_command(
        monthly(8, completed_area_cum_m2=Decimal("12345")),
        monthly(9, completed_area_cum_m2=Decimal("12300")),
        columns=units,
    )
    assert reasons(verdicts) == {}


def contractor(*, note: str | None = None, august: str = "50", copied: bool = False) -> Verdicts:
    reports, lines, items = [], [], []
    for number, (month, cum) in enumerate({8: august, 9: "40"}.items(), start=5):
        name = f"F06-{month}"
        reports.append(
            submission(
                name, "contractor_progress", filer=EAST, period=f"2013-{month:02}", received=f"2013-{month + 1:02}-02"
            )
        )
        line = progress(name, name, "塔院南里", "1号楼", "6000.00", 80, report_month=MONTHS[month], row_number=number)
        lines.append(line | {"delay_reason": note if month == 9 else None})
        amounts = {"qty_design": Decimal(100), "qty_month": Decimal(10), "qty_cum": Decimal(cum)}
        place = {"row_id": f"wall {month}", "submission_id": name, "row_number": number, "report_month": MONTHS[month]}
        items.append(place | amounts | {"work_item_code": "WALL", "unit_code": "m2"})
    return story(reports, {"contractor_progress": lines, "work_item_progress": items})


def test_work_items_fall_too_and_their_line_stays() -> None:
    verdicts = contractor()
    assert reasons(verdicts) == {"wall 9": "E03"}
    assert verdicts.accepted["contractor_progress"].height == 2


def test_the_note_of_the_line_excuses_its_items() -> None:
    assert reasons(contractor(note="8月外墙多报，本月更正")) == {}


def test_the_step_from_a_copy_is_unknown() -> None:
    verdicts = contractor(august="40")
    assert of_rows(verdicts)["code"].to_list() == ["E12"]
