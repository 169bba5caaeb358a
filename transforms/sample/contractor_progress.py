"""F06 with its wide block F07: what each contractor says of its buildings in a street, at each month's end."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from typing import cast

from transforms.sample.envelope import Envelope, Row, Sheet, Value
from transforms.sample.invent import between, choose
from transforms.sample.plan import Building, Contractor, Plan, month_end, read_table
from transforms.sample.progress import (
    PRINTED_MONEY,
    contract_value,
    items_of,
    part_done,
    progress_in_words,
    quantity_on,
    status_on,
    workers_on,
)
from transforms.sample.spell import BUILDING_NUMBERS
from transforms.sample.style import Look, look_of
from transforms.sample.variants import written_compound
from transforms.sample.words import noon, words_for

FORM = "contractor_progress"
_PREPARING = ("入户征询居民意见", "现场踏勘、测量", "施工组织设计报审", "材料封样、办理进场手续")
_DELAYS = ("个别住户不配合拆改", "外墙附着管线移改滞后", "加固构造增加工序", "冬期施工放缓")
_YEAR_END = dt.date(2013, 12, 31)


def envelopes(plan: Plan, seed: int) -> Iterator[Envelope]:
    """Give one envelope per contractor, street and month."""
    received = {row["month"]: row for row in read_table("received")}
    for month in plan.months:
        for contractor, street in plan.pairs:
            look = look_of(FORM, contractor.key)
            day = dt.date.fromisoformat(received[month]["F06_early" if look.arrives == "early" else "F06"])
            yield envelope_of(plan, seed, contractor, street, month, day)


def envelope_of(plan: Plan, seed: int, contractor: Contractor, street: str, month: str, day: dt.date) -> Envelope:
    """Give one contractor's report about a street and month, received on a day."""
    look = look_of(FORM, contractor.key)
    words = words_for(seed, contractor.key, street, month, day, lot=contractor.lot)
    words["filer"] = look.filer
    buildings = [b for b in plan.buildings if b.contractor == contractor.key and b.street == street]
    rows = tuple(row_of(building, seed, contractor.key, look, month) for building in buildings)
    return Envelope(
        form=FORM,
        sender=contractor.key,
        street=street,
        period=month,
        received=day,
        file_name=look.file_name.format_map(words),
        look=contractor.key,
        sheets=(Sheet(look.sheet.format_map(words), rows, words),),
        written=noon(day),
    )


def row_of(building: Building, seed: int, sender: str, look: Look, month: str) -> Row:
    """Give a building's line at a month's end, as a sender words it."""
    day = month_end(month)
    year, number = month.split("-")
    part, contract = part_done(building, day), contract_value(building, seed)
    status = status_on(building, day)
    planned_start, planned_finish = planned_dates(building, seed)
    is_late = status == "在施" and day > planned_finish
    values: dict[str, Value] = {
        "report_month": f"{year}年{int(number)}月",
        "street": building.street,
        "lot_no": _lots()[building.contractor],
        "compound_name": written_compound(sender, building.compound, month),
        "building_no": BUILDING_NUMBERS[look.building](building.number),
        "floor_area_m2": building.area,
        "household_count": building.households,
        "planned_start": look.before_order if look.before_order and status == "未开工" else planned_start,
        "planned_finish": planned_finish,
        "actual_start": building.start if day >= building.start else None,
        "actual_finish": building.finish if day >= building.finish else _forecast(building, look, is_late),
        "progress_text": progress_in_words(building, seed, day),
        "progress_ratio": Decimal(int(part * 100)) / 100,
        "status_code": status,
        "output_value_yuan": (contract * part).quantize(PRINTED_MONEY),
        "contract_value_yuan": contract,
        "workers_on_site": workers_on(building, seed, month) if status == "在施" else 0,
        "delay_reason": choose(_DELAYS, seed, "delay", building.key) if is_late else None,
        "next_month_plan": _next_plan(building, seed, status, month),
    }
    return Row(building.key, values | _item_values(building, seed, look, day))


def _item_values(building: Building, seed: int, look: Look, day: dt.date) -> dict[str, Value]:
    before = day.replace(day=1) - dt.timedelta(days=1)
    values: dict[str, Value] = {}
    for item in items_of(building, seed):
        done = quantity_on(item, building, day)
        values |= {
            f"{item.code}.unit_code": (look.item_units or {}).get(item.unit, item.unit),
            f"{item.code}.qty_design": item.design,
            f"{item.code}.qty_month": done - quantity_on(item, building, before),
            f"{item.code}.qty_cum": done,
        }
    return values


def finished_row(row: Row, building: Building, finish: dt.date, seed: int) -> Row:
    """Give a line that calls its building finished, with every work item done."""
    values = dict(row.values)
    for item in items_of(building, seed):
        done = cast(Decimal, values[f"{item.code}.qty_cum"])
        month = cast(Decimal, values[f"{item.code}.qty_month"])
        values |= {f"{item.code}.qty_cum": item.design, f"{item.code}.qty_month": month + item.design - done}
    return Row(row.key, values).but(
        actual_finish=finish,
        progress_text="已完工",
        progress_ratio=Decimal(1),
        status_code="完工",
        output_value_yuan=values["contract_value_yuan"],
        workers_on_site=0,
        delay_reason=None,
        next_month_plan="整理竣工资料",
    )


@cache
def _lots() -> dict[str, str]:
    return {row["contractor_id"]: row["lot"] for row in read_table("contractors")}


def planned_dates(building: Building, seed: int) -> tuple[dt.date, dt.date]:
    """Give the dates of the contract: the start within a week of the real one, the finish within some weeks."""
    start = building.start + dt.timedelta(days=between(-6, 4, seed, "planned start", building.key))
    if building.finish > _YEAR_END:
        return start, dt.date(2013, 12, 20)
    return start, building.finish + dt.timedelta(days=between(-9, 21, seed, "planned finish", building.key))


def _forecast(building: Building, look: Look, is_late: bool) -> str | None:
    if not (is_late and look.writes_forecasts):
        return None
    end = month_end(building.finish.strftime("%Y-%m"))
    return f"延期至{end.year}.{end.month}.{end.day}"


def _next_plan(building: Building, seed: int, status: str, month: str) -> str:
    year, number = (int(part) for part in month.split("-"))
    if status == "未开工":
        return _PREPARING[(number + building.number) % len(_PREPARING)]
    if status == "在施":
        following = month_end(f"{year + number // 12}-{number % 12 + 1:02d}")
        words = progress_in_words(building, seed, following)
        return "全部完工" if words == "已完工" else words
    return "整理竣工资料" if status == "完工" else "质量回访"
