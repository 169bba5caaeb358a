"""(e) The floor: typed fastexcel in two threads, one polars pass per 25 files, DuckDB append overlapped with reading.

Row checks as ours has them, but no lineage, no accounting of cells, no isolation, no release, no history.
"""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

import duckdb
import fastexcel
import polars as pl
from shared import CODES, COLUMNS, HEADERS, NAMES, TABLE, asked, tell

AT_ONCE = 25
DTYPES = {"text": "string", "code": "string", "date": "date", "decimal": "float", "integer": "int"}
TYPED = {number: DTYPES[kind] for number, (_, kind) in enumerate(COLUMNS)}
CASTS = [
    pl.col(name).cast(pl.Decimal(18, 2)) if kind == "decimal" else pl.col(name).cast(pl.Int64)
    for name, kind in COLUMNS
    if kind in ("decimal", "integer")
]
GOOD = (
    pl.col("line_no").is_not_null()
    & pl.col("paid_yuan").is_between(0, pl.col("contract_yuan"))
    & (pl.col("planned_to") >= pl.col("planned_from"))
    & (pl.col("done_to") >= pl.col("done_from"))
    & pl.all_horizontal(pl.col(name).is_in(list(words)) for name, words in CODES.items())
    & ~pl.struct("file_name", "line_no").is_duplicated()
)


TAKEN = Counter({"start": time.process_time()})


def read(file):
    """One workbook as a frame."""
    begun = time.thread_time()
    sheet = fastexcel.read_excel(str(file)).load_sheet(0, dtypes=TYPED)
    frame = sheet.to_polars()
    if tuple(frame.columns) != HEADERS:
        raise SystemExit(f"{file.name}: other headers")
    frame.columns = list(NAMES)
    frame = frame.select(pl.lit(file.name).alias("file_name"), *NAMES)
    TAKEN["read"] += time.thread_time() - begun
    return frame


def append(connection, frames):
    """Check the rows of some files in one pass, and append them."""
    frame = pl.concat(frames).with_columns(CASTS)
    at_fault = frame.filter(~GOOD.fill_null(value=False)).height
    if at_fault:
        raise SystemExit(f"{at_fault} rows at fault")
    connection.execute("insert into ledger select * from frame")


files, database = asked()
with (
    duckdb.connect(str(database)) as connection,
    ThreadPoolExecutor(2) as readers,
    ThreadPoolExecutor(1) as writer,
):
    connection.execute(TABLE)
    frames = readers.map(read, files)
    written = []
    while batch := list(islice(frames, AT_ONCE)):
        written.append(writer.submit(append, connection, batch))
    for each in written:
        each.result()
    TAKEN["check and append"] = time.process_time() - TAKEN["start"] - TAKEN["read"]
    tell(connection, parts={name: round(seconds, 2) for name, seconds in TAKEN.items()})
