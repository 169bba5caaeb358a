"""What report a file is: its filer, its place among the versions of the report, and the day it was due.

A report is the same form, filer, street and period, as far as the form's ``report_key`` names them. What a later file
is, a new whole, an addition, a few changed lines or an old copy, is decided by its content (`transforms.versions`).
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import polars as pl

from schemas.codes import CodeList
from schemas.forms import Catalogue, Form
from schemas.frames import FINDINGS
from schemas.reasons import REASONS
from transforms.calendar import Calendar
from transforms.contents import Content
from transforms.names import Match, OrganisationNames, normalise_organisation
from transforms.versions import KINDS, Decision, Kind, Standing, Version, compose

SHANGHAI = "Asia/Shanghai"
_UNKNOWN = "?"
_KINDS: Mapping[str, Kind] = {kind: kind for kind in KINDS}
_KEY_PARTS = {"filer": "report_filer", "street": "street_id", "period": "period", "edition": "edition"}
VERSION_ORDER = ("received_day", "version_rank", "adds", "file_id", "submission_id")
_VERSIONS: Mapping[str, pl.DataType | type[pl.DataType]] = {
    "submission_id": pl.String,
    "version_kind": pl.String,
    "unruled_kind": pl.String,
    "version_evidence": pl.String,
    "vanished_lines": pl.Int64,
    "is_effective": pl.Boolean,
    "replaced_row_ids": pl.List(pl.String),
}


def resolve_filer(candidates: Sequence[str], organisations: OrganisationNames) -> Match:
    """Resolve a contractor from what the filer line, the file name and the rows call it, best first."""
    matches = [organisations.resolve(text) for text in candidates]
    for match in matches:
        if match.id is not None:
            return match
    return matches[0] if matches else Match(None)


def resolve_filers(submissions: pl.DataFrame, forms: Catalogue, organisations: OrganisationNames) -> pl.DataFrame:
    """Add ``filer_id`` (null where unknown) and ``filer_suggestions`` to submissions.

    A street files as its street id, a contractor as its organisation id. Where anybody may file, a street and a firm do
    so too, and others under the name they give.
    """
    kinds = {form.entity: form.filer_kind for form in forms.forms.values()}
    found = [
        _filer(kinds.get(row["entity"], "any"), row, organisations, forms.codes.get("streets"))
        for row in submissions.select("entity", "street_id", "filer_text", "filer_candidates").iter_rows(named=True)
    ]
    return submissions.with_columns(
        pl.Series("filer_id", [match.id for match in found], dtype=pl.String),
        pl.Series("filer_suggestions", [list(match.suggestions) for match in found], dtype=pl.List(pl.String)),
    )


def _filer(kind: str, row: dict[str, object], organisations: OrganisationNames, streets: CodeList | None) -> Match:
    candidates = row["filer_candidates"]
    texts = [str(text) for text in candidates] if isinstance(candidates, Iterable) else []
    written = row["filer_text"]
    if isinstance(written, str) and written not in texts:
        texts.insert(0, written)
    match kind:
        case "street":
            street = row["street_id"]
            return Match(street if isinstance(street, str) else None)
        case "contractor":
            return resolve_filer(texts, organisations)
        case "any":
            # Who is written above the table files; a street in the file's name is then only where it was.
            named = [written] if isinstance(written, str) else texts
            return _anybody(named, organisations, streets) if named else Match(kind)
        case _:
            return Match(kind)


def _anybody(texts: Sequence[str], organisations: OrganisationNames, streets: CodeList | None) -> Match:
    """Name a filer of whatever kind by the best text: a street's sub-command, a firm known, or as written."""
    for text in texts:
        found = (streets.find(text) if streets is not None else None) or organisations.resolve(text).id
        if found is not None:
            return Match(found)
    return Match(normalise_organisation(texts[0]))


ContentsOf = Callable[[str, Sequence[str]], Mapping[str, Content]]
"""`contents(entity, submission_ids)`: what some reports of a form say."""


Rulings = Mapping[str, tuple[str, str]]
"""By file id: what a reviewed decision says a file is, and what its content must say for that to count."""


def no_contents(_entity: str, submission_ids: Sequence[str]) -> Mapping[str, Content]:
    """Say of no report what it holds: every later version is then a new whole."""
    return {each: Content() for each in submission_ids}


def identify(
    submissions: pl.DataFrame,
    forms: Catalogue,
    contents: ContentsOf = no_contents,
    rulings: Rulings | None = None,
) -> pl.DataFrame:
    """Add report_key, received_day, report_version (from 1, in order of receipt), and what each version is.

    Expects ``filer_id``. Versions of one received day are ordered by the words in their names (最终版 after 修改 after
    (1)), supplements after whole ones, then by file id. ``version_kind`` and ``version_evidence`` say what a version
    was taken for and why; ``is_effective`` that its rows count, but for ``replaced_row_ids``, which a later version
    says anew. ``rulings`` are reviewed decisions; ``unruled_kind`` is what content alone would have said.
    """
    keyed = with_report_key(submissions, forms).sort("report_key", *VERSION_ORDER)
    place = pl.int_range(1, pl.len() + 1).over("report_key").cast(pl.Int64)
    keyed = keyed.with_columns(report_version=place, is_first=place == 1)
    decided = _decided(keyed, contents, rulings or {})
    return keyed.join(decided, on="submission_id", how="left", maintain_order="left").with_columns(
        version_kind=pl.coalesce("version_kind", _KIND_ALONE),
        unruled_kind=pl.coalesce("unruled_kind", _KIND_ALONE),
        is_effective=pl.col("is_effective").fill_null(value=True),
    )


_KIND_ALONE = pl.when("adds").then(pl.lit("supplement")).otherwise(pl.lit("first"))


def _decided(keyed: pl.DataFrame, contents: ContentsOf, rulings: Rulings) -> pl.DataFrame:
    """Decide on the reports of which there is more than one version, or a ruling."""
    several = pl.len().over("report_key") > 1
    doubtful = keyed.filter(several | pl.col("file_id").is_in(list(rulings))).drop_nulls("report_key")
    rows: list[tuple[object, ...]] = []
    for (entity, _), versions in doubtful.group_by("entity", "report_key", maintain_order=True):
        known = contents(str(entity), versions["submission_id"].to_list())
        read = [_version(row, known, rulings) for row in versions.iter_rows(named=True)]
        rows += _told(read, known)
    return pl.DataFrame(rows, schema=dict(_VERSIONS), orient="row")


def _version(row: Mapping[str, object], known: Mapping[str, Content], rulings: Rulings) -> Version:
    ruling, expects = rulings.get(str(row["file_id"]), ("", ""))
    content = known[str(row["submission_id"])]
    rank = row["version_rank"]
    return Version(
        id=str(row["submission_id"]),
        lines=content.lines,
        figures=content.figures,
        has_total=content.has_total,
        adds=bool(row["adds"]),
        rank=rank if isinstance(rank, int) else 0,
        ruling=_KINDS.get(ruling),
        expects=_KINDS.get(expects),
    )


def _told(read: Sequence[Version], known: Mapping[str, Content]) -> Iterator[tuple[object, ...]]:
    standing = compose(read)
    by_id = {version.id: version for version in read}
    for decision in standing.decisions:
        yield (*_facts(decision), decision.id in standing.members, _replaced(standing, by_id[decision.id], known))


def _facts(decision: Decision) -> tuple[object, ...]:
    return decision.id, decision.kind, decision.unruled, decision.evidence, decision.vanished


def _replaced(standing: Standing, version: Version, known: Mapping[str, Content]) -> list[str] | None:
    """The rows for which another version speaks: of one that counts a later one, of one never used the one before."""
    rows = known[version.id].rows
    if standing.unused(version.id):
        return sorted(row_id for ids in rows.values() for row_id in ids)
    if version.id not in standing.members:
        return None
    return sorted(row_id for key in standing.replaced(version) for row_id in rows[key]) or None


def with_report_key(submissions: pl.DataFrame, forms: Catalogue) -> pl.DataFrame:
    """Add report_key and received_day; expects ``filer_id``. Rows with one key are versions of one report."""
    filer = pl.coalesce("filer_id", pl.concat_str(pl.lit(_UNKNOWN), pl.col("filer_text")), pl.lit(_UNKNOWN))
    prepared = submissions.with_columns(
        report_filer=filer,
        received_day=pl.col("received_at").dt.convert_time_zone(SHANGHAI).dt.date(),
        report_key=pl.lit(None, dtype=pl.String),
        adds=pl.col("is_supplement").fill_null(value=False),
    )
    key = pl.col("report_key")
    for form in forms.forms.values():
        key = pl.when(pl.col("entity") == form.entity).then(_report_key(form)).otherwise(key)
    return prepared.with_columns(report_key=key).drop("report_filer")


def _report_key(form: Form) -> pl.Expr:
    parts = [pl.col(_KEY_PARTS[part]).cast(pl.String).fill_null(_UNKNOWN) for part in form.report_key]
    return pl.concat_str([pl.lit(form.code), *parts], separator="|")


def waves(submissions: pl.DataFrame, forms: Catalogue, organisations: OrganisationNames) -> pl.DataFrame:
    """Split each received day into waves: first versions of a report, then second ones, so that each is judged once.

    Gives submission_id, received_day, wave (from 1).
    """
    keyed = with_report_key(resolve_filers(submissions, forms, organisations), forms)
    wave = pl.int_range(1, pl.len() + 1).over("received_day", "report_key").cast(pl.Int64)
    return (
        keyed.sort("report_key", *VERSION_ORDER)
        .with_columns(wave=wave)
        .select("submission_id", "received_day", "wave")
        .sort("received_day", "wave", "submission_id")
    )


def file_findings(
    submissions: pl.DataFrame, forms: Catalogue, calendar: Calendar, copies: pl.DataFrame
) -> pl.DataFrame:
    """Find what concerns a report as a whole.

    E12 copies of last month, E14 new versions, E16 late first versions, E17 filers or streets nobody knows.

    ``submissions`` come from `identify`; ``copies`` has the submission_ids whose rows repeat last month's.
    """
    found = [
        *_resubmissions(submissions),
        *_late(submissions, forms, calendar),
        *_copies(submissions, copies),
        *_unknown(submissions, forms),
    ]
    return findings_frame(found)


def _resubmissions(submissions: pl.DataFrame) -> list[dict[str, object]]:
    """Say of each later version what it was taken for; a supplement that says so itself needs no word."""
    said = submissions.filter(
        pl.col("version_kind").is_in(list(_TAKEN_FOR)) & ~((pl.col("version_kind") == "supplement") & pl.col("adds"))
    )
    return [_of_report(row, "E14", *_taken_for(row)) for row in said.iter_rows(named=True)]


_TAKEN_FOR = {
    "replacement": ("", "以最后收到的一份为准"),
    "partial": ("，只含改动的各行", "所报各行以本份为准，其余各行仍按前一份"),
    "supplement": ("，全是此前没有的行", "作为补报，加入前一份"),
    "older": ("，与已被替代或并入的一份内容相同", "不采用；如确应恢复，请与区指挥部联系"),
    "wrong_period": ("，经审定不属于本报告期", "不采用"),
}


def _taken_for(row: Mapping[str, object]) -> tuple[str, str]:
    what, expected = _TAKEN_FOR[str(row["version_kind"])]
    vanished = f"，比前一份少{row['vanished_lines']}行" if row["vanished_lines"] else ""
    return f"本报表已报过，这是第{row['report_version']}份{what}{vanished}", expected


def _late(submissions: pl.DataFrame, forms: Catalogue, calendar: Calendar) -> list[dict[str, object]]:
    first = submissions.filter(pl.col("is_first") & pl.col("period_date").is_not_null())
    found = []
    for row in first.iter_rows(named=True):
        due = forms.forms[row["entity"]].due if row["entity"] in forms.forms else None
        if due is None:
            continue
        last = calendar.due_day(due, row["period_date"])
        if row["received_day"] > last:
            received = row["received_day"]
            text = f"{received.year}年{received.month}月{received.day}日收到，逾期{(received - last).days}天"
            found.append(_of_report(row, "E16", text, f"应于{last.year}年{last.month}月{last.day}日前报送"))
    return found


def _copies(submissions: pl.DataFrame, copies: pl.DataFrame) -> list[dict[str, object]]:
    copied = submissions.join(copies.select("submission_id").unique(), on="submission_id", how="semi")
    return [
        _of_report(row, "E12", "除报告期外，各行与上月报表完全相同", "在施楼栋的进度应有变化")
        | {"address": row["period_address"], "sheet": next(iter(row["sheet_names"] or ()), None)}
        for row in copied.iter_rows(named=True)
    ]


def _unknown(submissions: pl.DataFrame, forms: Catalogue) -> list[dict[str, object]]:
    found = []
    for row in submissions.filter("is_effective").iter_rows(named=True):
        form = forms.forms.get(row["entity"])
        sheet = {"sheet": next(iter(row["sheet_names"] or ()), None)}
        if form is None:
            continue
        if form.filer_kind == "contractor" and row["filer_id"] is None:
            written = row["filer_text"] or "（空）"
            fault = _of_report(row, "E17", f"填报单位“{written}”不在参建单位名录中", "名录中的单位全称或简称")
            found.append(fault | sheet | {"address": row["filer_address"], "column_name": form.filer_column})
        if form.needs_street and row["street_id"] is None:
            fault = _of_report(row, "E17", "看不出是哪个街道的报表", "海淀区的街道、地区之一")
            found.append(fault | sheet | {"address": row["street_address"], "column_name": "street"})
    return found


def _of_report(row: dict[str, object], code: str, found: str, expected: str) -> dict[str, object]:
    reason = REASONS[code]
    return {
        "code": code,
        "severity": reason.severity,
        "form_code": row["form_code"],
        "file_id": row["file_id"],
        "submission_id": row["submission_id"],
        "found": found,
        "expected": expected,
        "action": reason.action_zh,
    }


def finding_id(finding: dict[str, object]) -> str:
    """Make a finding's id from what it is about, so that the same finding is always the same."""
    parts = ("code", "file_id", "submission_id", "sheet", "address", "column_name", "row_id")
    text = "|".join("" if finding.get(part) is None else str(finding[part]) for part in parts)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def findings_frame(found: Iterable[dict[str, object]]) -> pl.DataFrame:
    """Collect findings (missing parts null) into a `FINDINGS` frame, each id once, in order of id."""
    complete = [
        {name: finding.get(name) for name in FINDINGS} | {"finding_id": finding_id(finding)} for finding in found
    ]
    frame = pl.DataFrame(complete, schema=dict(FINDINGS), orient="row")
    return frame.unique("finding_id", keep="first", maintain_order=True).sort("finding_id")
