"""How far a change reaches: which reports can bear on which, so that nothing else needs to be judged again.

Rows of a form are held against each other (a thing said twice, month against month, one party against another) within
the street of their report, where the form keeps to streets, else within the whole form. The registers say what names
mean and what figures are held against: a change of theirs reaches everything. A total that disagrees with its rows ties
its report to all that is said of its street.
"""

from collections.abc import Collection

import polars as pl

from schemas.forms import Catalogue, Form
from transforms.split.corrections import reports_corrected


def bearing(catalogue: Catalogue) -> frozenset[str]:
    """The forms that others rest on, by entity: those that define names, and those that figures are held against."""
    forms = catalogue.forms.values()
    defining = {form.entity for form in forms if form.defines is not None}
    compared = {restated.register for form in forms for restated in form.restated}
    return frozenset(defining | compared | {form.exclusive.register for form in forms if form.exclusive is not None})


def reached(
    submissions: pl.DataFrame, cells: pl.DataFrame, touched: Collection[str], catalogue: Catalogue
) -> frozenset[str] | None:
    """The reports that a change of the touched ones can bear on, themselves included; None where that may be any.

    ``submissions`` (`LANDED_SUBMISSIONS`) are all there are and were, ``cells`` (`CONTROL_CELLS`) the figures of tables
    whose totals disagree.
    """
    parted = submissions.select("submission_id", "entity", _part=_part(catalogue))
    changed = parted.filter(pl.col("submission_id").is_in(list(touched)))
    if not bearing(catalogue).isdisjoint(changed["entity"]):
        return None
    parts = set(changed["_part"])
    tied = _tied(parted, cells, catalogue)
    waiting = True
    while waiting:
        wider = parts.union(*(group for group in tied if group & parts))
        waiting, parts = wider != parts, wider
    return frozenset(parted.filter(pl.col("_part").is_in(sorted(parts)))["submission_id"])


def beside(
    submissions: pl.DataFrame, corrections: pl.DataFrame, rulings: pl.DataFrame, catalogue: Catalogue
) -> frozenset[str]:
    """The reports to look at whatever is judged: the registers, and those that reviewed decisions speak of.

    Of a file with a ruling all that may be versions of the same report.
    """
    registers = submissions.filter(pl.col("entity").is_in(sorted(bearing(catalogue))))
    found = {*registers["submission_id"], *reports_corrected(submissions, corrections)}
    for file in rulings["file"]:
        for row in submissions.filter(pl.col("file_id").str.starts_with(file)).iter_rows(named=True):
            form = catalogue.forms.get(row["entity"])
            keyed = [name for part, name in _AS_READ.items() if form is not None and part in form.report_key]
            same = [pl.col(name).eq_missing(pl.lit(row[name], submissions.schema[name])) for name in ("entity", *keyed)]
            found.update(submissions.filter(same)["submission_id"])
    return frozenset(found)


_AS_READ = {"street": "street_id", "period": "period", "edition": "edition"}
"""What makes two files versions of one report, as far as reading alone tells."""


def _keeps_to_streets(form: Form, catalogue: Catalogue) -> bool:
    parts = [each for each in catalogue.forms.values() if each.part_of == form.entity]
    return all(each.by_street for each in (form, *parts))


def _streetwise(catalogue: Catalogue) -> list[str]:
    return sorted(
        form.entity for form in catalogue.forms.values() if form.part_of is None and _keeps_to_streets(form, catalogue)
    )


def _part(catalogue: Catalogue) -> pl.Expr:
    by_street = pl.col("entity").is_in(_streetwise(catalogue))
    street = pl.when(by_street).then(pl.col("street_id")).fill_null("")
    return pl.concat_str(pl.col("entity"), pl.lit("|"), street)


def _tied(parted: pl.DataFrame, cells: pl.DataFrame, catalogue: Catalogue) -> list[set[str]]:
    disputed = cells.select("submission_id", "street_id").unique().drop_nulls()
    reports = disputed.join(parted, on="submission_id", how="inner")
    streetwise = _streetwise(catalogue)
    return [
        {part, *(f"{entity}|{street}" for entity in streetwise)}
        for part, street in reports.select("_part", "street_id").iter_rows()
    ]
