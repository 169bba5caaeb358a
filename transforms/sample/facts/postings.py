"""F18: party members at the front line of the projects."""

import datetime as dt
from dataclasses import dataclass

from transforms.sample.facts.base import LAST_DAY, OfCompound, count_of
from transforms.sample.invent import below, between, choose
from transforms.sample.plan import Compound, Plan

_POSTS = ("PROJECT_MANAGER", "SAFETY_OFFICER", "RESIDENT_LIAISON", "COORDINATOR", "QUALITY_INSPECTOR")
_DUTIES = {
    "PROJECT_MANAGER": ("REPRESENTATION", "SAFETY"),
    "SAFETY_OFFICER": ("SAFETY",),
    "QUALITY_INSPECTOR": ("REPRESENTATION", "SAFETY"),
    "RESIDENT_LIAISON": ("OUTREACH",),
    "COORDINATOR": ("COORDINATION", "OUTREACH"),
}
_SURNAMES, _MIDDLE, _LAST = "赵钱孙李周吴郑王冯陈", "拟试虚", "一二三四五六七八九"


@dataclass(frozen=True)
class Posting(OfCompound):
    """One member on one post of a project (a compound) from a day on.

    A person is ``person_name`` of ``org``; several have two projects. ``end_date`` is None while the posting lasts.
    """

    person_name: str
    source_code: str
    org: str
    compound: Compound
    post_code: str
    frontline_code: str
    start_date: dt.date
    end_date: dt.date | None

    @property
    def person(self) -> tuple[str, str]:
        """What is one person: name and organisation."""
        return self.person_name, self.org


def postings(plan: Plan, seed: int) -> tuple[Posting, ...]:
    """Give the postings project by project: one on each first, the rest spread; some by people posted before."""
    found: list[Posting] = []
    compounds = plan.compounds
    for number in range(count_of("postings", plan)):
        compound = compounds[number % len(compounds)]
        post = _POSTS[number // len(compounds) % len(_POSTS)]
        earlier = [p for p in found if p.compound.street == compound.street and p.compound.key != compound.key]
        same = [p for p in earlier if p.post_code == post and post != "PROJECT_MANAGER"]
        again = choose(same, seed, "again", number) if same and below(5, seed, "twice", number) < 2 else None
        found.append(_posting(plan, compound, post, number, again, seed))
    return tuple(sorted(found, key=lambda each: (each.compound.key, each.start_date, each.person_name)))


def _posting(plan: Plan, compound: Compound, post: str, number: int, again: Posting | None, seed: int) -> Posting:
    buildings = plan.buildings_of(compound)
    first, last = min(b.start for b in buildings), max(b.finish for b in buildings)
    source = again.source_code if again else _source_of(post, number, seed)
    org = again.org if again else _org_of(plan, compound, source)
    left = last + dt.timedelta(days=between(5, 40, seed, "left", number))
    return Posting(
        person_name=again.person_name if again else _name(number),
        source_code=source,
        org=org,
        compound=compound,
        post_code=post,
        frontline_code=choose(_DUTIES[post], seed, "duty", number),
        start_date=first + dt.timedelta(days=between(-8, 12, seed, "posted", number)),
        end_date=left if left <= LAST_DAY and below(3, seed, "leaves", number) == 0 else None,
    )


def _name(number: int) -> str:
    """Give each number a name of its own."""
    number, last = divmod(number, len(_LAST))
    number, first = divmod(number, len(_SURNAMES))
    return _SURNAMES[first] + _MIDDLE[number % len(_MIDDLE)] + _LAST[last] + (_digits(number) if number > 2 else "")


def _digits(number: int) -> str:
    """Write a number with the last characters as its digits: a large plan has more people than one character tells."""
    rest, digit = divmod(number, len(_LAST))
    return (_digits(rest) if rest else "") + _LAST[digit]


def _source_of(post: str, number: int, seed: int) -> str:
    if post == "PROJECT_MANAGER":
        return "PROJECT_MANAGER"
    if post == "RESIDENT_LIAISON":
        return choose(("COMMUNITY_MEMBER", "GRASSROOTS_LEADER"), seed, "source", number)
    return choose(("CITY_SENT", "DISTRICT_SENT", "DISTRICT_SENT"), seed, "source", number)


def _org_of(plan: Plan, compound: Compound, source: str) -> str:
    match source:
        case "PROJECT_MANAGER":
            return plan.contractor(plan.buildings_of(compound)[0].contractor).full_name
        case "COMMUNITY_MEMBER" | "GRASSROOTS_LEADER":
            return f"{compound.name}社区党委"
        case "CITY_SENT":
            return "市拟派机关党委"
    return "区拟派机关党委"
