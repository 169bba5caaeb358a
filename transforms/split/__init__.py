"""Accepted or quarantined: every effective row is judged in the light of everything that has landed."""

from transforms.split.corrections import reports_corrected
from transforms.split.influence import bearing, beside, reached
from transforms.split.judge import judge
from transforms.split.memory import Memory
from transforms.split.references import Unknown, read_unknown
from transforms.split.world import Outside, Verdicts, World

__all__ = [
    "Memory",
    "Outside",
    "Unknown",
    "Verdicts",
    "World",
    "bearing",
    "beside",
    "judge",
    "reached",
    "read_unknown",
    "reports_corrected",
]
