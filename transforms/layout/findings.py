"""Findings while reading: what, where, what was expected, what to do; frame rows once the reports are known."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from schemas.reasons import REASONS


def short_hash(*parts: object) -> str:
    """Give the first 16 hex digits of the hash of the parts; None counts as empty."""
    text = "|".join("" if part is None else str(part) for part in parts)
    return sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Found:
    """A finding before its report is known. ``row`` is the sheet row of the data row it belongs to."""

    code: str
    sheet: str | None
    address: str | None
    column_name: str | None
    found: str
    expected: str
    action: str | None = None
    severity: str | None = None
    row: int | None = None
    form_code: str | None = None

    def as_row(
        self, file_id: str, submission_id: str | None, form_code: str | None, row_id: str | None = None
    ) -> dict[str, Any]:
        """Give the row of the findings frame."""
        reason = REASONS[self.code]
        return {
            "finding_id": short_hash(
                self.code, file_id, submission_id, self.sheet, self.address, self.column_name, row_id
            ),
            "code": self.code,
            "severity": self.severity or reason.severity,
            "form_code": form_code or self.form_code,
            "file_id": file_id,
            "submission_id": submission_id,
            "sheet": self.sheet,
            "address": self.address,
            "column_name": self.column_name,
            "found": self.found,
            "expected": self.expected,
            "action": self.action or reason.action_zh,
            "row_id": row_id,
            "suspects": None,
        }
