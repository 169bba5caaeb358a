"""What report a file is: its filer, its place among the versions of the report, and the day it was due.

A report is the same form, filer, street and period, as far as the form's ``report_key`` names them. A later version
replaces the whole report; a supplement (补充) adds rows to the version before it, until a later version replaces both.
"""

import hashlib
from collections.abc import Iterable, Sequence

import polars as pl

from schemas.codes import CodeList
from schemas.forms import Catalogue, Form
from schemas.frames import FINDINGS
from schemas.reasons import REASONS
from transforms.calendar import Calendar
from transforms.names import Match, OrganisationNames, normalise_organisation

SHANGHAI = "Asia/Shanghai"
_UNKNOWN = "?"
_KEY_PARTS = {"filer": "report_filer", "street": "street_id", "period": "period", "edition": "edition"}
VERSION_ORDER = ("received_day", "version_rank", "file_id", "submission_id")


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


def identify(submissions: pl.DataFrame, forms: Catalogue) -> pl.DataFrame:
    """Add report_key, received_day, report_version (from 1, in order of receipt) and is_effective.

    Expects ``filer_id``. Versions of one received day are ordered by the words in their names (最终版 after 修改 after
    (1)), then by file id. Effective are the last full version of a report and the supplements after it; supplements
    nothing came before are effective too.
    """
    keyed = with_report_key(submissions, forms).sort("report_key", *VERSION_ORDER)
    full = ~pl.col("is_supplement").fill_null(value=False)
    place = pl.int_range(1, pl.len() + 1).over("report_key").cast(pl.Int64)
    last_full = pl.when(full).then(pl.col("report_version")).max().over("report_key")
    return keyed.with_columns(report_version=place).with_columns(
        is_effective=pl.col("report_version") >= last_full.fill_null(0),
        is_first=pl.col("report_version") == 1,
        replaces=full & (pl.when(full).then(1).otherwise(0).cum_sum().over("report_key") > 1),
    )


def with_report_key(submissions: pl.DataFrame, forms: Catalogue) -> pl.DataFrame:
    """Add report_key and received_day; expects ``filer_id``. Rows with one key are versions of one report."""
    filer = pl.coalesce("filer_id", pl.concat_str(pl.lit(_UNKNOWN), pl.col("filer_text")), pl.lit(_UNKNOWN))
    prepared = submissions.with_columns(
        report_filer=filer,
        received_day=pl.col("received_at").dt.convert_time_zone(SHANGHAI).dt.date(),
        report_key=pl.lit(None, dtype=pl.String),
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
    return [
        _of_report(row, "E14", f"本报表已报过，这是第{row['report_version']}份", "以最后收到的一份为准")
        for row in submissions.filter("replaces").iter_rows(named=True)
    ]


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
