"""Raw names to ids: exact after normalising, then names the register gives, then reviewed aliases. Never fuzzy.

Two names are one only where the rules below make them equal. 甲 乙 丙 丁, directions, 里/园/村/区 and every number
stay, because 花园路1号院 and 花园路甲1号院 are two places. Likeness only *suggests*, in words, to whoever decides.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache

import polars as pl
from opencc import OpenCC
from rapidfuzz import fuzz, process

from transforms.values import read_numeral, strip_pinyin

_BLANKS = re.compile(r"[\s\u200b\u200c\u200d\ufeff]+")
_DASHES = re.compile(r"[‐‑‒–—―−]")
# A Chinese number is a house number only right before one of these: 三号院 is, 二里庄 and 五道口 are not.
_NUMBERED = re.compile("([〇零一二三四五六七八九十百两]+)(?=号|区|院|#|楼|栋|幢)")
_COURTYARD = re.compile(r"(?<=\d)(?:号院|#院|号|#|院)(?![楼院])")
_BUILDING = re.compile(r"^([甲乙丙丁]?\d+)(?:号楼|#楼|号|#|栋|幢|楼)?+(?P<part>(?:[一-鿿(].*)?)$")
_UNIT = r"(号楼|#楼|号|#|栋|幢|楼)?"
_RANGE = re.compile(rf"([甲乙丙丁]?)(\d+){_UNIT}([-~至到])([甲乙丙丁]?)(\d+){_UNIT}")
_ONE = re.compile(rf"([甲乙丙丁]?\d+){_UNIT}")
_BETWEEN = re.compile(r"[、,;及和/]")
_MOST_BUILDINGS = 300
_SUFFIX = re.compile(r"(?:小区|社区)$")
_ORGANISATION_WORDS = re.compile(r"北京市?|股份|集团|工程|建筑|有限(?:责任)?公司")
_ALIKE_FROM = 60
_SUGGESTIONS = 3


@cache
def _simplifier() -> OpenCC:
    return OpenCC("t2s")


def _in_digits(found: re.Match[str]) -> str:
    number = read_numeral(found[1])
    return found[1] if number is None else str(number)


@lru_cache(maxsize=65536)
def normalise_text(text: str) -> str:
    """Give a name its plain form: NFKC, no blanks, simplified characters, no pinyin in brackets, one kind of dash."""
    folded = _BLANKS.sub("", unicodedata.normalize("NFKC", text))
    simplified = _simplifier().convert(folded) if folded and not folded.isascii() else folded
    return _DASHES.sub("-", strip_pinyin(simplified))


@lru_cache(maxsize=65536)
def normalise_compound(text: str) -> str:
    """Give a compound name its comparable form: ``花园路 甲三号`` and ``花园路甲3#院`` become ``花园路甲3号院``.

    A suffix 小区 or 社区 stays here; `compound_resolver` drops it where the rest is unique in the street.
    """
    numbered = _NUMBERED.sub(_in_digits, normalise_text(text))
    return _COURTYARD.sub("号院", numbered)


@lru_cache(maxsize=65536)
def normalise_building(text: str) -> str:
    """Give a building number its comparable form: ``三号楼``, ``3#``, ``3栋`` and ``3`` become ``3号楼``.

    ``甲3号楼`` and ``3号楼东段`` are other buildings; ``3-1`` and ranges such as ``71#-83#楼`` stay as they are.
    """
    numbered = _NUMBERED.sub(_in_digits, normalise_text(text))
    found = _BUILDING.match(numbered)
    return f"{found[1]}号楼{found['part']}" if found else numbered


@lru_cache(maxsize=65536)
def read_buildings(text: str) -> tuple[str, ...] | None:
    """Read a text that names several buildings: ``71#-83#楼``, ``1-3号楼``, ``1、3、5号楼``; None where it does not.

    ``3-1`` and ``1-3`` are none: without 号, # or 楼 a number after a dash may be a stairwell.
    """
    pieces = _BETWEEN.split(_NUMBERED.sub(_in_digits, normalise_text(text)))
    numbers: list[str] = []
    units = False
    for piece in pieces:
        if found := _RANGE.fullmatch(piece):
            letter, first, unit, between, other, last, last_unit = found.groups()
            low, high = int(first), int(last)
            if other not in ("", letter) or not low < high < low + _MOST_BUILDINGS:
                return None
            numbers += [f"{letter}{number}号楼" for number in range(low, high + 1)]
            units = units or bool(unit or last_unit) or between != "-"
        elif found := _ONE.fullmatch(piece):
            numbers.append(f"{found[1]}号楼")
            units = units or bool(found[2]) or len(pieces) > 1
        else:
            return None
    several = tuple(dict.fromkeys(numbers))
    return several if units and 1 < len(several) <= _MOST_BUILDINGS else None


@lru_cache(maxsize=65536)
def normalise_organisation(text: str) -> str:
    """Give an organisation's name its comparable form. Nothing is stripped: 一公司 and 二公司 are two firms."""
    return normalise_text(text)


@lru_cache(maxsize=65536)
def organisation_candidate_key(text: str) -> str:
    """Strip what many firms share (北京, 有限公司, 集团 …): a key for suggestions only, never an identity."""
    return _ORGANISATION_WORDS.sub("", normalise_organisation(text))


def without_suffix(normalised: str) -> str:
    """Drop a closing 小区 or 社区, unless nothing would be left."""
    return _SUFFIX.sub("", normalised) or normalised


@dataclass(frozen=True)
class Match:
    """What a written name became: an id, or none and the names it may have meant (text only).

    ``divided``: the compounds a name was split into, where the row does not say which one it is about.
    """

    id: str | None
    suggestions: tuple[str, ...] = ()
    divided: tuple[str, ...] = ()


@dataclass(frozen=True)
class Names:
    """Known names inside one scope (a street, a compound, the district): each maps to an id only where it is alone.

    ``exact`` are registered names, ``known`` the other names the register gives (曾用名, 简称), ``reviewed`` the
    aliases people decided on. They are asked in this order.
    """

    exact: Mapping[str, frozenset[str]]
    known: Mapping[str, frozenset[str]]
    reviewed: Mapping[str, frozenset[str]]
    labels: tuple[str, ...] = ()

    def find(self, normalised: str) -> str | None:
        """Find the one id of a normalised name; None where no name or more than one id fits."""
        for names in (self.exact, self.known, self.reviewed):
            ids = names.get(normalised)
            if ids:
                return next(iter(ids)) if len(ids) == 1 else None
        return None

    def alike(self, normalised: str, key: Callable[[str], str] = str) -> tuple[str, ...]:
        """List up to three registered names that look like this one, the most alike first."""
        scored = process.extract(
            key(normalised),
            {label: key(label) for label in self.labels},
            scorer=fuzz.ratio,
            score_cutoff=_ALIKE_FROM,
            limit=None,
        )
        return tuple(label for _, _, label in sorted(scored, key=lambda hit: (-hit[1], hit[2]))[:_SUGGESTIONS])


NO_NAMES = Names({}, {}, {})


def collect_names(
    exact: Iterable[tuple[str, str]], known: Iterable[tuple[str, str]], reviewed: Iterable[tuple[str, str]]
) -> Names:
    """Collect pairs of (normalised name, id) into `Names`."""
    registered = _gather(exact)
    return Names(registered, _gather(known), _gather(reviewed), tuple(sorted(registered)))


def _gather(pairs: Iterable[tuple[str, str]]) -> dict[str, frozenset[str]]:
    gathered: dict[str, set[str]] = defaultdict(set)
    for name, identifier in pairs:
        gathered[name].add(identifier)
    return {name: frozenset(ids) for name, ids in gathered.items()}


@dataclass(frozen=True)
class CompoundNames:
    """Compound names street by street.

    ``divided``: by street and name, which compound each building of a compound that was split belongs to now.
    """

    streets: Mapping[str, Names]
    divided: Mapping[tuple[str, str], Mapping[str, str]] = field(default_factory=dict)

    def resolve(self, street_id: str | None, text: str | None, building: str | None = None) -> Match:
        """Resolve a compound as written inside its street; the building tells the parts of a split one apart."""
        names = self.streets.get(street_id or "", NO_NAMES)
        normalised = normalise_compound(text or "")
        if not normalised:
            return Match(None)
        found = names.find(normalised)
        if found:
            return Match(found)
        parts = self.divided.get((street_id or "", normalised))
        return Match(None, names.alike(normalised, without_suffix)) if parts is None else _part(parts, building)

    def elsewhere(self, street_id: str | None, text: str | None) -> tuple[str, ...]:
        """List the ids a name has in other streets, exactly."""
        normalised = normalise_compound(text or "")
        found = (names.find(normalised) for street, names in self.streets.items() if street != street_id)
        return tuple(sorted(identifier for identifier in found if identifier))


def _part(parts: Mapping[str, str], building: str | None) -> Match:
    """Find the compound that all the named buildings of a split one belong to."""
    numbers = (read_buildings(building) or (normalise_building(building),)) if building else ()
    found = {parts.get(number) for number in numbers}
    if len(found) == 1 and (identifier := next(iter(found))) is not None:
        return Match(identifier)
    return Match(None, divided=tuple(sorted({each.partition(":")[2] for each in parts.values()})))


def compound_id(street_id: str, text: str) -> str:
    """Make a compound's id from its street and its registered name."""
    return f"{street_id}:{normalise_compound(text)}"


def building_id(compound: str, text: str) -> str:
    """Make a building's id from its compound's id and its registered number."""
    return f"{compound}:{normalise_building(text)}"


def compound_names(register: pl.DataFrame, aliases: pl.DataFrame) -> CompoundNames:
    """Index compounds: columns street_id, compound_id, compound_name, compound_alias; aliases as `schemas.frames`.

    A name without its suffix 小区/社区 is a name too, where no other compound of the street would then share it.
    A reviewed alias without a street holds in every street that has its target; one that names buildings, for rows
    about one of these.
    """
    decided = [row for row in aliases.iter_rows(named=True) if row["kind"] in ("compound", "merge")]
    streets: dict[str, Names] = {}
    divided: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for (street_id,), compounds in register.sort("compound_id").group_by("street_id", maintain_order=True):
        if not isinstance(street_id, str):
            continue
        registered = compounds.select("compound_name", "compound_id").rows()
        exact = [(normalise_compound(name), cid) for name, cid in registered]
        known = [
            (normalise_compound(alias), cid)
            for other, cid in compounds.select("compound_alias", "compound_id").rows()
            for alias in other or ()
        ]
        shortened = _unique_without_suffix(exact)
        targets = dict(exact) | {cid: cid for _, cid in exact}
        meant = [
            (row, normalise_compound(row["alias"]), targets[target])
            for row in decided
            if row["street_id"] in (None, street_id)
            for target in (row["target"], normalise_compound(row["target"]))
            if target in targets
        ]
        for row, name, cid in meant:
            if row["buildings"]:
                numbers = read_buildings(row["buildings"]) or (normalise_building(row["buildings"]),)
                divided[street_id, name].update({number: str(cid) for number in numbers})
        reviewed = [(name, cid) for row, name, cid in meant if not row["buildings"]]
        streets[street_id] = _with_suffixes(collect_names(exact, known, reviewed), shortened)
    return CompoundNames(streets, divided)


def _unique_without_suffix(exact: list[tuple[str, str]]) -> dict[str, str]:
    """Map short names to the one compound of the street that has them."""
    short = _gather((without_suffix(name), cid) for name, cid in exact)
    return {name: next(iter(ids)) for name, ids in short.items() if len(ids) == 1}


def _with_suffixes(names: Names, shortened: Mapping[str, str]) -> Names:
    """Let 某某, 某某小区 and 某某社区 be one compound where the short name is unique in the street."""
    variants = {
        variant: frozenset({cid})
        for short, cid in shortened.items()
        for variant in (short, f"{short}小区", f"{short}社区")
        if variant not in names.exact
    }
    return Names({**names.exact, **variants}, names.known, names.reviewed, names.labels)


@dataclass(frozen=True)
class BuildingNames:
    """Building numbers compound by compound."""

    compounds: Mapping[str, Names]

    def resolve(self, compound: str | None, text: str | None) -> Match:
        """Resolve a building number as written inside its compound."""
        names = self.compounds.get(compound or "", NO_NAMES)
        normalised = normalise_building(text or "")
        if not normalised:
            return Match(None)
        found = names.find(normalised)
        return Match(found) if found else Match(None, names.alike(normalised))


def building_names(register: pl.DataFrame, aliases: pl.DataFrame) -> BuildingNames:
    """Index buildings: columns compound_id, building_id, building_no.

    A reviewed alias of kind ``building`` is written ``小区:楼号`` and means its target's number in that compound.
    """
    decided: dict[str, list[tuple[str | None, str, str]]] = defaultdict(list)
    for row in aliases.iter_rows(named=True):
        if row["kind"] == "building":
            compound, number = split_building_alias(row["alias"])
            decided[compound].append((row["street_id"], number, normalise_building(row["target"])))
    compounds: dict[str, Names] = {}
    for (compound_key,), buildings in register.group_by("compound_id", maintain_order=True):
        if not isinstance(compound_key, str):
            continue
        exact = [(normalise_building(no), bid) for no, bid in buildings.select("building_no", "building_id").rows()]
        targets = dict(exact)
        street_id, _, name = compound_key.rpartition(":")
        reviewed = [
            (alias, targets[target])
            for street, alias, target in decided.get(name, ())
            if target in targets and street in (None, street_id)
        ]
        compounds[compound_key] = collect_names(exact, (), reviewed)
    return BuildingNames(compounds)


def split_building_alias(text: str) -> tuple[str, str]:
    """Take ``小区:楼号`` apart: the compound's name and the building's number, both normalised."""
    compound, _, number = unicodedata.normalize("NFKC", text).rpartition(":")
    return normalise_compound(compound), normalise_building(number)


@dataclass(frozen=True)
class OrganisationNames:
    """Names of organisations, district-wide."""

    names: Names

    def resolve(self, text: str | None) -> Match:
        """Resolve an organisation as written: full name, then short names of F22, then reviewed aliases."""
        normalised = normalise_organisation(text or "")
        if not normalised:
            return Match(None)
        found = self.names.find(normalised)
        return Match(found) if found else Match(None, self.names.alike(normalised, organisation_candidate_key))


def organisation_names(directory: pl.DataFrame, aliases: pl.DataFrame) -> OrganisationNames:
    """Index organisations: columns org_id, full_name, short_names; aliases of kind ``organisation``."""
    exact = [(normalise_organisation(name), oid) for name, oid in directory.select("full_name", "org_id").rows()]
    known = [
        (normalise_organisation(short), oid)
        for shorts, oid in directory.select("short_names", "org_id").rows()
        for short in shorts or ()
    ]
    targets = dict(exact)
    reviewed = [
        (normalise_organisation(row["alias"]), targets[normalise_organisation(row["target"])])
        for row in aliases.iter_rows(named=True)
        if row["kind"] == "organisation" and normalise_organisation(row["target"]) in targets
    ]
    return OrganisationNames(collect_names(exact, known, reviewed))
