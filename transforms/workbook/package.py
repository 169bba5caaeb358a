"""Zip packages and the XML inside them, read with every promise of their headers distrusted."""

from __future__ import annotations

import io
import posixpath
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from typing import IO, cast
from xml.etree.ElementTree import Element, XMLPullParser
from xml.parsers import expat

from transforms.workbook import faults
from transforms.workbook.model import Limits

_CHUNK = 1 << 18
_LOCAL_HEADER = 30


class Package:
    """The parts of a zip by their names, in any case and with either slash.

    Refuses parts of one name, parts that overlap (a bomb's way to use one byte often), encryption, ways of packing that
    spreadsheets do not use, and more unpacked bytes than the limits allow: promised, and counted while unpacking.
    """

    def __init__(self, data: bytes, limits: Limits) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, OSError, EOFError, NotImplementedError) as error:
            raise faults.damaged("压缩包目录读不出来") from error
        self._most = limits.unzipped_bytes
        self._unpacked: dict[str, int] = {}
        entries = self._zip.infolist()
        if len(entries) > limits.zip_entries:
            raise faults.too_large("压缩包内的文件数", len(entries), limits.zip_entries)
        total = sum(entry.file_size for entry in entries)
        if total > limits.unzipped_bytes:
            raise faults.too_large("解压后的字节数", total, limits.unzipped_bytes)
        self._parts = {_fold(entry.filename): entry for entry in entries}
        if len(self._parts) < len(entries):
            raise faults.damaged("压缩包内有重名的文件")
        _check_places(entries, self._zip.start_dir)

    def __contains__(self, name: str) -> bool:
        return _fold(name) in self._parts

    @property
    def names(self) -> tuple[str, ...]:
        """The folded names of all parts."""
        return tuple(self._parts)

    def open(self, name: str) -> IO[bytes]:
        """Return a stream of one part, which gives no more bytes than the directory promised (zipfile sees to that)."""
        entry = self._parts.get(_fold(name))
        if entry is None:
            raise faults.damaged(f"缺少 {name}")
        if entry.flag_bits & 1:
            raise faults.encrypted()
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise faults.unsafe("不常用的压缩方式")
        return cast(IO[bytes], _Counted(self._zip.open(entry), partial(self._count, entry.filename)))

    def _count(self, name: str, given: int) -> None:
        """Count what was unpacked of each part, once however often it is read."""
        self._unpacked[name] = max(self._unpacked.get(name, 0), given)
        total = sum(self._unpacked.values())
        if total > self._most:
            raise faults.too_large("解压后的字节数", f"{total} 以上", self._most)

    def size(self, name: str) -> int:
        """Return the unzipped bytes of one part, as promised."""
        entry = self._parts.get(_fold(name))
        return 0 if entry is None else entry.file_size

    def read(self, name: str) -> bytes:
        """Return the bytes of one part."""
        with self.open(name) as stream:
            return b"".join(iter(lambda: stream.read(_CHUNK), b""))


class _Counted(io.RawIOBase):
    """A stream that tells how many bytes it has given, before it gives them."""

    def __init__(self, stream: IO[bytes], tell_given: Callable[[int], None]) -> None:
        self._stream = stream
        self._given = 0
        self._tell_given = tell_given

    def read(self, size: int = -1) -> bytes:
        chunk = self._stream.read(min(size, _CHUNK) if size >= 0 else _CHUNK)
        self._given += len(chunk)
        self._tell_given(self._given)
        return chunk

    def close(self) -> None:
        self._stream.close()
        super().close()


def _check_places(entries: list[zipfile.ZipInfo], directory: int) -> None:
    """Each part has a place of its own between the others and before the directory."""
    end = 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        if entry.header_offset < end:
            raise faults.damaged("压缩包内的文件互相重叠")
        end = entry.header_offset + _LOCAL_HEADER
        end += entry.compress_size
    if end > directory:
        raise faults.damaged("压缩包内的文件互相重叠")


def _fold(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").lower()


def resolve(base: str, target: str) -> str:
    """Return the name of the part that a relation in the part `base` points to."""
    if target.startswith("/"):
        return target.lstrip("/")
    return posixpath.normpath(posixpath.join(posixpath.dirname(base), target))


def iterate_elements(stream: IO[bytes]) -> Iterator[Element]:
    """Yield every element as it ends, root last. A document type, and with it any entity, is refused before use.

    The caller clears what it has used, so that memory stays flat.
    """
    parser: XMLPullParser[Element] = XMLPullParser(events=("end",))
    prolog: expat.XMLParserType | None = _prolog_parser()
    size = _CHUNK
    while chunk := _read(stream, size):
        if prolog is not None and _passes_prolog(prolog, chunk):
            prolog = None
        parser.feed(chunk)
        # expat begins an incomplete tag or comment anew with every piece: they grow while one goes on.
        size *= 2
        for element in _ended(parser):
            size = _CHUNK
            yield element
    parser.close()
    yield from _ended(parser)


def _read(stream: IO[bytes], size: int) -> bytes:
    """Read so many bytes, or what there is left."""
    pieces = []
    while size > 0 and (piece := stream.read(size)):
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)


def _ended(parser: XMLPullParser[Element]) -> Iterator[Element]:
    # typeshed's events are a union over all kinds of event; we asked for "end" alone.
    return (cast(Element, event[-1]) for event in parser.read_events())


def parse_xml(data: bytes) -> Element:
    """Return the root of a small XML document."""
    root: Element | None = None
    for element in iterate_elements(io.BytesIO(data)):
        root = element
    if root is None:
        raise faults.damaged("XML 为空")
    return root


class _RootReached(Exception):  # noqa: N818 - not an error: the way out of expat's callback
    pass


def _prolog_parser() -> expat.XMLParserType:
    """A document type can only stand before the root element, so this parser is needed just that far."""
    parser = expat.ParserCreate()

    def on_doctype(*_: object) -> None:
        raise faults.unsafe("XML 文档类型声明（DOCTYPE）")

    def on_root(*_: object) -> None:
        raise _RootReached

    parser.StartDoctypeDeclHandler = on_doctype
    parser.StartElementHandler = on_root
    return parser


def _passes_prolog(parser: expat.XMLParserType, chunk: bytes) -> bool:
    try:
        parser.Parse(chunk, False)
    except _RootReached:
        return True
    return False


def local_name(tag: str) -> str:
    """Return the tag without its namespace: OOXML has a transitional and a strict one."""
    return tag.rpartition("}")[2]
