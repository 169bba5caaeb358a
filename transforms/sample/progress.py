"""The state of a building on a day: how far it is, and how much of each work item is done."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from functools import cache

from transforms.sample.invent import below, between
from transforms.sample.plan import SEISMIC, Building, read_table

_PROGRAMME_KEYS = {SEISMIC: "SEISMIC_ENERGY"}
_ACCEPTED_AFTER_DAYS = 60
# Whole hundreds of yuan, so that 万元 with two decimals say exactly the same.
PRINTED_MONEY = Decimal("1E2")


@dataclass(frozen=True)
class Item:
    """A work item of a building: its design quantity, and the part of the works in which it is carried out."""

    code: str
    label: str
    unit: str
    design: Decimal
    begins: Decimal
    ends: Decimal


def status_on(building: Building, day: dt.date) -> str:
    """Give 未开工, 在施, 完工, or 已验收 two months after the finish."""
    if day < building.start:
        return "未开工"
    if day < building.finish:
        return "在施"
    return "完工" if (day - building.finish).days < _ACCEPTED_AFTER_DAYS else "已验收"


def part_done(building: Building, day: dt.date) -> Decimal:
    """Give how far the works are by days, from 0 to 1."""
    if day < building.start:
        return Decimal(0)
    if day >= building.finish:
        return Decimal(1)
    return Decimal((day - building.start).days) / Decimal((building.finish - building.start).days)


def unit_count(building: Building, seed: int) -> int:
    """Give the stairwells: about two flats a storey and stairwell in low houses, fewer and larger ones in towers."""
    if building.storeys >= 10:
        return between(1, 3, seed, "units", building.key)
    return max(1, min(12, round(building.households / (building.storeys * 2.5))))


def contract_value(building: Building, seed: int) -> Decimal:
    """Give what the contractor gets for a building, in yuan."""
    low, high = (1480, 1760) if building.programme == SEISMIC else (470, 620)
    price = between(low, high, seed, "price", building.key)
    return (building.area * price).quantize(PRINTED_MONEY)


def workers_on(building: Building, seed: int, month: str) -> int:
    """Give the workers on a building's site in a month in which works go on."""
    return int(building.area / 400) + between(4, 16, seed, "workers", building.key, month)


@cache
def items_of(building: Building, seed: int) -> tuple[Item, ...]:
    """Give a building's work items; the one that ends last ends with the works."""
    programme = _PROGRAMME_KEYS.get(building.programme, "ENERGY_ENV")
    rows = [
        row
        for row in read_table("items")
        if row["programme"] == programme and below(100, seed, "item", row["code"], building.key) < int(row["share"])
    ]
    last = max(rows, key=lambda row: Decimal(row["ends"]))["code"]
    return tuple(_item(building, seed, row, is_last=row["code"] == last) for row in rows)


def _item(building: Building, seed: int, row: Mapping[str, str], *, is_last: bool) -> Item:
    jitter = Decimal(between(-3, 3, seed, "ends", row["code"], building.key)) / 100
    ends = Decimal(1) if is_last else min(Decimal(1), Decimal(row["ends"]) + jitter)
    design = _design(building, seed, row["code"])
    return Item(row["code"], row["label"], row["unit"], design, Decimal(row["begins"]), ends)


def _design(building: Building, seed: int, code: str) -> Decimal:
    footprint = building.area / building.storeys
    factor = Decimal(between(94, 106, seed, "design", code, building.key)) / 100
    match code:
        case "WINDOW":
            quantity = building.area * Decimal("0.18") * factor
        case "WALL":
            quantity = building.area * Decimal("0.52") * factor
        case "ROOF" | "SLOPE":
            quantity = footprint * Decimal("1.08") * factor
        case "SEISMIC":
            quantity = building.area
        case "STAIR":
            return Decimal(unit_count(building, seed))
        case _:
            return Decimal(building.households)
    return quantity.quantize(Decimal("0.1"), rounding=ROUND_FLOOR)


def quantity_on(item: Item, building: Building, day: dt.date) -> Decimal:
    """Give how much of an item is done on a day: all of it from its end on, and never all of it before."""
    part = part_done(building, day)
    if part >= item.ends:
        return item.design
    if part <= item.begins:
        return item.design * 0
    step = Decimal(1).scaleb(int(item.design.as_tuple().exponent))
    done = item.design * (part - item.begins) / (item.ends - item.begins)
    return min(done.quantize(step, rounding=ROUND_FLOOR), item.design - step)


def progress_in_words(building: Building, seed: int, day: dt.date) -> str:
    """Give the 形象进度: 未开工, 外墙保温完成80%, 已完工."""
    if day < building.start:
        return "未开工"
    if day >= building.finish:
        return "已完工"
    under_way = [
        (item, quantity) for item in items_of(building, seed) if (quantity := quantity_on(item, building, day)) > 0
    ]
    open_items = [(item, quantity) for item, quantity in under_way if quantity < item.design]
    if not open_items:
        return "主体施工完成，清理收尾" if under_way else "搭设脚手架"
    item, quantity = open_items[-1]
    percent = int(quantity * 100 / item.design)
    return f"{item.label}完成{percent}%"
