from decimal import Decimal

import pytest

from tests.transforms.layout_books import building, classes, f06, f08, faults, found, read, rows_of, values


def street_row(compound, started, completed, kind="节能环境", street="花园路街道"):
    return [street, compound, kind, 3, started, 1, completed, "无"]


def controls(reading):
    return {(row["label"], row["column_name"]): row["agrees"] for row in reading.controls.to_dicts()}


def compounds(reading):
    return [row["compound_name"] for row in rows_of(reading, "subcommand_monthly")]


TWO = (street_row("塔院南里", 1.21, 0.44), street_row("牡丹园中里", 2.29, 0.46))


@pytest.mark.parametrize("label", ["合计", "合　计", "总计", "共计：", "合计（2个小区）", "花园路街道合计"])
@pytest.mark.parametrize("column", [0, 1])
def test_a_labelled_total_is_a_control_and_no_row(label, column):
    total = [None, None, None, 6, 3.5, 2, 0.9]
    total[column] = label
    reading = read(f08(*TWO, total))
    assert compounds(reading) == ["塔院南里", "牡丹园中里"]
    assert len(controls(reading)) == 4
    assert all(controls(reading).values())
    assert classes(reading)["control_total"] == 5
    assert not reading.findings.height


def test_a_total_may_stand_first():
    reading = read(f08(["合计", None, None, 6, 3.5, 2, 0.9], *TWO))
    assert compounds(reading) == ["塔院南里", "牡丹园中里"]
    assert all(controls(reading).values())


def test_subtotals_add_up_their_group_and_the_total_everything():
    rows = f08(
        street_row("花园路甲3号院", 2.4, 1.0, "抗震节能"),
        [None, "小计", None, 3, 2.4, 1, 1.0],
        *TWO,
        [None, "小计", None, 6, 3.5, 2, 0.9],
        ["合计", None, None, 9, 5.9, 3, 1.9],
    )
    reading = read(rows)
    assert len(compounds(reading)) == 3
    assert reading.controls["agrees"].to_list() == [True] * 12


def test_a_subtotal_inside_the_merged_compound_cell():
    rows = [building(1), [2, None, *building(2)[2:]], [None, None, "小计", 6000, 80]]
    reading = read(f06(*rows), merge=["B4:B6"])
    assert values(reading, "contractor_progress", "building_no") == [("1号楼",), ("2号楼",)]
    assert reading.controls["agrees"].to_list() == [True, True]


def test_a_total_without_a_label_is_known_by_its_sum_and_said_at_the_blank_cell():
    reading = read(f08(*TWO, [None, None, None, 6, 3.5, 2, 0.9]))
    assert compounds(reading) == ["塔院南里", "牡丹园中里"]
    assert found(reading, "E08") == [("F", "B6")]
    assert classes(reading)["control_total"] == 4
    assert all(controls(reading).values())


def test_a_line_without_a_name_that_is_no_sum_is_not_taken_for_a_total():
    reading = read(f08(*TWO, [None, None, None, 6, 3.4, 2, 0.9]))
    assert found(reading, "E08") == []
    assert found(reading, "E47") == [("W", "D6")]


def test_a_building_whose_figures_equal_the_sum_above_is_still_a_building():
    third = [3, "增光里", "3号楼", 6000, 80, "2013.4.1", None, "在施"]
    reading = read(f06(building(1, 3000), building(2, 3000), third))
    assert len(rows_of(reading, "contractor_progress")) == 3


def test_rounding_is_forgiven_within_n_half_units():
    rows = [street_row("甲里", 1.24, 0.41), street_row("乙里", 1.24, 0.41), street_row("丙里", 1.24, 0.41)]
    reading = read(f08(*rows, ["合计", None, None, 9, 3.73, 3, 1.24]))
    assert all(controls(reading).values())
    assert not reading.findings.height
    tolerance = {row["column_name"]: row["tolerance"] for row in reading.controls.to_dicts()}
    assert tolerance["started_area_cum_m2"] == Decimal(150)
    assert tolerance["started_buildings_cum"] == 0


def test_a_total_that_contradicts_its_rows_is_a_warning_at_its_cell():
    reading = read(f08(*TWO, ["合计", None, None, 6, 3.6, 2, 0.9]))
    assert found(reading, "E09") == [("W", "E6")]
    assert controls(reading)["合计", "started_area_cum_m2"] is False
    [finding] = [f for f in reading.findings.to_dicts() if f["code"] == "E09"]
    assert "3.6" in finding["found"]
    assert "3.5" in finding["found"]
    assert len(compounds(reading)) == 2


def test_a_total_that_is_more_than_five_percent_off_refuses_the_report():
    reading = read(f08(*TWO, ["合计", None, None, 32, 3.5, 2, 0.9]))
    assert found(reading, "E09") == [("R", "D6")]
    assert reading.submissions["outcome"].to_list() == ["refused"]
    assert set(classes(reading)) == {"rejected"}


def test_a_figure_that_cannot_be_read_leaves_its_total_unjudged():
    rows = [street_row("塔院南里", "约1.2", 0.4), street_row("牡丹园中里", 2.3, 0.5)]
    reading = read(f08(*rows, ["合计", None, None, 6, 3.5, 2, 0.9]))
    assert controls(reading)["合计", "started_area_cum_m2"] is None
    assert found(reading, "E09") == []
    assert [fault[0][:3] if fault else () for fault in faults(reading, "subcommand_monthly")] == [
        ("E41", "Q", "started_area_cum_m2"),
        (),
    ]


def test_a_total_over_all_districts_is_compared_with_all_of_them():
    reading = read([["2013年任务分解表"], ["区县", "任务面积"], ["海淀区", 140], ["朝阳区", 200], ["合计", 340]])
    assert reading.controls["agrees"].to_list() == [True]


def test_a_section_with_its_subtotal_and_no_number_of_its_own():
    rows = f08(
        ["一、抗震节能综合改造", None, None, 3, 2.4, 1, 1.0],
        street_row("花园路甲3号院", 2.4, 1.0, "抗震节能"),
        ["二、节能和环境综合整治", None, None, 6, 3.5, 2, 0.9],
        *TWO,
    )
    reading = read(rows)
    assert len(compounds(reading)) == 3
    assert reading.controls["agrees"].to_list() == [True] * 8
    assert classes(reading)["control_total"] == 10


def test_the_total_of_another_street_does_not_refuse_this_one():
    rows = [
        ["登记表"],
        ["街道", "小区名称", "建筑面积(㎡)", "计划年度"],
        ["花园路街道", "塔院南里", 100, 2013],
        [None, "小计", 100],
        ["清河街道", "毛纺北里", 300, 2013],
        [None, "小计", 900],
    ]
    reading = read(rows)
    outcome = dict(reading.submissions.select("street_id", "outcome").rows())
    assert outcome == {"110108018": "read", "110108017": "refused"}
    assert values(reading, "compound_register", "compound_name") == [("塔院南里",)]
