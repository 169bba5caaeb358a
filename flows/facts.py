"""Facts for programs: JSON in which a decimal is a plain number, digit by digit."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any


def plain_json(value: Any) -> str:
    """JSON of facts; `json` alone would take decimals through binary fractions. What it does not know becomes text."""
    match value:
        case dict():
            pairs = (f"{json.dumps(str(name), ensure_ascii=False)}: {plain_json(each)}" for name, each in value.items())
            return "{" + ", ".join(pairs) + "}"
        case list() | tuple():
            return "[" + ", ".join(map(plain_json, value)) + "]"
        case Decimal():
            return format(value, "f")
    return json.dumps(value, ensure_ascii=False, default=str)


def read_facts(text: str) -> Any:
    """Facts back from their JSON, decimals exact."""
    return json.loads(text, parse_float=Decimal)
