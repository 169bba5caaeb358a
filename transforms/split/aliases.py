"""Whether reviewed aliases are still of use, and where one thing goes by two names (E32)."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping

import polars as pl

from schemas.forms import Reference
from schemas.frames import STALE
from transforms.names import (
    normalise_building,
    normalise_compound,
    normalise_organisation,
    split_building_alias,
    without_suffix,
)
from transforms.split.references import Directory
from transforms.split.world import Docket, faults_at, no_faults
from transforms.values import quote

_MERGED_WITH = re.compile(r"与(.{2,20}?)(?:小区)?合并")

USES = {"alias_key": pl.String, "submission_id": pl.String}
_NORMALISE: Mapping[str, Callable[[str], str]] = {
    "compound": normalise_compound,
    "building": normalise_building,
    "organisation": normalise_organisation,
}
_SCOPE = {"compound": "street_id", "building": "compound_id"}

_Asked = tuple[str, str, str]
"""Kind, place (street or compound) and normalised name under which rows ask for what an alias means."""


def uses(aliases: pl.DataFrame, dockets: Iterable[Docket], submissions: pl.DataFrame) -> pl.DataFrame:
    """Give, as `USES`, the reports whose rows (or whose filer's line) write the name of an alias, at its place."""
    found = [pl.DataFrame(schema=USES)]
    if aliases.is_empty():
        return found[0]
    keys: dict[_Asked, list[str]] = {}
    for alias in aliases.iter_rows(named=True):
        keys.setdefault(_asked(alias), []).append(alias["key"])
    for docket in dockets:
        for reference in docket.form.references:
            if reference.target != "street" and reference.source in docket.rows.columns:
                found.append(_written(docket, reference, keys))
    filers = submissions.filter("is_effective").select("submission_id", "filer_text", "filer_candidates")
    said = [
        (key, submission_id)
        for submission_id, written, candidates in filers.rows()
        for text in (written, *(candidates or ()))
        for key in (keys.get(("organisation", "", normalise_organisation(text)), ()) if text else ())
    ]
    return (
        pl.concat([*found, pl.DataFrame(said, schema=USES, orient="row")]).unique().sort("alias_key", "submission_id")
    )


def _written(docket: Docket, reference: Reference, keys: Mapping[_Asked, Collection[str]]) -> pl.DataFrame:
    """Take the names of a form's rows with their street or compound, and those that are aliases."""
    scope = _SCOPE.get(reference.target)
    place = pl.col(scope) if scope in docket.rows.columns else pl.lit("")
    pairs = docket.rows.select("submission_id", place.alias("_place"), _name=reference.source)
    if isinstance(pairs.schema["_name"], pl.List):
        pairs = pairs.explode("_name")
    normalise = _NORMALISE[reference.target]
    asked = [
        (at, text, key)
        for at, text in pairs.select("_place", "_name").unique().rows()
        if at is not None and text
        for key in keys.get((reference.target, at, normalise(text)), ())
    ]
    named = pl.DataFrame(asked, schema={"_place": pl.String, "_name": pl.String, "alias_key": pl.String}, orient="row")
    return pairs.join(named, on=["_place", "_name"], how="inner").select(list(USES)).unique()


def unused(aliases: pl.DataFrame, used: Collection[str], names: Directory) -> pl.DataFrame:
    """Give, as `STALE`, the aliases that do nothing: nobody writes the name, or it has no meaning (any more)."""
    found = [
        {"kind": "alias", "key": row["key"], "about": f"{row['alias']}→{row['target']}", "why": why}
        for row in aliases.iter_rows(named=True)
        if (why := _why(row, row["key"] in used, names)) is not None
    ]
    return pl.DataFrame(found, schema=STALE, orient="row")


def _asked(alias: Mapping[str, str]) -> _Asked:
    if alias["kind"] == "organisation":
        return "organisation", "", normalise_organisation(alias["alias"])
    if alias["kind"] == "building":
        compound, here = split_building_alias(alias["alias"])
        return "building", f"{alias['street_id']}:{compound}", here
    return "compound", alias["street_id"], normalise_compound(alias["alias"])


def _why(alias: Mapping[str, str], asked: bool, names: Directory) -> str | None:
    """Say why an alias does nothing; None where it does."""
    street, (_, within, here) = alias["street_id"], _asked(alias)
    if alias["kind"] == "organisation":
        target = normalise_organisation(alias["target"])
        known, place = names.organisations.names, "参建单位名录"
    elif alias["kind"] == "building":
        target = normalise_building(alias["target"])
        if within not in names.buildings.compounds:
            return f"{quote(within.partition(':')[2])}没有楼栋台账"
        known, place = names.buildings.compounds[within], "楼栋台账"
        if here == target:  # says that the number is one building, whatever it looks like
            return None if here in known.exact else f"楼栋台账中没有{quote(alias['alias'])}"
    else:
        target = normalise_compound(alias["target"])
        if street not in names.compounds.streets:
            return f"{names.street(street)}的小区登记表尚未报送"
        known, place = names.compounds.streets[street], f"{names.street(street)}的小区登记表"
    if target not in known.exact:
        return f"{quote(alias['target'])}不在{place}中"
    if here in known.exact:
        return f"{quote(alias['alias'])}本身就在{place}中"
    return None if asked else f"没有报表再写{quote(alias['alias'])}"


def two_names(docket: Docket) -> pl.DataFrame:
    """Warn where one report writes one compound in two ways (E32): at the rows that do not use its registered name."""
    faults = [no_faults()]
    for reference in docket.form.references:
        source, into = reference.source, reference.into
        if reference.target != "compound" or docket.rows.schema.get(into) != pl.String:
            continue
        pairs = docket.open.select("submission_id", into, source).drop_nulls().unique()
        plain = pl.Series([without_suffix(normalise_compound(text)) for text in pairs[source]], dtype=pl.String)
        twice = pairs.with_columns(_plain=plain).filter(pl.col("_plain").n_unique().over("submission_id", into) > 1)
        if twice.is_empty():
            continue
        registered = pl.col(into).str.split(":").list.last()
        other = twice.filter(pl.col("_plain") != registered.map_elements(without_suffix, return_dtype=pl.String))
        rows = docket.open.join(other, on=["submission_id", into, source], how="semi", maintain_order="left")
        found = pl.format("{}又写作“{}”", registered, pl.col(source))
        faults.append(faults_at(rows, "E32", source, found, "同一小区在一份报表中只用一个名称"))
    return pl.concat(faults)


def announced_merges(docket: Docket) -> pl.DataFrame:
    """Warn where a register's remark says 与某院合并 and both are registered still (E32): somebody must decide."""
    rows = docket.open
    if docket.form.defines != "compound" or "remark" not in rows.columns:
        return no_faults()
    noted = rows.select("row_id", "street_id", "compound_name", "remark").drop_nulls()
    registered = {
        (street, without_suffix(normalise_compound(name)))
        for street, name in rows.select("street_id", "compound_name").drop_nulls().rows()
    }
    told = [
        (row_id, said[1])
        for row_id, street, own, remark in noted.rows()
        if (said := _MERGED_WITH.search(remark)) is not None
        and (street, other := without_suffix(normalise_compound(said[1]))) in registered
        and other != without_suffix(normalise_compound(own))
    ]
    others = pl.DataFrame(told, schema={"row_id": pl.String, "_other": pl.String}, orient="row")
    return faults_at(
        rows.join(others, on="row_id", how="inner", maintain_order="left"),
        "E32",
        "compound_name",
        pl.format("备注写明与“{}”合并，两者都有登记", "_other"),
        "合并后只登记一个小区，或由指挥部决定并入哪一个",
    )
