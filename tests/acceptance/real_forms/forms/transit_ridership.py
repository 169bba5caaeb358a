"""Rides by fare, mode and day: years as columns, row groups in a side column without a header, subtotals."""

from schemas.columns import Column
from schemas.forms import Form

FORM = Form(
    code="T09",
    entity="transit_ridership",
    title_zh="ANALYSIS OF RIDERSHIP",
    title_en="Rides of a transit system",
    filed_by_zh="FINANCE DEPARTMENT",
    filer_kind="any",
    cadence="on_change",
    report_key=(),
    columns=(
        Column("view", "text", "WHO / WHERE / WHEN", "What the rides are split by"),
        Column("rider_class", "text", "class", "Heading of the line, none behind a subtotal"),
        Column("fare_media", "text", "FARE MEDIA", "Line as written"),
        Column("year", "year", "year", "Year in the header"),
        Column("rides_thousand", "decimal", "rides", "Rides in thousands", places=0, sums=True),
    ),
    required=("view", "fare_media", "year", "rides_thousand"),
    filled=("view", "fare_media", "year", "rides_thousand"),
    row_identity=("fare_media",),
    key=("view", "rider_class", "fare_media", "year"),
)
