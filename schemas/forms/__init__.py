"""The catalogue: every form with its layouts and code lists, gathered from one or more packages of the same shape."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from pkgutil import iter_modules

from schemas.codes import CodeList, load_code_lists
from schemas.forms.base import Cumulative, Derived, Due, Exclusive, Form, Keyed, Reference, Restated, Rule
from schemas.layouts import Common, Layout, load_common, load_layouts

__all__ = [
    "Catalogue",
    "Cumulative",
    "Derived",
    "Due",
    "Exclusive",
    "Form",
    "Keyed",
    "Reference",
    "Restated",
    "Rule",
    "load",
]


@dataclass(frozen=True)
class Catalogue:
    """All that is declared: forms by entity, layouts, code lists by name, words common to all layouts."""

    packages: tuple[str, ...]
    forms: Mapping[str, Form]
    layouts: tuple[Layout, ...]
    codes: Mapping[str, CodeList]
    common: Common

    def by_code(self, code: str) -> Form:
        """Give the form of a code such as "F06"; raises KeyError naming what there is."""
        for form in self.forms.values():
            if form.code == code:
                return form
        raise KeyError(f"no form {code}; there are {', '.join(sorted(f.code for f in self.forms.values()))}")


def _folder(package: str, name: str) -> Path:
    """Where a package keeps its forms, layouts or codes; a folder of layouts (`folder_entry`) has nothing else."""
    folder, marked, _ = package.rpartition("@")
    if not marked:
        return Path(str(files(package))) / name
    return Path(folder) if name == "layouts" else Path(folder) / f".no-{name}"


def folder_entry(folder: Path) -> str | None:
    """Name a folder of layouts so that it can stand among packages; None where it holds none.

    The name changes with any byte of them: what is kept under a name never goes stale.
    """
    paths = sorted(path for path in folder.glob("*.toml") if not path.name.startswith("_"))
    if not paths:
        return None
    digest = sha256()
    for path in paths:
        digest.update(path.name.encode() + b"\0" + sha256(path.read_bytes()).digest())
    return f"{folder}@{digest.hexdigest()[:16]}"


def layouts_digest(packages: tuple[str, ...]) -> str:
    """Sixteen hex digits that change with any layout of the packages, wherever they lie."""
    digest = sha256()
    for package in packages:
        for path in sorted(_folder(package, "layouts").glob("*.toml")):
            digest.update(path.name.encode() + b"\0" + sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def _forms_of(package: str) -> dict[str, Form]:
    found: dict[str, Form] = {}
    if "@" in package:
        return found
    for module in sorted(iter_modules([str(_folder(package, "forms"))]), key=lambda m: m.name):
        form = getattr(import_module(f"{package}.forms.{module.name}"), "FORM", None)
        if isinstance(form, Form):
            found[form.entity] = form
    return dict(sorted(found.items(), key=lambda item: item[1].code))


@lru_cache(maxsize=8)
def load(packages: tuple[str, ...] = ("schemas",), extra_layouts: tuple[str, ...] = ()) -> Catalogue:
    """Gather forms, layouts and code lists of the packages, in order; later ones add to earlier ones.

    Each package has ``forms/*.py`` (a module-level ``FORM``), ``layouts/*.toml`` and ``codes/*.toml``; the first must
    be ours, which holds the common vocabulary. A folder of layouts alone may stand among them (`folder_entry`).
    ``extra_layouts`` are folders with more layout files. Raises the
    loader's errors where a layout or code list is wrong.
    """
    forms: dict[str, Form] = {}
    codes: dict[str, CodeList] = {}
    for package in packages:
        forms |= _forms_of(package)
        codes |= load_code_lists(_folder(package, "codes")) if _folder(package, "codes").is_dir() else {}
    folders = [_folder(package, "layouts") for package in packages] + [Path(folder) for folder in extra_layouts]
    layouts = tuple(layout for folder in folders if folder.is_dir() for layout in load_layouts(folder, forms))
    named = tuple(name for name in packages if "@" not in name)
    return Catalogue(named, forms, layouts, codes, load_common(_folder("schemas", "layouts")))
