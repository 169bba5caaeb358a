"""(a) pandas and openpyxl, file by file, into DuckDB, with row checks."""

import duckdb
import pandas as pd
from shared import CODES, COUNTS, DATES, HEADERS, MONEY, NAMES, TABLE, asked, tell

files, database = asked()
with duckdb.connect(str(database)) as connection:
    connection.execute(TABLE)
    for file in files:
        frame = pd.read_excel(file, engine="openpyxl")
        if tuple(frame.columns) != HEADERS:
            raise SystemExit(f"{file.name}: other headers")
        frame.columns = list(NAMES)
        for name in DATES:
            frame[name] = pd.to_datetime(frame[name]).dt.date
        for name in MONEY:
            frame[name] = pd.to_numeric(frame[name]).round(2)
        for name in COUNTS:
            frame[name] = pd.to_numeric(frame[name]).astype("int64")
        good = (
            frame["line_no"].notna()
            & frame["contract_yuan"].ge(0)
            & frame["paid_yuan"].le(frame["contract_yuan"])
            & frame["planned_to"].ge(frame["planned_from"])
            & frame["done_to"].ge(frame["done_from"])
            & ~frame["line_no"].duplicated()
        )
        for name, words in CODES.items():
            good &= frame[name].isin(words)
        if not good.all():
            raise SystemExit(f"{file.name}: {(~good).sum()} rows at fault")
        frame.insert(0, "file_name", file.name)
        connection.execute("insert into ledger select * from frame")
    tell(connection)
