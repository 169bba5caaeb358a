"""Code lists: short lists of words with a code each, and the words senders use instead."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from schemas.text import normalise_label


class CodeListError(ValueError):
    """A code list file that says two things at once; the text says where and what to change."""


@dataclass(frozen=True)
class Code:
    """One code, its Chinese label, the other words for it, and the day it came into use (None: always)."""

    code: str
    label_zh: str
    aliases: tuple[str, ...] = ()
    valid_from: date | None = None


@dataclass(frozen=True)
class CodeList:
    """The codes of one list; `find` knows every label and alias after `normalise_label`."""

    name: str
    title_zh: str
    codes: tuple[Code, ...]
    _words: Mapping[str, str] = field(repr=False, default_factory=dict)

    def find(self, text: str) -> str | None:
        """Give the code of a word, or None where the list does not know it."""
        return self._words.get(normalise_label(text))

    @property
    def labels(self) -> dict[str, str]:
        """Chinese label by code, in the order of the list."""
        return {code.code: code.label_zh for code in self.codes}

    @property
    def words(self) -> Mapping[str, str]:
        """Code by normalised word: labels, aliases and, for streets, every form with a suffix."""
        return self._words


def load_code_list(path: Path) -> CodeList:
    """Read one ``codes/<name>.toml``.

    ``suffixes`` (streets) are words that may follow a label's stem: 花园路 + 街道办事处. Raises `CodeListError` where
    one word would mean two codes.
    """
    document = tomllib.loads(path.read_text(encoding="utf-8"))
    suffixes = tuple(document.get("suffixes", ()))
    words: dict[str, str] = {}
    codes = []
    for code, entry in document["codes"].items():
        valid_from = entry.get("valid_from")
        codes.append(Code(code, entry["label"], tuple(entry.get("aliases", ())), valid_from))
        stems = list(entry.get("stems", ()))
        spelt = [code, entry["label"], *entry.get("aliases", ()), *(s + x for s in stems for x in ("", *suffixes))]
        for word in spelt:
            known = words.setdefault(normalise_label(word), code)
            if known != code:
                raise CodeListError(
                    f"{path.name}: “{word}” stands under {known} and {code}. Keep it under one of them."
                )
    return CodeList(path.stem, document["title"], tuple(codes), words)


def load_code_lists(folder: Path) -> dict[str, CodeList]:
    """Read every code list of a folder, by name."""
    return {path.stem: load_code_list(path) for path in sorted(folder.glob("*.toml"))}
