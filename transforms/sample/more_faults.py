"""The faults of the other forms: each is healed by a later file, or only warned of and gone in the next ledger."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import cast

from transforms.sample import planning_files, site_files, street_ledgers
from transforms.sample.envelope import Envelope, Mark, Row, Value
from transforms.sample.year import Year, received_on, renamed

_LEDGER_DAY = dt.date(2013, 10, 10)


def phone_in_the_text(year: Year) -> Year:
    """E21: a clerk of 北太平庄 noted a resident's phone in the text of the opinion."""
    envelope = year.sent(street_ledgers.OPINIONS, "北太平庄街道", _LEDGER_DAY)
    row = envelope.rows[11]
    text = f"{row.values['content']}，请回电{row.values['resident_phone']}"
    mark = Mark("E21", "意见内容中写有居民电话", row.key, "content")
    return year.swap(envelope, envelope.edit_row(row.key, lambda found: found.but(content=text)).marked(mark))


def parts_that_do_not_add_up(year: Year) -> Year:
    """E26: the digits of a building's agreeing households are turned round; corrected a month later."""
    envelope = year.sent(street_ledgers.CONSENT, "学院路街道", dt.date(2013, 3, 1))
    row = next(row for row in envelope.rows if _turned(row) < _count(row, "agree_households"))
    right, typed = _count(row, "agree_households"), _turned(row)
    mark = Mark("E26", f"同意户数应为{right}，录成{typed}，三项之和不等于总户数", row.key, "agree_households")
    wrong = envelope.edit_row(row.key, lambda found: found.but(agree_households=typed)).marked(mark)
    return year.swap(envelope, wrong, renamed(received_on(envelope, dt.date(2013, 4, 2)), "（更正）"))


def resolved_without_a_date(year: Year) -> Year:
    """E27: an opinion of 羊坊店 counts as resolved, and nobody says since when."""
    envelope = year.sent(street_ledgers.OPINIONS, "羊坊店街道", _LEDGER_DAY)
    row = next(row for row in envelope.rows if row.values["resolution_code"] == "已解决")
    mark = Mark("E27", "已解决而没有填解决日期", row.key, "resolution_code")
    return year.swap(envelope, envelope.edit_row(row.key, lambda found: found.but(resolved_date=None)).marked(mark))


def closed_before_raised(year: Year) -> Year:
    """E27: an issue of 北下关 is closed ten days before it came up."""
    envelope = year.sent(street_ledgers.ISSUES, "北下关街道", _LEDGER_DAY)
    row = next(row for row in envelope.rows if row.values["closed_date"] is not None)
    early = cast(dt.date, row.values["raised_date"]) - dt.timedelta(days=10)
    mark = Mark("E27", "解决日期早于提出日期", row.key, "closed_date")
    return year.swap(envelope, envelope.edit_row(row.key, lambda found: found.but(closed_date=early)).marked(mark))


def more_fixed_than_found(year: Year) -> Year:
    """E28: the headquarters' June list has more hazards fixed than found; a corrected list comes in August."""
    envelope = year.sent(site_files.INSPECTIONS, site_files.HEADQUARTERS, dt.date(2013, 7, 3))
    row = next(row for row in envelope.rows if _count(row, "hazards_found") > 2)
    typed = _count(row, "hazards_found") + 2
    mark = Mark("E28", f"发现{row.values['hazards_found']}项，已整改录成{typed}项", row.key, "hazards_fixed")
    wrong = envelope.edit_row(row.key, lambda found: found.but(hazards_fixed=typed)).marked(mark)
    return year.swap(envelope, wrong, renamed(received_on(envelope, dt.date(2013, 8, 2)), "（更正）"))


def tenders_against_the_rules(year: Year) -> Year:
    """E29: one tender opened twelve days after its notice, one with two bidders, one won above the highest price."""
    envelope = year.sent(planning_files.TENDERS, planning_files.HEADQUARTERS, dt.date(2013, 7, 3))
    early, few, dear = (_tender(envelope, number) for number in ("008", "009", "010"))
    changes: tuple[tuple[Row, str, Value, str], ...] = (
        (early, "open_date", cast(dt.date, early.values["notice_date"]) + dt.timedelta(days=12), "公告12天即开标"),
        (few, "bidders", 2, "投标单位录成2家"),
        (dear, "win_price_yuan", cast(Decimal, dear.values["control_price_yuan"]) + 50_000, "中标价高于招标控制价"),
    )
    wrong = envelope
    for row, column, value, note in changes:
        wrong = _typed(wrong, row, column, value).marked(Mark("E29", note, row.key, column))
    return year.swap(envelope, wrong)


def one_project_under_two_names(year: Year) -> Year:
    """E32: an issue of 志强南园 stands under the name of its first phase."""
    envelope = year.sent(street_ledgers.ISSUES, "北太平庄街道", _LEDGER_DAY)
    row = [row for row in envelope.rows if row.values["compound_name"] == "志强南园"][1]
    mark = Mark("E32", "志强南园又写作志强南园一期", row.key, "compound_name")
    return year.swap(envelope, _typed(envelope, row, "compound_name", "志强南园一期").marked(mark))


MORE_FAULTS: tuple[Callable[[Year], Year], ...] = (
    phone_in_the_text,
    parts_that_do_not_add_up,
    resolved_without_a_date,
    closed_before_raised,
    more_fixed_than_found,
    tenders_against_the_rules,
    one_project_under_two_names,
)


def _count(row: Row, column: str) -> int:
    return cast(int, row.values[column])


def _turned(row: Row) -> int:
    """Give the agreeing households with their digits turned round."""
    return int(str(_count(row, "agree_households"))[::-1])


def _tender(envelope: Envelope, number: str) -> Row:
    return next(row for row in envelope.rows if row.key.startswith(f"拟招2013-{number}|"))


def _typed(envelope: Envelope, row: Row, column: str, value: Value) -> Envelope:
    return envelope.edit_row(row.key, lambda found: found.but(**{column: value}))
