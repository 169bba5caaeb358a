"""What a reading process gives up before it sees a sender's file. Linux can take most; the rest is refused in Python.

Each step is tried and named where it worked, so that a test and `xinyan status` can say what holds on this machine.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import resource
import struct
import sys
from collections.abc import Sequence
from typing import NamedTuple

_NEW_NETWORK, _NEW_USER = 0x40000000, 0x10000000
_NO_NEW_PRIVILEGES, _DUMPABLE = 38, 4
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # system calls of Landlock, the same on every architecture
_PATH_BENEATH, _VERSION = 1, 1
# Rights of Landlock's first version: execute, write, read a file, read a folder, remove, make … (bits 0 to 12).
_ALL_RIGHTS, _READ_FILE, _READ_FOLDER = (1 << 13) - 1, 1 << 2, 1 << 3
_TCP = 0b11
_TCP_SINCE = 4
_SYSTEM_LIBRARIES = ("/usr/lib", "/usr/lib64", "/lib", "/lib64", "/usr/share/zoneinfo", "/etc/ld.so.cache")
_DEVICES = ("/dev/urandom", "/dev/null", "/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/sys/devices/system/cpu")
_OURS = ("flows", "schemas", "transforms")
_FORBIDDEN = (
    *("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.system", "os.putenv"),
    *("os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.link", "os.symlink", "os.chmod", "os.chown", "os.truncate"),
    *("shutil.", "ftplib.", "smtplib.", "http.client.", "urllib.", "webbrowser.", "ctypes.dlopen"),
)


class Libraries(NamedTuple):
    """Folders whose files are read, and folders that are only listed."""

    read: tuple[str, ...]
    listed: tuple[str, ...]


def leave_network() -> list[str]:
    """Move into a network of our own that leads nowhere. Call before any thread is started."""
    if not sys.platform.startswith("linux"):
        return []
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    libc.prctl(_DUMPABLE, 0, 0, 0, 0)
    if libc.unshare(_NEW_NETWORK) == 0 or libc.unshare(_NEW_USER | _NEW_NETWORK) == 0:
        return ["no network"]
    return []


def limit_resources(memory_bytes: int) -> list[str]:
    """Hold address space, written files, open files and core dumps to what reading needs."""
    for kind, most in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))
    return ["limits"]


def limit_cpu(seconds: float) -> None:
    """Give the next file so many seconds of processor time; the process dies of SIGXCPU after them."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    spent = used.ru_utime + used.ru_stime
    resource.setrlimit(resource.RLIMIT_CPU, (int(spent + seconds) + 1, resource.RLIM_INFINITY))


def see_only(libraries: Libraries) -> list[str]:
    """Let the kernel refuse every file but the libraries (for reading) and every connection. Call before any thread."""
    if not sys.platform.startswith("linux"):
        return []
    libc = ctypes.CDLL(None, use_errno=True)
    version = libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(_VERSION))
    if version < 1:
        return []
    handled = struct.pack("<QQ", _ALL_RIGHTS, _TCP) if version >= _TCP_SINCE else struct.pack("<Q", _ALL_RIGHTS)
    ruleset = libc.syscall(_CREATE_RULESET, handled, ctypes.c_size_t(len(handled)), ctypes.c_uint32(0))
    if ruleset < 0:
        return []
    try:
        for place in (*libraries.read, *_SYSTEM_LIBRARIES, *_DEVICES):
            _allow(libc, ruleset, place, _READ_FILE | _READ_FOLDER)
        for place in libraries.listed:
            _allow(libc, ruleset, place, _READ_FOLDER)
        held = libc.syscall(_RESTRICT_SELF, ruleset, ctypes.c_uint32(0)) == 0
    finally:
        os.close(ruleset)
    return ["landlock"] if held else []


def _allow(libc: ctypes.CDLL, ruleset: int, place: str, rights: int) -> None:
    try:
        handle = os.open(place, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        rule = struct.pack("<Qi", rights if os.path.isdir(place) else rights & ~_READ_FOLDER, handle)
        libc.syscall(_ADD_RULE, ruleset, ctypes.c_int(_PATH_BENEATH), rule, ctypes.c_uint32(0))
    finally:
        os.close(handle)


def refuse_the_rest(libraries: Libraries) -> list[str]:
    """Refuse in Python what reading never does: other files, sockets, processes. There is no way to take it back."""
    roots = tuple(os.path.join(folder, "") for folder in (*libraries.read, *_SYSTEM_LIBRARIES))
    devices = frozenset(_DEVICES)

    def guard(event: str, arguments: tuple[object, ...]) -> None:
        if event == "open":
            path, mode, flags = arguments
            if isinstance(path, int) or not isinstance(path, str | bytes):
                return
            written = isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC)
            text = os.path.abspath(os.fsdecode(path))
            if written or not (text.startswith(roots) or text in devices):
                raise PermissionError(f"a reading process opens no {mode or 'file'} there")
        elif event.startswith(_FORBIDDEN):
            raise PermissionError(f"a reading process does not call {event}")

    sys.addaudithook(guard)
    return ["guard"]


def find_libraries(path: Sequence[str], packages: Sequence[str], folder: str) -> Libraries:
    """Where modules come from: the folders of `sys.path`, but where our packages lie only these.

    A home may lie beside the packages: their folder is listed and no more; of a home, its layouts are read. The folder
    where the parent happened to be started is no library, unless our packages are in it. Packages are looked for as an
    import would: an editable install need not have them on the path.
    """
    layouts = [package.rpartition("@")[0] for package in packages if "@" in package]  # `schemas.forms.folder_entry`
    names = dict.fromkeys((*_OURS, *(package.split(".")[0] for package in packages if "@" not in package)))
    specs = [spec for name in names if (spec := importlib.util.find_spec(name))]
    inside = [place for spec in specs for place in spec.submodule_search_locations or ()]
    listed = dict.fromkeys(os.path.dirname(place) for place in inside)
    read = [*(os.path.join(prefix, "lib") for prefix in (sys.prefix, sys.base_prefix)), *layouts, *inside]
    read += [entry for entry in path if entry != folder and entry not in listed]
    return Libraries(tuple(dict.fromkeys(place for place in read if os.path.exists(place))), tuple(listed))
