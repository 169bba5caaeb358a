"""What `xinyan explain` says of a file: a short account that a person can read aloud."""

import hashlib
from decimal import Decimal

from flows.explaining import _column_lines, _unjudged, lines
from schemas.forms import load
from tests.transforms.layout_books import book, building, f06
from transforms.layout import read_file
from transforms.workbook import column_letter


def told(*sheets, name="月报.xlsx"):
    data = book(*sheets)
    return list(lines(_unjudged(name, read_file(data, name, hashlib.sha256(data).hexdigest(), load()))))


def test_a_file_read_on_the_spot():
    said = told(f06(building(1), building(2, status="不知道")), ("便签", [["随手记"]], {}))
    assert said[0].startswith("月报.xlsx  (") and said[0].endswith("not received: read on the spot, not judged")
    assert said[1] == "  xlsx, 2 sheets, 25 cells: 14 data, 8 header, 2 title, 1 ignored"
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
    [_, _, said] = lines(facts)
    title = load().by_code("F08").title_zh
    counts = "1 row read, 1 accepted, 0 quarantined"
    assert said == f"  report F08 {title} 清河街道 2013-09, version 1, in force: {counts}  [0123456789abcdef]"


def test_what_is_alike_is_said_once():
    said = told(*(f06(building(number)) for number in range(1, 5)))
    assert [line for line in said if line.startswith("  sheet")] == [
        "  sheets 1 “Sheet1” … 4 “Sheet4”: read as F06 by layout F06_three_level, 17 cells each"
    ]
    assert sum(1 for line in said if "小区名称 → compound_name" in line) == 1


def test_a_sheet_set_aside_says_why_once():
    said = told(f06(building(1)), ("便签", [["随手记"], ["两条"]], {}))
    assert "  sheet 2 “便签”: ignored (不是报表的工作表), 2 cells" in said
    assert not any(line.startswith("  ignored in") for line in said)


def test_bytes_that_are_no_workbook():
    reading = read_file(b"%PDF-1.4", "月报.pdf", "f" * 64, load())
    assert list(lines(_unjudged("月报.pdf", reading)))[1:] == [
        "  no workbook that could be read",
        "  R E45: 文件内容是PDF 文档，不是电子表格；应为：Excel 工作簿（*.xlsx）",
    ]


def test_what_is_found_alike_in_many_places_is_said_once():
    said = told(*([["菜单"], ["周一", "周二"]] for _ in range(5)))
    assert said[-1] == (
        "  R E22 Sheet1、Sheet2 and 3 more places: 没有找到任何规定表式的表头；应为：使用规定的表式（F01—F22）"
    )
    assert said[-2] == "  no report in it"


def test_what_a_sender_wrote_commands_no_terminal():
    said = told(("\u202e表", [["菜\x7f单"], ["周一", "周二"]], {}))
    assert "  sheet 1 “\\u202e表”: refused (没有版式与表头相符), 3 cells" in said
    assert all(sign.isprintable() or sign == "\u3000" for line in said for sign in line)


def column(letter, header, name, unit=None, factor=1):
    words = ("sheet_index", "column_letter", "header", "column_name", "unit", "factor")
    return dict(zip(words, (1, letter, header, name, unit, factor), strict=True))


def test_columns_are_told_with_short_headers_and_their_factor():
    columns = [
        column("A", "序号", "seq_no"),
        column("B", "合同额(万元)", "contract_yuan", "yuan", Decimal("10000.0")),
        column("C", "工程量(以审定的施工图为准)·外窗", "qty_design", "m2"),
        column("D", "", "view"),
    ]
    assert list(_column_lines(columns)) == [
        "      A  序号 → seq_no",
        "      B  合同额 → contract_yuan × 10000",
        "      C  工程量·外窗 → qty_design in m2",
        "      D  (no header) → view",
    ]


def test_sixty_columns_are_told_in_paragraphs():
    months = [
        column(column_letter(n), f"进度(填写)·{n}月·累计", f"month_{n}_m2", "m2", Decimal(10000)) for n in range(1, 61)
    ]
    said = list(_column_lines([column("A", "序号", "seq_no"), *months]))
    assert said[0] == "    A 序号 → seq_no"
    assert said[1].startswith("    进度: A 1月·累计 → month_1_m2 × 10000; B 2月·累计 → month_2_m2 × 10000; C ")
    assert len(said) < 30 and all(len(line) <= 110 for line in said)
