"""Persons are told apart by a hash with a key, whatever the widths and blanks in their names; no name reaches a row."""

import pytest

from tests.transforms.layout_books import CATALOGUE, book, faults, found, rows_of
from tests.transforms.test_other_layouts import BOOKS
from transforms.layout import read_file

TITLE, LINE, HEADER, ROW, _ = BOOKS["party_posting"]
NAME, ORG = HEADER.index("姓名"), HEADER.index("所在单位")


def postings(*people, header=HEADER, secret=b"the home's key", **options):
    """A sheet with a row for each (name, organisation), read with a key."""
    lines = []
    for name, org in people:
        row = list(ROW)
        row[NAME], row[ORG] = name, org
        lines.append(row)
    data = book([[TITLE], [LINE], header, *lines], **options)
    return read_file(data, "派驻表.xlsx", "f" * 64, CATALOGUE, secret=secret)


def keys(*people, **options):
    return [row["person_key"] for row in rows_of(postings(*people, **options), "party_posting")]


def test_one_person_has_one_key_however_the_name_is_written():
    written = [("赵　某", "区住建委"), (" 赵某 ", "区 住建委"), ("趙某", "区住建委"), ("赵某", "区住建委")]
    assert len(set(keys(*written))) == 1


@pytest.mark.parametrize("other", [("赵某", "区市政委"), ("钱某", "区住建委"), ("赵某区", "住建委")])
def test_another_name_or_another_organisation_is_another_person(other):
    one, two = keys(("赵某", "区住建委"), other)
    assert one != two and len(one) == len(two) == 16


def test_the_key_decides_the_hash():
    assert keys(("赵某", "区住建委")) == keys(("赵某", "区住建委"))
    assert keys(("赵某", "区住建委")) != keys(("赵某", "区住建委"), secret=b"another home's")


def test_a_row_without_a_name_waits_and_says_where():
    reading = postings(("赵某", "区住建委"), (None, "区住建委"), ("—", "区住建委"))
    assert faults(reading, "party_posting") == [
        [],
        [("E40", "Q", "person_name", "B5")],
        [("E40", "Q", "person_name", "B6")],
    ]
    assert [row["person_key"] is None for row in rows_of(reading, "party_posting")] == [False, True, True]


def test_a_name_in_merged_cells_and_one_said_to_be_the_same_count_for_every_row():
    first, merged, same = keys(("赵某", "区住建委"), (None, "区住建委"), ("同上", "区住建委"), merge=["B4:B5"])
    assert first == merged == same is not None


def test_a_table_without_a_column_of_names_is_refused():
    header = ["打印时隐藏" if label == "姓名" else label for label in HEADER]
    reading = postings(("赵某", "区住建委"), header=header)
    assert reading.rows == {} and [severity for severity, _ in found(reading, "E22")] == ["R"]
