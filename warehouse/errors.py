"""The one kind of error the warehouse raises for what a person can put right."""

from __future__ import annotations

import polars as pl


class WarehouseError(Exception):
    """Where, what was found, what was expected, what to do. Never holds a value of a personal column."""

    def __init__(self, where: str, found: str, expected: str = "", action: str = "") -> None:
        super().__init__(where, found, expected, action)
        self.where, self.found, self.expected, self.action = where, found, expected, action

    def __str__(self) -> str:
        head = f"{self.where}: {self.found}"
        if self.expected:
            head += f"; expected {self.expected}"
        return f"{head}. {self.action}".rstrip() if self.action else f"{head}."


class ChecksFailedError(WarehouseError):
    """A check with severity `fail` found rows; `checks` is the frame of `checks.run`, with the rows named."""

    def __init__(self, where: str, checks: pl.DataFrame) -> None:
        failed = checks.filter((pl.col("outcome") == "failed") & (pl.col("severity") == "fail"))
        named = "; ".join(
            f"{row['check_name']} on {row['object_name']}: {row['failing_rows']} rows, such as {row['examples']}"
            for row in failed.iter_rows(named=True)
        )
        super().__init__(
            where,
            f"{failed.height} checks failed ({named})",
            "every check passed",
            "The last release stands. Report this: these checks guard our own promises, no sender can break them.",
        )
        self.checks = checks
