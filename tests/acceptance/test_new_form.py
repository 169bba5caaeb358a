"""A new form is one model, one layout, one SQL file: its workbook goes through a night and its summary answers."""

from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from flows import home, night
from tests.transforms.layout_books import book

PACKAGE = Path(__file__).parent / "new_form"


def ledger(month, *rows):
    """One street's workbook of a month, with a total row."""
    total = ["合计", None, sum(row[1] for row in rows), sum(row[2] for row in rows)]
    header = ["序号", "院落", "现有树木（株）", "已移植（株）"]
    lines = [[number, *row] for number, row in enumerate(rows, 1)]
    return book([[f"花园路街道树木移植台账（2013年{month}月）"], ["填报单位：花园路分指挥部"], header, *lines, total])


@pytest.fixture(scope="module")
def release(tmp_path_factory):
    """The release of a plain night that heard of May, and of May again with a row put right."""
    place = home.create(tmp_path_factory.mktemp("trees") / "home")
    for day, rows in {
        "2013-06-03": [("东院", 10, 4), ("西院", 30, 31)],
        "2013-06-07": [("东院", 10, 4), ("西院", 30, 13)],
    }.items():
        (place.inbox / day).mkdir()
        (place.inbox / day / "花园路树木移植台账2013年5月.xlsx").write_bytes(ledger(5, *rows))
    with night.begin(place.root, None, ("schemas", "tests.acceptance.new_form")) as begun:
        night.one_night(begun)
    with duckdb.connect(str(place.current), read_only=True) as connection:
        yield connection


def test_it_is_three_files_and_nothing_of_ours_knows_them():
    files = {str(path.relative_to(PACKAGE)) for path in PACKAGE.rglob("*") if path.is_file() and path.stat().st_size}
    assert {name for name in files if "__" not in name} == {
        "forms/tree_ledger.py",
        "layouts/T20_trees.toml",
        "sql/summary/tree_moving.sql",
    }
    ours = (path for layer in ("schemas", "transforms", "warehouse", "flows") for path in Path(layer).rglob("*.*"))
    text = "".join(path.read_text(encoding="utf-8") for path in ours if path.suffix in (".py", ".toml", ".sql"))
    assert "tree_ledger" not in text and "tree_moving" not in text


def test_its_summary_answers_now_and_as_of_any_instant(release):
    shown = "select street_name, trees_found, trees_moved, moved_ratio from summary.tree_moving"
    assert release.sql(shown).fetchall() == [("花园路街道", 40, 17, Decimal("0.425").quantize(Decimal("1e-10")))]
    earlier = release.sql(f"{shown}_as_of(timestamptz '2013-06-05 00:00:00+08')").fetchall()
    assert earlier == [("花园路街道", 10, 4, Decimal("0.4").quantize(Decimal("1e-10")))]


def test_its_rules_and_its_comments_hold_as_those_of_every_form(release):
    told = "select code, severity, address from ops.findings where known_to is not null"
    assert release.sql(told).fetchall() == [("E05", "Q", "D5")]
    comments = "select comment from duckdb_columns() where table_name in ('tree_moving', 'tree_ledger')"
    assert all("|" in comment for (comment,) in release.sql(comments).fetchall())
