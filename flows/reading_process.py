"""The process that reads: bytes in, frames out, and nothing else to touch.

`flows.isolation` starts it with a socket and an empty folder and environment; it is never run by hand. It opens no file
and knows no path of the home: the bytes come over the socket, and what was read goes back the same way.
"""

from __future__ import annotations

import gc
import json
import socket
import struct
import sys
from typing import Any

_HEAD = struct.Struct(">IQ")
_LONGEST_HEADER = 1 << 20
_SWEEP_AFTER = 100_000


class ClosedError(Exception):
    """The other side is gone, or says what no honest side would."""


def send(channel: socket.socket, header: dict[str, Any], payload: bytes = b"") -> None:
    """Send one message: a small JSON object, and bytes."""
    text = json.dumps(header).encode()
    channel.sendall(_HEAD.pack(len(text), len(payload)) + text)
    channel.sendall(payload)


def receive(channel: socket.socket, most: int, until: Any = None) -> tuple[dict[str, Any], bytes]:
    """Receive one message of at most `most` bytes. `until` is asked for the seconds that are left before each wait."""
    text_size, size = _HEAD.unpack(_take(channel, _HEAD.size, until))
    if text_size > _LONGEST_HEADER or size > most:
        raise ClosedError("a message larger than any")
    try:
        header = json.loads(_take(channel, text_size, until))
    except ValueError:
        raise ClosedError("no message") from None
    if not isinstance(header, dict):
        raise ClosedError("no message")
    return header, _take(channel, size, until)


def _take(channel: socket.socket, size: int, until: Any) -> bytes:
    taken = bytearray()
    while len(taken) < size:
        if until is not None:
            channel.settimeout(until())
        piece = channel.recv(min(size - len(taken), 1 << 20))
        if not piece:
            raise ClosedError("the other side is gone")
        taken += piece
    return bytes(taken)


def main() -> None:
    """Settle down, say so, then read what comes until the socket closes."""
    channel = socket.socket(fileno=int(sys.argv[1]))
    settled, _ = receive(channel, 1 << 20)
    sys.path[:] = settled["path"]
    sys.dont_write_bytecode = True
    from flows import confinement

    libraries = confinement.find_libraries(settled["path"], settled["packages"], settled["folder"])
    held = confinement.leave_network() + confinement.see_only(libraries)
    held += confinement.limit_resources(settled["memory_bytes"])
    reader = _Reader(settled)
    held += confinement.refuse_the_rest(libraries)
    _sweep_rarely()
    send(channel, {"ready": held})
    while True:
        try:
            asked, data = receive(channel, settled["most_bytes"])
        except (ClosedError, OSError):
            return
        confinement.limit_cpu(settled["seconds"])
        marks, data = data[: asked.get("marks", 0)], data[asked.get("marks", 0) :]
        if marks:
            answer, packed = reader.mark(data, marks)
        else:
            answer, packed = reader.read(data, asked["file_name"], asked["file_id"])
        send(channel, answer, packed)


def _sweep_rarely() -> None:
    """Leave what is loaded to itself, and look for cycles rarely: cells are tuples by the thousand, and form none."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_SWEEP_AFTER, 10, 10)


class _Reader:
    """The catalogue, ready, and a first file read: what is loaded late is loaded before the guard stands."""

    def __init__(self, settled: dict[str, Any]) -> None:
        import schemas.forms
        from flows import staged
        from transforms import layout, slip, workbook

        self._layout, self._staged, self._slip = layout, staged, slip
        self._catalogue = schemas.forms.load(tuple(settled["packages"]))
        self._limits = workbook.Limits(**settled["limits"])
        self._secret = bytes.fromhex(settled["secret"])
        for encoding in ("utf-8", "utf-16", "gb18030"):
            self.read("序号,小区名称\n1,花园路\n".encode(encoding), "warm.csv", "0" * 64)
        self.mark("序号\n1\n".encode(), staged.pack_marks(slip.Heading("", "", ""), ()))

    def read(self, data: bytes, file_name: str, file_id: str) -> tuple[dict[str, Any], bytes]:
        """Read one file; whatever goes wrong inside a reader costs this file."""
        try:
            reading = self._layout.read_file(data, file_name, file_id, self._catalogue, self._limits, self._secret)
            return {"outcome": reading.refusal or "ok"}, self._staged.pack_answer(reading)
        except MemoryError:
            return {"outcome": "out_of_memory"}, b""
        except BaseException as error:  # a panic inside a reader is a BaseException; it costs this file, not the run
            return {"outcome": "crashed", "error": type(error).__name__}, b""

    def mark(self, data: bytes, marks: bytes) -> tuple[dict[str, Any], bytes]:
        """Make the return slip of one file."""
        try:
            heading, listed = self._staged.unpack_marks(marks)
            return {"outcome": "ok"}, self._staged.pack_slip(self._slip.make_slip(data, heading, listed, self._limits))
        except MemoryError:
            return {"outcome": "out_of_memory"}, b""
        except BaseException as error:  # as above
            return {"outcome": "crashed", "error": type(error).__name__}, b""


if __name__ == "__main__":
    main()
