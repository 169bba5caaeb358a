"""Disputes as findings (E50): who is accused, or who could explain it, for the sender and for a program."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal

import polars as pl

from schemas.forms import Catalogue, Form
from schemas.reasons import REASONS
from transforms.reconcile.suspects import SHOWN, Dispute, Suspect, disputes
from transforms.reconcile.witnesses import WORDS, Witnesses

CODE = "E50"


def suspect_findings(
    cells: pl.DataFrame, rows: Mapping[str, pl.DataFrame], catalogue: Catalogue
) -> list[dict[str, object]]:
    """Give one finding per disputed total of `CONTROL_CELLS`, held against accepted rows with their ids.

    It points at the accused cell, or at the total where no single cell is accused.
    """
    streets = frozenset(cells["street_id"].drop_nulls())
    witnesses = Witnesses(catalogue.forms, rows, streets)
    forms = {form.code: form for form in catalogue.forms.values()}
    found = disputes(cells.iter_rows(named=True), witnesses)
    return [_finding(dispute, forms[dispute.total.form_code]) for dispute in found]


def _finding(dispute: Dispute, form: Form) -> dict[str, object]:
    total, accused = dispute.total, dispute.accused
    label = form.column[total.column_name].label_zh
    shown = dispute.suspects[:SHOWN] if accused is None else (accused,)
    apart = _plain(abs(dispute.difference) / total.factor)
    found = f"“{total.label or '合计'}”行的{label}与明细之和相差{apart}（{total.address}为{_plain(total.written)}）"
    listed = "；".join(f"{number}. {_told(each)}" for number, each in enumerate(shown, 1))
    expected = _told(accused) if accused is not None else f"以下任一单元格改正后即相符，按可能性排列：{listed}"
    return {
        "code": CODE,
        "severity": REASONS[CODE].severity,
        "form_code": total.form_code,
        "file_id": total.file_id,
        "submission_id": total.submission_id,
        "sheet": total.sheet_name,
        "address": total.address if accused is None else accused.cell.address,
        "column_name": total.column_name,
        "found": found,
        "expected": expected,
        "action": REASONS[CODE].action_zh,
        "suspects": json.dumps([_structured(each, accused) for each in shown], ensure_ascii=False),
    }


def _told(suspect: Suspect) -> str:
    cell = suspect.cell
    asked = "、".join(WORDS[check] for check in suspect.checks)
    likely = "应删去" if suspect.slip.code == "DOUBLED" else f"似应为{_plain(suspect.likely / cell.factor)}"
    return f"{cell.address}填{_plain(cell.written)}，{likely}（{suspect.slip.words}；{asked}）"


def _structured(suspect: Suspect, accused: Suspect | None) -> dict[str, object]:
    return {
        "address": suspect.cell.address,
        "row_number": suspect.cell.row_number,
        "written": _plain(suspect.cell.written),
        "likely": _plain(suspect.likely / suspect.cell.factor),
        "slip": suspect.slip.code,
        "checks": list(suspect.checks),
        "accused": suspect is accused,
    }


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}" if value else "0"


def effective_cells(cells: pl.DataFrame, submissions: pl.DataFrame) -> pl.DataFrame:
    """Leave out the figures of reports that a later version has replaced; refused reports are in no version."""
    replaced = submissions.filter(~pl.col("is_effective")).select("submission_id")
    return cells.join(replaced, on="submission_id", how="anti", maintain_order="left")
