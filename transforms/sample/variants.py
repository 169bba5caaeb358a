"""Which sender writes which compound under another name, and from when to when."""

from functools import cache

from transforms.sample.plan import read_table


@cache
def _variants() -> dict[tuple[str, str], tuple[str, str, str]]:
    return {
        (row["sender"], row["compound"]): (row["from"], row["to"], row["written"]) for row in read_table("variants")
    }


def written_compound(sender: str, compound: str, month: str) -> str:
    """Give a compound's name as a sender writes it in a month's report."""
    first, last, written = _variants().get((sender, compound), ("", "", ""))
    return written if first and first <= month <= last else compound
