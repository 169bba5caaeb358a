"""(b) dlt: workbooks read by openpyxl row by row, typed by hints, loaded into DuckDB; row checks in the resource."""

import os
import tempfile

os.environ.setdefault("RUNTIME__DLTHUB_TELEMETRY", "false")
os.environ.setdefault("RUNTIME__LOG_LEVEL", "ERROR")

import dlt
import duckdb
import openpyxl
from shared import CODES, COLUMNS, HEADERS, NAMES, asked, tell

files, database = asked()
TYPES = {"text": "text", "code": "text", "date": "date", "decimal": "decimal", "integer": "bigint"}
HINTS = {name: {"data_type": TYPES[kind]} for name, kind in COLUMNS}
for name, kind in COLUMNS:
    if kind == "decimal":
        HINTS[name] |= {"precision": 18, "scale": 2}


@dlt.resource(name="ledger", write_disposition="append", columns=HINTS)
def ledger():
    """Rows of all workbooks as dictionaries."""
    for file in files:
        sheet = openpyxl.load_workbook(file, read_only=True, data_only=True).worksheets[0]
        lines = sheet.iter_rows(values_only=True)
        if next(lines) != HEADERS:
            raise SystemExit(f"{file.name}: other headers")
        for line in lines:
            row = dict(zip(NAMES, line, strict=True))
            for name, kind in COLUMNS:
                if kind == "date":
                    row[name] = row[name].date()
            good = (
                row["line_no"]
                and 0 <= row["paid_yuan"] <= row["contract_yuan"]
                and row["planned_from"] <= row["planned_to"]
                and row["done_from"] <= row["done_to"]
                and all(row[name] in words for name, words in CODES.items())
            )
            if not good:
                raise SystemExit(f"{file.name}: a row at fault")
            yield row | {"file_name": file.name}


with tempfile.TemporaryDirectory() as folder:
    pipeline = dlt.pipeline(
        "compare", pipelines_dir=folder, destination=dlt.destinations.duckdb(str(database)), dataset_name="landed"
    )
    pipeline.run(ledger())
with duckdb.connect(str(database)) as connection:
    tell(connection, "landed.ledger")
