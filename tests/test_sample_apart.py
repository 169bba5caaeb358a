"""The plan's figures are the sample's alone: nothing that computes may know the answer."""

import ast
import csv
from pathlib import Path

ROOT = Path(__file__).parents[1]
PLAN = ROOT / "transforms" / "sample" / "plan"
LAYERS = ("schemas", "transforms", "warehouse", "flows")


def _sources():
    for layer in LAYERS:
        for path in (ROOT / layer).rglob("*"):
            if path.suffix in (".py", ".sql", ".toml") and "sample" not in path.parts:
                yield path


def _figures():
    figures = {"1644600", "1628400", "1571000", "73600", "1595384.66", "23553", "23306"}
    for path in PLAN.glob("*.tsv"):
        with path.open(encoding="utf-8") as lines:
            for row in csv.DictReader(lines, delimiter="\t"):
                figures |= {
                    value
                    for value in row.values()
                    if value and "." in value and value.replace(".", "").isdigit() and len(value) > 6
                }
    return figures


def test_no_source_outside_the_sample_holds_a_figure_of_the_plan():
    figures = _figures()
    assert len(figures) > 300
    found = [
        (path.name, figure)
        for path in _sources()
        for figure in figures
        if figure in path.read_text(encoding="utf-8").replace("_", "")
    ]
    assert found == []


def test_only_the_command_line_asks_for_sample_workbooks():
    importers = set()
    for path in _sources():
        if path.suffix != ".py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = (
                [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else [a.name for a in node.names]
                if isinstance(node, ast.Import)
                else []
            )
            if any(name.startswith("transforms.sample") for name in names):
                importers.add(path.relative_to(ROOT).parts[0])
    assert importers <= {"flows"}
