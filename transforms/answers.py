"""Which file answers which: a corrected copy closes what was found in the file it corrects.

A file is the answer to another because it carries the list of its slip, because it holds a later version of the same
report, or (where nothing could be read of the earlier one) because it has the same name.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import polars as pl

from schemas.columns import PolarsType
from schemas.forms import Catalogue
from schemas.frames import INSTANT
from schemas.slips import number_of
from transforms.identity import VERSION_ORDER, resolve_filers, with_report_key
from transforms.layout.context import read_file_name, same_name
from transforms.names import OrganisationNames

# One row per file and the earlier file it answers. `how`: slip, report or name.
ANSWERS: dict[str, PolarsType] = {
    "file_id": pl.String,
    "answered_file_id": pl.String,
    "how": pl.String,
    "known_from": INSTANT,
}
# One row per report, or file as a whole (submission_id is null), whose findings of reading are answered.
ANSWERED: dict[str, PolarsType] = {"file_id": pl.String, "submission_id": pl.String, "known_to": INSTANT}


@dataclass(frozen=True)
class Answers:
    """What answers what (`ANSWERS`), and what is answered by it (`ANSWERED`)."""

    pairs: pl.DataFrame
    answered: pl.DataFrame


@dataclass(frozen=True)
class _File:
    """A file with its reports; ``order`` is the order of receipt."""

    file_id: str
    name: str
    slip: str | None
    known_from: dt.datetime
    order: tuple[dt.datetime, str]
    reports: tuple[Mapping[str, Any], ...]


def find_answers(
    files: pl.DataFrame, submissions: pl.DataFrame, catalogue: Catalogue, organisations: OrganisationNames
) -> Answers:
    """Match files with the earlier ones they answer.

    ``files`` has file_id, file_name, slip_number (of the list it carries), received_at, known_from; ``submissions`` are
    `LANDED_SUBMISSIONS` of these files, refused ones too. A report is answered by a later full version that was read;
    a refused one by any later version. What stood on a file's slip beside its reports is answered when they are.
    """
    keyed = with_report_key(resolve_filers(submissions, catalogue, organisations), catalogue)
    keyed = keyed.sort("report_key", *VERSION_ORDER)
    by_file: dict[str, list[Mapping[str, Any]]] = {}
    for row in keyed.iter_rows(named=True):
        by_file.setdefault(row["file_id"], []).append(row)
    known = [
        _File(
            row["file_id"],
            row["file_name"],
            row["slip_number"],
            row["known_from"],
            (row["received_at"], row["file_id"]),
            tuple(by_file.get(row["file_id"], ())),
        )
        for row in files.iter_rows(named=True)
    ]
    reports = dict(_answered_reports(keyed))
    links = {
        **dict.fromkeys(_by_name(known, catalogue), "name"),
        **dict.fromkeys(_by_report(keyed), "report"),
        **dict.fromkeys(_by_slip(known), "slip"),
    }
    whole = {file.file_id: file for file in known}
    pairs = [
        {"file_id": new, "answered_file_id": old, "how": how, "known_from": whole[new].known_from}
        for (new, old), how in sorted(links.items())
        if new in whole and old in whole
    ]
    for (new, old), how in links.items():
        if how == "slip" and new in whole and old in whole:
            for report in whole[old].reports:
                if report["outcome"] == "refused":
                    _note(reports, str(report["submission_id"]), whole[new].known_from)
    answered = [
        {"file_id": row["file_id"], "submission_id": row["submission_id"], "known_to": reports[row["submission_id"]]}
        for row in keyed.iter_rows(named=True)
        if row["submission_id"] in reports
    ]
    answered += [
        {"file_id": file.file_id, "submission_id": None, "known_to": at}
        for file in known
        if (at := _answered_as_a_whole(file, reports, links, whole)) is not None
    ]
    return Answers(pl.DataFrame(pairs, schema=ANSWERS), pl.DataFrame(answered, schema=ANSWERED))


def _answered_reports(keyed: pl.DataFrame) -> Iterator[tuple[str, dt.datetime]]:
    """Give each report that a later version answers, with the instant of the first one that does."""
    for _, versions in _versions(keyed):
        for place, report in enumerate(versions):
            later = (
                each["known_from"]
                for each in versions[place + 1 :]
                if not each["is_supplement"] and (each["outcome"] == "read" or report["outcome"] == "refused")
            )
            at = next(later, None)
            if at is not None:
                yield str(report["submission_id"]), max(at, report["known_from"])


def _by_report(keyed: pl.DataFrame) -> Iterator[tuple[str, str]]:
    """Pair each full version with the version before it."""
    for _, versions in _versions(keyed):
        for before, after in pairwise(versions):
            if not after["is_supplement"] and before["file_id"] != after["file_id"]:
                yield after["file_id"], before["file_id"]


def _versions(keyed: pl.DataFrame) -> Iterator[tuple[object, list[dict[str, Any]]]]:
    for key, versions in keyed.group_by("report_key", maintain_order=True):
        yield key, versions.to_dicts()


def _by_slip(known: Iterable[_File]) -> Iterator[tuple[str, str]]:
    numbered = {number_of(file.file_id): file for file in known}
    for file in known:
        old = numbered.get(file.slip or "")
        if old is not None and old.file_id != file.file_id:
            yield file.file_id, old.file_id


def _by_name(known: Iterable[_File], catalogue: Catalogue) -> Iterator[tuple[str, str]]:
    """Pair a file of which nothing was read with the next one of its name, where the name says whose it is."""
    named: dict[str, list[_File]] = {}
    for file in sorted(known, key=lambda each: each.order):
        facts = read_file_name(file.name, catalogue.codes.get("streets"), catalogue.common)
        if facts.street_id or facts.filer_words:
            named.setdefault(same_name(facts.stem, catalogue.common), []).append(file)
    for files in named.values():
        for place, old in enumerate(files[:-1]):
            if not old.reports:
                yield files[place + 1].file_id, old.file_id


def _answered_as_a_whole(
    file: _File, reports: Mapping[str, dt.datetime], links: Mapping[tuple[str, str], str], whole: Mapping[str, _File]
) -> dt.datetime | None:
    """Give when all of a file is answered: each of its reports, or (of one without reports) the file itself."""
    if file.reports:
        moments = [reports.get(str(report["submission_id"])) for report in file.reports]
        said = [moment for moment in moments if moment is not None]
        return max(said) if len(said) == len(moments) else None
    later = [whole[new].known_from for new, old in links if old == file.file_id and new in whole]
    return max(file.known_from, min(later)) if later else None


def _note(reports: dict[str, dt.datetime], submission_id: str, at: dt.datetime) -> None:
    reports[submission_id] = min(at, reports.get(submission_id, at))
