"""Nothing disappears: every cell has a class, every row is accepted or waits, every value knows its cell."""

from schemas.forms import load
from tests.transforms.sample_reader import read_pages
from warehouse import open_warehouse, reading


def ask(home, sql):
    return reading.query(home.current, sql)


def pages(home, path):
    """The sheets of a file by its format's second reader: openpyxl, xlrd, csv."""
    return {page.name: page for page in read_pages((home.inbox / path).read_bytes(), path.rpartition(".")[2])}


def test_the_cell_classes_of_every_sheet_add_up_to_what_a_second_reader_counts(faulty_year):
    home, _ = faulty_year
    held = ask(
        home,
        "select f.path, c.sheet_name, sum(c.cells)::bigint as cells"
        " from ops.cells as c join ops.files as f using (file_id) group by all",
    )
    classed = {(row["path"], row["sheet_name"]): row["cells"] for row in held.to_dicts()}
    counted = {
        (path, name): len(page.values)
        for path in ask(home, "select path from ops.files where path not like '%~$%'")["path"]
        for name, page in pages(home, path).items()
        if page.values
    }
    assert len(counted) > 450
    assert classed == counted


def test_rows_read_are_rows_accepted_and_rows_quarantined(faulty_year):
    home, _ = faulty_year
    lost = ask(home, "from ops.submissions where outcome = 'read' and rows_read <> rows_accepted + rows_quarantined")
    assert lost.to_dicts() == []
    assert ask(home, "select sum(rows_read) as rows from ops.submissions").item() > 4000


def test_every_part_of_a_line_is_accepted_or_waits(faulty_year):
    home, _ = faulty_year
    with open_warehouse(home.warehouse, load()) as warehouse:
        lost = warehouse.frame(
            "select row_id from landed.work_item_progress as l"
            " where not exists (from core.work_item_progress as c where c.row_id = l.row_id)"
            " and not exists (from ops.quarantine as q where q.row_id = l.row_id)"
        )
        landed = warehouse.value("select count(*) from landed.work_item_progress")
    assert lost.height == 0
    assert landed > 15_000


def test_every_figure_of_a_progress_report_is_in_the_cell_it_names(faulty_year):
    home, _ = faulty_year
    rows = ask(
        home,
        "select f.path, c.sheet_name, c.addresses.floor_area_m2 as address, c.floor_area_m2 as area"
        " from core.contractor_progress as c join ops.files as f using (file_id)"
        " where c.report_month = date '2013-09-01' and c.known_to is null",
    ).to_dicts()
    assert len(rows) > 200
    files = {path: pages(home, path) for path in {row["path"] for row in rows}}
    assert {path.rpartition(".")[2] for path in files} == {"csv", "xls", "xlsm", "xlsx"}
    for row in rows:
        assert round(float(files[row["path"]][row["sheet_name"]].at(row["address"])), 2) == float(row["area"])
