"""Who may import whom (DESIGN section 3). Read from the source, so that nothing needs to run."""

import ast
import re
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LAYERS = ("schemas", "transforms", "warehouse", "flows")
ALLOWED = {
    "schemas": {"schemas"},
    "transforms": {"schemas", "transforms"},
    "warehouse": {"schemas", "warehouse"},
    "flows": set(LAYERS),
}
READERS = {"python_calamine", "fastexcel", "xlrd", "pyxlsb", "openpyxl", "odf"}
WRITERS = {"xlsxwriter", "xlwt"}
# Modules that a distribution of another name provides.
PROVIDED_BY = {
    "python_calamine": "python-calamine",
    "chinese_calendar": "chinesecalendar",
    "pydantic_settings": "pydantic-settings",
    "pydantic": "pydantic-settings",
    "click": "typer",
    "httpx": "prefect",
    "vl_convert": "vl-convert-python",
    "websockets": "prefect",
}


def modules(layer: str) -> list[Path]:
    return sorted((ROOT / layer).rglob("*.py"))


def imported(path: Path) -> set[str]:
    """Every module named in an import statement, at any depth of the code."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found.add(node.module or "")
    return found


def roots(path: Path) -> set[str]:
    return {name.split(".")[0] for name in imported(path)}


def importers(names: set[str]) -> set[str]:
    return {path.relative_to(ROOT).as_posix() for layer in LAYERS for path in modules(layer) if roots(path) & names}


@pytest.mark.parametrize("layer", LAYERS)
def test_a_layer_imports_only_what_lies_below(layer):
    for path in modules(layer):
        assert roots(path) & set(LAYERS) <= ALLOWED[layer], path


@pytest.mark.parametrize(
    ("names", "homes"),
    [
        ({"prefect"}, ("flows/",)),
        ({"duckdb"}, ("warehouse/",)),
        (READERS, ("transforms/workbook", "transforms/sample", "transforms/slip")),
        (WRITERS, tuple(f"transforms/{room}" for room in ("sample", "slip", "template", "report", "export"))),
        ({"typer", "rich"}, ("flows/",)),
    ],
    ids=["prefect", "duckdb", "readers", "writers", "terminal"],
)
def test_a_library_has_one_home(names, homes):
    assert [path for path in importers(names) if not path.startswith(homes)] == []


def test_transforms_know_no_clock_environment_or_process():
    forbidden = {"os", "subprocess", "time", "socket", "tempfile", "shutil", "threading", "multiprocessing", "random"}
    clock = re.compile(r"\b(datetime\.now|datetime\.today|date\.today|utcnow|Path\.cwd|environ)\b")
    for path in modules("transforms"):
        allowed = {"random"} if "sample" in path.parts else set()
        assert roots(path) & (forbidden - allowed) == set(), path
        assert clock.search(path.read_text(encoding="utf-8")) is None, path


def test_every_imported_library_is_declared():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = {re.split(r"[\[<>=~ ]", line)[0].lower() for line in project["dependencies"]}
    third_party = {
        name
        for layer in LAYERS
        for path in modules(layer)
        for name in roots(path)
        if name not in sys.stdlib_module_names and name not in LAYERS
    }
    missing = {name for name in third_party if PROVIDED_BY.get(name, name).lower() not in declared}
    assert missing == set()


def test_nothing_outside_the_sample_reads_the_plan():
    sentence = re.compile(r"sample[./]plan|plan[./]\w+\.tsv")
    for layer in LAYERS:
        for path in modules(layer):
            if "sample" not in path.parts and path.stem != "sample":
                assert sentence.search(path.read_text(encoding="utf-8")) is None, path


def test_the_lock_names_no_index_and_no_host():
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert not re.search(r"https?://|file://|--index-url|--extra-index-url|--find-links|--trusted-host", lock)
    pins = re.findall(r"^[a-z0-9][^\s=]*==\S+.*$", lock, re.MULTILINE)
    assert len(pins) > 50
    assert all(pin.endswith("\\") for pin in pins), "a pin without hashes"
