"""Errors a person can act on: where, what was found, what was expected, what to do."""

from __future__ import annotations

WRONG_USE = 2
RUN_FAILED = 3


class UserError(Exception):
    """Wrong use: printed in one sentence, without traceback, exit code 2.

    Context is added on the way up: `within` puts a wider place in front of the narrower one.
    """

    exit_code = WRONG_USE

    def __init__(self, where: str, found: str, expected: str = "", action: str = "") -> None:
        super().__init__(where, found, expected, action)
        self.where, self.found, self.expected, self.action = where, found, expected, action

    def __str__(self) -> str:
        head = f"{self.where}: {self.found}"
        if self.expected:
            head += f"; expected {self.expected}"
        return f"{head}. {self.action}".rstrip() if self.action else f"{head}."

    def within(self, place: str) -> UserError:
        """The same error, seen from one level further out."""
        return type(self)(f"{place}, {self.where}", self.found, self.expected, self.action)


class RunFailedError(UserError):
    """The run failed through no fault of the command: exit code 3; the last release still stands."""

    exit_code = RUN_FAILED
