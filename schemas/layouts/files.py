"""Layout files as TOML: what a clerk's editor can do to one, told by its line."""

import re
import tomllib
from pathlib import Path
from typing import Any

_CHINESE_SIGNS = re.compile("[“”‘’「」＝［］，]")
_QUOTED = re.compile(r'"[^"]*"')


class LayoutError(ValueError):
    """A layout file that cannot be used; the text says which file, what is wrong and what to write instead."""


def parse_file(path: Path) -> dict[str, Any]:
    """Read a TOML file. Raises `LayoutError`."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        return tomllib.loads(text)
    except FileNotFoundError:
        raise LayoutError(f"{path.name}: there is no such file in {path.parent.name}/.") from None
    except UnicodeDecodeError:
        raise LayoutError(f"{path.name}: this is not UTF-8. Save the file again with the encoding UTF-8.") from None
    except tomllib.TOMLDecodeError as error:
        raise LayoutError(f"{path.name}, {_what_is_wrong(text, str(error))}") from None


def _what_is_wrong(text: str, error: str) -> str:
    """Say what is wrong with a file that is not TOML, with the line it is in."""
    found = re.search(r"at line (\d+)", error)
    lines = text.splitlines()
    number = int(found[1]) if found is not None else len(lines)
    line = lines[number - 1].strip() if 0 < number <= len(lines) else ""
    if _CHINESE_SIGNS.search(_QUOTED.sub("", line)):
        return (
            f"line {number}: {line} has Chinese quotes, brackets, commas or equals signs. "
            'Type the straight ones: " [ ] , ='
        )
    if "Cannot overwrite" in error:
        return f"line {number}: {line} says again what a line above says. Keep one of the two."
    return (
        f"line {number}: {line} is not TOML ({error}). Texts stand in double quotes, lists in square brackets with "
        'commas between, for example: compound_name = ["小区名称", "小区"]'
    )
