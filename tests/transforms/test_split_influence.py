"""What a change reaches: the street of a form that keeps to streets, a whole form, everything; disputed totals tie."""

import polars as pl
import pytest

from schemas.forms import load
from schemas.frames import CONTROL_CELLS, CORRECTIONS, LANDED_SUBMISSIONS, RULINGS
from tests.transforms.worlds import EAST, HUAYUAN, WEST, XUEYUAN, submission
from transforms.split import bearing, beside, reached

CATALOGUE = load()
REPORTS = [
    submission("directory", "org_directory", street=None),
    submission("compounds", "compound_register"),
    submission("march", "subcommand_monthly", period="2013-03"),
    submission("april", "subcommand_monthly", period="2013-04"),
    submission("elsewhere", "subcommand_monthly", period="2013-04", street=XUEYUAN),
    submission("east", "contractor_progress", filer=EAST, period="2013-03"),
    submission("west", "contractor_progress", filer=WEST, period="2013-04"),
    submission("inspected", "safety_inspection", filer="甲", period="2013-03", street=XUEYUAN),
    submission("inspected here", "safety_inspection", filer="乙", period="2013-04"),
]


def frame(reports: list = REPORTS) -> pl.DataFrame:
    return pl.DataFrame(reports, schema=dict(LANDED_SUBMISSIONS), orient="row")


def reach(*touched: str, disputed: tuple[tuple[str, str], ...] = ()) -> set[str] | None:
    cells = pl.DataFrame(
        [{"submission_id": report, "street_id": street} for report, street in disputed],
        schema=dict(CONTROL_CELLS),
        orient="row",
    )
    found = reached(frame(), cells, touched, CATALOGUE)
    return None if found is None else set(found)


def test_which_forms_keep_to_streets() -> None:
    apart = {form.entity for form in CATALOGUE.forms.values() if form.by_street}
    assert {"subcommand_monthly", "contractor_progress", "work_item_progress", "resident_opinion"} <= apart
    # A district's return names streets, an inspector goes anywhere, an acceptance need not say its street.
    assert not {"district_return", "safety_inspection", "acceptance", "org_directory"} & apart


def test_a_monthly_report_reaches_the_other_months_of_its_street() -> None:
    assert reach("march") == {"march", "april"}


def test_two_parties_of_a_street_reach_each_other() -> None:
    assert reach("east") == {"east", "west"}


def test_a_form_that_does_not_keep_to_streets_is_reached_as_a_whole() -> None:
    assert reach("inspected") == {"inspected", "inspected here"}


@pytest.mark.parametrize("register", ["directory", "compounds"])
def test_a_register_reaches_everything(register: str) -> None:
    assert reach(register) is None


def test_nothing_touched_reaches_nothing() -> None:
    assert reach() == set()


def test_a_disputed_total_is_judged_with_all_that_is_said_of_its_street() -> None:
    there = (("april", HUAYUAN),)
    assert reach("east", disputed=there) == {"east", "west", "march", "april", "compounds"}
    assert reach("elsewhere", disputed=there) == {"elsewhere"}


def test_looked_at_besides_are_registers_and_what_decisions_speak_of() -> None:
    correction = {"file": "", "form_code": "F08", "filer": "", "street_id": XUEYUAN, "period": "2013-04"}
    corrections = pl.DataFrame([correction], schema=dict(CORRECTIONS), orient="row")
    rulings = pl.DataFrame([{"file": "march"}], schema=dict(RULINGS), orient="row")
    none = corrections.clear(), rulings.clear()
    assert beside(frame(), *none, CATALOGUE) == {"directory", "compounds"}
    assert beside(frame(), corrections, rulings, CATALOGUE) == {"directory", "compounds", "elsewhere", "march"}


def test_forms_others_rest_on() -> None:
    assert bearing(CATALOGUE) == {"org_directory", "compound_register", "building_register"}
