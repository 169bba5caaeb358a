"""Offences by area: three rows an area (two years and their change), footnote numbers behind names."""

from schemas.columns import Column
from schemas.forms import Form

_KINDS = (
    ("violent", "Violent crime"),
    ("murder", "Murder and nonnegligent manslaughter"),
    ("rape_revised", "Rape (revised definition)"),
    ("rape_legacy", "Rape (legacy definition)"),
    ("robbery", "Robbery"),
    ("assault", "Aggravated assault"),
    ("property", "Property crime"),
    ("burglary", "Burglary"),
    ("larceny", "Larceny-theft"),
    ("vehicle", "Motor vehicle theft"),
)


def _figure(name: str, label: str) -> Column:
    return Column(name, "decimal", label, label, places=1)


FORM = Form(
    code="T10",
    entity="regional_offences",
    title_zh="Crime in the United States",
    title_en="Offences by region, division and state",
    filed_by_zh="FBI",
    filer_kind="any",
    cadence="on_change",
    report_key=(),
    columns=(
        Column("area", "text", "Area", "Region, division or state"),
        Column("measure", "text", "Year", "A year, or Percent change"),
        _figure("population", "Population"),
        *(
            column
            for name, label in _KINDS
            for column in (_figure(name, label), _figure(f"{name}_rate", f"{label}, rate"))
        ),
    ),
    required=("area", "measure", "population"),
    filled=("area", "measure"),
    row_identity=("area", "measure"),
    key=("area", "measure"),
)
