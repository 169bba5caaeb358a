"""A workbook of Excel 5/95 (BIFF5) with text in a code page of its own, written record by record: nothing else can."""

import io
import struct

from xlwt.CompoundDoc import XlsDoc

_FONT = struct.pack("<HHHHHBBBB", 200, 0, 0x7FFF, 400, 0, 0, 0, 0, 0) + b"\x05Arial"
_STYLE = struct.pack("<HHHHHHHH", 0, 0, 0xFFF5, 0x20, 0x20C0, 0, 0, 0)


def _record(number, data=b""):
    return struct.pack("<HH", number, len(data)) + data


def _sheet(rows, encoding):
    records = [_record(0x0809, struct.pack("<HHHH", 0x0500, 0x0010, 0x1234, 1995))]
    for row, line in enumerate(rows):
        for col, value in enumerate(line):
            place = struct.pack("<HHH", row, col, 0)
            if isinstance(value, str):
                text = value.encode(encoding)
                records.append(_record(0x0204, place + struct.pack("<H", len(text)) + text))
            elif value is not None:
                records.append(_record(0x0203, place + struct.pack("<d", value)))
    return b"".join((*records, _record(0x000A)))


def biff5(name, rows, encoding="cp936", declared=936):
    """Bytes of a workbook of one sheet; ``declared`` is the code page it says, which may be a wrong one."""
    title = name.encode(encoding)
    begin = _record(0x0809, struct.pack("<HHHH", 0x0500, 0x0005, 0x1234, 1995))
    begin += _record(0x0042, struct.pack("<H", declared)) + _record(0x0031, _FONT) * 4 + _record(0x00E0, _STYLE) * 16
    size = len(begin) + 4 + 7 + len(title) + 4
    bound = _record(0x0085, struct.pack("<IBBB", size, 0, 0, len(title)) + title)
    stream = begin + bound + _record(0x000A) + _sheet(rows, encoding)
    folder = XlsDoc()
    buffer = io.BytesIO()
    folder.save(buffer, stream.ljust(4096, b"\0"))
    return buffer.getvalue()
