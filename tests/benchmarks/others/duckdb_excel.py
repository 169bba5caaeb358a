"""(c) DuckDB's own Excel reader and checks in SQL."""

from importlib.resources import files as files_of

import duckdb
from shared import CODES, COLUMNS, HEADERS, SQL_TYPES, TABLE, asked, tell

files, database = asked()
EXTENSION = files_of("duckdb_extension_excel") / "extensions" / f"v{duckdb.__version__}" / "excel.duckdb_extension"
typed = ", ".join(
    f'cast("{header}" as {SQL_TYPES[kind]}) as {name}' for header, (name, kind) in zip(HEADERS, COLUMNS, strict=True)
)
bad = " or ".join(
    [
        "line_no is null",
        "not (paid_yuan between 0 and contract_yuan)",
        "planned_to < planned_from",
        "done_to < done_from",
        *(f"{name} not in {words}" for name, words in CODES.items()),
    ]
)
with duckdb.connect(str(database)) as connection:
    connection.execute(f"load '{EXTENSION}'")
    connection.execute(TABLE)
    for file in files:
        connection.execute(
            f"insert into ledger select ? as file_name, {typed} from read_xlsx(?, header = true)",
            [file.name, str(file)],
        )
    faults = connection.execute(f"select count(*) from ledger where {bad}").fetchone()[0]
    twice = connection.execute(
        "select count(*) from (select 1 from ledger group by file_name, line_no having count(*) > 1)"
    ).fetchone()[0]
    if faults or twice:
        raise SystemExit(f"{faults + twice} rows at fault")
    tell(connection)
