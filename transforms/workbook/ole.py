"""OLE compound files, in which .xls lies: its streams by name, with every chain checked before it is followed.

A chain that runs in a circle, leaves the file or is longer than the file is damage; nothing is read twice.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

from transforms.workbook import faults

SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HEAD_BYTES = 512
_END = 0xFFFFFFFE
_ENTRY_BYTES = 128
_STREAM, _ROOT = 2, 5
_MOST_ENTRIES = 100_000


class CompoundFile:
    """The streams of a compound file by name; of two of one name the first."""

    def __init__(self, data: bytes) -> None:
        if len(data) < _HEAD_BYTES or not data.startswith(SIGNATURE):
            raise faults.damaged("OLE 文件头不完整")
        shift, mini_shift = struct.unpack_from("<HH", data, 30)
        if shift not in (9, 12) or mini_shift != 6:
            raise faults.damaged("OLE 扇区大小不合规定")
        self._data = data
        self._sector = 1 << shift
        self._mini_sector = 1 << mini_shift
        self._sectors = -(-(len(data) - _HEAD_BYTES) // self._sector)
        (first_directory,) = struct.unpack_from("<I", data, 48)
        self._mini_cutoff, first_mini, _, first_difat, _ = struct.unpack_from("<IIIII", data, 56)
        self._fat = self._read_fat(first_difat)
        self._mini_fat = self._numbers(self._chain(first_mini, self._fat, self._sectors))
        self._streams: dict[str, tuple[int, int]] = {}
        self._mini_stream = b""
        self._read_directory(first_directory)

    @property
    def names(self) -> frozenset[str]:
        """The names of all streams."""
        return frozenset(self._streams)

    def read(self, name: str) -> bytes:
        """Return the bytes of a stream."""
        start, size = self._streams[name]
        if size > len(self._data):
            raise faults.damaged("OLE 数据流比文件还长")
        if size < self._mini_cutoff:
            chain = self._chain(start, self._mini_fat, len(self._mini_stream) // self._mini_sector + 1)
            width, stream = self._mini_sector, self._mini_stream
            pieces = [stream[number * width : (number + 1) * width] for number in chain]
        else:
            pieces = [self._sector_of(number) for number in self._chain(start, self._fat, self._sectors)]
        found = b"".join(pieces)
        if len(found) < size:
            raise faults.damaged("OLE 数据流不完整")
        return found[:size]

    def _sector_of(self, number: int) -> bytes:
        start = _HEAD_BYTES if self._sector == _HEAD_BYTES else self._sector
        start += number * self._sector
        if start >= len(self._data):
            raise faults.damaged("OLE 扇区超出文件")
        return self._data[start : start + self._sector]

    def _numbers(self, chain: Sequence[int]) -> list[int]:
        numbers: list[int] = []
        for number in chain:
            sector = self._sector_of(number)
            numbers.extend(struct.unpack(f"<{len(sector) // 4}I", sector[: len(sector) // 4 * 4]))
        return numbers

    def _chain(self, first: int, table: Sequence[int], most: int) -> list[int]:
        """Follow a chain to its end; a circle, or a number outside the table, is damage."""
        chain: list[int] = []
        seen: set[int] = set()
        number = first
        while number < _END - 1:
            if number in seen or number >= len(table) or len(chain) > most:
                raise faults.damaged("OLE 扇区链成环或超出文件")
            seen.add(number)
            chain.append(number)
            number = table[number]
        return chain

    def _read_fat(self, first_difat: int) -> list[int]:
        places = [number for number in struct.unpack_from("<109I", self._data, 76) if number < _END - 1]
        seen: set[int] = set()
        number = first_difat
        while number < _END - 1:
            if number in seen or len(seen) > self._sectors:
                raise faults.damaged("OLE 扇区链成环或超出文件")
            seen.add(number)
            *more, number = self._numbers([number])
            places += [each for each in more if each < _END - 1]
        if len(places) > self._sectors or len(set(places)) != len(places):
            raise faults.damaged("OLE 扇区表重复或超出文件")
        return self._numbers(places)

    def _read_directory(self, first: int) -> None:
        entries = b"".join(self._sector_of(number) for number in self._chain(first, self._fat, self._sectors))
        if len(entries) // _ENTRY_BYTES > _MOST_ENTRIES:
            raise faults.too_large("OLE 目录项数", len(entries) // _ENTRY_BYTES, _MOST_ENTRIES)
        for place in range(0, len(entries) - _ENTRY_BYTES + 1, _ENTRY_BYTES):
            length, kind = struct.unpack_from("<HB", entries, place + 64)
            start, size = struct.unpack_from("<II", entries, place + 116)
            name = entries[place : place + min(max(length - 2, 0), 62)].decode("utf-16-le", "replace")
            if kind == _ROOT and not self._mini_stream:
                chain = self._chain(start, self._fat, self._sectors)
                self._mini_stream = b"".join(self._sector_of(number) for number in chain)[:size]
            elif kind == _STREAM:
                self._streams.setdefault(name, (start, size))
