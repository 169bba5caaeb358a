"""Tiny workbooks for the layout tests: rows as lists, merges and formats on top, read at once."""

import hashlib
import io

import openpyxl

from schemas.columns import Column
from schemas.forms import Catalogue, Form, load
from schemas.layouts import load_layouts
from transforms.layout import read_file

CATALOGUE = load()

F06_HEADER = ["序号", "小区名称", "楼号", "建筑面积", "户数", "实际开工日期", "实际竣工日期", "工程状态"]
F08_HEADER = ["街道", "小区名称", "改造类型", "累计开工(栋)"]
F08_HEADER += ["累计开工面积", "累计完工栋数", "累计完工面积", "存在问题"]
F03_HEADER = ["小区名称", "楼号", "户数", "建筑面积", "改造类型"]


def book(*sheets, **options):
    """Bytes of a workbook; a sheet is a list of rows, or (name, rows, {"merge": [...], "state": "hidden"})."""
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    for number, sheet in enumerate(sheets, 1):
        name, rows, more = sheet if isinstance(sheet, tuple) else (f"Sheet{number}", sheet, options)
        page = workbook.create_sheet(name)
        for row in rows:
            page.append(row)
        for area in more.get("merge", ()):
            page.merge_cells(area)
        page.sheet_state = more.get("state", "visible")
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def read(*sheets, name="报表.xlsx", catalogue=CATALOGUE, **options):
    """Write the sheets and read them back."""
    data = book(*sheets, **options)
    return read_file(data, name, hashlib.sha256(data).hexdigest(), catalogue)


def f06(*rows, title="施工进度月报表（2013年9月）", line="填报单位：京合二建　街道：甘家口街道", header=None):
    """Rows of a small F06 sheet."""
    return [[title], [line], header or F06_HEADER, *rows]


def f08(*rows, title="综合整治进展情况月报（2013年9月）", line="填报单位：花园路分指挥部　单位：万平方米、栋、户"):
    """Rows of a small F08 sheet."""
    return [[title], [line], F08_HEADER, *rows]


def building(number, area=3000, status="在施", **more):
    """One F06 row of 增光里."""
    return [number, more.get("compound", "增光里"), f"{number}号楼", area, 40, "2013.4.1", more.get("finish"), status]


def rows_of(reading, entity):
    """The rows of an entity as dicts; [] where none was read."""
    frame = reading.rows.get(entity)
    return [] if frame is None else frame.to_dicts()


def values(reading, entity, *names):
    """The values of some columns, one tuple a row."""
    return [tuple(row[name] for name in names) for row in rows_of(reading, entity)]


def found(reading, code):
    """Findings of a code: (severity, address)."""
    return [(f["severity"], f["address"]) for f in reading.findings.to_dicts() if f["code"] == code]


def faults(reading, entity):
    """Faults of each row: (code, severity, column, address)."""
    return [
        [(f["code"], f["severity"], f["column_name"], f["address"]) for f in row["faults"]]
        for row in rows_of(reading, entity)
    ]


def classes(reading, sheet=1):
    """Cells of a sheet by class."""
    counted = {}
    for row in reading.cells.to_dicts():
        if row["sheet_index"] == sheet:
            counted[row["cell_class"]] = counted.get(row["cell_class"], 0) + row["cells"]
    return counted


def catalogue_of(form, toml, folder):
    """A catalogue of one form of a test and one layout of it, with the common words and our code lists."""
    (folder / "T_layout.toml").write_text(f'form = "{form.entity}"\n{toml}', encoding="utf-8")
    forms = {form.entity: form}
    return Catalogue(("schemas",), forms, load_layouts(folder, forms), CATALOGUE.codes, CATALOGUE.common)


def form_of(*columns, identity, sums=(), **more):
    """A form of a test: columns as "name:kind:label"."""
    parts = [column.split(":") for column in columns]
    return Form(
        code="T99",
        entity="thing",
        title_zh="测试表",
        title_en="A form of a test",
        filed_by_zh="任何单位",
        filer_kind="any",
        cadence="on_change",
        report_key=(),
        columns=tuple(
            Column(
                name,
                kind,
                label,
                label,
                sums=name in sums,
                unit=more.get("units", {}).get(name),
                codes=more.get("codes", {}).get(name),
                places=2,
            )
            for name, kind, label in parts
        ),
        required=more.get("required", identity),
        filled=(),
        row_identity=identity,
        key=identity,
    )
