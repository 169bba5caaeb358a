"""F08: what each street's sub-command says of its compounds at month end, by programme type."""

import datetime as dt
from collections.abc import Iterator, Sequence
from decimal import Decimal

from transforms.sample.envelope import Envelope, Row, Sheet, Value
from transforms.sample.invent import below
from transforms.sample.plan import PROGRAMMES, Building, Compound, Plan, month_end, read_table
from transforms.sample.style import look_of
from transforms.sample.variants import written_compound
from transforms.sample.words import noon, words_for

FORM = "subcommand_monthly"
_PROBLEMS = (
    "无",
    "部分住户空调室外机移机需协调",
    "个别住户外窗护栏拆除意见不一",
    "燃气管线移改进度较慢",
    "暂无问题",
    "楼前停车影响脚手架搭设",
    "架空线入地与外保温施工交叉",
)


def envelopes(plan: Plan, seed: int) -> Iterator[Envelope]:
    """Give one envelope per street and month."""
    received = {row["month"]: row for row in read_table("received")}
    for month in plan.months:
        for street in plan.streets:
            look = look_of(FORM, street)
            day = dt.date.fromisoformat(received[month]["F08_early" if look.arrives == "early" else "F08"])
            yield _envelope(plan, seed, street, month, day)


def _envelope(plan: Plan, seed: int, street: str, month: str, day: dt.date) -> Envelope:
    look = look_of(FORM, street)
    words = {**words_for(seed, street, street, month, day), "filer": look.filer}
    rows = tuple(
        _row(compound, programme, buildings, month, _problem(seed, street, month, index))
        for index, (compound, programme, buildings) in enumerate(_lines(plan, street))
    )
    return Envelope(
        form=FORM,
        sender=street,
        street=street,
        period=month,
        received=day,
        file_name=look.file_name.format_map(words),
        look=street,
        sheets=(Sheet(look.sheet.format_map(words), rows, words),),
        written=noon(day),
    )


def _lines(plan: Plan, street: str) -> Iterator[tuple[Compound, str, Sequence[Building]]]:
    for compound in plan.compounds_of(street):
        for programme in PROGRAMMES:
            buildings = [b for b in plan.buildings_of(compound) if b.programme == programme]
            if buildings:
                yield compound, programme, buildings


def _row(compound: Compound, programme: str, buildings: Sequence[Building], month: str, problem: str) -> Row:
    end = month_end(month)
    before = end.replace(day=1) - dt.timedelta(days=1)
    started, started_before = (_measures([b for b in buildings if b.start <= day]) for day in (end, before))
    completed, completed_before = (_measures([b for b in buildings if b.finish <= day]) for day in (end, before))
    values: dict[str, Value] = {
        "street": compound.street,
        "compound_name": written_compound(compound.street, compound.name, month),
        "programme_type_code": programme,
        "task_area_m2": _measures(buildings)[1],
        "started_buildings_month": started[0] - started_before[0],
        "started_area_month_m2": started[1] - started_before[1],
        "started_buildings_cum": started[0],
        "started_area_cum_m2": started[1],
        "started_households_cum": started[2],
        "completed_buildings_month": completed[0] - completed_before[0],
        "completed_area_month_m2": completed[1] - completed_before[1],
        "completed_buildings_cum": completed[0],
        "completed_area_cum_m2": completed[1],
        "completed_households_cum": completed[2],
        "problems": problem,
    }
    return Row(f"{compound.key}|{programme}", values)


def _measures(buildings: Sequence[Building]) -> tuple[int, Decimal, int]:
    area = sum((building.area for building in buildings), Decimal(0))
    return len(buildings), area, sum(building.households for building in buildings)


def _problem(seed: int, street: str, month: str, index: int) -> str:
    """Give a line's problem: another one each month, so that no report is the copy of the last."""
    number = int(month[5:])
    return _PROBLEMS[(below(len(_PROBLEMS), seed, "problem", street) + number + index) % len(_PROBLEMS)]
