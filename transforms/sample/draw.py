"""An envelope becomes the bytes of its file, in the format its name ends in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from transforms.sample.draw_csv import draw_csv
from transforms.sample.draw_xls import draw_xls
from transforms.sample.draw_xlsx import draw_xlsm, draw_xlsx
from transforms.sample.envelope import Envelope
from transforms.sample.pages import Page, pages_of

_WRITERS: Mapping[str, Callable[[Envelope, Sequence[Page]], bytes]] = {
    "csv": draw_csv,
    "xls": draw_xls,
    "xlsm": draw_xlsm,
    "xlsx": draw_xlsx,
}


def draw(envelope: Envelope) -> bytes:
    """Draw an envelope's file; what is no workbook is given as it is."""
    if envelope.plain is not None:
        return envelope.plain
    return _WRITERS[envelope.suffix](envelope, list(pages_of(envelope)))
