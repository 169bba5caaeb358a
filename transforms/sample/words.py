"""The words around a table: filer, street, period, the day it was made, who signed. All people are invented."""

import datetime as dt

from transforms.sample.invent import person, phone
from transforms.sample.plan import month_end


def short_street(street: str) -> str:
    """Give 花园路 of 花园路街道, and 海淀街道 as it is: 海淀 alone is the district."""
    return street if street == "海淀街道" else street.removesuffix("街道")


def words_for(seed: int, sender: str, street: str, month: str, made: dt.date, **more: str) -> dict[str, str]:
    """Give the words of one sheet; ``month`` is "2013-12", or "2013" for what has no month."""
    year, _, number = month.partition("-")
    clerk = (sender, street, "clerk", number > "08")
    return {
        "year": year,
        "month": str(int(number or 1)),
        "month2": number,
        "day": str(month_end(month).day) if number else "",
        "made": f"{made.year}年{made.month}月{made.day}日",
        "made_dotted": f"{made.year}.{made.month}.{made.day}",
        "street": street,
        "street_short": short_street(street),
        "version": "",
        "head": person(seed, sender, street, "head"),
        "checker": person(seed, sender, street, "checker"),
        "clerk": person(seed, *clerk),
        "phone": phone(seed, *clerk),
        "other_phone": phone(seed, *clerk, "other"),
        "inspector": person(seed, sender, street, "inspector"),
        **more,
    }


def noon(day: dt.date) -> dt.datetime:
    """Give the moment a workbook says it was made on a day."""
    return dt.datetime.combine(day, dt.time(12))
