"""The home folder and its rooms: made where missing, checked before use."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path

from flows.errors import UserError

PRIVATE = 0o700
"""Rooms that hold originals or what was read from them: nobody but the owner looks in."""
PRIVATE_FILE = 0o600

_KEY_BYTES = 32
_KEY = re.compile(rf"[0-9a-f]{{{_KEY_BYTES * 2}}}")


@dataclass(frozen=True)
class Home:
    """Where everything of one installation lives. No file in it names the folder, so it can be copied or moved."""

    root: Path

    @property
    def inbox(self) -> Path:
        """What senders drop; never modified by us."""
        return self.root / "inbox"

    @property
    def archive(self) -> Path:
        """Originals by sha256."""
        return self.root / "archive"

    @property
    def receipts(self) -> Path:
        """One line per path and content ever received."""
        return self.archive / "receipts.jsonl"

    @property
    def decisions(self) -> Path:
        """One line per apply, undo and code version, with its known_from."""
        return self.archive / "decisions.jsonl"

    @property
    def person_key_file(self) -> Path:
        """The key of the hashes that stand for persons; kept with the originals, because a rebuild needs both."""
        return self.archive / "person.key"

    @property
    def names_file(self) -> Path:
        """Names of persons by file, as they stand in the originals beside it; only to hide them elsewhere."""
        return self.archive / "names.jsonl"

    @property
    def reference(self) -> Path:
        """Reviewed decisions and the settings."""
        return self.root / "reference"

    @property
    def settings_file(self) -> Path:
        """The settings of this home."""
        return self.reference / "settings.toml"

    @property
    def aliases_file(self) -> Path:
        """Reviewed aliases of names."""
        return self.reference / "aliases.toml"

    @property
    def corrections_file(self) -> Path:
        """Reviewed corrections of cells."""
        return self.reference / "corrections.toml"

    @property
    def rulings_file(self) -> Path:
        """Reviewed rulings on what a file is."""
        return self.reference / "rulings.toml"

    @property
    def layouts(self) -> Path:
        """Layouts of this home, beside those of the program; a proposal counts once somebody saved it here."""
        return self.reference / "layouts"

    @property
    def proposals(self) -> Path:
        """Layouts proposed for files whose headers changed; nothing reads them."""
        return self.reports / "proposals"

    @property
    def sample_mark(self) -> Path:
        """There where the home's inbox was filled by `xinyan sample`: what it holds is invented."""
        return self.reference / "sample.json"

    @property
    def staging(self) -> Path:
        """Frames between steps; safe to delete."""
        return self.root / "staging"

    @property
    def logs(self) -> Path:
        """One JSON-lines file a night."""
        return self.root / "logs"

    @property
    def warehouse(self) -> Path:
        """The private build; one writer."""
        return self.root / "warehouse.duckdb"

    @property
    def writer_lock(self) -> Path:
        """Held by whoever writes; names the holder."""
        return self.root / "writer.lock"

    @property
    def releases(self) -> Path:
        """Immutable releases."""
        return self.root / "releases"

    @property
    def current(self) -> Path:
        """The stable path for analysts."""
        return self.releases / "current.duckdb"

    @property
    def returned(self) -> Path:
        """Return slips by sender."""
        return self.root / "returned"

    @property
    def reports(self) -> Path:
        """Night journals and the HTML report."""
        return self.root / "reports"

    def report_of(self, release_no: int) -> Path:
        """The folder of a release's HTML report."""
        return self.reports / f"{release_no:06d}"

    def archived(self, file_id: str) -> Path:
        """Where the original with this sha256 is kept."""
        return self.archive / file_id[:2] / file_id


def create(root: Path) -> Home:
    """Make a home, or what is missing in one. Raises `UserError` where the folder cannot be written."""
    try:
        root.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(root, error) from None
    return _furnish(Home(root.resolve()))


def enter(root: Path) -> Home:
    """Open an existing home and make what is missing in it. A home that does not exist is wrong use."""
    _require_there(root)
    return _furnish(Home(root.resolve()))


def look_into(root: Path) -> Home:
    """Open an existing home to read only: nothing is made or written. Raises `UserError` where it cannot be read."""
    _require_there(root)
    home = Home(root.resolve())
    for room in (home.root, home.releases):
        if room.exists() and not os.access(room, os.R_OK | os.X_OK):
            raise UserError(
                f"home {root}",
                f"{room} cannot be read",
                "a folder this account may read",
                "Give this account the right to read it, or name another home with --home.",
            )
    return home


def _require_there(root: Path) -> None:
    if not root.is_dir():
        raise UserError(
            f"home {root}",
            "no such folder",
            "an existing home",
            f"Make one with `xinyan sample {root / 'inbox'}` or `mkdir {root}`, or name another with --home.",
        )


def _furnish(home: Home) -> Home:
    try:
        for room in (home.inbox, home.reference, home.logs, home.releases, home.reports, home.layouts):
            room.mkdir(exist_ok=True)
        for room in (home.archive, home.staging, home.returned):
            room.mkdir(exist_ok=True, mode=PRIVATE)
            room.chmod(PRIVATE)
        _keep_person_key(home.person_key_file)
        for path, text in REFERENCE_FILES.items():
            target = home.reference / path
            if not target.exists():
                write_whole(target, text)
    except OSError as error:
        raise _unwritable(home.root, error) from None
    if not os.access(home.root, os.W_OK | os.X_OK):
        raise _unwritable(home.root, PermissionError("not writable"))
    return home


def person_key(home: Home) -> bytes:
    """The key persons are hashed with. Raises `UserError` where it is not one: new hashes would split every person."""
    path = home.person_key_file
    try:
        text = path.read_text(encoding="ascii").strip()
    except OSError as error:
        found = f"cannot be read ({error.strerror})"
    except UnicodeDecodeError:
        found = "is not a key"
    else:
        if _KEY.fullmatch(text):
            return bytes.fromhex(text)
        found = "is not a key"
    raise UserError(
        f"home {home.root}, archive/{path.name}",
        found,
        f"{_KEY_BYTES * 2} hexadecimal digits, as the home was made with",
        "Restore it from the backup of the home. Without one, delete it: the next night makes a new key, and people"
        " posted before count anew once their table is sent again.",
    )


def write_whole(path: Path, text: str) -> None:
    """Write a text file so that whoever looks finds all of it, or what was there before."""
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with partial.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _keep_person_key(path: Path) -> None:
    """Make the key where there is none, complete or not at all, and let nobody else read it."""
    if not path.exists():
        partial = path.with_name(f".{path.name}.{os.getpid()}")
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE_FILE), "w") as file:
            file.write(secrets.token_hex(_KEY_BYTES) + "\n")
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):  # another process made it first: theirs stands
            os.link(partial, path)
        partial.unlink()
    path.chmod(PRIVATE_FILE)


def _unwritable(root: Path, error: OSError) -> UserError:
    return UserError(
        f"home {root}",
        f"cannot be written ({error.strerror or error})",
        "a folder this account may write",
        "Give this account the right to write there, or name another folder with --home.",
    )


def _reference_files() -> dict[str, str]:
    from importlib.resources import files

    folder = files("flows") / "home_files"
    names = ("settings.toml", "aliases.toml", "corrections.toml", "rulings.toml")
    return {name: (folder / name).read_text(encoding="utf-8") for name in names}


REFERENCE_FILES = _reference_files()
