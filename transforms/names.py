"""Raw names to ids: exact after normalising, then names the register gives, then reviewed aliases. Never fuzzy.

Two names are one only where the rules below make them equal. 甲 乙 丙 丁, directions, 里/园/村/区 and every number
stay, because 花园路1号院 and 花园路甲1号院 are two places. Likeness only *suggests*, in words, to whoever decides.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
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
    """What a written name became: an id, or none and the names it may have meant (text only)."""

    id: str | None
    suggestions: tuple[str, ...] = ()


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
    """Compound names street by street."""

    streets: Mapping[str, Names]

    def resolve(self, street_id: str | None, text: str | None) -> Match:
        """Resolve a compound as written inside its street."""
        names = self.streets.get(street_id or "", NO_NAMES)
        normalised = normalise_compound(text or "")
        if not normalised:
            return Match(None)
        found = names.find(normalised)
        return Match(found) if found else Match(None, names.alike(normalised, without_suffix))

    def elsewhere(self, street_id: str | None, text: str | None) -> tuple[str, ...]:
        """List the ids a name has in other streets, exactly."""
        normalised = normalise_compound(text or "")
        found = (names.find(normalised) for street, names in self.streets.items() if street != street_id)
        return tuple(sorted(identifier for identifier in found if identifier))


def compound_id(street_id: str, text: str) -> str:
    """Make a compound's id from its street and its registered name."""
    return f"{street_id}:{normalise_compound(text)}"


def building_id(compound: str, text: str) -> str:
    """Make a building's id from its compound's id and its registered number."""
    return f"{compound}:{normalise_building(text)}"


def compound_names(register: pl.DataFrame, aliases: pl.DataFrame) -> CompoundNames:
    """Index compounds: columns street_id, compound_id, compound_name, compound_alias; aliases as `schemas.frames`.

    A name without its suffix 小区/社区 is a name too, where no other compound of the street would then share it.
    A reviewed alias without a street holds in every street that has its target.
    """
    decided = [row for row in aliases.iter_rows(named=True) if row["kind"] == "compound"]
    streets: dict[str, Names] = {}
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
        reviewed = [
            (normalise_compound(row["alias"]), targets[target])
            for row in decided
            if row["street_id"] in (None, street_id)
            for target in (row["target"], normalise_compound(row["target"]))
            if target in targets
        ]
        streets[street_id] = _with_suffixes(collect_names(exact, known, reviewed), shortened)
    return CompoundNames(streets)


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
    decided: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in aliases.iter_rows(named=True):
        compound, _, number = unicodedata.normalize("NFKC", row["alias"]).rpartition(":")
        if row["kind"] == "building" and compound:
            pair = normalise_building(number), normalise_building(row["target"])
            decided[normalise_compound(compound)].append(pair)
    compounds: dict[str, Names] = {}
    for (compound_key,), buildings in register.group_by("compound_id", maintain_order=True):
        if not isinstance(compound_key, str):
            continue
        exact = [(normalise_building(no), bid) for no, bid in buildings.select("building_no", "building_id").rows()]
        targets = dict(exact)
        reviewed = [
            (alias, targets[target])
            for alias, target in decided.get(compound_key.rpartition(":")[2], ())
            if target in targets
        ]
        compounds[compound_key] = collect_names(exact, (), reviewed)
    return BuildingNames(compounds)


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
