"""F11, F12, F13, F15, F16: what the streets keep: opinions, consent, choice of materials, meetings, issues."""

import datetime as dt
from collections.abc import Iterator, Sequence
from decimal import Decimal

from transforms.sample.envelope import Envelope, Row, Value
from transforms.sample.facts import ROUND_DAYS, Consent, Facts, Issue, MaterialEvent, Meeting, Opinion
from transforms.sample.letters import LEDGERS, QUARTERS, Table, letter, word
from transforms.sample.spell import BUILDING_NUMBERS
from transforms.sample.style import look_of

OPINIONS, CONSENT, EVENTS, MEETINGS, ISSUES = (
    "resident_opinion",
    "consent_survey",
    "material_event",
    "coordination_meeting",
    "issue_log",
)
HEADQUARTERS = "区指挥部"
_EVENTS_DAY = dt.date(2013, 9, 4)
_STAGES = ("DESIGN", "MATERIAL", "CONSTRUCTION", "ENVIRONMENT", "OTHER")
_ACTIVITIES = ("SAMPLES", "MAKERS", "QUESTIONS", "VOTE", "NOTICE")


def envelopes(facts: Facts) -> Iterator[Envelope]:
    """Give every street's ledgers, and those of the headquarters' meetings."""
    for street in facts.plan.streets:
        yield from _opinion_ledgers(facts, street)
        yield from _issue_ledgers(facts, street)
        yield from _consent_rounds(facts, street)
        events = [event for event in facts.events if event.street == street]
        if events:
            rows = list(map(_event, events))
            yield letter(EVENTS, street, street, "2013", _EVENTS_DAY, [Table(rows)], facts.seed)
        meetings = [meeting for meeting in facts.meetings if meeting.street == street]
        if meetings:
            yield _meetings(facts, meetings, street, street, LEDGERS[1][1])
    for last, day in QUARTERS[:3]:
        held = [each for each in facts.meetings if not each.street and each.meeting_date <= last]
        yield _meetings(facts, held, HEADQUARTERS, "", day)


def _opinion_ledgers(facts: Facts, street: str) -> Iterator[Envelope]:
    for last, day in LEDGERS:
        own = [each.as_of(last) for each in facts.opinions if each.street == street and each.raised_date <= last]
        for year in (2013, 2014):
            ledger = [opinion for opinion in own if opinion.ledger_year == year]
            if ledger:
                tables = _opinion_tables(ledger, street)
                yield letter(OPINIONS, street, street, str(year), day, tables, facts.seed)


def _opinion_tables(ledger: Sequence[Opinion], street: str) -> list[Table]:
    look = look_of(OPINIONS, street)
    rows = {opinion.no: _opinion(opinion, look.building) for opinion in ledger}
    match look.sheets_by:
        case "stage":
            stages = [(stage, [o for o in ledger if o.stage_code == stage]) for stage in _STAGES]
            return [Table([rows[o.no] for o in own], word("stages", stage)) for stage, own in stages if own]
        case "month":
            months = sorted({opinion.raised_date.month for opinion in ledger})
            return [Table([rows[o.no] for o in ledger if o.raised_date.month == m], f"{m}月") for m in months]
    return [Table(list(rows.values()))]


def _opinion(opinion: Opinion, building_style: str) -> Row:
    seen = "\n已到现场查看" if opinion.no % 9 == 0 else ""
    values: dict[str, Value] = {
        "opinion_no": opinion.no,
        "raised_date": opinion.raised_date,
        "channel_code": word("channels", opinion.channel_code),
        "compound_name": opinion.building.compound,
        "building_no": BUILDING_NUMBERS[building_style](opinion.building.number),
        "room_no": opinion.room,
        "resident_name": opinion.resident,
        "resident_phone": opinion.phone,
        "stage_code": word("stages", opinion.stage_code),
        "opinion_category_code": word("opinion_categories", opinion.category_code),
        "content": opinion.content + seen,
        "handler": opinion.handler,
        "adopted_code": word("adoptions", opinion.adopted_code),
        "reply_date": opinion.reply_date,
        "resolution_code": word("resolutions", opinion.resolution_code),
        "resolved_date": opinion.resolved_date,
        "satisfaction_code": word("satisfactions", opinion.satisfaction_code),
    }
    return Row(opinion.opinion_id, values)


def _issue_ledgers(facts: Facts, street: str) -> Iterator[Envelope]:
    for last, day in LEDGERS:
        own = [each.as_of(last) for each in facts.issues if each.street == street and each.raised_date <= last]
        for year in (2013, 2014):
            rows = [_issue(issue) for issue in own if issue.ledger_year == year]
            if rows:
                yield letter(ISSUES, street, street, str(year), day, [Table(rows)], facts.seed)


def _issue(issue: Issue) -> Row:
    values: dict[str, Value] = {
        "issue_no": issue.no,
        "source_meeting": issue.source_meeting,
        "compound_name": issue.building.compound,
        "issue_category_code": word("issue_categories", issue.category_code),
        "description": issue.description,
        "responsible_org": issue.responsible_org,
        "raised_date": issue.raised_date,
        "due_date": issue.due_text or issue.due_date,
        "issue_status_code": word("issue_statuses", issue.status_code),
        "closed_date": issue.closed_date,
    }
    return Row(issue.issue_id, values)


def _consent_rounds(facts: Facts, street: str) -> Iterator[Envelope]:
    look = look_of(CONSENT, street)
    for number, day in enumerate(ROUND_DAYS, 1):
        asked = [c for c in facts.consents if c.building.street == street and c.round_no == number]
        if asked:
            rows = [_consent(consent, look.building) for consent in asked]
            words = {"round": str(number)}
            yield letter(CONSENT, street, street, f"{day:%Y-%m}", day, [Table(rows)], facts.seed, **words)


def _consent(consent: Consent, building_style: str) -> Row:
    values: dict[str, Value] = {
        "round_no": consent.round_no,
        "compound_name": consent.building.compound,
        "building_no": BUILDING_NUMBERS[building_style](consent.building.number),
        "households_total": consent.total,
        "households_surveyed": consent.surveyed,
        "agree_households": consent.agree,
        "disagree_households": consent.disagree,
        "not_contacted_households": consent.not_contacted,
        "agree_ratio": round(Decimal(consent.agree) / consent.total, 4),
    }
    return Row(consent.building.key, values)


def _event(event: MaterialEvent) -> Row:
    values: dict[str, Value] = {
        "event_date": event.event_date,
        "compound_names": "、".join(compound.name for compound in event.compounds),
        "material_category_code": word("material_categories", event.category_code),
        "activity_forms": "、".join(word("activity_forms", form) for form in event.forms),
        "brands_shown": event.brands_shown,
        "residents_attended": event.attended,
        "votes_cast": event.votes_cast,
        "selected_product": event.selected_product,
        "linked_tender_no": event.tender_no,
    }
    ticks = {f"activity_forms.{form}": form in event.forms for form in _ACTIVITIES}
    return Row(event.event_id, values | ticks)


def _meetings(facts: Facts, held: Sequence[Meeting], sender: str, street: str, day: dt.date) -> Envelope:
    between = look_of(MEETINGS, sender).list_separator
    rows = [_meeting(meeting, between) for meeting in held]
    return letter(MEETINGS, sender, street, "2013", day, [Table(rows)], facts.seed)


def _meeting(meeting: Meeting, between: str) -> Row:
    values: dict[str, Value] = {
        "meeting_date": meeting.meeting_date,
        "meeting_level_code": word("meeting_levels", meeting.level_code),
        "convener": meeting.convener,
        "attendees": between.join(meeting.attendees),
        "topics": meeting.topics,
        "decision_count": meeting.decision_count,
    }
    return Row(meeting.meeting_id, values)
