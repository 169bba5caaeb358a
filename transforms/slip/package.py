"""An Office Open XML package, marked: cells coloured, notes added, the list put in front. Nothing else is touched."""

from __future__ import annotations

import io
import posixpath
import zipfile
from collections.abc import Mapping, Sequence

from schemas.slips import LIST_TITLE
from transforms.slip.listing import free_name, list_sheet
from transforms.slip.marks import Heading, Mark, Place, note_of
from transforms.slip.notes import add_boxes, add_comments, has_ours
from transforms.slip.splice import (
    CannotSpliceError,
    Edit,
    Element,
    append_to,
    apply,
    as_utf8,
    attribute,
    find,
    named,
    set_attribute,
)
from transforms.slip.styles import Styles
from transforms.workbook import a1, parse_a1

_MAIN = "application/vnd.openxmlformats-officedocument.spreadsheetml."
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_STRICT = "http://purl.oclc.org/ooxml/officeDocument/relationships"
_NO_RELATIONS = b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"></Relationships>'
_THE_DAY = (1980, 1, 1, 0, 0, 0)
# What may follow the drawing of notes in a sheet, in the order the standard gives.
_BEHIND_NOTES = (
    "legacyDrawingHF",
    "drawingHF",
    "picture",
    "oleObjects",
    "controls",
    "webPublishItems",
    "tableParts",
    "extLst",
)


class _Parts:
    """The parts of a package, and what becomes of them."""

    def __init__(self, data: bytes) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except zipfile.BadZipFile as error:
            raise CannotSpliceError("no package") from error
        self._names = {_fold(entry.filename): entry for entry in self._zip.infolist()}
        self._changed: dict[str, bytes] = {}
        self._added: dict[str, bytes] = {}

    def __contains__(self, name: str) -> bool:
        return _fold(name) in self._names or name in self._added

    def xml(self, name: str) -> bytes:
        if name in self._added:
            return self._added[name]
        entry = self._names.get(_fold(name))
        if entry is None:
            raise CannotSpliceError(f"no part {name}")
        if entry.filename not in self._changed:
            self._changed[entry.filename] = as_utf8(self._zip.read(entry))
        return self._changed[entry.filename]

    def raw(self, name: str) -> bytes:
        return self._zip.read(self._names[_fold(name)])

    def put(self, name: str, xml: bytes) -> None:
        entry = self._names.get(_fold(name))
        if entry is None:
            self._added[name] = xml
        else:
            self._changed[entry.filename] = xml

    def free(self, pattern: str) -> str:
        number = 1
        while pattern.format(number) in self:
            number += 1
        return pattern.format(number)

    def save(self) -> bytes:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
            for entry in self._zip.infolist():
                if not entry.is_dir():
                    _write(target, entry.filename, self._changed.get(entry.filename, None), self._zip)
            for name, xml in self._added.items():
                _write(target, name, xml, self._zip)
        return buffer.getvalue()


def _write(target: zipfile.ZipFile, name: str, changed: bytes | None, source: zipfile.ZipFile) -> None:
    info = zipfile.ZipInfo(name.replace("\\", "/"), _THE_DAY)
    info.compress_type = zipfile.ZIP_DEFLATED
    target.writestr(info, source.read(name) if changed is None else changed)


def _fold(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").lower()


class _Relations:
    """The relations of one part."""

    def __init__(self, parts: _Parts, part: str) -> None:
        self._parts, self._part = parts, part
        folder, _, name = part.rpartition("/")
        self._name = f"{folder}/_rels/{name}.rels" if folder else f"_rels/{name}.rels"
        self.entries = find(parts.xml(self._name), named("Relationship")) if self._name in parts else []

    def target(self, entry: Element) -> str:
        """The part a relation points to."""
        target = entry.attributes.get("Target", "")
        if target.startswith("/"):
            return target.lstrip("/")
        return posixpath.normpath(posixpath.join(posixpath.dirname(self._part), target))

    def of_kind(self, kind: str) -> Element | None:
        """The first relation whose type ends in this word."""
        return next((e for e in self.entries if e.attributes.get("Type", "").rpartition("/")[2] == kind), None)

    def by_id(self, number: str) -> Element | None:
        return next((e for e in self.entries if e.attributes.get("Id") == number), None)

    def add(self, kind: str, target: str, office: str) -> str:
        """Point to one more part; gives the relation's id."""
        taken = {e.attributes.get("Id") for e in self.entries}
        number = 1
        while f"rIdSlip{number}" in taken:
            number += 1
        xml = self._parts.xml(self._name) if self._name in self._parts else _NO_RELATIONS
        [root] = find(xml, named("Relationships"))
        path = posixpath.relpath(target, posixpath.dirname(self._part) or ".")
        relation = (
            f'<{root.prefix}Relationship Id="rIdSlip{number}" Type="{office}/{kind}" Target="{attribute(path)}"/>'
        )
        self._parts.put(self._name, apply(xml, [append_to(xml, root, relation.encode())]))
        self.entries = find(self._parts.xml(self._name), named("Relationship"))
        return f"rIdSlip{number}"


def mark_package(
    data: bytes, heading: Heading, marks: Sequence[Mark], cells: Mapping[Place, Sequence[Mark]], remark: str | None
) -> bytes:
    """Mark the cells and put the list in front. Raises `CannotSpliceError` for a package of another make."""
    parts = _Parts(data)
    main = _main_part(parts)
    relations = _Relations(parts, main)
    workbook = parts.xml(main)
    sheets = [e for e in find(workbook, named("sheet")) if "name" in e.attributes]
    if not sheets:
        raise CannotSpliceError("no sheets")
    namespace = _namespace(workbook)
    style_entry = relations.of_kind("styles")
    if style_entry is None:
        raise CannotSpliceError("no styles")
    style_part = relations.target(style_entry)
    styles = Styles(parts.xml(style_part))
    office = _STRICT if "purl.oclc.org" in namespace else _OFFICE
    own_list: str | None = None
    for sheet in sheets:
        entry = relations.by_id(_relation_id(sheet))
        if entry is None or entry.attributes.get("Type", "").rpartition("/")[2] != "worksheet":
            continue
        part, name = relations.target(entry), sheet.attributes["name"]
        if own_list is None and _is_own_list(parts, part):
            own_list = name
            _drop_relations(parts, part)
            list_part = part
            continue
        here = {(row, col): found for (where, row, col), found in cells.items() if where == name}
        _mark_sheet(parts, part, here, styles, namespace, office)
    names = [sheet.attributes["name"] for sheet in sheets]
    looks = styles.looks()
    written = list_sheet(namespace, heading, marks, remark, looks, set(names) - {own_list})
    if own_list is None:
        list_part = parts.free(posixpath.join(posixpath.dirname(main), "worksheets/slip{}.xml"))
        _add_sheet(parts, main, relations, sheets, free_name(names), list_part, office)
        _declare(parts, list_part, f"{_MAIN}worksheet+xml")
    else:
        _activate(parts, main, names.index(own_list))
    parts.put(list_part, written)
    parts.put(style_part, styles.result())
    return parts.save()


def _main_part(parts: _Parts) -> str:
    if "_rels/.rels" in parts:
        for entry in find(parts.xml("_rels/.rels"), named("Relationship")):
            if entry.attributes.get("Type", "").endswith("/officeDocument"):
                return entry.attributes.get("Target", "").lstrip("/")
    return "xl/workbook.xml"


def _namespace(workbook: bytes) -> str:
    [root] = find(workbook, named("workbook"))
    name = f"xmlns:{root.prefix[:-1]}" if root.prefix else "xmlns"
    return root.attributes.get(name, "http://schemas.openxmlformats.org/spreadsheetml/2006/main")


def _relation_id(element: Element) -> str:
    return next((value for name, value in element.attributes.items() if name.endswith(":id")), "")


def _is_own_list(parts: _Parts, part: str) -> bool:
    """Whether a sheet is the list of an earlier slip, as written by us or saved by an office program."""
    xml = parts.xml(part)
    head = xml[: 1 << 16]
    if LIST_TITLE.encode() in head:
        return True
    first = next((e for e in find(xml, lambda name, a: name == "c" and a.get("r") == "A1")), None)
    if first is None or first.attributes.get("t") != "s":
        return False
    value = find(b"<a>" + xml[first.start : first.end] + b"</a>", named("v"))
    shared = next((name for name in ("xl/sharedStrings.xml",) if name in parts), None)
    if shared is None or not value:
        return False
    place = int((b"<a>" + xml[first.start : first.end] + b"</a>")[value[0].opened : value[0].inner])
    texts = find(parts.xml(shared), named("si"))
    entry = texts[place] if place < len(texts) else None
    return entry is not None and LIST_TITLE.encode() in parts.xml(shared)[entry.start : entry.end]


def _drop_relations(parts: _Parts, part: str) -> None:
    """Let an older list point to nothing: it is written anew."""
    folder, _, name = part.rpartition("/")
    rels = f"{folder}/_rels/{name}.rels"
    if rels in parts:
        parts.put(rels, _NO_RELATIONS)


def _mark_sheet(
    parts: _Parts,
    part: str,
    cells: Mapping[tuple[int, int], Sequence[Mark]],
    styles: Styles,
    namespace: str,
    office: str,
) -> None:
    xml = parts.xml(part)
    edits = [
        set_attribute(xml, view, "tabSelected", None)
        for view in find(xml, named("sheetView"))
        if view.attributes.get("tabSelected")
    ]
    edits += _paint(xml, {place: found[0].severity for place, found in cells.items()}, styles)
    xml = apply(xml, edits)
    relations = _Relations(parts, part)
    texts = {place: note_of(found) for place, found in cells.items()}
    comment_entry = relations.of_kind("comments")
    if texts or (comment_entry is not None and has_ours(parts.xml(relations.target(comment_entry)))):
        xml = _note(parts, part, xml, relations, texts, namespace, office)
    parts.put(part, xml)


def _paint(xml: bytes, cells: Mapping[tuple[int, int], str], styles: Styles) -> list[Edit]:
    """Colour cells; a cell that is not there is written, empty, where it belongs."""
    if not cells:
        return []
    wanted_rows = {row for row, _ in cells}
    rows: list[tuple[int, Element]] = []
    inside: dict[int, list[tuple[int, Element]]] = {}
    numbers: list[tuple[str, int, int]] = []
    at = [0, 0]

    def wanted(name: str, attributes: dict[str, str]) -> bool:
        if name == "row":
            at[0], at[1] = int(attributes.get("r", at[0] + 1)), 0
            numbers.append(("row", at[0], 0))
        elif name == "c" and at[0] in wanted_rows:
            at[1] = parse_a1(attributes["r"])[1] if "r" in attributes else at[1] + 1
            numbers.append(("c", at[0], at[1]))
        else:
            return name == "sheetData"
        return True

    found = find(xml, wanted)
    data = next((element for element in found if element.name == "sheetData"), None)
    if data is None:
        raise CannotSpliceError("a sheet without cells")
    for (name, row, col), element in zip(numbers, (e for e in found if e.name != "sheetData"), strict=True):
        if name == "row":
            rows.append((row, element))
        else:
            inside.setdefault(row, []).append((col, element))
    edits: list[Edit] = []
    new_rows: dict[int, list[bytes]] = {}
    by_number = dict(rows)
    for (row, col), severity in sorted(cells.items()):
        own = next((element for number, element in inside.get(row, ()) if number == col), None)
        if own is not None:
            style = styles.painted(_integer(own.attributes.get("s")), severity)
            edits.append(set_attribute(xml, own, "s", str(style)))
            continue
        cell = f'<{data.prefix}c r="{a1(row, col)}" s="{styles.painted(0, severity)}"/>'.encode()
        if row not in by_number:
            new_rows.setdefault(row, []).append(cell)
            continue
        behind = next((element for number, element in inside.get(row, ()) if number > col), None)
        place = by_number[row]
        edits.append(append_to(xml, place, cell) if behind is None else (behind.start, behind.start, cell))
    return _joined(edits) + _new_rows(xml, data, rows, new_rows)


def _joined(edits: Sequence[Edit]) -> list[Edit]:
    """Join what is put at the end of one empty row: each edit would replace the row's one tag."""
    joined: dict[tuple[int, int], bytes] = {}
    for start, end, new in edits:
        known = joined.get((start, end))
        if known is None:
            joined[start, end] = new
        elif start == end:
            joined[start, end] = known + new
        else:
            opened = new.index(b">") + 1
            close = known.rindex(b"</")
            joined[start, end] = known[:close] + new[opened : new.rindex(b"</")] + known[close:]
    return [(start, end, new) for (start, end), new in joined.items()]


def _new_rows(
    xml: bytes, data: Element, rows: Sequence[tuple[int, Element]], new: Mapping[int, Sequence[bytes]]
) -> list[Edit]:
    edits: list[Edit] = []
    last: list[bytes] = []
    for row, cells in sorted(new.items()):
        written = f'<{data.prefix}row r="{row}">'.encode() + b"".join(cells) + f"</{data.prefix}row>".encode()
        behind = next((element for number, element in rows if number > row), None)
        if behind is None:
            last.append(written)
        else:
            edits.append((behind.start, behind.start, written))
    return edits + ([append_to(xml, data, b"".join(last))] if last else [])


def _note(
    parts: _Parts,
    part: str,
    xml: bytes,
    relations: _Relations,
    texts: Mapping[tuple[int, int], str],
    namespace: str,
    office: str,
) -> bytes:
    """Write the notes of a sheet; gives the sheet's XML, which points to their drawing."""
    folder = posixpath.dirname(posixpath.dirname(part)) or "xl"
    entry = relations.of_kind("comments")
    comments = relations.target(entry) if entry is not None else parts.free(folder + "/comments{}.xml")
    written, gone = add_comments(parts.xml(comments) if entry is not None else None, namespace, texts)
    parts.put(comments, written)
    if entry is None:
        relations.add("comments", comments, office)
        _declare(parts, comments, f"{_MAIN}comments+xml")
    legacy = find(xml, named("legacyDrawing"))
    if legacy:
        drawing_entry = relations.by_id(_relation_id(legacy[0]))
        if drawing_entry is None:
            raise CannotSpliceError("notes without their drawing")
        drawing = relations.target(drawing_entry)
        parts.put(drawing, add_boxes(parts.raw(drawing), texts, gone))
        return xml
    drawing = parts.free(folder + "/drawings/vmlDrawing{}.vml")
    parts.put(drawing, add_boxes(None, texts, gone))
    _declare_default(parts, "vml", "application/vnd.openxmlformats-officedocument.vmlDrawing")
    number = relations.add("vmlDrawing", drawing, office)
    [root] = find(xml, named("worksheet"))
    pointer = f'<{root.prefix}legacyDrawing r:id="{number}" xmlns:r="{office}"/>'.encode()
    behind = next((e for e in find(xml, named(*_BEHIND_NOTES)) if e.depth == 1), None)
    place = behind.start if behind is not None else root.inner
    return apply(xml, [(place, place, pointer)])


def _add_sheet(
    parts: _Parts, main: str, relations: _Relations, sheets: Sequence[Element], name: str, part: str, office: str
) -> None:
    """Put a sheet in front: what counts sheets from the front (names of one sheet, the open tab) moves on by one."""
    number = relations.add("worksheet", part, office)
    xml = parts.xml(main)
    prefix = sheets[0].prefix
    highest = max(_integer(sheet.attributes.get("sheetId")) for sheet in sheets)
    entry = (
        f'<{prefix}sheet name="{attribute(name)}" sheetId="{highest + 1}" r:id="{number}" xmlns:r="{office}"/>'.encode()
    )
    edits: list[Edit] = [(sheets[0].start, sheets[0].start, entry)]
    for each in find(xml, named("definedName")):
        local = each.attributes.get("localSheetId")
        if local is not None:
            edits.append(set_attribute(xml, each, "localSheetId", str(_integer(local) + 1)))
    parts.put(main, apply(xml, edits))
    _activate(parts, main, 0)


def _activate(parts: _Parts, main: str, place: int) -> None:
    """Open the workbook on the list."""
    xml = parts.xml(main)
    edits = []
    for view in find(xml, named("workbookView")):
        tag = xml[view.start : view.opened]
        for name in ("activeTab", "firstSheet"):
            element = Element(view.name, view.tag, {}, 0, len(tag))
            _, _, tag = set_attribute(tag, element, name, str(place))
        edits.append((view.start, view.opened, tag))
    parts.put(main, apply(xml, edits))


def _declare(parts: _Parts, part: str, content_type: str) -> None:
    xml = parts.xml("[Content_Types].xml")
    [root] = find(xml, named("Types"))
    entry = f'<{root.prefix}Override PartName="/{attribute(part)}" ContentType="{content_type}"/>'
    parts.put("[Content_Types].xml", apply(xml, [append_to(xml, root, entry.encode())]))


def _declare_default(parts: _Parts, extension: str, content_type: str) -> None:
    xml = parts.xml("[Content_Types].xml")
    if any(e.attributes.get("Extension", "").lower() == extension for e in find(xml, named("Default"))):
        return
    [root] = find(xml, named("Types"))
    entry = f'<{root.prefix}Default Extension="{extension}" ContentType="{content_type}"/>'
    parts.put("[Content_Types].xml", apply(xml, [(root.opened, root.opened, entry.encode())]))


def _integer(text: str | None) -> int:
    return int(text) if text is not None and text.isascii() and text.isdigit() else 0
