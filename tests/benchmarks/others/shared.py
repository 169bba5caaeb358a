"""What every competitor shares: the columns, the table, and the sum and count all of them must come to."""

from __future__ import annotations

import json
import sys
from pathlib import Path

COLUMNS = (
    *((name, "text") for name in ("line_no", "project_name", "yard", "site_firm", "site_watch", "place", "note_text")),
    *((name, "code") for name in ("status", "programme_type", "structure_type", "heat_type")),
    *((name, "date") for name in ("planned_from", "planned_to", "done_from", "done_to")),
    *((f"{name}_yuan", "decimal") for name in ("contract", "paid", "material", "labour", "machine", "tax")),
    *((name, "integer") for name in ("workers", "households_told", "visits", "checks_done")),
)
HEADERS = (
    *("项目编号", "项目名称", "院落", "承建公司", "监理公司", "位置", "情况说明"),
    *("工程状态", "改造类型", "结构形式", "供热方式"),
    *("计划起", "计划止", "实际起", "实际止"),
    *("合同金额(元)", "已付金额(元)", "材料费(元)", "人工费(元)", "机械费(元)", "税金(元)"),
    *("工人数", "告知户数", "走访次数", "检查次数"),
)
NAMES = tuple(name for name, _ in COLUMNS)
CODES = {
    "status": ("未开工", "在施", "停工", "完工", "已验收"),
    "programme_type": ("抗震节能综合改造", "节能和环境综合整治"),
    "structure_type": ("砖混", "内浇外砌", "内浇外挂", "剪力墙", "框架", "其他"),
    "heat_type": ("集中供热", "区域锅炉房", "分户"),
}
SQL_TYPES = {"text": "varchar", "code": "varchar", "date": "date", "decimal": "decimal(18,2)", "integer": "bigint"}
TABLE = "create table ledger (file_name varchar, " + ", ".join(f"{n} {SQL_TYPES[k]}" for n, k in COLUMNS) + ")"
DATES = tuple(name for name, kind in COLUMNS if kind == "date")
MONEY = tuple(name for name, kind in COLUMNS if kind == "decimal")
COUNTS = tuple(name for name, kind in COLUMNS if kind == "integer")


def asked() -> tuple[list[Path], Path]:
    """The workbooks to load, and the database to load them into: `script INPUT_FOLDER DATABASE`."""
    return sorted(Path(sys.argv[1]).glob("*.xlsx")), Path(sys.argv[2])


def tell(connection, table: str = "ledger", parts: dict[str, float] | None = None) -> None:
    """Print rows and the sum of a column, which the comparison checks; `parts` are processor seconds by part."""
    rows, total = connection.execute(f"select count(*), sum(contract_yuan) from {table}").fetchone()
    print(json.dumps({"rows": rows, "sum": f"{float(total):.2f}", "parts": parts or {}}))
