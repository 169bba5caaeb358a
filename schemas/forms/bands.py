"""Plausibility bands that betray a slip of the unit (DOMAIN section 4): a value 10,000 times off is no big building."""

import polars as pl

from schemas.forms.base import Rule


def area_per_household(area: str, households: str) -> Rule:
    """Hold 20 to 200 ㎡ a household; unknown where either is missing or no household is counted."""
    ratio = pl.when(pl.col(households) > 0).then(pl.col(area).cast(pl.Float64) / pl.col(households))
    return Rule("E10", f"{area}_per_household", ratio.is_between(20, 200), area, "每户面积应在20至200㎡之间")


def area_per_building(area: str, buildings: str) -> Rule:
    """Hold 300 to 60,000 ㎡ a building; unknown where either is missing or no building is counted."""
    ratio = pl.when(pl.col(buildings) > 0).then(pl.col(area).cast(pl.Float64) / pl.col(buildings))
    return Rule("E10", f"{area}_per_building", ratio.is_between(300, 60_000), area, "每栋面积应在300至60000㎡之间")


def building_area(area: str) -> Rule:
    """Hold 300 to 60,000 ㎡ for one building."""
    return Rule(
        "E10", f"{area}_of_building", pl.col(area).is_between(300, 60_000), area, "单栋面积应在300至60000㎡之间"
    )
