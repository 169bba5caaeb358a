"""F15 and F16: who met whom, and the issues that were raised until they were closed."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from transforms.sample.facts.base import LAST_DAY, OfBuilding, count_of, day_between, spread, street_id, until, weighted
from transforms.sample.invent import below, between, choose
from transforms.sample.plan import Building, Plan
from transforms.sample.words import short_street

HEADQUARTERS, CITY = "区指挥部", "市老旧小区综合整治办公室"
# The words minutes use, with the code of the department each is.
DEPARTMENTS: Mapping[str, str] = {
    "公安分局": "POLICE",
    "消防支队": "FIRE",
    "城管大队": "URBAN_MANAGEMENT",
    "安监局": "WORK_SAFETY",
    "交通支队": "TRAFFIC",
    "房管所": "HOUSING",
    "自来水公司": "WATER",
    "燃气公司": "GAS",
    "电信公司": "TELECOM",
    "排水公司": "DRAINAGE",
    "热力公司": "HEAT",
    "供电公司": "POWER",
    "歌华有线": "CABLE_TV",
}
_ISSUES: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "GAS": (("燃气公司",), ("外墙燃气立管需移位后才能做保温", "阳台燃气表影响外窗更换")),
    "WATER": (("自来水公司",), ("楼内给水立管锈蚀，需同步更换", "水表井位置与脚手架冲突")),
    "TELECOM_LINES": (("电信公司", "歌华有线"), ("楼间架空线未入地，影响外保温", "外墙线缆需临时摘挂")),
    "DRAINAGE": (("排水公司",), ("楼前污水管线堵塞，需清掏", "雨污合流，需接入市政管线")),
    "ROAD_OCCUPATION": (("交通支队",), ("材料车辆进场需办理占道手续", "塔吊占用消防路，需交通疏导")),
    "FIRE_LANE": (("消防支队",), ("脚手架占用消防通道", "消防通道被停车占用")),
    "ILLEGAL_BUILDING": (("城管大队",), ("一层违建影响脚手架搭设", "楼顶违建影响屋面防水")),
    "OWNER": (("房管所",), ("产权单位未确认改造范围", "产权单位配套资金未到位")),
    "NUISANCE": ((), ("居民反映夜间施工扰民", "渣土清运扬尘扰民")),
    "OTHER": (("热力公司", "供电公司"), ("热计量表安装需热力公司配合停暖", "临时用电增容手续未办")),
}
_TOPICS = (
    "管线移改与外保温施工衔接",
    "违建拆除与脚手架搭设",
    "施工扰民与居民协调",
    "安全生产与消防通道",
    "进度调度",
    "架空线入地",
)
_LEVELS = (("SUBCOMMAND", 56), ("DISTRICT", 24), ("PROJECT", 12), ("CITY", 8))


@dataclass(frozen=True)
class Meeting:
    """One coordination meeting. ``street`` is "" for those of the district and the city.

    ``meeting_id`` is level, convener, day and a number among alike ones (always 1 here). ``attendees`` are the words of
    the minutes, ``attendee_ids`` what each stands for: a department's code, or a firm's full name.
    """

    street: str
    street_id: str | None
    level_code: str
    convener: str
    meeting_date: dt.date
    attendees: tuple[str, ...]
    attendee_ids: tuple[str, ...]
    topics: str
    decision_count: int

    @property
    def meeting_id(self) -> str:
        """Level, convener, day, number."""
        return f"{self.level_code}:{self.convener}:{self.meeting_date.isoformat()}:1".lower()


@dataclass(frozen=True)
class Issue(OfBuilding):
    """One issue as it stands in the ledger of its street and year, where ``no`` counts from 1 by day.

    ``responsible_id`` is a department's code or a contractor's full name. ``due_date`` is None where the ledger says
    尽快 or 长期 (``due_text``). RESOLVED exactly where there is a ``closed_date``.
    """

    street: str
    street_id: str
    ledger_year: int
    no: int
    building: Building
    source_meeting: str | None
    category_code: str
    description: str
    responsible_org: str
    responsible_id: str
    raised_date: dt.date
    due_date: dt.date | None
    due_text: str | None
    status_code: str
    closed_date: dt.date | None

    @property
    def issue_id(self) -> str:
        """Street, ledger year, number."""
        return f"{self.street_id}:{self.ledger_year}:{self.no}"

    def as_of(self, day: dt.date) -> "Issue":
        """Give the issue as the ledger had it at the end of a day, on or after it was raised."""
        closed = until(self.closed_date, day)
        young = (day - self.raised_date).days < 4
        status = self.status_code if closed or not self.closed_date else "NOT_STARTED" if young else "IN_PROGRESS"
        return replace(self, closed_date=closed, status_code=status)


def meetings(plan: Plan, seed: int) -> tuple[Meeting, ...]:
    """Give the year's meetings by day; no two of one level, convener and day."""
    found: dict[str, Meeting] = {}
    attempt = 0
    while len(found) < count_of("meetings", plan):
        meeting = _meeting(plan, seed, attempt)
        found.setdefault(meeting.meeting_id, meeting)
        attempt += 1
    return tuple(sorted(found.values(), key=lambda each: (each.meeting_date, each.meeting_id)))


def _meeting(plan: Plan, seed: int, number: int) -> Meeting:
    key = ("meeting", number)
    level = weighted(_LEVELS, seed, *key, "level")
    street = choose(plan.streets, seed, *key, "street") if level in ("SUBCOMMAND", "PROJECT") else ""
    pairs = [(firm, name) for firm, name in plan.pairs if not street or name == street]
    firm = choose(pairs, seed, *key, "firm")[0]
    convener = {
        "CITY": CITY,
        "DISTRICT": HEADQUARTERS,
        "SUBCOMMAND": f"{short_street(street)}分指挥部",
        "PROJECT": f"{firm.short_names[0]}项目部",
    }[level]
    words = list(DEPARTMENTS)
    at = below(len(words), seed, *key, "departments")
    chosen = [words[(at + step * 5) % len(words)] for step in range(between(2, 6, seed, *key, "how many"))]
    firm_word = choose((firm.full_name, *firm.short_names), seed, *key, "firm's name")
    return Meeting(
        street=street,
        street_id=next((street_id(compound.key) for compound in plan.compounds_of(street)), None),
        level_code=level,
        convener=convener,
        meeting_date=day_between(dt.date(2013, 3, 4), dt.date(2013, 12, 27), seed, *key, "day"),
        attendees=(*chosen, firm_word),
        attendee_ids=(*(DEPARTMENTS[word] for word in chosen), firm.full_name),
        topics=choose(_TOPICS, seed, *key, "topic"),
        decision_count=between(1, 7, seed, *key, "decisions"),
    )


def issues(plan: Plan, seed: int) -> tuple[Issue, ...]:
    """Give the issues as the last ledgers have them (end of February 2014), numbered by street and year."""
    drafts = sorted(_drafts(plan, seed), key=lambda draft: (draft.street, draft.raised_date, draft.no))
    numbers: Counter[tuple[str, int]] = Counter()
    numbered = []
    for draft in drafts:
        numbers[draft.street, draft.ledger_year] += 1
        numbered.append(replace(draft, no=numbers[draft.street, draft.ledger_year]).as_of(LAST_DAY))
    return tuple(numbered)


def _drafts(plan: Plan, seed: int) -> Iterator[Issue]:
    held: dict[str, list[dt.date]] = {}
    for meeting in meetings(plan, seed):
        held.setdefault(meeting.street, []).append(meeting.meeting_date)
    for number, building in spread(plan, seed, "issues"):
        key = ("issue", number)
        category = choose(tuple(_ISSUES), seed, *key, "category")
        words, descriptions = _ISSUES[category]
        firm = plan.contractor(building.contractor)
        org = choose(words, seed, *key, "org") if words else choose((firm.full_name, *firm.short_names), seed, *key)
        raised = day_between(building.start, min(building.finish, LAST_DAY), seed, *key, "raised")
        days = between(5, 40, seed, *key, "due")
        text = weighted((("", 88), ("尽快", 8), ("长期", 4)), seed, *key, "due text") or None
        settled = weighted((("RESOLVED", 88), ("SUSPENDED", 4), ("IN_PROGRESS", 8)), seed, *key, "settled")
        closed = raised + dt.timedelta(days=between(2, 55, seed, *key, "closed")) if settled == "RESOLVED" else None
        met = next((day for day in held.get(building.street, []) if 0 <= (raised - day).days <= 6), None)
        yield Issue(
            street=building.street,
            street_id=street_id(building.key),
            ledger_year=raised.year,
            no=number,
            building=building,
            source_meeting=f"{met.month}月{met.day}日协调会" if met else None,
            category_code=category,
            description=choose(descriptions, seed, *key, "description"),
            responsible_org=org,
            responsible_id=DEPARTMENTS.get(org, firm.full_name),
            raised_date=raised,
            due_date=None if text else raised + dt.timedelta(days=days),
            due_text=text,
            status_code=settled,
            closed_date=closed,
        )
