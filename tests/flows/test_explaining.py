"""What `xinyan explain` says of a file: a short account that a person can read aloud."""

import hashlib

from flows.explaining import _unjudged, lines
from schemas.forms import load
from tests.transforms.layout_books import book, building, f06
from transforms.layout import read_file


def told(*sheets, name="月报.xlsx"):
    data = book(*sheets)
    return list(lines(_unjudged(name, read_file(data, name, hashlib.sha256(data).hexdigest(), load()))))


def test_a_file_read_on_the_spot():
    said = told(f06(building(1), building(2, status="不知道")), ("便签", [["随手记"]], {}))
    assert said[0].startswith("月报.xlsx  (") and said[0].endswith("not received: read on the spot, not judged")
    assert said[1] == "  25 cells: 14 data, 8 header, 2 title, 1 ignored"
    report = next(line for line in said if line.startswith("  report"))
    assert report.startswith("  report F06 施工单位楼栋施工进度月报 京合二建 甘家口街道 2013-09: 2 rows read  [")
    assert any(line.startswith("  Q E17 Sheet1 H5: “不知道” 不是规定的") for line in said)
    assert any("便签" in line for line in said if line.startswith("  sheet 2"))


def test_versions_and_counts_of_a_received_report():
    report = {
        "submission_id": "0123456789abcdef",
        "form_code": "F08",
        "filer_id": "110108017",
        "street_id": "110108017",
        "period": "2013-09",
        "report_version": 1,
        "is_effective": True,
        "outcome": "read",
        "rows_read": 1,
        "rows_accepted": 1,
        "rows_quarantined": 0,
    }
    facts = {"file": "x.xlsx", "file_id": "f" * 64, "outcome": "read", "cell_classes": {}, "non_empty_cells": 0}
    facts |= {"sheets": [], "columns": [], "not_read": [], "findings": [], "reports": [report]}
    [_, said] = lines(facts)
    title = load().by_code("F08").title_zh
    counts = "1 row read, 1 accepted, 0 quarantined"
    assert said == f"  report F08 {title} 清河街道 2013-09, version 1, in force: {counts}  [0123456789abcdef]"


def test_what_is_alike_is_said_once():
    said = told(*(f06(building(number)) for number in range(1, 5)))
    assert [line for line in said if line.startswith("  sheet")] == [
        "  sheets 1 “Sheet1” … 4 “Sheet4”: read as F06 by layout F06_three_level, 17 cells each"
    ]
    assert sum(1 for line in said if "小区名称 → compound_name" in line) == 1
