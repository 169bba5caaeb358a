"""The fault catalogue: code, severity, what happened, what the sender should do; the words are in ``reasons.toml``."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Severity = Literal["R", "Q", "W", "F"]


@dataclass(frozen=True)
class Reason:
    """One kind of fault, with its usual severity (R refuses, Q quarantines, W warns, F fixed); a rule may differ.

    ``lasting``: no corrected copy can undo it (a report that came late stays late).
    """

    code: str
    severity: Severity
    title_zh: str
    title_en: str
    action_zh: str
    lasting: bool = False


def _load(path: Path) -> dict[str, Reason]:
    document = tomllib.loads(path.read_text(encoding="utf-8"))
    return {code: Reason(code=code, **entry) for code, entry in document.items()}


REASONS: dict[str, Reason] = _load(Path(__file__).with_name("reasons.toml"))
