"""What a row in quarantine says: who says it, of what, and which areas would count if it held."""

import datetime as dt
from decimal import Decimal

from tests.transforms.worlds import EAST, HUAYUAN, WEST, progress, story, submission

SEPTEMBER = dt.date(2013, 9, 1)
CLAIMS = ("filer_id", "street_id", "building_id", "report_month", "started_area_m2", "completed_area_m2")


def claims(verdicts, row):
    found = [line for line in verdicts.quarantined.to_dicts() if line["row_id"] == row]
    return [tuple(line[name] for name in CLAIMS) for line in found]


def test_a_finished_building_with_an_impossible_day_claims_its_area():
    report = submission("F06", "contractor_progress", filer=EAST, period="2013-09")
    row = progress("late", "F06", "塔院南里", "1号楼", "6000.00", 80, status_code="FINISHED")
    row |= {"actual_finish": dt.date(2013, 3, 1), "actual_finish_kind": "actual", "actual_finish_precision": "day"}
    [claim] = claims(story([report], {"contractor_progress": [row]}), "late")
    area = Decimal("6000.00")
    assert claim == (EAST, HUAYUAN, "110108018:塔院南里:1号楼", SEPTEMBER, area, area)


def test_a_row_that_names_the_neighbours_building_claims_an_area_and_no_building():
    reports = [
        submission("east", "contractor_progress", filer=EAST, period="2013-09"),
        submission("west", "contractor_progress", filer=WEST, period="2013-09"),
    ]
    rows = [
        progress("own", "east", "塔院南里", "1号楼", "6000.00", 80),
        progress("again", "west", "塔院南里", "1号楼", "6000.00", 80),
    ]
    [claim] = claims(story(reports, {"contractor_progress": rows}), "again")
    assert claim == (WEST, HUAYUAN, None, SEPTEMBER, Decimal("6000.00"), None)


def test_a_sub_command_claims_what_its_line_says():
    report = submission("F08", "subcommand_monthly", filer="花园路分指挥部", period="2013-09")
    row = {
        "row_id": "line",
        "submission_id": "F08",
        "report_month": SEPTEMBER,
        "street": "花园路",
        "compound_name": "塔院南里",
        "programme_type_code": "ENERGY_ENV",
        "started_buildings_cum": 1,
        "started_area_cum_m2": Decimal("6000.00"),
        "completed_buildings_cum": 2,
        "completed_area_cum_m2": Decimal("6000.00"),
    }
    [claim] = claims(story([report], {"subcommand_monthly": [row]}), "line")
    assert claim[1:] == (HUAYUAN, None, SEPTEMBER, Decimal("6000.00"), Decimal("6000.00"))
