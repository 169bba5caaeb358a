"""The ledger of injected faults: each a small function over the envelopes of the year, in the order of the ledger.

A fault finds the envelopes it concerns, changes their rows, words, names or received days, and marks the cell where it
stands. What is healed is healed by the next report, which nobody touched.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import cast

from transforms.sample import contractor_progress as progress
from transforms.sample import registers
from transforms.sample import subcommand_monthly as monthly
from transforms.sample.envelope import Envelope, Mark, Row, Typed, Value
from transforms.sample.more_faults import MORE_FAULTS
from transforms.sample.plan import ENERGY
from transforms.sample.style import look_of
from transforms.sample.year import Year, received_on, renamed


def inject(year: Year) -> tuple[Envelope, ...]:
    """Put every fault of the ledger into the year's envelopes."""
    for fault in FAULTS:
        year = fault(year)
    return year.envelopes


def building_with_two_contractors(year: Year) -> Year:
    """E01: K01's December report also lists the neighbour's 3号楼, in its own words."""
    envelope, building = year.f06("K01", "花园路", "2013-12"), year.building("花园路甲3号院", 3)
    own = progress.row_of(building, year.seed, "K01", look_of(progress.FORM, "K01"), "2013-12")
    twice = replace(own, key=f"{own.key} K01").but(lot_no="01标段")
    last = max(i for i, row in enumerate(envelope.rows) if row.values["compound_name"] == own.values["compound_name"])
    rows = (*envelope.rows[: last + 1], twice, *envelope.rows[last + 1 :])
    note = "花园路甲3号院 3号楼（4,560.11㎡，63户）归K04，K01也列入"
    mark = Mark("E01", note, twice.key, "building_no", ("compound_name", "floor_area_m2", "household_count"))
    return year.swap(envelope, envelope.with_rows(rows).marked(mark))


def building_in_another_compound(year: Year) -> Year:
    """E02: 增光里 7号楼 stands under 甘家口北里."""
    envelope, building = year.f06("K03", "甘家口", "2013-09"), year.building("增光里", 7)
    moved = next(row for row in envelope.rows if row.key == building.key).but(compound_name="甘家口北里")
    rest = [row for row in envelope.rows if row.key != building.key]
    last = max(i for i, row in enumerate(rest) if row.values["compound_name"] == "甘家口北里")
    note = "增光里 7号楼（5,647.26㎡）列在甘家口北里名下，与该院7号楼重号"
    mark = Mark("E02", note, building.key, "building_no", ("compound_name",))
    return year.swap(envelope, envelope.with_rows([*rest[: last + 1], moved, *rest[last + 1 :]]).marked(mark))


def cumulative_falls(year: Year) -> Year:
    """E03: a digit of 二里庄北里's completed households got lost, so they fall below September's."""
    envelope, column = year.f08("学院路", "2013-10"), "completed_households_cum"
    key = _compound_row(year, "二里庄北里", ENERGY)
    right = _number(envelope, key, column)
    typed = int(str(right)[-2:])
    mark = Mark("E03", f"累计完成户数应为{right}，录成{typed}，低于上月", key, column)
    changed = envelope.edit_row(key, lambda row: row.but(**{column: typed})).marked(mark)
    return year.swap(envelope, received_on(changed, dt.date(2013, 11, 6)))


def completed_above_started(year: Year) -> Year:
    """E05: 普惠东里 completed typed 11, started typed 10."""
    envelope, key = year.f08("羊坊店", "2013-08"), _compound_row(year, "普惠东里", ENERGY)
    note = "累计完工录成11栋，累计开工录成10栋"
    mark = Mark("E05", note, key, "completed_buildings_cum", ("started_buildings_cum",))
    changed = envelope.edit_row(key, lambda row: row.but(completed_buildings_cum=11, started_buildings_cum=10))
    return year.swap(envelope, changed.marked(mark))


def finish_before_start(year: Year) -> Year:
    """E06: 翠微中里 5号楼 finished on 2013.6.26, before it started; it was 10.26."""
    envelope, building = year.f06("K08", "万寿路", "2013-10"), year.building("翠微中里", 5)
    mark = Mark("E06", "实际竣工10.26录成6.26，早于开工7.6", building.key, "actual_finish")
    changed = envelope.edit_row(building.key, lambda row: row.but(actual_finish=dt.date(2013, 6, 26)))
    return year.swap(envelope, changed.marked(mark))


def day_that_is_none(year: Year) -> Year:
    """E06: 翠微中里 7号楼 finished on 2013.9.31; it was 9.29."""
    envelope, building = year.f06("K08", "万寿路", "2013-09"), year.building("翠微中里", 7)
    mark = Mark("E06", "实际竣工9.29录成9.31，没有这一天", building.key, "actual_finish")
    changed = envelope.edit_row(building.key, lambda row: row.but(actual_finish=Typed("2013.9.31")))
    return year.swap(envelope, changed.marked(mark))


def area_restated(year: Year) -> Year:
    """E07: 学院南路丙32号院 2号楼 with 10,145.71 ㎡ instead of 11,045.71."""
    envelope, building = year.f06("K02", "北太平庄", "2013-10"), year.building("学院南路丙32号院", 2)
    mark = Mark("E07", "建筑面积11045.71录成10145.71", building.key, "floor_area_m2")
    changed = envelope.edit_row(building.key, lambda row: row.but(floor_area_m2=Decimal("10145.71")))
    return year.swap(envelope, changed.marked(mark))


def subtotal_without_label(year: Year) -> Year:
    """E08: the subtotal of 北太平庄's December report has no label."""
    envelope = year.f08("北太平庄", "2013-12").with_words(subtotal_label="")
    note = "小计行没有“小计”字样"
    mark = Mark("E08", note, "小计1", "compound_name", ("started_area_cum_m2", "completed_area_cum_m2"))
    return year.swap(year.f08("北太平庄", "2013-12"), envelope.marked(mark))


def square_metres_under_wan(year: Year) -> Year:
    """E10: 稻香里's areas in ㎡ under a line that says 万平方米."""
    envelope, key = year.f08("海淀", "2013-09"), _compound_row(year, "稻香里", ENERGY)
    columns = ("started_area_cum_m2", "completed_area_cum_m2", "completed_area_month_m2", "task_area_m2")
    areas: dict[str, Value] = {column: Typed(_number(envelope, key, column)) for column in columns}
    mark = Mark("E10", "面积按平方米填，表头单位为万平方米", key, columns[0], columns[1:])
    return year.swap(envelope, envelope.edit_row(key, lambda row: row.but(**areas)).marked(mark))


def copy_of_last_month(year: Year) -> Year:
    """E12: K03's November report for 甘家口 is October's with another month in the title."""
    october, november = (year.f06("K03", "甘家口", month) for month in ("2013-10", "2013-11"))
    mark = Mark("E12", "11月报照抄10月，5栋33,522.24㎡完工未报")
    return year.swap(november, november.with_rows(october.rows).marked(mark))


def title_of_another_month(year: Year) -> Year:
    """E13: the title of 清河's September report says October."""
    envelope = year.f08("清河", "2013-09")
    title = look_of(monthly.FORM, envelope.look).title.format_map({**envelope.sheets[0].words, "month": "10"})
    mark = Mark("E13", "标题为10月，文件名和报送月份为9月", "", "report_month")
    return year.swap(envelope, envelope.with_words(title=title).marked(mark))


def three_copies(year: Year) -> Year:
    """E14: (1), 修改, 最终版 of one report; the middle one calls 甘家口北里 1–3号楼 finished."""
    final = year.f06("K04", "甘家口", "2013-12")
    ends = {year.building("甘家口北里", n).key: dt.date(2013, 12, day) for n, day in ((1, 28), (2, 29), (3, 30))}
    by_key = {building.key: building for building in year.plan.buildings}
    finished = [
        progress.finished_row(row, by_key[row.key], ends[row.key], year.seed) if row.key in ends else row
        for row in final.rows
    ]
    first = renamed(received_on(final, dt.date(2014, 1, 1)), "(1)").marked(Mark("E14", "同一报告的第一份"))
    middle = renamed(final, "(修改)").with_rows(finished).marked(Mark("E14", "第二份：误将1–3号楼报为完工"))
    last = renamed(final, "(最终版)").marked(Mark("E14", "第三份：以此为准"))
    return year.swap(final, first, middle, last)


def late_envelope(year: Year) -> Year:
    """E16: the three December reports about 花园路 come a week late."""
    day = dt.date(2014, 1, 9)
    for late in (
        year.f06("K01", "花园路", "2013-12"),
        year.f06("K04", "花园路", "2013-12"),
        year.f08("花园路", "2013-12"),
    ):
        year = year.swap(late, received_on(late, day).marked(Mark("E16", "12月报2014年1月9日才收到")))
    return year


def building_under_both_types(year: Year) -> Year:
    """E30: the first register of 永定路 has 永定路西里 1号楼 under both types; the corrected one comes in April."""
    envelope = year.find(registers.BUILDINGS, "永定路街道", "永定路", "")
    building = year.building("永定路西里", 1)
    row = next(row for row in envelope.rows if row.key == building.key)
    second = replace(row, key=f"{row.key} {ENERGY}").but(programme_type_code=ENERGY)
    at = envelope.rows.index(row) + 1
    first = envelope.with_rows([*envelope.rows[:at], second, *envelope.rows[at:]])
    note = "永定路西里 1号楼（4,497.18㎡）抗震节能、节能环境各列一次"
    mark = Mark("E30", note, second.key, "programme_type_code", ("building_no", "floor_area_m2"))
    corrected = renamed(received_on(envelope, dt.date(2013, 4, 10)), "（更正）")
    return year.swap(envelope, first.marked(mark), corrected)


def same_bytes_again(year: Year) -> Year:
    """E15: 北下关's June report lies there a second time, under another name."""
    envelope = year.f08("北下关", "2013-06")
    copy = replace(envelope, file_name=f"复件 {envelope.file_name}", marks=())
    return year.swap(envelope, envelope, copy.marked(Mark("E15", "与同日另一文件逐字节相同")))


def serial_number_as_date(year: Year) -> Year:
    """E19: a start date lost its format and shows as a number of days."""
    envelope, building = year.f06("K05", "学院路", "2013-07"), year.building("北沙滩东里", 4)
    serial = (building.start - dt.date(1899, 12, 30)).days
    mark = Mark("E19", f"日期显示为序列数{serial}，即{building.start.isoformat()}", building.key, "actual_start")
    changed = envelope.edit_row(building.key, lambda row: row.but(actual_start=Typed(serial)))
    return year.swap(envelope, changed.marked(mark))


def example_row_left_in(year: Year) -> Year:
    """E20: the template's example row was left in above the first building."""
    envelope = year.f06("K01", "花园路", "2013-05")
    values: dict[str, Value] = {
        "seq_no": "例",
        "compound_name": "XXX小区（示例）",
        "building_no": "X号楼",
        "floor_area_m2": Typed(5000),
        "household_count": Typed(60),
        "progress_text": "外墙保温完成80%",
        "status_code": "在施",
    }
    example = Row("example", values, sums=False)
    mark = Mark("E20", "模板示例行未删除", "example", "seq_no", ("compound_name", "building_no"))
    return year.swap(envelope, envelope.with_rows([example, *envelope.rows]).marked(mark))


FAULTS: tuple[Callable[[Year], Year], ...] = (
    building_with_two_contractors,
    building_in_another_compound,
    cumulative_falls,
    completed_above_started,
    finish_before_start,
    day_that_is_none,
    area_restated,
    subtotal_without_label,
    square_metres_under_wan,
    copy_of_last_month,
    title_of_another_month,
    three_copies,
    late_envelope,
    building_under_both_types,
    same_bytes_again,
    serial_number_as_date,
    example_row_left_in,
    *MORE_FAULTS,
)


def _compound_row(year: Year, compound: str, programme: str) -> str:
    found = next(c for c in year.plan.compounds if c.name == compound)
    return f"{found.key}|{programme}"


def _number(envelope: Envelope, key: str, column: str) -> int | Decimal:
    return cast("int | Decimal", next(row for row in envelope.rows if row.key == key).values[column])
