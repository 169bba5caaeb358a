"""What a version of a report is, decided by its rows and what is held; the words of its name only tip the scales.

A report stands as its lines, each from the version that said it last. A full version replaces them all, so that lines
which vanished vanish; a supplement adds lines; a partial copy brings only the lines that changed; a copy of a version
already replaced changes nothing. Pure: versions in order of receipt in, one decision each out.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

Kind = Literal["first", "replacement", "supplement", "partial", "older", "wrong_period"]
KINDS: tuple[Kind, ...] = get_args(Kind)
RULINGS: tuple[Kind, ...] = ("replacement", "supplement", "partial", "older", "wrong_period")
"""What a reviewed decision may say instead."""

Key = tuple[str, ...]
Lines = Mapping[Key, int]
"""What a report says of each thing: a hash of the line's content (of all its lines, where it has more than one)."""

_CORRECTED = 2
"""Rank of the words 修改 and 更正; 最终版 and 定稿 stand above it."""


@dataclass(frozen=True)
class Version:
    """One version as read. ``figures`` is what the line says without its names, to know a line spelt otherwise.

    ``has_total``: a total row agrees with its lines, so they are all there are. ``adds``: its name says 补报. ``rank``:
    how late its name claims to be. ``ruling``: what a reviewed decision says it is, where content says ``expects``.
    """

    id: str
    lines: Lines = field(default_factory=dict)
    figures: Mapping[Key, int] = field(default_factory=dict)
    has_total: bool = False
    adds: bool = False
    rank: int = 0
    ruling: Kind | None = None
    expects: Kind | None = None


@dataclass(frozen=True)
class Decision:
    """What a version is, why, and what content alone would have said where a ruling overrules it.

    ``vanished`` counts the things that were held and that a full version no longer lists.
    """

    id: str
    kind: Kind
    evidence: str
    unruled: Kind
    vanished: int = 0


@dataclass(frozen=True)
class Standing:
    """How a report stands: of each thing the version that speaks for it; the versions that count, oldest first."""

    lines: Mapping[Key, str]
    members: tuple[str, ...]
    decisions: tuple[Decision, ...]

    def unused(self, version_id: str) -> bool:
        """Whether a version was never used at all."""
        return any(each.id == version_id and each.kind in ("older", "wrong_period") for each in self.decisions)

    def replaced(self, version: Version) -> frozenset[Key]:
        """The things of a version that counts for which a later one speaks."""
        return frozenset(key for key in version.lines if self.lines.get(key) != version.id)


@dataclass(frozen=True)
class _Compared:
    """A version beside what is held."""

    lines: int
    held: int
    known: int
    changed: int

    @property
    def added(self) -> int:
        return self.lines - self.known

    @property
    def missing(self) -> int:
        return self.held - self.known


def compose(versions: Sequence[Version]) -> Standing:
    """Take the versions of one report in order of receipt, decide what each is, and say how the report stands."""
    held: dict[Key, str] = {}
    members: list[str] = []
    decisions: list[Decision] = []
    by_id = {version.id: version for version in versions}
    past: list[dict[Key, int]] = []
    for place, version in enumerate(versions):
        said = {key: by_id[owner].lines[key] for key, owner in held.items()}
        compared = _compare(version, said)
        counted = [by_id[member] for member in members]
        unruled, why = _decide(version, compared, said, counted, past, versions[:place])
        ruled = version.ruling if version.expects in (None, unruled) else None
        kind = ruled or unruled
        evidence = f"{_counts(compared)}；{why if ruled is None else '按审定'}"
        vanished = compared.missing if kind == "replacement" else 0
        decisions.append(Decision(version.id, kind, evidence, unruled, vanished))
        held, members = _apply(kind, version, held, members, counted)
        past.append(dict(version.lines))
        past.append({key: by_id[owner].lines[key] for key, owner in held.items()})
    return Standing(held, tuple(members), tuple(decisions))


def _compare(version: Version, held: Mapping[Key, int]) -> _Compared:
    known = version.lines.keys() & held.keys()
    changed = sum(version.lines[key] != held[key] for key in known)
    return _Compared(len(version.lines), len(held), len(known), changed)


def _decide(
    version: Version,
    compared: _Compared,
    held: Mapping[Key, int],
    counted: Sequence[Version],
    past: Iterable[Mapping[Key, int]],
    before: Sequence[Version],
) -> tuple[Kind, str]:
    if not any(not each.adds for each in counted):  # nothing whole is held
        return ("supplement", "名称为补报") if version.adds else ("first", "此前没有完整的一份")
    if _repeats(version, held, past) and version.rank <= max(each.rank for each in before):
        return "older", "与此前已被替代或并入的内容完全相同"
    if version.adds:
        whole = compared.lines and compared.held and not compared.missing
        return ("replacement", "名称为补报，但含前一份全部各行") if whole else ("supplement", "名称为补报")
    if not compared.lines or not compared.held or not compared.missing:
        return "replacement", "含前一份全部各行" if compared.held else "前一份没有数据行"
    if version.has_total:
        return "replacement", "合计与各行相符，是完整的一份"
    if not compared.added and compared.changed and compared.lines * 2 <= compared.held:
        return "partial", "全是已报的行，行数不到前一份的一半，且有改动"
    if not compared.known and version.rank < _CORRECTED and not _spelt_otherwise(version, counted):
        return "supplement", "全是此前没有的行"
    return "replacement", "与前一份部分相同，按完整的一份"


def _repeats(version: Version, held: Mapping[Key, int], past: Iterable[Mapping[Key, int]]) -> bool:
    """Whether its lines are those of a version or a standing before, and not just how the report stands now."""
    lines = dict(version.lines)
    return bool(lines) and lines != held and any(lines == each for each in past)


def _spelt_otherwise(version: Version, counted: Iterable[Version]) -> bool:
    """Whether half of its lines have the figures of lines held under other names: a correction of the names."""
    known = {figures for each in counted for figures in each.figures.values()}
    alike = sum(figures in known for figures in version.figures.values())
    return alike * 2 >= len(version.lines)


def _apply(
    kind: Kind, version: Version, held: dict[Key, str], members: list[str], counted: Sequence[Version]
) -> tuple[dict[Key, str], list[str]]:
    own = dict.fromkeys(version.lines, version.id)
    match kind:
        case "older" | "wrong_period":
            return held, members
        case "replacement":
            return own, [version.id]
    merged = held | own
    speaking = set(merged.values())
    kept = [each.id for each in counted if not each.lines or each.id in speaking]
    return merged, [*kept, version.id]


def _counts(compared: _Compared) -> str:
    """What was counted, for whoever looks into a decision."""
    if not compared.held:
        return f"{compared.lines}行"
    return (
        f"{compared.lines}行，其中已报{compared.known}行（改动{compared.changed}行）、新增{compared.added}行；"
        f"前一份{compared.held}行，本份未含{compared.missing}行"
    )
