"""(d) frictionless validates every workbook against a schema; then its typed rows go into DuckDB.

Not named after it: frictionless imports every module called frictionless_… as a plugin of its own.
"""

import duckdb
import polars as pl
from frictionless import Detector, Resource, Schema, system
from shared import CODES, COLUMNS, HEADERS, NAMES, TABLE, asked, tell

files, database = asked()
TYPES = {"text": "string", "code": "string", "date": "date", "decimal": "number", "integer": "integer"}
fields = []
for header, (name, kind) in zip(HEADERS, COLUMNS, strict=True):
    constraints = {"required": True}
    if name in CODES:
        constraints["enum"] = list(CODES[name])
    if kind in ("decimal", "integer"):
        constraints["minimum"] = 0
    if name == "line_no":
        constraints["unique"] = True
    fields.append({"name": header, "type": TYPES[kind], "constraints": constraints})
SCHEMA = {"fields": fields}
SQL = ("planned_to < planned_from", "done_to < done_from", "paid_yuan > contract_yuan")

with duckdb.connect(str(database)) as connection, system.use_context(trusted=True):
    connection.execute(TABLE)
    for file in files:
        resource = Resource(path=str(file), schema=Schema.from_descriptor(SCHEMA), detector=Detector())
        report = resource.validate()
        if not report.valid:
            raise SystemExit(f"{file.name}: {report.flatten(['rowNumber', 'fieldName', 'type'])[:3]}")
        rows = Resource(path=str(file), schema=Schema.from_descriptor(SCHEMA)).read_rows()
        lists = [row.to_list() for row in rows]
        frame = pl.DataFrame(lists, schema=list(NAMES), orient="row", infer_schema_length=None)
        frame = frame.insert_column(0, pl.lit(file.name).alias("file_name")) if frame.height else frame
        connection.execute("insert into ledger select * from frame")
    if connection.execute(f"select count(*) from ledger where {' or '.join(SQL)}").fetchone()[0]:
        raise SystemExit("rows at fault")
    tell(connection)
