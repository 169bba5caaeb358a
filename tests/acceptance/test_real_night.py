"""The real workbooks through a whole night: core tables in the release, every cell and every row accounted for."""

import shutil

import duckdb
import pytest

from flows import home, night
from tests.acceptance.test_real_workbooks import REAL, WORKBOOKS, second_count

pytestmark = pytest.mark.skipif(REAL is None, reason="the shared real workbooks are not here (XINYAN_SHARED)")

PACKAGES = ("schemas", "tests.acceptance.real_forms")
ACCEPTED = {
    "county_works": 15,
    "project_monthly": 4,
    "yearly_admissions": 518 + 574,
    "audit_rule": 82 + 169 + 65,
    "bill_of_quantities": 192,
    "pour_request": 12,
    "transit_ridership": 746,
    "regional_offences": 198,
    "energy_series": 418,
    "telecom_return": 163 + 99 + 182 - 1,  # code MV5039 stands on two lines
}


@pytest.fixture(scope="module")
def release(tmp_path_factory):
    """A connection to the release of a night with all the real files in one inbox."""
    place = home.create(tmp_path_factory.mktemp("real") / "home")
    for path in REAL.glob("*/*"):
        target = place.inbox / "2020-11-02" / path.relative_to(REAL)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    with night.begin(place.root, None, PACKAGES) as begun:
        night.one_night(begun)
    with duckdb.connect(str(place.current.resolve()), read_only=True) as connection:
        yield connection


def test_the_release_has_a_core_table_for_every_form(release):
    counted = {entity: release.sql(f"select count(*) from core.{entity}").fetchall()[0][0] for entity in ACCEPTED}
    assert counted == ACCEPTED


def test_what_waits_has_a_reason(release):
    waiting = "select entity, code, count(*) from ops.quarantine where known_to is null group by all order by all"
    assert release.sql(waiting).fetchall() == [
        ("project_monthly", "E06", 1),
        ("telecom_return", "E44", 1),
        ("telecom_value", "E44", 1),
    ]


def test_rows_read_are_accepted_or_wait(release):
    total = "select sum(rows_read), sum(rows_accepted), sum(rows_quarantined) from ops.submissions"
    [(read, accepted, waiting)] = release.sql(total).fetchall()
    assert read == accepted + waiting
    unequal = "select * from ops.submissions where rows_read <> rows_accepted + rows_quarantined"
    assert release.sql(unequal).fetchall() == []


def test_every_cell_that_a_second_reader_counts_has_a_class(release):
    counted = "select receipt.path, sum(cell.cells) from ops.cells cell join ops.receipts receipt using (file_id)"
    found = dict(release.sql(f"{counted} group by all").fetchall())
    assert found == {f"2020-11-02/{name}": sum(second_count(name)) for name in WORKBOOKS}


def test_the_web_page_is_refused_in_the_ledger(release):
    told = "select code, severity, found from ops.findings where file like '%not_a_workbook%'"
    [(code, severity, found)] = release.sql(told).fetchall()
    assert (code, severity) == ("E45", "R") and "网页框架" in found
