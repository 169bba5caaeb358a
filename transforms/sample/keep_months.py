"""Senders who never start a new workbook: each month's file holds the earlier months' sheets again, unchanged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from transforms.sample.envelope import Envelope, Sheet
from transforms.sample.style import look_of


def with_earlier_months(envelopes: Iterable[Envelope]) -> Iterator[Envelope]:
    """Put behind each sheet of such a sender those it sent before, the newest in front."""
    kept: dict[tuple[str, str, str], tuple[Sheet, ...]] = {}
    for envelope in sorted(envelopes, key=lambda each: each.period):
        if envelope.plain is not None or not look_of(envelope.form, envelope.look).keeps_months:
            yield envelope
            continue
        sender = (envelope.form, envelope.sender, envelope.street)
        kept[sender] = (*envelope.sheets, *kept.get(sender, ()))
        yield replace(envelope, sheets=kept[sender])
