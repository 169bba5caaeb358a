"""The invented facts of the year, form by form: what a correct reading of the sample must come to.

A pure function of plan and seed. The counts stand in ``plan/counts.tsv``. Facts say how things stand in the last report
that tells of them, faults healed; what an injected fault keeps out of the warehouse for good is in the ledger.
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache

from transforms.sample.facts.acceptance import Acceptance, acceptances
from transforms.sample.facts.base import LAST_DAY, building_id, compound_id, street_id
from transforms.sample.facts.consent import ROUND_DAYS, Consent, consents
from transforms.sample.facts.coordination import DEPARTMENTS, Issue, Meeting, issues, meetings
from transforms.sample.facts.environment import EnvironmentItem, environment_items
from transforms.sample.facts.materials import MaterialEvent, Tender, material_events, tenders
from transforms.sample.facts.opinions import Opinion, opinions
from transforms.sample.facts.planning import BatchLine, CarryOver, Pilot, batch_lines, carried_over, pilots
from transforms.sample.facts.postings import Posting, postings
from transforms.sample.facts.safety import Inspection, inspections
from transforms.sample.facts.works import (
    DistrictReturn,
    Measures,
    WeeklyFlash,
    district_returns,
    weekly_flashes,
)
from transforms.sample.plan import Plan, load_other_year, load_plan

__all__ = [
    "DEPARTMENTS",
    "LAST_DAY",
    "ROUND_DAYS",
    "Acceptance",
    "BatchLine",
    "CarryOver",
    "Consent",
    "DistrictReturn",
    "EnvironmentItem",
    "Facts",
    "Inspection",
    "Issue",
    "MaterialEvent",
    "Measures",
    "Meeting",
    "Opinion",
    "Pilot",
    "Posting",
    "Tender",
    "WeeklyFlash",
    "building_id",
    "compound_id",
    "load_facts",
    "street_id",
]


@dataclass(frozen=True)
class Facts:
    """All facts of the year, each worked out when it is asked for.

    ``plan`` is the year's own plan (compounds and buildings of 2013); ``year_2012`` and ``year_2014`` hold what the
    registers know of the years around it, of which no progress is reported.
    """

    plan: Plan
    seed: int

    @cached_property
    def year_2012(self) -> Plan:
        """The registered compounds and buildings of programme year 2012."""
        return load_other_year(2012)

    @cached_property
    def year_2014(self) -> Plan:
        """The registered compounds and buildings of programme year 2014."""
        return load_other_year(2014)

    @cached_property
    def batches(self) -> tuple[BatchLine, ...]:
        """F04: compounds by batch, 2013 and 2014."""
        return batch_lines(self.plan, self.seed)

    @cached_property
    def pilots(self) -> tuple[Pilot, ...]:
        """F05."""
        return pilots(self.plan)

    @cached_property
    def flashes(self) -> tuple[WeeklyFlash, ...]:
        """F09: 40 weeks by 14 streets."""
        return weekly_flashes(self.plan, self.seed)

    @cached_property
    def returns(self) -> tuple[DistrictReturn, ...]:
        """F10: month, street, programme type."""
        return district_returns(self.plan)

    @cached_property
    def opinions(self) -> tuple[Opinion, ...]:
        """F11, as the last ledgers have them."""
        return opinions(self.plan, self.seed)

    @cached_property
    def consents(self) -> tuple[Consent, ...]:
        """F12: building and round."""
        return consents(self.plan, self.seed)

    @cached_property
    def events(self) -> tuple[MaterialEvent, ...]:
        """F13."""
        return material_events(self.plan, self.seed)

    @cached_property
    def tenders(self) -> tuple[Tender, ...]:
        """F14: tender and lot."""
        return tenders(self.plan, self.seed)

    @cached_property
    def meetings(self) -> tuple[Meeting, ...]:
        """F15."""
        return meetings(self.plan, self.seed)

    @cached_property
    def issues(self) -> tuple[Issue, ...]:
        """F16, as the last ledgers have them."""
        return issues(self.plan, self.seed)

    @cached_property
    def inspections(self) -> tuple[Inspection, ...]:
        """F17, as the report of the month has them."""
        return inspections(self.plan, self.seed)

    @cached_property
    def postings(self) -> tuple[Posting, ...]:
        """F18."""
        return postings(self.plan, self.seed)

    @cached_property
    def environment(self) -> tuple[EnvironmentItem, ...]:
        """F19: month, compound, item."""
        return environment_items(self.plan, self.seed)

    @cached_property
    def carry_overs(self) -> tuple[CarryOver, ...]:
        """F20."""
        return carried_over(self.plan)

    @cached_property
    def acceptances(self) -> tuple[Acceptance, ...]:
        """F21: building and kind."""
        return acceptances(self.plan, self.seed)


@lru_cache(maxsize=4)
def load_facts(seed: int = 1, scale: int = 1) -> Facts:
    """Give the facts of the sample year that `make_year` draws with the same seed and scale."""
    return Facts(load_plan(scale), seed)
