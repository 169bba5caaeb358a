"""The catalogue: every form with its layouts and code lists, gathered from one or more packages of the same shape."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
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
    return Path(str(files(package))) / name


def _forms_of(package: str) -> dict[str, Form]:
    found = {}
    for module in sorted(iter_modules([str(_folder(package, "forms"))]), key=lambda m: m.name):
        form = getattr(import_module(f"{package}.forms.{module.name}"), "FORM", None)
        if isinstance(form, Form):
            found[form.entity] = form
    return dict(sorted(found.items(), key=lambda item: item[1].code))


@lru_cache(maxsize=8)
def load(packages: tuple[str, ...] = ("schemas",), extra_layouts: tuple[str, ...] = ()) -> Catalogue:
    """Gather forms, layouts and code lists of the packages, in order; later ones add to earlier ones.

    Each package has ``forms/*.py`` (a module-level ``FORM``), ``layouts/*.toml`` and ``codes/*.toml``; the first must
    be ours, which holds the common vocabulary. ``extra_layouts`` are folders with more layout files. Raises the
    loader's errors where a layout or code list is wrong.
    """
    forms: dict[str, Form] = {}
    codes: dict[str, CodeList] = {}
    for package in packages:
        forms |= _forms_of(package)
        codes |= load_code_lists(_folder(package, "codes"))
    folders = [_folder(package, "layouts") for package in packages] + [Path(folder) for folder in extra_layouts]
    layouts = tuple(layout for folder in folders if folder.is_dir() for layout in load_layouts(folder, forms))
    return Catalogue(packages, forms, layouts, codes, load_common(_folder("schemas", "layouts")))
