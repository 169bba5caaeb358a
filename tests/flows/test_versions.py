"""What a second file of a report does, through whole nights: changed lines only, an addition, an old copy."""

import datetime as dt
import hashlib

import pytest

from flows import home as homes
from flows.settings import ZONE
from tests.flows.street import changed, files, of_street, play, put
from warehouse import reading

WHOLE = "2014-01-02/永定路抗震标段12月报.xlsx"


def keep(numbers, edit=lambda sheet: None):
    """The report with only these lines of its five, without totals, after `edit(sheet)`."""

    def change(book):
        sheet = book.active
        sheet.unmerge_cells("B8:B13")
        for row in range(8, 13):
            sheet.cell(row, 2).value = "永定路西里"
        edit(sheet)
        for row in range(14, 7, -1):
            if row > 12 or row - 7 not in numbers:
                sheet.delete_rows(row)
        for merged in [r for r in sheet.merged_cells.ranges if r.min_row > 12]:
            sheet.merged_cells.remove(merged)

    return change


def smaller(sheet):
    sheet["E9"] = 61  # households of 2号楼, 60 in the register


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    """Registers and four nights of one report: whole, one changed line, the whole again as it was, a new whole."""
    place = homes.create(tmp_path_factory.mktemp("versions") / "home")
    sent = files(lambda path: of_street(path) and (path < "2013-03-20" or path == WHOLE))
    for path, data in sent.items():
        put(place, path, data)
    play(place, "2014-01-02")
    put(place, "2014-01-03/永定路抗震标段12月报.xlsx", changed(sent[WHOLE], keep({2}, smaller)))
    play(place, "2014-01-03")
    put(place, "2014-01-04/永定路抗震标段12月报.xlsx", changed(sent[WHOLE], lambda book: None))
    play(place, "2014-01-04")
    put(place, "2014-01-05/永定路抗震标段12月报.xlsx", changed(sent[WHOLE], keep({1, 2, 3, 4})))
    play(place, "2014-01-05")
    return place


def ask(place, sql):
    return reading.query(place.current, sql).rows()


def stood(place, day):
    at = dt.datetime.fromisoformat(f"{day}T12:00").replace(tzinfo=ZONE).isoformat()
    sql = (
        "select string_split(building_id, ':')[3], household_count, strftime(file.received_at, '%m-%d')"
        f" from core.contractor_progress_as_of(timestamptz '{at}') inner join ops.files as file using (file_id)"
        " order by 1"
    )
    return ask(place, sql)


def test_a_few_changed_lines_leave_the_others_as_they_were(office):
    assert stood(office, "2014-01-03") == [
        ("1号楼", 58, "01-02"),
        ("2号楼", 61, "01-03"),
        ("3号楼", 63, "01-02"),
        ("4号楼", 51, "01-02"),
        ("5号楼", 53, "01-02"),
    ]


def test_an_old_copy_changes_nothing(office):
    assert stood(office, "2014-01-04") == stood(office, "2014-01-03")


def test_what_a_new_whole_leaves_out_vanishes(office):
    assert [(name, households) for name, households, _ in stood(office, "2014-01-05")] == [
        ("1号楼", 58),
        ("2号楼", 60),
        ("3号楼", 63),
        ("4号楼", 51),
    ]


def test_every_decision_is_kept_with_what_was_counted(office):
    sql = (
        "select version_kind, version_evidence, is_effective, rows_read, rows_accepted, rows_quarantined"
        " from ops.submissions where form_code = 'F06' order by received_at"
    )
    assert ask(office, sql) == [
        ("first", "5行；此前没有完整的一份", False, 5, 5, 0),
        (
            "partial",
            "1行，其中已报1行（改动1行）、新增0行；前一份5行，本份未含4行；全是已报的行，行数不到前一份的一半，且有改动",
            *(False, 1, 1, 0),
        ),
        (
            "older",
            "5行，其中已报5行（改动1行）、新增0行；前一份5行，本份未含0行；与此前已被替代或并入的内容完全相同",
            *(False, 5, 5, 0),
        ),
        (
            "replacement",
            "4行，其中已报4行（改动1行）、新增0行；前一份5行，本份未含1行；与前一份部分相同，按完整的一份",
            *(True, 4, 4, 0),
        ),
    ]


def test_the_sender_is_told_what_each_file_was_taken_for(office):
    sql = "select found, expected from ops.findings where code = 'E14' and known_to is null order by known_from"
    assert ask(office, sql) == [
        ("本报表已报过，这是第2份，只含改动的各行", "所报各行以本份为准，其余各行仍按前一份"),
        ("本报表已报过，这是第3份，与已被替代或并入的一份内容相同", "不采用；如确应恢复，请与区指挥部联系"),
        ("本报表已报过，这是第4份，比前一份少1行", "以最后收到的一份为准"),
    ]


def test_a_version_that_goes_before_one_of_its_day_and_comes_a_night_later_stops_no_night(tmp_path):
    place = homes.create(tmp_path / "home")
    sent = files(lambda path: of_street(path) and (path < "2013-03-20" or path == WHOLE))
    for path, data in sent.items():
        put(place, path, data)
    play(place, "2014-01-02")
    households = "select household_count from core.contractor_progress where known_to is null order by row_id"
    stands = ask(place, households)
    ours = hashlib.sha256(sent[WHOLE]).hexdigest()
    others = (changed(sent[WHOLE], lambda book, n=n: book.active.__setitem__("E9", n)) for n in range(61, 90))
    before = next(data for data in others if hashlib.sha256(data).hexdigest() < ours)
    put(place, "2014-01-02/再报/永定路抗震标段12月报.xlsx", before)
    play(place)
    assert ask(place, households) == stands
    counted = "select rows_read, rows_accepted, rows_quarantined from ops.submissions where is_effective is false"
    assert ask(place, counted) == [(5, 5, 0)]
