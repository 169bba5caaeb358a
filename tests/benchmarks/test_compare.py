"""The comparison's own parts: its form reads its workbooks whole, and what it says of targets is what was measured."""

import sys
from decimal import Decimal

import polars as pl

from schemas.forms import load
from tests.benchmarks import compare, wide_files
from transforms.layout import read_file


def test_its_form_reads_every_cell_of_its_workbooks_without_a_finding():
    [name] = wide_files.names(1)
    reading = read_file(wide_files.workbook(0), name, "0" * 64, load(("schemas", "tests.benchmarks.wide_form")))
    rows = reading.rows["wide_ledger"]
    assert rows.height == wide_files.ROWS and reading.findings.is_empty()
    assert reading.cells.group_by("cell_class").agg(pl.col("cells").sum()).sort("cells").rows() == [
        ("header", 25),
        ("data", 25 * wide_files.ROWS),
    ]
    assert rows["contract_yuan"].sum() > Decimal(1_000_000)


def test_names_of_files_are_reports_of_their_own():
    assert len(set(wide_files.names(2000))) == 2000


def test_a_process_is_measured_with_its_children():
    child = "import time; held = bytearray(40 << 20); held[::4096] = held[::4096]; time.sleep(1)"
    script = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}]); print('done')"
    seconds, _, peak, said = compare.measure([sys.executable, "-c", script])
    assert seconds > 1 and peak > 40 and said == "done\n"


def test_a_target_that_is_missed_is_said_to_be():
    job = {"seconds": 10.0, "ratio_to_floor": 5.0, "peak_mib": 700}
    sizes = {"20": {"jobs": {"floor": {"seconds": 2.0}, "xinyan": job, "pandas_openpyxl": {"seconds": 80.0}}}}
    assert compare.verdicts(sizes) == [
        "| 20 | times the floor | ≤ 1.6 | 5.0 | **missed** by a factor of 3.1 |",
        "| 20 | times faster than pandas_openpyxl | ≥ 6 | 8.0 | met |",
        "| 20 | peak memory, MiB | ≤ 1024 | 700 | met |",
    ]
