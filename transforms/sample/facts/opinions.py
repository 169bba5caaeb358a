"""F11: what residents said, and what became of it."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from transforms.sample.facts.base import LAST_DAY, OfBuilding, day_between, spread, street_id, until, weighted
from transforms.sample.facts.environment import env_starts
from transforms.sample.invent import between, choose, person, phone
from transforms.sample.plan import Building, Plan
from transforms.sample.words import short_street

_STAGES = (("DESIGN", 14), ("MATERIAL", 22), ("CONSTRUCTION", 54), ("ENVIRONMENT", 10), ("OTHER", 5))
_CHANNELS = (
    ("HOME_VISIT", 34),
    ("FORUM", 14),
    ("PHONE", 18),
    ("VISIT", 12),
    ("HOTLINE_12345", 10),
    ("SUGGESTION_BOX", 4),
    ("COMMUNITY", 6),
    ("ONLINE", 2),
)
_CATEGORIES: Mapping[str, tuple[str, ...]] = {
    "DESIGN": ("WINDOW_STYLE", "GRILLE", "SOLAR", "OTHER"),
    "MATERIAL": ("WINDOW_STYLE", "GRILLE", "QUALITY"),
    "CONSTRUCTION": ("AIR_CONDITIONER", "NOISE", "SITE_SAFETY", "QUALITY", "SCHEDULE", "DAMAGE", "SOLAR"),
    "ENVIRONMENT": ("PARKING", "GREENERY", "ILLEGAL_BUILDING"),
    "OTHER": ("PARKING", "OTHER"),
}
_CONTENTS: Mapping[str, tuple[str, ...]] = {
    "WINDOW_STYLE": ("建议外窗改为内开内倒", "询问新窗是否带纱窗", "希望保留原有推拉窗样式"),
    "GRILLE": ("一层住户不同意拆除护栏", "要求护栏拆除后恢复", "护栏拆除费用由谁承担"),
    "AIR_CONDITIONER": ("空调移机后不制冷", "移机时间未提前通知", "希望统一安排移机复位"),
    "SOLAR": ("屋面太阳能热水器拆后要求恢复", "询问太阳能能否集中安装"),
    "NOISE": ("早上七点前施工噪声扰民", "午休时间电钻噪声大", "夜间卸料噪声扰民"),
    "SITE_SAFETY": ("脚手架下没有防护棚", "楼门口堆放材料，老人通行不便", "安全网有破损"),
    "QUALITY": ("顶层屋面雨后渗漏", "窗框四周打胶不严", "外墙保温板局部空鼓"),
    "SCHEDULE": ("脚手架搭设后长时间无人施工", "询问何时完工拆架"),
    "DAMAGE": ("施工损坏阳台晾衣架，要求赔偿", "拆窗时碰坏室内窗台"),
    "PARKING": ("希望增加停车位", "脚手架占用停车位，请安排临时停放"),
    "GREENERY": ("楼前绿地被压坏，要求补种", "建议补种乔木"),
    "ILLEGAL_BUILDING": ("一层违建影响道路整修", "要求先拆违再绿化"),
    "OTHER": ("希望公示施工计划和负责人", "建议增设无障碍坡道"),
}
_ADOPTIONS = (("ADOPTED", 52), ("PARTLY", 20), ("REJECTED", 9), ("EXPLAINED", 19))
_SATISFACTIONS = (("SATISFIED", 56), ("MOSTLY_SATISFIED", 25), ("DISSATISFIED", 8), ("NOT_ASKED", 11))


@dataclass(frozen=True)
class Opinion(OfBuilding):
    """One opinion as it stands in the ledger of its street and year, where ``no`` counts from 1 by day.

    ``opinion_id`` is street, ledger year and number. ``adopted_code`` is PENDING until ``reply_date``;
    ``resolution_code`` is RESOLVED exactly where there is a ``resolved_date``.
    ``room``, ``resident`` and ``phone`` are personal.
    """

    street: str
    street_id: str
    ledger_year: int
    no: int
    building: Building
    stage_code: str
    channel_code: str
    category_code: str
    content: str
    handler: str
    raised_date: dt.date
    adopted_code: str
    reply_date: dt.date | None
    resolution_code: str
    resolved_date: dt.date | None
    satisfaction_code: str
    room: str
    resident: str
    phone: str

    @property
    def opinion_id(self) -> str:
        """Street, ledger year, number."""
        return f"{self.street_id}:{self.ledger_year}:{self.no}"

    def as_of(self, day: dt.date) -> "Opinion":
        """Give the opinion as the ledger had it at the end of a day, on or after it was raised."""
        reply, resolved = until(self.reply_date, day), until(self.resolved_date, day)
        return replace(
            self,
            reply_date=reply,
            adopted_code=self.adopted_code if reply else "PENDING",
            resolved_date=resolved,
            resolution_code=self.resolution_code if resolved or (reply and not self.resolved_date) else "IN_PROGRESS",
            satisfaction_code=self.satisfaction_code if resolved else "NOT_ASKED",
        )


def opinions(plan: Plan, seed: int) -> tuple[Opinion, ...]:
    """Give the opinions of the year as the last ledgers have them (end of February 2014), numbered per street and year.

    The days lie within the works of the building, those about the environment within its compound's later phase.
    """
    drafts = sorted(_drafts(plan, seed), key=lambda draft: (draft.street, draft.raised_date, draft.no))
    numbers: Counter[tuple[str, int]] = Counter()
    numbered = []
    for draft in drafts:
        numbers[draft.street, draft.ledger_year] += 1
        numbered.append(replace(draft, no=numbers[draft.street, draft.ledger_year]).as_of(LAST_DAY))
    return tuple(numbered)


def _drafts(plan: Plan, seed: int) -> Iterator[Opinion]:
    starts = env_starts(plan, seed)
    for number, building in spread(plan, seed, "opinions"):
        key = ("opinion", number)
        stage = weighted(_STAGES, seed, *key, "stage")
        later = starts.get(building.compound_key)
        if stage == "ENVIRONMENT" and later is None:
            stage = "CONSTRUCTION"
        category = choose(_CATEGORIES[stage], seed, *key, "category")
        raised = _raised(building, stage, later, seed, number)
        reply = raised + dt.timedelta(days=between(0, 13, seed, *key, "reply"))
        settled = weighted((("RESOLVED", 90), ("UNRESOLVED", 4), ("IN_PROGRESS", 6)), seed, *key, "settled")
        resolved = reply + dt.timedelta(days=between(0, 30, seed, *key, "resolved")) if settled == "RESOLVED" else None
        yield Opinion(
            street=building.street,
            street_id=street_id(building.key),
            ledger_year=raised.year,
            no=number,
            building=building,
            stage_code=stage,
            channel_code=weighted(_CHANNELS, seed, *key, "channel"),
            category_code=category,
            content=choose(_CONTENTS[category], seed, *key, "content"),
            handler=_handler(plan, building, stage, seed, number),
            raised_date=raised,
            adopted_code=weighted(_ADOPTIONS, seed, *key, "adopted"),
            reply_date=reply,
            resolution_code=settled,
            resolved_date=resolved,
            satisfaction_code=weighted(_SATISFACTIONS, seed, *key, "satisfied"),
            room=f"{between(1, 6, seed, *key, 'unit')}-{between(1, building.storeys, seed, *key, 'floor')}0"
            f"{between(1, 3, seed, *key, 'door')}",
            resident=person(seed, *key),
            phone=phone(seed, *key),
        )


def _raised(building: Building, stage: str, later: dt.date | None, seed: int, number: int) -> dt.date:
    last = min(building.finish, LAST_DAY)
    if stage == "ENVIRONMENT" and later is not None:
        return day_between(later, LAST_DAY, seed, "raised", number)
    if stage in ("DESIGN", "MATERIAL"):
        last = building.start + (last - building.start) / 3
    return day_between(building.start, last, seed, "raised", number)


def _handler(plan: Plan, building: Building, stage: str, seed: int, number: int) -> str:
    if stage in ("DESIGN", "ENVIRONMENT", "OTHER"):
        return f"{short_street(building.street)}分指挥部"
    firm = plan.contractor(building.contractor)
    return choose((firm.full_name, *firm.short_names), seed, "handler", number)
