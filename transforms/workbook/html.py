"""Web pages with tables, saved or exported under the name .xls: one sheet, tables one below the other as Excel does."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from transforms.workbook import faults
from transforms.workbook.cells import error_cell, no_value_cell, number_cell, number_from_text, written_cell
from transforms.workbook.encodings import check_lost, decode_text
from transforms.workbook.model import MAX_COLUMN, MAX_ROW, Area, Cell, Limits, Sheet, Workbook

_CHARSET = re.compile(rb"""charset\s*=\s*["']?\s*([A-Za-z0-9_-]+)""", re.IGNORECASE)
# Of all that Python can decode only what pages are written in: some codecs take minutes, others are no text.
_ENCODINGS = {"gb2312": "gb18030", "gbk": "gb18030", "gb18030": "gb18030", "big5": "big5"}
_ENCODINGS |= {"utf-8": "utf-8", "utf8": "utf-8", "utf-16": "utf-16", "unicode": "utf-16"}
_SHEET_NAME = re.compile(r"<x:Name>([^<]{1,31})</x:Name>", re.IGNORECASE)
_HIDDEN = re.compile(r"display\s*:\s*none|mso-ignore\s*:\s*display", re.IGNORECASE)
_FIGURE = re.compile(r"[-+(（]?[¥￥$]?\s*[\d,，]*\d(?:\.\d*)?[)）]?")
_BLANKS = re.compile(r"[ \t\r\n\f]+")
_SKIPPED = frozenset(("head", "style", "script", "xml", "title", "noframes", "select"))
_BLOCKS = frozenset(("p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "center", "caption", "li", "body"))


def read_html(data: bytes, limits: Limits) -> Workbook:
    """Read the tables of a page; a frame set, whose sheets lie in a folder that was not sent, is refused by name."""
    text = check_lost(_decode(data))
    reader = _TableReader(limits)
    reader.feed(text)
    reader.close()
    reader.finish()
    if not reader.tables:
        if "<frameset" in text.lower():
            raise faults.not_a_workbook("网页框架（只有目录，数据在未一并报送的 .files 文件夹里）")
        raise faults.not_a_workbook("没有表格的网页")
    name = _SHEET_NAME.search(text)
    sheet = Sheet(
        name[1] if name else "Sheet1",
        1,
        "visible",
        reader.cells,
        tuple(reader.merges),
        frozenset(reader.hidden_rows),
        frozenset(reader.hidden_columns),
    )
    return Workbook("html", (sheet,))


def _decode(data: bytes) -> str:
    found = _CHARSET.search(data[:4096])
    if found is not None and not data.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
        encoding = _ENCODINGS.get(found[1].decode("ascii").lower())
        try:
            if encoding is not None:
                return data.decode(encoding)
        except UnicodeDecodeError:
            pass  # the page says one thing and is another: its bytes decide
    return decode_text(data)


class _TableReader(HTMLParser):
    """Fills the grid as the page goes by; text between tables gets a row of its own, as nothing may disappear."""

    def __init__(self, limits: Limits) -> None:
        super().__init__(convert_charrefs=True)
        self.limits = limits
        self.cells: dict[tuple[int, int], Cell] = {}
        self.merges: list[Area] = []
        self.hidden_rows: set[int] = set()
        self.hidden_columns: set[int] = set()
        self.tables = 0
        self._columns = 0
        self._row = 0
        self._depth = 0
        self._skipping = 0
        self._taken: dict[int, int] = {}
        self._cell: tuple[int, int, dict[str, str]] | None = None
        self._column = 0
        self._text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag in _SKIPPED:
            self._skipping += 1
        elif tag == "table":
            self._start_table()
        elif tag == "tr" and self._depth == 1:
            self._start_row(values)
        elif tag in ("td", "th") and self._depth == 1:
            self._start_cell(values)
        elif tag == "col" and self._depth == 1:
            self._take_column(values)
        elif tag == "br":
            self._text.append("\n")
        elif tag in _BLOCKS and self._depth == 0:
            self._flush_outside()

    def handle_endtag(self, tag: str) -> None:
        if tag in _SKIPPED:
            self._skipping = max(0, self._skipping - 1)
        elif tag == "table" and self._depth:
            if self._depth == 1:
                self._end_cell()
                self._row = max([self._row, *self._taken.values()])
                self._taken = {}
            self._depth -= 1
        elif tag in ("td", "th", "tr") and self._depth == 1:
            self._end_cell()
        elif tag in _BLOCKS:
            if self._depth == 0:
                self._flush_outside()
            else:
                self._text.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._skipping:
            self._text.append(_BLANKS.sub(" ", data))

    def finish(self) -> None:
        """Take what stands behind the last tag."""
        if self._depth == 0:
            self._flush_outside()
        else:
            self._end_cell()

    def _start_table(self) -> None:
        if self._depth == 0:
            self._flush_outside()
            self.tables += 1
            self._columns = 0
        self._depth += 1

    def _take_column(self, values: dict[str, str]) -> None:
        last = min(self._columns + _span(values.get("span"), MAX_COLUMN), MAX_COLUMN)
        if _HIDDEN.search(values.get("style", "")):
            self.hidden_columns.update(range(self._columns + 1, last + 1))
        self._columns = last

    def _start_row(self, values: dict[str, str]) -> None:
        self._end_cell()
        self._text = []
        self._row += 1
        if self._row > MAX_ROW:
            raise faults.too_large("行数", self._row, MAX_ROW)
        self._column = 0
        if _HIDDEN.search(values.get("style", "")):
            self.hidden_rows.add(self._row)

    def _start_cell(self, values: dict[str, str]) -> None:
        self._end_cell()
        self._text = []
        if self._row == 0:
            self._row = 1
        column = self._column + 1
        while self._taken.get(column, 0) >= self._row:
            column += 1
        across, down = _span(values.get("colspan"), 1000), _span(values.get("rowspan"), 65534)
        last = column + across - 1
        if last > MAX_COLUMN:
            raise faults.damaged("网页表格的列数超出范围")
        if down > 1:
            self._taken.update(dict.fromkeys(range(column, last + 1), self._row + down - 1))
        if across > 1 or down > 1:
            self.merges.append(Area(self._row, column, self._row + down - 1, last))
        self._column = last
        self._cell = (self._row, column, values)

    def _end_cell(self) -> None:
        if self._cell is None:
            return
        row, column, values = self._cell
        self._cell = None
        self._store(row, column, _join(self._text), values)
        self._text = []

    def _flush_outside(self) -> None:
        text = _join(self._text)
        self._text = []
        if text.strip():
            self._row += 1
            self._store(self._row, 1, text, {})

    def _store(self, row: int, column: int, text: str, values: dict[str, str]) -> None:
        cell = _make_cell(text, values)
        if cell is not None:
            self.cells[row, column] = cell
            if len(self.cells) > self.limits.cells:
                raise faults.too_large("有内容的单元格数", f"{len(self.cells)} 以上", self.limits.cells)


def _make_cell(text: str, values: dict[str, str]) -> Cell | None:
    """Make the cell of what a page shows and what Excel put into its attributes: stored number, error, formula.

    The stored number of a date is its serial; what is shown there is the date, and is taken.
    """
    formula = values.get("x:fmla")
    if "x:err" in values:
        return error_cell(values["x:err"] or text, is_formula=formula is not None)
    if formula is not None and not text.strip() and "x:num" not in values and "x:str" not in values:
        return no_value_cell(formula)
    stored = values.get("x:num")
    number = number_from_text(stored) if stored and (_FIGURE.fullmatch(text) or not text.strip()) else None
    cell = written_cell(text) if number is None else number_cell(number)
    if formula is None:
        return cell
    return (
        Cell("text", "", "=" + formula.removeprefix("="), False, True)
        if cell is None
        else cell._replace(is_formula=True)
    )


def _span(text: str | None, most: int) -> int:
    return min(max(int(text), 1), most) if text and text.isascii() and text.isdigit() and len(text) < 9 else 1


def _join(pieces: list[str]) -> str:
    lines = "".join(pieces).split("\n")
    return "\n".join(line.strip(" ") for line in lines).strip("\n ")
