"""F09, F10, F17, F19, F21: flashes, the district's return, inspections, the environment phase, acceptance."""

import datetime as dt
from collections.abc import Iterator, Sequence
from itertools import groupby

from transforms.sample.envelope import Envelope, Row, Value
from transforms.sample.facts import Acceptance, DistrictReturn, EnvironmentItem, Facts, Inspection, WeeklyFlash
from transforms.sample.letters import LEDGERS, QUARTERS, Table, day_of, letter, month_of, title_of_day, word
from transforms.sample.style import look_of

FLASHES, RETURNS, INSPECTIONS, ENVIRONMENT, ACCEPTANCE = (
    "weekly_flash",
    "district_return",
    "safety_inspection",
    "environment_phase",
    "acceptance",
)
HEADQUARTERS = "区指挥部"
# These streets' weeks are sent on by the headquarters, month by month; the others send theirs each quarter.
_SENT_ON = ("中关村街道", "清河街道", "西三旗街道", "海淀街道")
_NEW_RETURN_FROM = "2013-09"
_ON_CERTIFICATES = "K04"
_CARDS_ON_A_SHEET = 2


def envelopes(facts: Facts) -> Iterator[Envelope]:
    """Give everything told from the sites, and what the district makes of it."""
    yield from _flashes(facts)
    yield from _returns(facts)
    yield from _inspections(facts)
    yield from _environment(facts)
    yield from _acceptances(facts)


def _flashes(facts: Facts) -> Iterator[Envelope]:
    for street in facts.plan.streets:
        if street in _SENT_ON:
            continue
        own = [flash for flash in facts.flashes if flash.street == street]
        first = dt.date.min
        for last, day in QUARTERS[:3]:
            weeks = [flash for flash in own if first < flash.week_end <= last]
            tables = [_week([flash], flash.week_end) for flash in weeks]
            yield letter(FLASHES, street, street, month_of(weeks[-1].week_end), day, tables, facts.seed)
            first = last
    sent_on = [flash for flash in facts.flashes if flash.street in _SENT_ON]
    for month, in_month in groupby(sent_on, key=lambda flash: month_of(flash.week_end)):
        tables = [_week(list(own), day) for day, own in groupby(in_month, key=lambda flash: flash.week_end)]
        yield letter(FLASHES, HEADQUARTERS, "", month, day_of(month, "F08"), tables, facts.seed)


def _week(flashes: Sequence[WeeklyFlash], day: dt.date) -> Table:
    words = {"week": title_of_day(day), "number": str(day.isocalendar().week)}
    return Table([_flash(flash) for flash in flashes], f"{day.month}.{day.day}", words)


def _flash(flash: WeeklyFlash) -> Row:
    values: dict[str, Value] = {
        "week_end": flash.week_end,
        "street": flash.street,
        "in_progress_buildings": flash.in_progress_buildings,
        "completed_buildings_cum": flash.completed_buildings_cum,
        "workers_on_site": flash.workers_on_site,
    }
    return Row(f"{flash.street}|{flash.week_end}", values)


def _returns(facts: Facts) -> Iterator[Envelope]:
    for month in facts.plan.months:
        lines = [line for line in facts.returns if month_of(line.report_month) == month]
        look = HEADQUARTERS if month < _NEW_RETURN_FROM else f"{HEADQUARTERS} 新表"
        rows = [_return(line) for line in lines]
        yield letter(RETURNS, look, "", month, day_of(month, "F10"), [Table(rows)], facts.seed)


def _return(line: DistrictReturn) -> Row:
    values: dict[str, Value] = {
        "street": line.street,
        "programme_type_code": line.programme,
        "task_area_m2": line.task_area_m2,
        "problems": "无",
    }
    for event, month, cum in (
        ("started", line.started_month, line.started_cum),
        ("completed", line.completed_month, line.completed_cum),
    ):
        values |= {
            f"{event}_buildings_month": month.buildings,
            f"{event}_area_month_m2": month.area_m2,
            f"{event}_buildings_cum": cum.buildings,
            f"{event}_area_cum_m2": cum.area_m2,
            f"{event}_households_cum": cum.households,
        }
    return Row(f"{line.street}|{line.programme_type_code}", values)


def _inspections(facts: Facts) -> Iterator[Envelope]:
    on_forms = [each for each in facts.inspections if each.on_form]
    listed = [each for each in facts.inspections if not each.on_form]
    own = [each for each in listed if each.inspector == HEADQUARTERS]
    for month in sorted({month_of(each.inspection_date) for each in own}):
        rows = [_inspection(each) for each in own if month_of(each.inspection_date) == month]
        yield letter(INSPECTIONS, HEADQUARTERS, "", month, day_of(month, "F08"), [Table(rows)], facts.seed)
    for firm in sorted({each.inspector for each in listed} - {HEADQUARTERS}):
        yield from _of_firm(facts, firm, [each for each in listed if each.inspector == firm])
    for street in sorted({each.street for each in on_forms}):
        for (last, day), before in zip(QUARTERS, (dt.date.min, *(last for last, _ in QUARTERS)), strict=False):
            seen = [each for each in on_forms if each.street == street and before < _told(each) <= last]
            if seen:
                tables = [
                    Table([_inspection(each)], f"1 ({number})" if number > 1 else "1")
                    for number, each in enumerate(seen, 1)
                ]
                yield letter(INSPECTIONS, street, street, month_of(last), day, tables, facts.seed)


def _told(inspection: Inspection) -> dt.date:
    """Give the day a form is filled in: when it was looked at again, where hazards were found."""
    return inspection.closed_date or inspection.inspection_date


def _of_firm(facts: Facts, firm: str, own: Sequence[Inspection]) -> Iterator[Envelope]:
    """Give a supervisor's workbook for each quarter, a sheet per month."""
    first = dt.date.min
    for last, day in QUARTERS:
        seen = [each for each in own if first < each.inspection_date <= last]
        tables = [
            Table([_inspection(each) for each in group], f"{month[5:].lstrip('0')}月", _month_words(month))
            for month, group in groupby(seen, key=lambda each: month_of(each.inspection_date))
        ]
        if tables:
            yield letter(INSPECTIONS, firm, "", month_of(last), day, tables, facts.seed)
        first = last


def _month_words(month: str) -> dict[str, str]:
    return {"year": month[:4], "month": month[5:].lstrip("0"), "month2": month[5:]}


def _inspection(inspection: Inspection) -> Row:
    values: dict[str, Value] = {
        "street": inspection.street,
        "inspection_date": inspection.inspection_date,
        "inspection_type_code": word("inspection_types", inspection.type_code),
        "inspector": inspection.inspector,
        "compound_name": inspection.building.compound,
        "contractor": inspection.contractor,
        "hazards_found": inspection.hazards_found,
        "hazards_major": inspection.hazards_major,
        "hazards_fixed": inspection.hazards_fixed,
        "notice_no": inspection.notice_no,
        "due_date": inspection.due_date,
        "closed_date": inspection.closed_date,
        "penalty_yuan": inspection.penalty_yuan,
        "accident_code": word("accidents", inspection.accident_code),
    }
    return Row("|".join(map(str, inspection.key)), values)


def _environment(facts: Facts) -> Iterator[Envelope]:
    for month in facts.plan.months:
        for street in facts.plan.streets:
            own = [
                item
                for item in facts.environment
                if item.compound.street == street and month_of(item.report_month) == month
            ]
            if own:
                rows = _wide(own) if look_of(ENVIRONMENT, street).is_wide else [_item(item) for item in own]
                yield letter(ENVIRONMENT, street, street, month, day_of(month, "F08"), [Table(rows)], facts.seed)


def _wide(items: Sequence[EnvironmentItem]) -> list[Row]:
    rows = []
    for key, own in groupby(items, key=lambda item: item.compound.key):
        group = list(own)
        values: dict[str, Value] = {"compound_name": group[0].compound.name, "env_start": group[0].env_start}
        for item in group:
            values |= {
                f"{item.item_code}.env_status_code": word("env_statuses", item.status_code),
                f"{item.item_code}.qty_done": item.qty_done,
                f"{item.item_code}.unit_code": word("units", item.unit_code),
            }
        rows.append(Row(key, values))
    return rows


def _item(item: EnvironmentItem) -> Row:
    values: dict[str, Value] = {
        "compound_name": item.compound.name,
        "env_start": item.env_start,
        "env_item_code": word("env_items", item.item_code),
        "unit_code": word("units", item.unit_code),
        "qty_done": item.qty_done,
        "env_status_code": word("env_statuses", item.status_code),
    }
    return Row(f"{item.compound.key}|{item.item_code}", values)


def _acceptances(facts: Facts) -> Iterator[Envelope]:
    """Give each contractor's list by street at the year's end, and one contractor's certificates as they come."""
    day = LEDGERS[-1][1]
    for contractor, street in facts.plan.pairs:
        own = [a for a in facts.acceptances if (a.building.contractor, a.building.street) == (contractor.key, street)]
        certified = [a for a in own if contractor.key == _ON_CERTIFICATES and a.type_code == "FINAL"]
        rows = [_acceptance(each) for each in own if each not in certified]
        words = {"contractor": contractor.full_name, "contractor_short": contractor.short_names[0]}
        yield letter(ACCEPTANCE, contractor.key, street, "2014-02", day, [Table(rows)], facts.seed, **words)
        certified.sort(key=lambda each: each.acceptance_date)
        for month, group in groupby(certified, key=lambda each: month_of(each.acceptance_date)):
            rows = list(map(_acceptance, group))
            pairs = [rows[at : at + _CARDS_ON_A_SHEET] for at in range(0, len(rows), _CARDS_ON_A_SHEET)]
            sheets = [Table(pair, f"{number}") for number, pair in enumerate(pairs, 1)]
            sent = day_of(month, "F06")
            yield letter(ACCEPTANCE, f"{contractor.key} 证书", street, month, sent, sheets, facts.seed, **words)


def _acceptance(accepted: Acceptance) -> Row:
    building = accepted.building
    values: dict[str, Value] = {
        "street": building.street,
        "compound_name": building.compound,
        "building_no": f"{building.number}号楼",
        "acceptance_type_code": word("acceptance_types", accepted.type_code),
        "acceptance_date": accepted.acceptance_date,
        "acceptance_result_code": word("acceptance_results", accepted.result_code),
        "handover_to": accepted.handover_to,
    }
    return Row(f"{building.key}|{accepted.type_code}", values)
