"""F01 and F22: what the city asks of the districts, and the directory of the organisations that take part."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

from transforms.sample.envelope import Envelope, Row, Sheet, Value
from transforms.sample.invent import between, person, phone
from transforms.sample.plan import Plan, read_table
from transforms.sample.style import look_of
from transforms.sample.words import noon, words_for

TARGETS, DIRECTORY = "municipal_target", "org_directory"
_OWN_TARGET = Decimal(1_400_000)
_INNER = "东城 西城 朝阳 海淀 丰台 石景山"
_OUTER = "门头沟 房山 通州 顺义 昌平 大兴 平谷 怀柔 密云 延庆"


def envelopes(plan: Plan, seed: int) -> Iterator[Envelope]:
    """Give the directory, the first target and its adjustment (which leaves the own district's as it was)."""
    yield _envelope(DIRECTORY, "区指挥部", dt.date(2013, 2, 18), seed, _organisation_rows(plan, seed))
    yield _envelope(TARGETS, "first", dt.date(2013, 2, 19), seed, _target_rows(seed, 1, plan), version="1")
    yield _envelope(TARGETS, "adjusted", dt.date(2013, 2, 26), seed, _target_rows(seed, 2, plan), version="2")


def _envelope(form: str, sender: str, day: dt.date, seed: int, rows: Iterator[Row], version: str = "") -> Envelope:
    look = look_of(form, sender)
    words = {**words_for(seed, sender, "", "2013", day), "filer": look.filer, "version": version}
    sheet = Sheet(look.sheet.format_map(words), tuple(rows), words)
    return Envelope(form, sender, "", "", day, look.file_name.format_map(words), sender, (sheet,), noon(day))


def _target_rows(seed: int, version: int, plan: Plan) -> Iterator[Row]:
    scale = max(compound.copy for compound in plan.compounds)
    for name in f"{_INNER} {_OUTER}".split():
        is_own = name == "海淀"
        low, high = (90, 210) if name in _INNER else (8, 60)
        adjusted = version if name in ("朝阳", "丰台") else 1
        invented = Decimal(between(low, high, seed, "target", name, adjusted)) * 10_000
        values: dict[str, Value] = {
            "plan_year": 2013,
            "district": f"{name}区",
            "programme_type_code": "全部",
            "target_area_m2": _OWN_TARGET * scale if is_own else invented,
            "target_compounds": 33 * scale if is_own else None,
            "issued_doc_no": f"京拟整办〔2013〕{version}号",
            "issued_date": dt.date(2013, 1, 25) if version == 1 else dt.date(2013, 2, 22),
            "target_version": version,
        }
        yield Row(name, values)


def _organisation_rows(plan: Plan, seed: int) -> Iterator[Row]:
    firms = [(firm.full_name, firm.short_names, "施工") for firm in plan.contractors]
    firms += [
        (row["full_name"], tuple(filter(None, row["short_names"].split(";"))), row["org_type"])
        for row in (*read_table("orgs"), *read_table("makers"))
    ]
    for number, (full_name, short_names, kind) in enumerate(firms, 1):
        values: dict[str, Value] = {
            "full_name": full_name,
            "short_names": "、".join(short_names),
            "org_type_code": kind,
            "licence_no": f"拟资〔2012〕{number:03d}" if kind in ("施工", "监理", "设计") else None,
            "contact_name": person(seed, "contact", full_name),
            "contact_phone": phone(seed, "contact", full_name),
        }
        yield Row(full_name, values)
