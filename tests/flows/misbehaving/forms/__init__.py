"""Stands in for a file that has taken its reading process over: what it does is in its first line."""

import ctypes
import json
import os
import signal
import socket
import subprocess
import time
from dataclasses import replace
from pathlib import Path

from transforms import layout

_LIBC = ctypes.CDLL(None, use_errno=True)
_PROJECT = Path(__file__).parents[4]
_READ = layout.read_file


def _leave_a_child():
    if _LIBC.fork() == 0:
        time.sleep(600)
    time.sleep(600)


def _spin():
    while True:
        pass


def _eat():
    eaten = []
    while True:
        eaten.append(bytearray(64 << 20))


def _look_around():
    """Try everything a reading process must not do; say of each what became of it."""
    tries = {
        "open": lambda: os.open("/etc/passwd", os.O_RDONLY),
        "write": lambda: os.open("/tmp/xinyan-was-here", os.O_WRONLY | os.O_CREAT),
        "socket": socket.socket,
        "process": lambda: subprocess.run(["/bin/true"]),
        "native open": lambda: _LIBC.open(b"/etc/passwd", os.O_RDONLY),
        "native neighbour": lambda: _LIBC.open(bytes(_PROJECT / "pyproject.toml"), os.O_RDONLY),
        "neighbour": lambda: os.open(_PROJECT / "pyproject.toml", os.O_RDONLY),
        "native connect": _connect,
        "environment": lambda: ",".join(sorted(os.environ)),
        "folder": lambda: ",".join(os.listdir(".")),
    }
    seen = {}
    for name, attempt in tries.items():
        try:
            seen[name] = attempt()
        except OSError as error:
            seen[name] = "refused" if "a reading process" in str(error) or error.errno == 13 else repr(error)
    return seen


def _connect():
    handle = _LIBC.socket(socket.AF_INET, socket.SOCK_STREAM, 0)
    address = (2).to_bytes(2, "little") + (80).to_bytes(2, "big") + bytes([127, 0, 0, 1]) + bytes(8)
    return handle if handle < 0 else _LIBC.connect(handle, address, 16)


def _raise(error):
    raise error


DEEDS = {
    "killed": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "aborted": _LIBC.abort,
    "left": lambda: os._exit(0),
    "hung": lambda: time.sleep(600),
    "spun": _spin,
    "ate": _eat,
    "child": _leave_a_child,
    "raised": lambda: 1 / 0,
    "panicked": lambda: _raise(BaseException("panic")),
}


def _misbehave(data, file_name, file_id, catalogue, limits=None, secret=b""):
    deed = data.decode("utf-8", "replace").split("\n")[0] if file_name.startswith("deed") else ""
    if deed == "another":
        return _READ(data, "another.csv", "f" * 64, catalogue, limits, secret)
    if deed == "looked around":
        # A reading is all that comes back, so what was seen goes into one.
        seen = json.dumps(_look_around())
        return replace(_READ(data, file_name, file_id, catalogue, limits, secret), format=seen)
    if deed in DEEDS:
        DEEDS[deed]()
    return _READ(data, file_name, file_id, catalogue, limits, secret)


layout.read_file = _misbehave
