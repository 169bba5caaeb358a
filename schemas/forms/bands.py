"""Plausibility bands that betray a slip of the unit (DOMAIN section 4): a value 10,000 times off is no big building."""

import polars as pl

from schemas.forms.base import Rule


def _ratio(area: str, count: str) -> pl.Expr:
    """Divide an area by a count; null where either is missing or 0, which no unit could put right."""
    return pl.when((pl.col(count) > 0) & (pl.col(area) != 0)).then(pl.col(area).cast(pl.Float64) / pl.col(count))


def _fits_buildings(area: str, buildings: str) -> pl.Expr:
    return _ratio(area, buildings).is_between(300, 60_000)


def _fits_households(area: str, households: str) -> pl.Expr:
    return _ratio(area, households).is_between(20, 200)


def area_per_household(area: str, households: str, buildings: str | None = None) -> Rule:
    """Hold 20 to 200 ㎡ a household; unknown where either is missing or 0.

    Where the area suits the number of ``buildings``, its unit is right and the households are off: another fault.
    """
    holds = _fits_households(area, households)
    if buildings is not None:
        holds = holds | _fits_buildings(area, buildings).fill_null(value=False)
    return Rule("E10", f"{area}_per_household", holds, area, "每户面积应在20至200㎡之间")


def households_for_area(area: str, households: str, buildings: str) -> Rule:
    """Warn of a number of households that does not suit an area which suits its buildings."""
    holds = _fits_households(area, households) | ~_fits_buildings(area, buildings)
    return Rule("E43", f"{households}_for_area", holds, households, "每户面积应在20至200㎡之间", severity="W")


def area_per_building(area: str, buildings: str) -> Rule:
    """Hold 300 to 60,000 ㎡ a building; unknown where either is missing or 0."""
    return Rule("E10", f"{area}_per_building", _fits_buildings(area, buildings), area, "每栋面积应在300至60000㎡之间")


def building_area(area: str) -> Rule:
    """Hold 300 to 60,000 ㎡ for one building."""
    return Rule(
        "E10", f"{area}_of_building", pl.col(area).is_between(300, 60_000), area, "单栋面积应在300至60000㎡之间"
    )
