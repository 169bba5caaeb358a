"""Accepted or quarantined: every effective row is judged in the light of everything that has landed."""

from transforms.split.judge import judge
from transforms.split.memory import Memory
from transforms.split.references import Unknown, read_unknown
from transforms.split.world import Verdicts, World

__all__ = ["Memory", "Unknown", "Verdicts", "World", "judge", "read_unknown"]
