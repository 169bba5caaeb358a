"""The hostile corpus: a name for each attack, and how to make it. Nothing is stored: bombs are made when needed."""

from tests.faults import others, packages

ATTACKS = {
    **packages.ZIPS,
    **packages.SHEETS,
    **packages.BINARIES,
    **packages.OPEN_DOCUMENTS,
    **others.BIFF,
    **others.XML_2003,
    **others.PAGES,
    **others.TEXTS,
    **others.OTHERS,
}
"""What a test run can afford: none takes more than a few seconds to make and to read."""

BOMBS = {**packages.BOMBS, **others.LARGE}
"""What is large once unpacked; some take seconds to make."""
