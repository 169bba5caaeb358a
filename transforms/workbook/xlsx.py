"""Office Open XML workbooks (.xlsx, .xlsm, .xltx; transitional and strict), read by a scan of our own.

Our own scan and not a fast reader's grid: the file's own digits stay exact, error cells and formulas without stored
results keep their addresses, and a cell at XFD1048576 costs one dictionary entry instead of a terabyte.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import cast
from xml.etree.ElementTree import Element

from transforms.workbook import faults
from transforms.workbook.cells import (
    PLAIN,
    NumberFormat,
    boolean_cell,
    classify_format,
    date_cell,
    error_cell,
    is_garbled,
    no_value_cell,
    stored_number_cells,
    text_cell,
)
from transforms.workbook.model import (
    MAX_COLUMN,
    MAX_ROW,
    Area,
    Cell,
    Limits,
    Sheet,
    Visibility,
    Workbook,
    column_letter,
    parse_a1,
    parse_area,
)
from transforms.workbook.package import Package, iterate_elements, local_name, parse_xml, resolve
from transforms.workbook.quick import (
    QUICK_BYTES,
    QUICK_TEXT_BYTES,
    QuickSheet,
    WrittenCell,
    scan_quickly,
    scan_texts_quickly,
    stored_values,
    take_apart,
)

_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_SURROGATE = re.compile("[\ud800-\udfff]")
_VISIBILITY: dict[str | None, Visibility] = {"hidden": "hidden", "veryHidden": "very_hidden"}
_COLUMNS = {column_letter(number): number for number in range(1, MAX_COLUMN + 1)}
_MOST_KNOWN = 100_000
_WRITTEN = itemgetter(2)
_SHEET_ROOTS = frozenset(("worksheet", "dialogsheet", "macrosheet"))
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_RELATION_STRICT = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"


@dataclass
class _Book:
    """What the sheets of one file share, and how many cells they have used up.

    ``known`` are the cells made so far, by what is written behind their addresses: what is written alike is one object.
    """

    limits: Limits
    texts: list[Cell | None]
    formats: list[NumberFormat]
    epoch_1904: bool
    known: dict[str, Cell | None] = field(default_factory=dict)
    cells: int = 0
    merges: int = 0


@dataclass
class _Grid:
    """A sheet while it is being read."""

    name: str
    cells: dict[tuple[int, int], Cell] = field(default_factory=dict)
    merges: list[Area] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)


def workbook_part(package: Package) -> str:
    """Return the name of the part that lists the sheets."""
    if "_rels/.rels" in package:
        for relation in parse_xml(package.read("_rels/.rels")):
            if relation.get("Type", "").endswith("/officeDocument"):
                return resolve("", relation.get("Target", ""))
    return "xl/workbook.xml"


def read_xlsx(package: Package, limits: Limits) -> Workbook:
    """Read all sheets of an Office Open XML package."""
    main = workbook_part(package)
    root = parse_xml(package.read(main))
    relations = _relations(package, main)
    entries = [sheet for sheets in _children(root, "sheets") for sheet in _children(sheets, "sheet")]
    if not entries:
        raise faults.damaged("没有工作表")
    if len(entries) > limits.sheets:
        raise faults.too_large("工作表数", len(entries), limits.sheets)
    _check_sheets(entries, relations)
    book = _Book(limits, _shared_texts(package, relations, limits), _cell_formats(package, relations), _is_1904(root))
    sheets = tuple(_read_sheet(package, book, relations, entry, index) for index, entry in enumerate(entries, 1))
    return Workbook("xlsx", sheets, book.epoch_1904)


def _check_sheets(entries: list[Element], relations: dict[str, tuple[str, str]]) -> None:
    """Refuse two sheets of one name or one content: which of them was meant nobody can say."""
    names = [entry.get("name", "").casefold() for entry in entries]
    parts = [relations.get(_relation_of(entry), ("", ""))[1].lower() for entry in entries]
    for what, found in (("两个工作表同名", names), ("两个工作表指向同一内容", [part for part in parts if part])):
        if len(set(found)) < len(found):
            raise faults.damaged(what)


def _relation_of(entry: Element) -> str:
    return entry.get(_RELATION) or entry.get(_RELATION_STRICT) or ""


def _children(element: Element, name: str) -> list[Element]:
    return [child for child in element if local_name(child.tag) == name]


def _is_1904(root: Element) -> bool:
    return any(properties.get("date1904") in ("1", "true") for properties in _children(root, "workbookPr"))


def _relations(package: Package, part: str) -> dict[str, tuple[str, str]]:
    """Return the relations of a part: id → (last word of the type, name of the part it points to)."""
    folder, _, name = part.rpartition("/")
    rels = f"{folder}/_rels/{name}.rels" if folder else f"_rels/{name}.rels"
    if rels not in package:
        raise faults.damaged("缺少工作表目录")
    found = [
        (
            relation.get("Id", ""),
            relation.get("Type", "").rpartition("/")[2],
            resolve(part, relation.get("Target", "")),
        )
        for relation in parse_xml(package.read(rels))
        if relation.get("TargetMode") != "External"
    ]
    relations = {name: (kind, target) for name, kind, target in found}
    if len(relations) < len(found):
        raise faults.damaged("工作表目录中有重复的编号")
    return relations


def _part_of_type(relations: dict[str, tuple[str, str]], kind: str) -> str | None:
    return next((target for word, target in relations.values() if word == kind), None)


def _shared_texts(package: Package, relations: dict[str, tuple[str, str]], limits: Limits) -> list[Cell | None]:
    part = _part_of_type(relations, "sharedStrings")
    if part is None or part not in package:
        return []
    quick = scan_texts_quickly(package.read(part)) if package.size(part) <= QUICK_TEXT_BYTES else None
    if quick is not None:
        _check_texts(len(quick), limits)
        return [text_cell(_unescape(text)) for text in quick]
    texts: list[Cell | None] = []
    with package.open(part) as stream:
        for element in iterate_elements(stream):
            if element.tag.endswith("}si"):
                texts.append(text_cell(_rich_text(element)))
                element.clear()
                _check_texts(len(texts), limits)
    return texts


def _check_texts(count: int, limits: Limits) -> None:
    if count > limits.cells:
        raise faults.too_large("共享文字数", f"{limits.cells} 以上", limits.cells)


def _rich_text(element: Element) -> str:
    """Join the text of an <si> or <is>: plain <t>, or runs of <r><t>; readings (<rPh>) are not part of the text."""
    pieces: list[str] = []
    for child in element:
        tag = child.tag
        if tag.endswith("}t"):
            pieces.append(child.text or "")
        elif tag.endswith("}r"):
            pieces.extend(run.text or "" for run in child if run.tag.endswith("}t"))
    return _unescape("".join(pieces))


def _unescape(text: str) -> str:
    """Undo OOXML's _xHHHH_ for characters XML cannot hold; halves of a pair come together again or count as lost."""
    if "_x" not in text:
        return text
    plain = _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)
    if _SURROGATE.search(plain):
        plain = plain.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return plain


def _cell_formats(package: Package, relations: dict[str, tuple[str, str]]) -> list[NumberFormat]:
    """Return what each cell style (attribute s) says about numbers."""
    part = _part_of_type(relations, "styles")
    if part is None or part not in package:
        return []
    root = parse_xml(package.read(part))
    codes = {
        _integer(entry.get("numFmtId")): entry.get("formatCode", "")
        for entries in _children(root, "numFmts")
        for entry in entries
    }
    ids = [_integer(style.get("numFmtId")) for styles in _children(root, "cellXfs") for style in styles]
    return [classify_format(format_id, codes.get(format_id)) for format_id in ids]


def _integer(text: str | None, default: int = 0) -> int:
    return int(text) if text is not None and text.isascii() and text.isdigit() else default


def _read_sheet(
    package: Package, book: _Book, relations: dict[str, tuple[str, str]], entry: Element, index: int
) -> Sheet:
    name = entry.get("name", "")
    if is_garbled(name):
        raise faults.garbled(name, 0, 0)
    grid = _Grid(name)
    kind, part = relations.get(_relation_of(entry), ("", ""))
    if not kind:
        raise faults.damaged(f"找不到工作表“{name}”的内容")
    if kind == "worksheet":
        _scan_sheet(package, book, part, grid)
    return Sheet(
        name,
        index,
        _VISIBILITY.get(entry.get("state"), "visible"),
        grid.cells,
        tuple(grid.merges),
        frozenset(grid.hidden_rows),
        frozenset(grid.hidden_columns),
    )


def _scan_sheet(package: Package, book: _Book, part: str, grid: _Grid) -> None:
    sheet = scan_quickly(package.read(part)) if package.size(part) <= QUICK_BYTES else None
    if sheet is not None:
        _take_quick_sheet(book, grid, sheet)
        return
    row_number = 0
    tag = ""
    with package.open(part) as stream:
        for element in iterate_elements(stream):
            tag = element.tag
            if tag.endswith("}row"):
                row_number = _row_number(grid, element.get("r"), row_number + 1)
                _read_row(book, grid, element, row_number)
                element.clear()
            elif tag.endswith("}mergeCell"):
                _add_merge(book, grid, element.get("ref", ""))
            elif tag.endswith("}col"):
                _add_column(grid, element)
    if local_name(tag) not in _SHEET_ROOTS:
        raise faults.damaged(f"工作表“{grid.name}”的内容不是工作表")


def _row_number(grid: _Grid, written: str | None, following: int) -> int:
    number = following if written is None else _integer(written, 0)
    if not 1 <= number <= MAX_ROW:
        raise faults.damaged(f"工作表“{grid.name}”的行号写错")
    return number


def _take_quick_sheet(book: _Book, grid: _Grid, sheet: QuickSheet) -> None:
    for reference in sheet.merges:
        _add_merge(book, grid, reference)
    for column in sheet.columns:
        _add_column(grid, column)
    for number, row in enumerate(sheet.rows, 1):
        _note_hidden_row(grid, row, _integer(row.get("r"), number))
    room = book.limits.cells - book.cells
    for piece in sheet.pieces():
        _take_piece(book, grid, piece)
        if len(grid.cells) > room:
            raise faults.too_large("有内容的单元格数", f"{book.limits.cells} 以上", book.limits.cells)
    book.cells += len(grid.cells)


def _take_piece(book: _Book, grid: _Grid, piece: Sequence[WrittenCell]) -> None:
    """Take cells over by the list: what is written alike is made into a cell once."""
    known = book.known
    new = [each for each in dict.fromkeys(map(_WRITTEN, piece)) if each not in known]
    known.update(_written_cells(book, new))
    if None in known.values():
        piece = [each for each in piece if known[each[2]] is not None]
    if not piece:
        return
    letters, row_texts, written = zip(*piece, strict=True)
    columns = {each: _COLUMNS.get(each, 0) for each in set(letters)}
    rows = {each: int(each) for each in set(row_texts)}
    places = zip(map(rows.__getitem__, row_texts), map(columns.__getitem__, letters), strict=True)
    cells = cast(dict[tuple[int, int], Cell], dict(zip(places, map(known.__getitem__, written), strict=True)))
    texts = "".join([cell.text for each in new if (cell := known[each]) is not None])
    odd = 0 in columns.values() or max(rows.values()) > MAX_ROW or is_garbled(texts)
    if odd or len(cells) < len(piece) or not grid.cells.keys().isdisjoint(cells):
        _refuse_piece(grid, piece, known)
    grid.cells.update(cells)
    if len(known) > _MOST_KNOWN:
        known.clear()


def _written_cells(book: _Book, written: Sequence[str]) -> Iterator[tuple[str, Cell | None]]:
    """Make the cells of what is written in a quick sheet behind the addresses."""
    stored, others = stored_values(written)
    for (kind, style), values in stored.items():
        yield from zip(values, _stored_cells(book, kind, style, values.values()), strict=True)
    for each, (kind, style, raw, formula, inline) in zip(others, take_apart(others), strict=True):
        yield each, _make_cell(book, kind, style, raw, formula, None if inline is None else _unescape(inline))


def _is_lost(cell: Cell | None) -> bool:
    return cell is not None and cell.kind == "text" and is_garbled(cell.text)


def _refuse_piece(grid: _Grid, piece: Sequence[WrittenCell], known: Mapping[str, Cell | None]) -> None:
    """Refuse the first cell with an odd address, with lost text, or that stands twice."""
    seen = set(grid.cells)
    for letters, row_text, written in piece:
        at = _odd_address(grid, letters + row_text)
        if _is_lost(known[written]):
            raise faults.garbled(grid.name, *at)
        if at in seen:
            raise faults.twice(grid.name, *at)
        seen.add(at)


def _add_merge(book: _Book, grid: _Grid, reference: str) -> None:
    book.merges += 1
    if book.merges > book.limits.merges:
        raise faults.too_large("合并单元格数", book.merges, book.limits.merges)
    try:
        area = parse_area(reference)
    except ValueError as error:
        raise faults.damaged(f"工作表“{grid.name}”的合并区域写错") from error
    if area[:2] != area[2:]:
        grid.merges.append(area)


def _note_hidden_row(grid: _Grid, row: Element | dict[str, str], row_number: int) -> None:
    if row.get("hidden") in ("1", "true") or (row.get("ht") == "0" and row.get("customHeight") in ("1", "true")):
        grid.hidden_rows.add(row_number)


def _add_column(grid: _Grid, element: Element | dict[str, str]) -> None:
    hidden = element.get("hidden") in ("1", "true") or element.get("width") == "0"
    if hidden and len(grid.hidden_columns) < MAX_COLUMN:
        first = _integer(element.get("min"))
        last = min(_integer(element.get("max"), first), MAX_COLUMN)
        grid.hidden_columns.update(range(max(first, 1), last + 1))


def _read_row(book: _Book, grid: _Grid, row: Element, row_number: int) -> None:
    _note_hidden_row(grid, row, row_number)
    row_text = str(row_number)
    cells, column = grid.cells, 0
    before = len(cells)
    for element in row:
        address = element.get("r")
        at = row_number
        if address is None:
            column += 1
        else:
            letters = address.rstrip("0123456789")
            found = _COLUMNS.get(letters)
            if found is None or address[len(letters) :] != row_text:
                at, found = _odd_address(grid, address)
            column = found
        if len(element) == 0:
            continue
        cell = _read_cell(book, element)
        if cell is not None:
            if _is_lost(cell):
                raise faults.garbled(grid.name, at, column)
            if (at, column) in cells:
                raise faults.twice(grid.name, at, column)
            cells[at, column] = cell
    if column > MAX_COLUMN:
        raise faults.damaged(f"工作表“{grid.name}”的列数超出范围")
    book.cells += len(cells) - before
    if book.cells > book.limits.cells:
        raise faults.too_large("有内容的单元格数", f"{book.cells} 以上", book.limits.cells)


def _odd_address(grid: _Grid, address: str) -> tuple[int, int]:
    try:
        return parse_a1(address)
    except ValueError as error:
        raise faults.damaged(f"工作表“{grid.name}”的单元格地址写错") from error


def _read_cell(book: _Book, element: Element) -> Cell | None:
    raw: str | None = None
    formula: str | None = None
    inline: Element | None = None
    for child in element:
        tag = child.tag
        if tag.endswith("}v"):
            raw = child.text
        elif tag.endswith("}f"):
            formula = child.text or ""
        elif tag.endswith("}is"):
            inline = child
    text = None if inline is None else _rich_text(inline)
    return _make_cell(book, element.get("t", "n"), element.get("s"), raw, formula, text)


def _make_cell(
    book: _Book, kind: str, style: str | None, raw: str | None, formula: str | None, inline: str | None
) -> Cell | None:
    is_formula = formula is not None
    if kind == "inlineStr" and inline is not None:
        return text_cell(inline, is_formula=is_formula)
    if kind == "str" and formula is not None and not raw:
        return Cell("text", "", "=" + formula, False, True)
    if not raw:
        return no_value_cell(formula) if formula is not None else None
    return next(iter(_stored_cells(book, kind, style, (raw,), is_formula=is_formula)))


def _stored_cells(
    book: _Book, kind: str, style: str | None, raws: Iterable[str], *, is_formula: bool = False
) -> Iterable[Cell | None]:
    """Make the cells of stored values of one type and style."""
    if kind == "s":
        return [_shared_cell(book.texts, raw, is_formula=is_formula) for raw in raws]
    if kind == "n":
        place = int(style) if style is not None and style.isdecimal() else 0
        number_format = book.formats[place] if place < len(book.formats) else PLAIN
        return stored_number_cells(raws, number_format, epoch_1904=book.epoch_1904, is_formula=is_formula)
    return [_rarer_cell(kind, raw, is_formula=is_formula) for raw in raws]


def _shared_cell(texts: Sequence[Cell | None], raw: str, *, is_formula: bool) -> Cell | None:
    index = int(raw) if raw.isascii() and raw.isdigit() else _integer(raw.strip(), -1)
    if not 0 <= index < len(texts):
        raise faults.damaged("共享文字表与工作表不一致")
    cell = texts[index]
    return cell._replace(is_formula=True) if is_formula and cell is not None else cell


def _rarer_cell(kind: str, raw: str, *, is_formula: bool) -> Cell | None:
    if kind == "e":
        return error_cell(raw, is_formula=is_formula)
    if kind == "b":
        return boolean_cell(raw.strip() in ("1", "true"), is_formula=is_formula)
    if kind == "d":
        try:
            moment = dt.datetime.fromisoformat(raw.strip()).replace(tzinfo=None)
        except ValueError:
            return text_cell(raw, is_formula=is_formula)
        return date_cell(moment, is_formula=is_formula)
    return text_cell(_unescape(raw), is_formula=is_formula)
