"""F13 and F14: events at which residents chose materials, and the tenders."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from transforms.sample.facts.base import compound_id, count_of, day_between, street_id
from transforms.sample.invent import below, between, choose
from transforms.sample.plan import Compound, Plan, read_table
from transforms.sample.progress import contract_value

_FORMS = ("SAMPLES", "MAKERS", "QUESTIONS", "VOTE", "NOTICE")
_SHOWN = ("WINDOW", "WINDOW", "INSULATION", "PAINT", "WATERPROOFING", "HEAT_METER")
_PRICES = {"SUPERVISION": (180, 420), "DESIGN": (160, 380), "APPRAISAL": (60, 95), "MATERIAL": (700, 2600)}
_TEN_THOUSAND = Decimal(10_000)


@dataclass(frozen=True)
class MaterialEvent:
    """One event, for one or two compounds of a street. ``attended`` counts attendances (人次)."""

    street: str
    event_date: dt.date
    compounds: tuple[Compound, ...]
    category_code: str
    forms: tuple[str, ...]
    brands_shown: int
    attended: int
    votes_cast: int | None
    selected_product: str | None
    tender_no: str | None

    @property
    def street_id(self) -> str:
        """The street's code."""
        return street_id(self.compounds[0].key)

    @property
    def compound_ids(self) -> tuple[str, ...]:
        """The compounds' ids, sorted."""
        return tuple(sorted(map(compound_id, self.compounds)))

    @property
    def event_id(self) -> str:
        """Street, day, category, compounds, as the warehouse joins them (without its normalising)."""
        return f"{self.street_id}:{self.event_date}:{self.category_code}:{'+'.join(self.compound_ids)}"


@dataclass(frozen=True)
class Tender:
    """One lot of a tender (``lot_no`` is None where there are no lots). Prices in yuan.

    ``winner_id`` is the winner's full name, ``winner`` how the ledger writes it.
    """

    tender_no: str
    lot_no: str | None
    type_code: str
    method_code: str
    notice_date: dt.date
    open_date: dt.date
    bidders: int
    control_price_yuan: Decimal
    winner: str
    winner_id: str
    win_price_yuan: Decimal
    award_date: dt.date
    contract_no: str
    contract_date: dt.date


def material_events(plan: Plan, seed: int) -> tuple[MaterialEvent, ...]:
    """Give the events by street and day, each in the first weeks of its compound's works."""
    found: dict[str, MaterialEvent] = {}
    attempt = 0
    while len(found) < count_of("material_events", plan):
        event = _event(plan, seed, attempt)
        found.setdefault(event.event_id, event)
        attempt += 1
    return tuple(sorted(found.values(), key=lambda each: (each.street_id, each.event_date, each.event_id)))


def _event(plan: Plan, seed: int, number: int) -> MaterialEvent:
    key = ("event", number)
    compound = plan.compounds[(number * 5 + below(3, seed, *key, "compound")) % len(plan.compounds)]
    neighbours = [other for other in plan.compounds_of(compound.street) if other.key != compound.key]
    together = bool(neighbours) and below(5, seed, *key, "together") == 0
    category = choose(_SHOWN, seed, *key, "category")
    start = min(building.start for building in plan.buildings_of(compound))
    forms = tuple(form for form in _FORMS if form == "SAMPLES" or below(2, seed, *key, form))
    voted = "VOTE" in forms
    attended = between(18, 160, seed, *key, "attended")
    maker = next(row for row in read_table("makers") if row["material"] == category)
    return MaterialEvent(
        street=compound.street,
        event_date=day_between(start, start + dt.timedelta(days=28), seed, *key, "day"),
        compounds=(compound, choose(neighbours, seed, *key, "neighbour")) if together else (compound,),
        category_code=category,
        forms=forms,
        brands_shown=between(2, 7, seed, *key, "brands"),
        attended=attended,
        votes_cast=attended * between(60, 95, seed, *key, "votes") // 100 if voted else None,
        selected_product=f"{maker['short_names']}{choose('甲乙丙', seed, *key, 'product')}型" if voted else None,
        tender_no=_tender_of(category) if voted else None,
    )


def _tender_of(material: str) -> str:
    return next(row["tender_no"] for row in read_table("tenders") if row["material"] == material)


def tenders(plan: Plan, seed: int) -> tuple[Tender, ...]:
    """Give the tenders lot by lot: a construction lot is won at the sum of its buildings' contract values."""
    return tuple(_tenders(plan, seed))


def _tenders(plan: Plan, seed: int) -> Iterator[Tender]:
    for number, row in enumerate(read_table("tenders"), 1):
        key = ("tender", row["tender_no"], row["lot"])
        notice = dt.date.fromisoformat(row["notice"])
        opened = notice + dt.timedelta(days=between(20, 26, seed, *key, "open"))
        awarded = opened + dt.timedelta(days=between(2, 6, seed, *key, "award"))
        if row["type"] == "CONSTRUCTION":
            won = [b for b in plan.buildings if b.contractor == row["winner"]]
            price = sum((contract_value(building, seed) for building in won), Decimal(0))
            firm = plan.contractor(row["winner"])
            name, written = firm.full_name, choose((firm.full_name, *firm.short_names), seed, *key, "name")
        else:
            price = Decimal(between(*_PRICES[row["type"]], seed, *key, "price")) * _TEN_THOUSAND
            name = written = row["winner"]
        margin = Decimal(between(102, 109, seed, *key, "control")) / 100
        yield Tender(
            tender_no=row["tender_no"],
            lot_no=row["lot"] or None,
            type_code=row["type"],
            method_code=row["method"],
            notice_date=notice,
            open_date=opened,
            bidders=int(row["bidders"]),
            control_price_yuan=(price * margin / _TEN_THOUSAND).quantize(Decimal(1), ROUND_CEILING) * _TEN_THOUSAND,
            winner=written,
            winner_id=name,
            win_price_yuan=price,
            award_date=awarded,
            contract_no=f"拟合〔2013〕{number:02d}",
            contract_date=awarded + dt.timedelta(days=between(3, 20, seed, *key, "contract")),
        )
