"""Which things in the inbox are a sender's file, opened so that nothing else can be slipped in or waited for.

Folders are walked by handle and files opened in them by name, without following a link and without blocking; what
counts is what was opened, not what was listed.
"""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import stat
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flows.errors import UserError

_NOT_SENT = (("~$", "lock file of an open workbook"), (".", "hidden file"))
_OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | getattr(os, "O_NOCTTY", 0)
_SET_SIGNAL = 10  # F_SETSIG of Linux: which signal tells of a writer that waits for our lease
# Control signs, changes of direction, halves of characters: what would make a name look like another, or end a line.
_HARMFUL = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))


class NotAdmittedError(Exception):
    """Not a sender's file, or not now; the message says why."""


@dataclass(frozen=True)
class Entry:
    """A thing in a folder of the inbox. `path` is shown and stored; `name` and the open `folder` lead to it."""

    path: str
    name: str
    folder: int


def entries(inbox: Path) -> Iterator[Entry]:
    """Every entry below the inbox that is no folder, sorted; links are entries, never followed.

    An entry's folder is open only until the next one is asked for.
    """

    def fail(error: OSError) -> None:
        raise UserError(
            f"inbox {error.filename}",
            f"cannot be listed ({error.strerror})",
            "a folder this account may read",
            "Give this account the right to read it.",
        )

    for folder, folders, files, handle in os.fwalk(inbox, follow_symlinks=False, onerror=fail):
        folders.sort()
        links = [name for name in folders if stat.S_ISLNK(os.lstat(name, dir_fd=handle).st_mode)]
        inside = os.path.relpath(folder, inbox)
        for name in sorted(files + links):
            yield Entry(shown(name if inside == "." else f"{inside}/{name}"), name, handle)


def shown(path: str) -> str:
    """A name as it is shown, logged and stored: signs that could harm whoever reads it are written out.

    Bytes that are no UTF-8 are taken for GB18030, as archives made on Chinese Windows hold them.
    """
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        path = os.fsencode(path).decode("gb18030", "backslashreplace")
    return "".join(_written_out(sign) if unicodedata.category(sign) in _HARMFUL else sign for sign in path)


def _written_out(sign: str) -> str:
    number = ord(sign)
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


@contextmanager
def admitted(entry: Entry, most_bytes: int) -> Iterator[int]:
    """The open file of an entry that is a sender's. Raises `NotAdmittedError` where it is not, or changed meanwhile."""
    for prefix, why in _NOT_SENT:
        if entry.name.startswith(prefix):
            raise NotAdmittedError(why)
    handle = _open(entry)
    try:
        before = os.fstat(handle)
        _check(before, most_bytes)
        if not _hold_still(handle):
            raise NotAdmittedError("still being written; left for the next night")
        yield handle
        after = os.fstat(handle)
        if _identity(before) != _identity(after):
            raise NotAdmittedError("changed while it was read; left for the next night")
    finally:
        os.close(handle)


def _open(entry: Entry) -> int:
    try:
        listed = os.lstat(entry.name, dir_fd=entry.folder)
        _check_kind(listed)
        return os.open(entry.name, _OPEN, dir_fd=entry.folder)
    except FileNotFoundError:
        raise NotAdmittedError("changed while it was read; left for the next night") from None
    except PermissionError:
        raise NotAdmittedError("cannot be read by this account") from None
    except OSError as error:
        why = "symbolic link" if error.errno == errno.ELOOP else f"cannot be opened ({error.strerror})"
        raise NotAdmittedError(why) from None


def _check_kind(found: os.stat_result) -> None:
    if stat.S_ISLNK(found.st_mode):
        raise NotAdmittedError("symbolic link")
    if not stat.S_ISREG(found.st_mode):
        raise NotAdmittedError("not a regular file")


def _check(found: os.stat_result, most_bytes: int) -> None:
    _check_kind(found)
    if found.st_nlink != 1:
        raise NotAdmittedError("another name leads to the same file")
    if found.st_size > most_bytes:
        raise NotAdmittedError(f"larger than {most_bytes >> 20} MB (limits.admit_megabytes)")


def _identity(found: os.stat_result) -> tuple[int, ...]:
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_nlink


def _hold_still(handle: int) -> bool:
    """Take a read lease: until the file is closed nobody opens it for writing. False where somebody has it open so.

    Where there are no leases (another system, another's file) the comparison before and after has to do.
    """
    if not hasattr(fcntl, "F_SETLEASE"):
        return True
    try:
        # A writer who waits is told of by SIGURG, which nobody minds, instead of SIGIO, which ends a process.
        fcntl.fcntl(handle, _SET_SIGNAL, signal.SIGURG)
        fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except OSError as error:
        return error.errno != errno.EAGAIN
    return True
