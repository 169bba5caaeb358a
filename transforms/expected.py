"""Which reports are due: who must send what, about which months, by which day; and which of them never came (E16).

A programme year is reported on from the first month anybody reported about one of its compounds. Each filer reports to
its December, and then for as long as one of the filer's buildings is not finished; nobody is asked for more than two
months after the newest month anybody reported about. Who files is what the registers say: the streets with compounds
of the year, the contractors street by street, headquarters; settings may name the filers of a form instead.
"""

import datetime as dt
import hashlib
from collections.abc import Mapping

import polars as pl

from schemas.codes import CodeList
from schemas.forms import Catalogue, Form
from schemas.frames import EXPECTED_REPORTS, REPORTS
from schemas.reasons import REASONS
from transforms.calendar import Calendar
from transforms.names import OrganisationNames, normalise_organisation

COMPOUNDS, BUILDINGS, PROGRESS = "compound_register", "building_register", "contractor_progress"
READ = (
    *("row_id", "report_month", "compound_id", "building_id"),
    *("status_code", "actual_finish", "actual_finish_kind"),
)
"""The columns of reported rows that say what is expected, as far as a form has them; of the registers more is read."""
_DONE = ("FINISHED", "ACCEPTED")
_PATIENCE = "2mo"
_WORKS = {"plan_year": pl.Int64, "street_id": pl.String, "contractor_id": pl.String, "needed_to": pl.Date}
_LETTERS = str.maketrans("0123456789", "ghijklmnop")


def entities(forms: Catalogue) -> list[str]:
    """Name the forms that decide what is expected: the registers, the progress, and those that have a due day."""
    due = [form.entity for form in due_forms(forms)]
    return [entity for entity in dict.fromkeys([COMPOUNDS, BUILDINGS, PROGRESS, *due]) if entity in forms.forms]


def due_forms(forms: Catalogue) -> list[Form]:
    """Give the forms that are due on a day, those that come inside another left out."""
    return [form for form in forms.forms.values() if form.due is not None and form.part_of is None]


def expected_reports(
    forms: Catalogue,
    rows: Mapping[str, pl.DataFrame],
    named: Mapping[str, tuple[str, ...]],
    organisations: OrganisationNames,
    calendar: Calendar,
) -> pl.DataFrame:
    """Give an `EXPECTED_REPORTS` frame, from the accepted rows of `entities`.

    ``named`` are the filers the settings name, by entity. A name nobody knows is expected under that name, so that the
    slip shows.
    """
    nothing = pl.DataFrame(schema=EXPECTED_REPORTS)
    if COMPOUNDS not in rows:
        return nothing
    compounds = rows[COMPOUNDS].select("compound_id", "street_id", "plan_year").drop_nulls("plan_year")
    begun = _begun(forms, rows, compounds)
    if begun.is_empty():
        return nothing
    newest = pl.concat([found.select("report_month") for found in rows.values() if "report_month" in found.columns])
    works = _works(rows, compounds, newest.select(pl.col("report_month").max()).item())
    found = [
        _of_form(form, works, begun, _named(form, named, works, organisations, forms.codes.get("streets")), calendar)
        for form in due_forms(forms)
    ]
    return pl.concat([nothing, *found]).sort("row_id")


def _begun(forms: Catalogue, rows: Mapping[str, pl.DataFrame], compounds: pl.DataFrame) -> pl.DataFrame:
    """Give the first month reported about, by form and programme year: entity, plan_year, begin.

    A form whose rows name no compound follows those that do, from its own first month on.
    """
    reported = {form.entity: rows[form.entity] for form in due_forms(forms) if form.entity in rows}
    parts = [pl.DataFrame(schema={"entity": pl.String, "plan_year": pl.Int64, "begin": pl.Date})]
    for entity, found in reported.items():
        if "compound_id" in found.columns:
            years = found.join(compounds.select("compound_id", "plan_year"), on="compound_id")
            first = years.group_by("plan_year").agg(begin=pl.col("report_month").min())
            parts.append(first.select(pl.lit(entity).alias("entity"), pl.col("plan_year").cast(pl.Int64), "begin"))
    direct = pl.concat(parts)
    years = direct.select("plan_year").unique()
    for entity, found in reported.items():
        if "compound_id" not in found.columns and not found.is_empty():
            first = years.with_columns(entity=pl.lit(entity), begin=pl.lit(found["report_month"].min(), dtype=pl.Date))
            parts.append(first.select("entity", "plan_year", "begin"))
    return pl.concat(parts).with_columns(begin=pl.max_horizontal("begin", pl.date(pl.col("plan_year"), 1, 1)))


def _works(rows: Mapping[str, pl.DataFrame], compounds: pl.DataFrame, newest: dt.date) -> pl.DataFrame:
    """Give one row per building (or compound without one): who works where, and up to which month it is reported on."""
    empty = pl.DataFrame(schema={"building_id": pl.String, "compound_id": pl.String, "contractor_id": pl.String})
    buildings = rows[BUILDINGS].select(empty.columns) if BUILDINGS in rows else empty
    done = pl.DataFrame(schema={"building_id": pl.String, "finished": pl.Date})
    if PROGRESS in rows:
        is_done = pl.col("status_code").is_in(_DONE) & (pl.col("actual_finish_kind") == "actual")
        done = (
            rows[PROGRESS]
            .sort("building_id", "report_month", "row_id")
            .unique("building_id", keep="last")
            .filter(is_done)
            .select("building_id", finished="actual_finish")
        )
    last = pl.lit(newest).dt.offset_by(_PATIENCE)
    december = pl.date(pl.col("plan_year"), 12, 1)
    finished = pl.max_horizontal(december, pl.col("finished").dt.month_start())
    needed_to = (
        pl.when(pl.col("building_id").is_null())
        .then(december)
        .when(pl.col("finished").is_null())
        .then(last)
        .otherwise(finished)
    )
    return (
        compounds.join(buildings, on="compound_id", how="left")
        .join(done, on="building_id", how="left")
        .select(
            pl.col("plan_year").cast(pl.Int64),
            "street_id",
            "contractor_id",
            needed_to=pl.min_horizontal(needed_to, last),
        )
    )


def _named(
    form: Form,
    named: Mapping[str, tuple[str, ...]],
    works: pl.DataFrame,
    organisations: OrganisationNames,
    streets: CodeList | None,
) -> pl.DataFrame | None:
    """Give the filers the settings name for a form, as `_WORKS`; None where they leave it to the registers."""
    if form.entity not in named:
        return None
    years = works.group_by("plan_year").agg(pl.col("needed_to").max())
    parts = [pl.DataFrame(schema=_WORKS)]
    for name in named[form.entity]:
        if form.filer_kind == "contractor":
            contractor = organisations.resolve(name).id or normalise_organisation(name)
            own = works.filter(pl.col("contractor_id") == contractor)
            everywhere = years.with_columns(street_id=pl.lit(None, pl.String), contractor_id=pl.lit(contractor))
            parts.append(everywhere.select(list(_WORKS)) if own.is_empty() else own)
        else:
            street = (streets.find(name) if streets is not None else None) or name
            parts.append(
                years.with_columns(street_id=pl.lit(street), contractor_id=pl.lit(None, pl.String)).select(list(_WORKS))
            )
    return pl.concat(parts)


def _of_form(
    form: Form, works: pl.DataFrame, begun: pl.DataFrame, named: pl.DataFrame | None, calendar: Calendar
) -> pl.DataFrame:
    chosen = works if named is None else named
    match form.filer_kind:
        case "contractor":
            filers = chosen.drop_nulls("contractor_id").with_columns(filer_id="contractor_id")
        case "street":
            filers = chosen.drop_nulls("street_id").with_columns(filer_id="street_id")
        case _ if named is None:
            filers = chosen.with_columns(filer_id=pl.lit(form.filer_kind), street_id=pl.lit(None, pl.String))
        case _:
            filers = chosen.with_columns(filer_id="street_id", street_id=pl.lit(None, pl.String))
    spans = (
        filers.group_by("filer_id", "street_id", "plan_year")
        .agg(pl.col("needed_to").max())
        .join(begun.filter(entity=form.entity), on="plan_year")
        .filter(pl.col("begin") <= pl.col("needed_to"))
    )
    months = spans.with_columns(period_date=pl.date_ranges("begin", "needed_to", "1mo")).explode("period_date")
    asked = months.select("filer_id", "street_id", "period_date").unique()
    assert form.due is not None
    due = {day: calendar.due_day(form.due, day) for day in asked["period_date"].unique()}
    period = pl.col("period_date").dt.strftime("%Y-%m")
    return asked.select(
        row_id=pl.concat_str([pl.lit(form.code), "filer_id", pl.col("street_id").fill_null(""), period], separator="|"),
        form_code=pl.lit(form.code),
        filer_id="filer_id",
        street_id="street_id",
        period=period,
        period_date="period_date",
        due_date=pl.col("period_date").replace_strict(due, return_dtype=pl.Date),
    )


def reports_as_they_stand(submissions: pl.DataFrame, forms: Catalogue, calendar: Calendar) -> pl.DataFrame:
    """Give a `REPORTS` frame of submissions that were identified; the street only where it is part of the key."""
    due = _due_days(submissions, forms, calendar)
    keyed = [form.entity for form in forms.forms.values() if "street" in form.report_key]
    street = pl.when(pl.col("entity").is_in(keyed)).then(pl.col("street_id"))
    period = pl.when(pl.col("period") != "").then(pl.col("period"))
    keys = pl.Series("report_key", map(_sealed, submissions["report_key"]), dtype=pl.String)
    told = submissions.with_columns(keys, row_id="submission_id", street_id=street, period=period)
    return told.join(due, on=["entity", "period_date"], how="left").select(list(REPORTS)).sort("row_id")


def _sealed(report_key: str | None) -> str | None:
    """Letters alone that stand for a report's key: its numbers would be taken for accounts and hidden in a release."""
    if report_key is None:
        return None
    return hashlib.sha256(report_key.encode()).hexdigest()[:16].translate(_LETTERS)


def _due_days(submissions: pl.DataFrame, forms: Catalogue, calendar: Calendar) -> pl.DataFrame:
    """Give the day each report that has one was due: entity, period_date, due_date."""
    dues = {form.entity: form.due for form in due_forms(forms) if form.due is not None}
    asked = submissions.select("entity", "period_date").unique().drop_nulls()
    days = [(entity, day, calendar.due_day(dues[entity], day)) for entity, day in asked.iter_rows() if entity in dues]
    return pl.DataFrame(days, schema={"entity": pl.String, "period_date": pl.Date, "due_date": pl.Date}, orient="row")


def missing_reports(
    expected: pl.DataFrame, reports: pl.DataFrame, forms: Catalogue, day: dt.date | None
) -> list[dict[str, object]]:
    """Find the reports that were due before ``day`` and of which no version is among ``reports`` (E16).

    A finding names no file; its ``row_id`` is that of the expected report.
    """
    due = expected.filter(pl.col("due_date") < pl.lit(day, dtype=pl.Date))
    if due.is_empty():
        return []
    overdue = due.join(reports, on=["form_code", "filer_id", "street_id", "period"], how="anti", nulls_equal=True)
    by_code = {form.code: form for form in forms.forms.values()}
    reason = REASONS["E16"]
    return [
        {
            "code": reason.code,
            "severity": reason.severity,
            "form_code": row["form_code"],
            "found": f"没有收到{_who(row, by_code[row['form_code']], forms)}"
            f"{row['period_date'].year}年{row['period_date'].month}月的{by_code[row['form_code']].title_zh}",
            "expected": f"应于{row['due_date'].year}年{row['due_date'].month}月{row['due_date'].day}日前报送",
            "action": reason.action_zh,
            "row_id": row["row_id"],
        }
        for row in overdue.sort("row_id").iter_rows(named=True)
    ]


def _who(row: Mapping[str, str | None], form: Form, forms: Catalogue) -> str:
    labels = forms.codes["streets"].labels if "streets" in forms.codes else {}
    street = labels.get(row["street_id"] or "", "")
    match form.filer_kind:
        case "street":
            return street or str(row["filer_id"])
        case "contractor":
            return f"{row['filer_id']}{f'（{street}）' if street else ''}"
        case _:
            return form.filed_by_zh
