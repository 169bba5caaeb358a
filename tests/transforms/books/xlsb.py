""".xlsb record by record, as [MS-XLSB] says."""

import datetime as dt
import io
import struct
import zipfile

from tests.transforms.books.content import Error, Formula, Percent, serial


def record(kind, body=b""):
    """A record: its kind in one or two bytes, its size in as many as it needs, seven bits each."""
    head = bytes([kind]) if kind < 0x80 else bytes([kind & 0x7F | 0x80, kind >> 7])
    size, rest = b"", len(body)
    while True:
        rest, low = rest >> 7, rest & 0x7F
        size += bytes([low | 0x80 if rest else low])
        if not rest:
            return head + size + body


def wide(text):
    """A text behind its length."""
    data = text.encode("utf-16-le")
    return struct.pack("<I", len(data) // 2) + data


_XLSB_ERRORS = {"#NULL!": 0, "#DIV/0!": 7, "#VALUE!": 15, "#REF!": 23, "#NAME?": 29, "#NUM!": 36, "#N/A": 42}
_PLAIN, _DAY, _PERCENT = range(3)


def xlsb(pages, epoch_1904=False):
    """A binary workbook with shared texts and three cell styles."""
    texts: dict[str, int] = {}
    sheets = [_xlsb_sheet(page, texts, epoch_1904) for page in pages]
    number_formats = record(44, struct.pack("<H", 176) + wide("yyyy\\-mm\\-dd"))
    styles = record(615, struct.pack("<I", 1)) + number_formats + record(616) + record(617, struct.pack("<I", 3))
    styles += b"".join(record(47, struct.pack("<HH", 0, number) + bytes(12)) for number in (0, 176, 10)) + record(618)
    states = {"visible": 0, "hidden": 1, "very_hidden": 2}
    bundles = b"".join(
        record(156, struct.pack("<II", states[page.state], number) + wide(f"r{number}") + wide(page.name))
        for number, page in enumerate(pages, 1)
    )
    flags = record(153, struct.pack("<II", int(epoch_1904), 0) + wide(""))
    book = record(131) + flags + record(143) + bundles + record(144) + record(132)
    shared = b"".join(record(19, b"\0" + wide(text)) for text in texts)
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    rels = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>'
    link = f'<Relationship Id="{{}}" Type="{office}/{{}}" Target="{{}}"/>'
    places = [link.format(f"r{n}", "worksheet", f"worksheets/sheet{n}.bin") for n in range(1, len(pages) + 1)]
    places += [link.format("rs", "sharedStrings", "sharedStrings.bin"), link.format("rt", "styles", "styles.bin")]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", _content_types(len(pages)))
        package.writestr("_rels/.rels", rels.format(link.format("r1", "officeDocument", "xl/workbook.bin")))
        package.writestr("xl/workbook.bin", book)
        package.writestr("xl/_rels/workbook.bin.rels", rels.format("".join(places)))
        package.writestr("xl/sharedStrings.bin", record(159, struct.pack("<II", 1, len(texts))) + shared + record(160))
        package.writestr("xl/styles.bin", styles)
        for number, sheet in enumerate(sheets, 1):
            package.writestr(f"xl/worksheets/sheet{number}.bin", sheet)
    return buffer.getvalue()


def _content_types(sheets):
    """What each part is."""
    main, part = "application/vnd.ms-excel.sheet.binary.macroEnabled.main", "application/vnd.ms-excel"
    kinds = {f"/xl/worksheets/sheet{n}.bin": f"{part}.worksheet" for n in range(1, sheets + 1)}
    kinds |= {"/xl/workbook.bin": main, "/xl/sharedStrings.bin": f"{part}.sharedStrings"}
    kinds |= {"/xl/styles.bin": f"{part}.styles"}
    parts = "".join(f'<Override PartName="{name}" ContentType="{kind}"/>' for name, kind in kinds.items())
    rels = '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    return f'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">{rels}{parts}</Types>'


def _xlsb_sheet(page, texts, epoch_1904):
    columns = b"".join(record(60, struct.pack("<4IH", col - 1, col - 1, 2048, 0, 1)) for col in page.hidden_columns)
    rows = b""
    for row in sorted({row for row, _ in page.cells} | set(page.hidden_rows)):
        hidden = 0x10 if row in page.hidden_rows else 0
        rows += record(0, struct.pack("<IIHBBBI", row - 1, 0, 300, 0, hidden, 0, 0))
        for col in sorted(col for at, col in page.cells if at == row):
            rows += _xlsb_cell(col, page.cells[row, col], texts, epoch_1904)
    areas = b"".join(record(176, struct.pack("<4I", r1 - 1, r2 - 1, c1 - 1, c2 - 1)) for r1, c1, r2, c2 in page.merges)
    merges = record(177, struct.pack("<I", len(page.merges))) + areas + record(178)
    data = record(145) + rows + record(146)
    return record(129) + record(390) + columns + record(391) + data + merges + record(130)


def _xlsb_cell(col, value, texts, epoch_1904):
    formula, value = (True, value.value) if isinstance(value, Formula) else (False, value)
    style, tail = _PLAIN, b"\0\0" + struct.pack("<II", 0, 0) if formula else b""
    match value:
        case bool():
            kind, body = 10 if formula else 4, bytes([value])
        case Error(text):
            kind, body = 11 if formula else 3, bytes([_XLSB_ERRORS[text]])
        case str() if formula:
            kind, body = 8, wide(value)
        case str():
            kind, body = 7, struct.pack("<I", texts.setdefault(value, len(texts)))
        case _:
            style = {Percent: _PERCENT, dt.datetime: _DAY}.get(type(value), _PLAIN)
            number = serial(value, epoch_1904) if style == _DAY else value.value if style == _PERCENT else value
            kind, body = 9 if formula else 5, struct.pack("<d", number)
    return record(kind, struct.pack("<II", col - 1, style) + body + tail)
