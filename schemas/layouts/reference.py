"""The reference page of layout files, made from the keys the loader knows.

`python -m schemas.layouts.reference` prints it.
"""

from schemas.layouts.keys import BLOCK, COLUMN, FILE, ITEMS, SECTIONS, Key

_INTRODUCTION = """\
# Layout files

A layout file says how one version of a form is laid out: `F06_three_level.toml`, TOML, one file per version. Texts
stand in double quotes, lists in square brackets. Sheets are recognised by their header texts, never by their name or by
row numbers. `_common.toml` holds the words that mean the same in all of them: totals, notes, sign-off lines, labels.

This page is made from the loader (`python -m schemas.layouts.reference > schemas/layouts/README.md`); a test holds it.
Known without an entry: repeated headers down the sheet, several tables under each other (each with its own header),
rows that number the columns (甲 乙 1 2, A, D=B-A), merged cells, 同上, 同左, tick columns (the options of a `flags`
column as headers under it), lists in a cell, total rows first, last or between.
"""


def _section(title: str, lead: str, keys: tuple[Key, ...]) -> str:
    parts = [f"## {title}\n", f"{lead}\n"]
    parts += [f"### `{key.name}`\n\n{key.meaning}\n\n```toml\n{key.example}\n```\n" for key in keys]
    return "\n".join(parts)


def reference() -> str:
    """Give the page as Markdown: every key with its meaning and an example."""
    return "\n".join(
        (
            _INTRODUCTION,
            _section("Keys of a file", "Only `form` must be there.", FILE),
            _section("Keys of a column", "An entry of `[columns]` is a list of headers, or a table of these.", COLUMN),
            _section("Keys of `[items]`", "Either `groups` or `headers` says what the items are.", ITEMS),
            _section("Keys of `[[blocks]]`", "One entry per table, from left to right.", BLOCK),
            _section("Keys of `sections`", "Where it is a table and not just the name of a column.", SECTIONS),
        )
    )


if __name__ == "__main__":
    print(reference(), end="")
