"""Written names to ids, row by row; what cannot be resolved is E17, or E02 where it is known elsewhere."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import polars as pl

from schemas.codes import CodeList
from schemas.forms import Form, Reference
from transforms.names import (
    BuildingNames,
    CompoundNames,
    Match,
    OrganisationNames,
    building_id,
    building_names,
    compound_id,
    compound_names,
    normalise_building,
    normalise_compound,
    normalise_organisation,
    organisation_names,
    read_buildings,
    split_building_alias,
)
from transforms.split.derived import derive
from transforms.split.world import EXCLUDED, IDENTITY_FAULTS, Docket, faults_at, no_faults, one_fault_per_cell
from transforms.values import quote

_LIST = pl.List(pl.String)
_REGISTERS: Mapping[str, Mapping[str, pl.DataType | type[pl.DataType]]] = {
    "compound": {"street_id": pl.String, "compound_id": pl.String, "compound_name": pl.String, "compound_alias": _LIST},
    "building": {"compound_id": pl.String, "building_id": pl.String, "building_no": pl.String},
    "organisation": {"org_id": pl.String, "full_name": pl.String, "short_names": _LIST},
}
_DEFINED_ID = {"compound": "compound_id", "building": "building_id", "organisation": "org_id"}
_LINE = ("submission_id", "sheet_index", "block", "row_number")


@dataclass(frozen=True)
class Directory:
    """All names known at the instant, from accepted registers and reviewed aliases.

    ``waiting`` are the ids of register rows in quarantine: known of, and not to be relied on yet. ``merges``: the name
    a registered compound goes under since it was merged, by street and name. ``single``: by compound's name, numbers
    that look like several buildings and are one.
    """

    compounds: CompoundNames
    buildings: BuildingNames
    organisations: OrganisationNames
    waiting: frozenset[str]
    streets: Mapping[str, str]
    find_street: Callable[[str], str | None]
    find_department: Callable[[str], str | None]
    merges: Mapping[tuple[str, str], str]
    single: frozenset[tuple[str, str]]

    def street(self, street_id: str | None) -> str:
        """Give the label of a street."""
        return self.streets.get(street_id or "", "本街道")


def directory(registers: Sequence[Docket], aliases: pl.DataFrame, codes: Mapping[str, CodeList]) -> Directory:
    """Index the accepted rows of the registers heard so far; streets and departments are code lists."""
    streets, departments = codes.get("streets"), codes.get("departments")
    accepted = {str(docket.form.defines): docket.open for docket in registers}
    frames = {defines: _register(accepted.get(defines), columns) for defines, columns in _REGISTERS.items()}
    return Directory(
        compound_names(frames["compound"], aliases),
        building_names(frames["building"], aliases),
        organisation_names(frames["organisation"], aliases),
        frozenset(identifier for docket in registers for identifier in _waiting(docket)),
        streets.labels if streets else {},
        streets.find if streets else lambda _: None,
        departments.find if departments else lambda _: None,
        {
            (row["street_id"], normalise_compound(row["alias"])): normalise_compound(row["target"])
            for row in aliases.filter(pl.col("kind") == "merge").iter_rows(named=True)
        },
        frozenset(
            split_building_alias(row["alias"])
            for row in aliases.filter(pl.col("kind") == "building").iter_rows(named=True)
            if split_building_alias(row["alias"])[1] == normalise_building(row["target"])
        ),
    )


def _waiting(docket: Docket) -> list[str]:
    stopped = docket.rows.join(docket.stopped, on="row_id", how="semi")
    return stopped.get_column(_DEFINED_ID[str(docket.form.defines)]).drop_nulls().to_list()


def _register(register: pl.DataFrame | None, columns: Mapping[str, pl.DataType | type[pl.DataType]]) -> pl.DataFrame:
    if register is None:
        return pl.DataFrame(schema=dict(columns))
    return register.select(
        pl.col(name) if name in register.columns else pl.lit(None, dtype=dtype).alias(name)
        for name, dtype in columns.items()
    )


def own_faults(rows: pl.DataFrame) -> pl.DataFrame:
    """List the faults that reading and the row rules left on the rows: one per cell."""
    faulty = rows.select("row_id", "faults").filter(pl.col("faults").list.len() > 0)
    if faulty.is_empty():
        return no_faults()
    listed = (
        faulty.explode("faults")
        .unnest("faults")
        .with_columns(suggestion=pl.lit(None, dtype=pl.String), reported=pl.col("code") != EXCLUDED)
    )
    return one_fault_per_cell(listed.select(no_faults().columns))


def resolve(docket: Docket, known: Directory) -> Docket:
    """Give every row its ids, and fault the open rows whose filer, street or names are not known."""
    docket = docket.charge(_unknown_filer(docket))
    docket = docket.charge(_unknown_street(docket))
    for reference in docket.form.references:
        docket = _look_up(docket, reference, known)
    docket = derive(replace(docket, rows=_define(docket.form, docket.rows)))
    return docket.charge(_merged(docket, known), _several_registered(docket, known))


def _merged(docket: Docket, known: Directory) -> pl.DataFrame:
    """Hold the register rows of compounds that were merged into another one of their street."""
    if docket.form.defines != "compound" or not known.merges:
        return no_faults()
    rows = docket.open.drop_nulls(["street_id", "compound_name"])
    names = {row: (row[0], normalise_compound(row[1])) for row in rows.select("street_id", "compound_name").rows()}
    registered = set(names.values())
    into = [
        known.merges.get(name) if (name[0], known.merges.get(name)) in registered else None
        for name in (names[row] for row in rows.select("street_id", "compound_name").rows())
    ]
    held = rows.with_columns(pl.Series("_into", into, dtype=pl.String)).drop_nulls("_into")
    said = pl.format("按决定并入“{}”，不另作一个小区", "_into")
    return faults_at(held, "E32", "compound_name", said, "合并后的名称", severity="Q", reported=False)


def _several_registered(docket: Docket, known: Directory) -> pl.DataFrame:
    """Hold the rows of a building register that are about several buildings: each has figures of its own."""
    if docket.form.defines != "building":
        return no_faults()
    rows = docket.open.drop_nulls(["compound_name", "building_no"])
    several = [
        len(read_buildings(number) or ()) if _is_several(known, compound, number) else None
        for compound, number in rows.select("compound_name", "building_no").rows()
    ]
    held = rows.with_columns(pl.Series("_several", several, dtype=pl.Int64)).drop_nulls("_several")
    return faults_at(held, _SEVERAL, "building_no", pl.format("一行填了{}栋楼", "_several"), _EXPECTED_OF[_SEVERAL])


def _is_several(known: Directory, compound: str, number: str) -> bool:
    named = normalise_compound(compound), normalise_building(number)
    return read_buildings(number) is not None and named not in known.single


def _unknown_filer(docket: Docket) -> pl.DataFrame:
    """Fault the rows of a report nobody known files; the finding itself stands once, at the filer line."""
    if docket.form.filer_kind != "contractor":
        return no_faults()
    return faults_at(
        docket.open_of(docket.rows.filter(pl.col("filer_id").is_null())),
        "E17",
        None,
        pl.format("填报单位“{}”不在参建单位名录中", pl.col("filer_text").fill_null("（空）")),
        "名录中的单位全称或简称",
        address=pl.col("filer_address"),
        suggestion=_alike(pl.col("filer_suggestions")),
        reported=False,
    )


def _unknown_street(docket: Docket) -> pl.DataFrame:
    if not docket.form.needs_street:
        return no_faults()
    return faults_at(
        docket.open_of(docket.rows.filter(pl.col("street_id").is_null())),
        "E17",
        None,
        "看不出是哪个街道的报表",
        "海淀区29个街道、地区之一",
        address=pl.col("street_address"),
        reported=False,
    )


def _alike(names: pl.Expr) -> pl.Expr:
    return pl.when(names.list.len() > 0).then(pl.format(f"{_ALIKE}{{}}", names.list.join("、")))


def _look_up(docket: Docket, reference: Reference, known: Directory) -> Docket:
    """Join what each written name became, and fault the open rows whose name became nothing."""
    if docket.form.column[reference.source].kind == "list":
        rows = _with_ids_of_lists(docket, reference, known)
    else:
        asked = _one_row_a_building(docket, reference)
        keys = [*_SCOPE.get(reference.target, ()), _ASKED, *_beside(docket.form, reference, known)]
        answers = _answers(docket.form, asked.select(keys), reference, known)
        rows = asked.join(answers, on=keys, how="left", nulls_equal=True, maintain_order="left").drop(_ASKED)
    rows = _taken(docket, rows, reference, known)
    docket = replace(docket, rows=rows)
    unresolved = docket.open_of(docket.rows.filter(pl.col("_found").is_not_null()))
    faults = [
        faults_at(
            of_code,
            str(code),
            reference.source,
            pl.col("_found"),
            _EXPECTED_OF.get(str(code), _EXPECTED[reference.target]),
            severity="Q" if reference.required else "W",
            suggestion=pl.col("_suggestion"),
            reported=pl.col("_reported"),
        )
        for (code,), of_code in unresolved.group_by("_code", maintain_order=True)
    ]
    return replace(docket, rows=rows.drop("_code", "_found", "_suggestion", "_reported")).charge(*faults)


_ASKED = "_asked"
_MEASURES = frozenset({"integer", "decimal", "ratio"})


def _one_row_a_building(docket: Docket, reference: Reference) -> pl.DataFrame:
    """Add the name to ask for (``_asked``); a row about several buildings becomes a row for each where it may.

    It may where all it says is true of each of them: the form counts and measures nothing.
    """
    rows = docket.rows.with_columns(pl.col(reference.source).alias(_ASKED))
    shared = reference.into in docket.form.key and not any(c.kind in _MEASURES for c in docket.form.columns)
    if reference.target != "building" or not shared:
        return rows
    numbers = [list(read_buildings(text) or (text,)) if text is not None else [None] for text in rows[_ASKED]]
    return rows.with_columns(pl.Series(_ASKED, numbers, dtype=_LIST)).explode(_ASKED)


def _beside(form: Form, reference: Reference, known: Directory) -> list[str]:
    """Name the column of the building, where it tells which part of a compound that was split a row is about."""
    if reference.target != "compound" or not known.compounds.divided:
        return []
    named = [other.source for other in form.references if other.target == "building"]
    return named[:1] or (["building_no"] if form.defines == "building" else [])


_SCOPE: Mapping[str, Sequence[str]] = {"compound": ("street_id",), "building": ("street_id", "compound_id")}


def _answers(form: Form, names: pl.DataFrame, reference: Reference, known: Directory) -> pl.DataFrame:
    """Ask for each name once, and give its id as ``_id``, and what is to be said of it."""
    asked = names.unique(maintain_order=True)
    ask = _ANSWERS[reference.target]
    if reference.anywhere:
        ask = _compound_of_any_street
    elif reference.target == "compound" and not form.needs_street:
        ask = _compound_without_street
    elif reference.departments:
        ask = _organisation_or_department
    answers = [ask(known, *row) for row in asked.rows()]
    return asked.with_columns(
        pl.Series("_id", [answer.id for answer in answers], dtype=pl.String),
        pl.Series("_code", [answer.code for answer in answers], dtype=pl.String),
        pl.Series("_found", [answer.found for answer in answers], dtype=pl.String),
        pl.Series("_suggestion", [answer.suggestion for answer in answers], dtype=pl.String),
        pl.Series("_reported", [answer.reported for answer in answers], dtype=pl.Boolean),
    )


def _with_ids_of_lists(docket: Docket, reference: Reference, known: Directory) -> pl.DataFrame:
    """Resolve each name of a list; ``_id`` is the list of ids, what is said is said of the first name not known."""
    keys = [*_SCOPE.get(reference.target, ()), reference.source]
    names = docket.rows.select("row_id", *keys).explode(reference.source)
    found = names.join(
        _answers(docket.form, names.select(keys), reference, known),
        on=keys,
        how="left",
        nulls_equal=True,
        maintain_order="left",
    )
    said = [pl.col(name).filter(pl.col("_found").is_not_null()).first() for name in _SAID]
    gathered = found.group_by("row_id", maintain_order=True).agg(pl.col("_id").drop_nulls(), *said)
    return docket.rows.join(gathered, on="row_id", how="left", maintain_order="left")


_SAID = ("_code", "_found", "_suggestion", "_reported")


def _taken(docket: Docket, answered: pl.DataFrame, reference: Reference, known: Directory) -> pl.DataFrame:
    """Name the ids. A row's street is the one it names, else its report's, else its filer, else its compound's."""
    if reference.target == "street":
        filer = pl.when(pl.col("filer_id").is_in(list(known.streets))).then("filer_id")
        return answered.with_columns(pl.coalesce("_id", "street_id", filer).alias(reference.into)).drop("_id")
    rows = answered.rename({"_id": reference.into})
    if reference.target != "compound" or rows.schema[reference.into] != pl.String or docket.form.needs_street:
        return rows
    of_compound = pl.col(reference.into).str.split(":").list.first()
    return rows.with_columns(street_id=pl.coalesce("street_id", of_compound))


@dataclass(frozen=True)
class _Answer:
    id: str | None
    code: str = "E17"
    found: str | None = None
    suggestion: str | None = None
    reported: bool = True


_NOT_ASKED = _Answer(None)


def _answer(match: Match, found: str) -> _Answer:
    if match.id is not None:
        return _Answer(match.id)
    alike = f"{_ALIKE}{'、'.join(match.suggestions)}" if match.suggestions else None
    return _Answer(None, found=found, suggestion=alike)


def _await(written: str) -> _Answer:
    """Wait for a register row that is itself in quarantine; the finding stands there."""
    return _Answer(None, found=f"{quote(written)}的台账记录待更正，暂无法核对", reported=False)


def _street(known: Directory, written: str | None) -> _Answer:
    if written is None:
        return _NOT_ASKED
    return _answer(Match(known.find_street(written)), f"街道{quote(written)}不在街道代码表中")


def _compound(known: Directory, street_id: str | None, written: str | None, building: str | None = None) -> _Answer:
    if written is None or street_id is None:
        return _NOT_ASKED
    match = known.compounds.resolve(street_id, written, building)
    if match.divided:
        return _Answer(None, found=f"小区{quote(written)}已拆分为{'、'.join(match.divided)}，看不出该行属于哪一个")
    if match.id is None and compound_id(street_id, written) in known.waiting:
        return _await(written)
    if street_id not in known.compounds.streets:
        return _Answer(None, found=f"{known.street(street_id)}的小区登记表尚未报送，{quote(written)}暂无法核对")
    elsewhere = () if match.id else known.compounds.elsewhere(street_id, written)
    found = f"小区{quote(written)}不在{known.street(street_id)}的小区登记表中"
    if len(elsewhere) == 1:
        other = known.street(elsewhere[0].partition(":")[0])
        return _Answer(None, "E02", found, f"该小区登记在{other}")
    return _answer(match, found)


def _compound_without_street(
    known: Directory, street_id: str | None, written: str | None, building: str | None = None
) -> _Answer:
    """Find a compound where the report does not say in which street: the one of the district that has the name."""
    if written is None or street_id is not None:
        return _compound(known, street_id, written, building)
    found = known.compounds.elsewhere(None, written)
    if len(found) == 1:
        return _Answer(found[0])
    if not found:
        return _Answer(None, found=f"小区{quote(written)}不在各街道的小区登记表中")
    streets = "、".join(known.street(identifier.partition(":")[0]) for identifier in found)
    return _Answer(None, found=f"小区{quote(written)}在{streets}都有登记，应写明街道")


def _compound_of_any_street(
    known: Directory, street_id: str | None, written: str | None, building: str | None = None
) -> _Answer:
    """Find a compound in the row's street, or else anywhere."""
    own = _compound(known, street_id, written, building)
    return own if own.id is not None else _compound_without_street(known, None, written)


def _building(known: Directory, street_id: str | None, compound: str | None, written: str | None) -> _Answer:
    if written is None or compound is None:
        return _NOT_ASKED
    name = compound.partition(":")[2]
    match = known.buildings.resolve(compound, written)
    if match.id is None and building_id(compound, written) in known.waiting:
        return _await(f"{name}{written}")
    if match.id is None and (several := read_buildings(written)) is not None:
        return _Answer(None, _SEVERAL, f"一行填了{len(several)}栋楼：{quote(written)}")
    if compound not in known.buildings.compounds:
        return _Answer(None, found=f"{name}的楼栋台账尚未报送，{quote(written)}暂无法核对")
    return _answer(match, f"楼号{quote(written)}不在{name}的楼栋台账中")


def _organisation(known: Directory, written: str | None) -> _Answer:
    if written is None:
        return _NOT_ASKED
    match = known.organisations.resolve(written)
    if match.id is None and normalise_organisation(written) in known.waiting:
        return _await(written)
    return _answer(match, f"单位{quote(written)}不在参建单位名录中")


def _organisation_or_department(known: Directory, written: str | None) -> _Answer:
    """Find an organisation of the directory, or else a department by the short word minutes use (消防, 自来水)."""
    answer = _organisation(known, written)
    department = known.find_department(written) if written is not None and answer.id is None else None
    return answer if department is None else _Answer(department)


# What the sentences above and that of an unknown filer say, read back.
_UNKNOWN = {
    "compound": re.compile("小区“(?P<written>[^“”…]+)”不在.+的小区登记表中"),
    "building": re.compile("楼号“(?P<written>[^“”…]+)”不在(?P<place>.+)的楼栋台账中"),
    "organisation": re.compile("(?:填报)?单位“(?P<written>[^“”…]+)”不在参建单位名录中"),
}
_ALIKE = "相近名称："


class Unknown(NamedTuple):
    """A written name that became nothing: of which kind, in which compound (buildings), and what looks like it."""

    kind: str
    written: str
    place: str | None
    alike: tuple[str, ...]


def read_unknown(found: str | None, suggestion: str | None) -> Unknown | None:
    """Read the name back from what a row in quarantine is told; None where it is told something else."""
    for kind, sentence in _UNKNOWN.items():
        if said := sentence.fullmatch(found or ""):
            alike = (suggestion or "").partition(_ALIKE)[2]
            return Unknown(kind, said["written"], said.groupdict().get("place"), tuple(filter(None, alike.split("、"))))
    return None


_ANSWERS: Mapping[str, Callable[..., _Answer]] = {
    "street": _street,
    "compound": _compound,
    "building": _building,
    "organisation": _organisation,
}
_EXPECTED = {
    "street": "街道代码表中的街道名称",
    "compound": "小区登记表中的小区名称或曾用名",
    "building": "楼栋台账中的楼号",
    "organisation": "名录中的单位全称或简称",
}


_SEVERAL = "E63"
_EXPECTED_OF = {_SEVERAL: "每栋楼填一行；合计数不能分摊到各栋"}


def _define(form: Form, rows: pl.DataFrame) -> pl.DataFrame:
    """Give the rows of a register the id they define."""
    match form.defines:
        case "compound":
            return _identified(rows, ["street_id", "compound_name"], "compound_id", compound_id)
        case "building":
            return _identified(rows, ["compound_id", "building_no"], "building_id", building_id)
        case "organisation":
            return _identified(rows, ["full_name"], "org_id", normalise_organisation)
        case None:
            return rows


def _identified(rows: pl.DataFrame, keys: Sequence[str], into: str, make: Callable[..., str]) -> pl.DataFrame:
    named = rows.select(keys).drop_nulls().unique(maintain_order=True)
    ids = pl.Series(into, [make(*row) for row in named.rows()], dtype=pl.String)
    return rows.join(named.with_columns(ids), on=list(keys), how="left", maintain_order="left")


def resolve_parts(docket: Docket, whole: Docket) -> Docket:
    """Give the parts of a line (the wide block) the ids and notes of their line.

    Where the line itself does not say which thing it is about, its parts wait with it, for the same reason.
    """
    ids = [reference.into for reference in docket.form.references]
    filer = [docket.form.filer_column] if docket.form.filer_column else []
    notes = [name for name in whole.form.note_columns if name not in docket.rows.columns]
    lines = whole.rows.select(*_LINE, *ids, *filer, *notes, _line_id="row_id").unique(
        _LINE, keep="first", maintain_order=True
    )
    rows = docket.rows.join(lines.drop(filer), on=list(_LINE), how="left", maintain_order="left")
    docket = replace(docket, rows=rows, notes=(*docket.notes, *notes))
    placeless = lines.filter(
        pl.any_horizontal(pl.lit(value=False), *(pl.col(name).is_null() for name in [*ids, *filer]))
    ).get_column("_line_id")
    reasons = (
        whole.stopped.filter(pl.col("code").is_in(IDENTITY_FAULTS) | pl.col("row_id").is_in(placeless.implode()))
        .unique("row_id", keep="first", maintain_order=True)
        .rename({"row_id": "_line_id"})
        .with_columns(reported=pl.lit(value=False))
    )
    waiting = docket.open.select("row_id", "_line_id").join(reasons, on="_line_id", how="inner", maintain_order="left")
    return replace(docket, rows=docket.rows.drop("_line_id")).charge(waiting.select(no_faults().columns))
