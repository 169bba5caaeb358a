"""Who owes a report and what to write to them: three filers."""

import datetime as dt

from schemas.forms import load
from transforms.chase import chase, document

DAY = dt.date(2014, 3, 10)


def row(filer, form="F08", **more):
    said = {"filer_id": filer, "filer_name": f"{filer}分指挥部", "form_code": form, "period": "2014-02"}
    said |= {"due_date": dt.date(2014, 3, 5), "days_late": 5, "missing_reports": 1, "missing_street_names": None}
    return said | more


def test_the_message_says_what_is_owed_since_when_and_what_waits_for_a_correction():
    contractor = row(
        "京合二建", "F06", filer_name="京合二建", missing_reports=2, missing_street_names="甘家口街道、羊坊店街道"
    )
    contractor |= {"days_late": 8, "due_date": dt.date(2014, 3, 2)}
    [one] = chase([contractor], {"京合二建": 3}, DAY, load())
    assert one.message == (
        "京合二建：\n"
        "截至2014年3月10日，尚有2份报表未收到：\n"
        "1. 2014年2月《施工单位楼栋施工进度月报》（甘家口街道、羊坊店街道），2份，应于2014年3月2日前报送，已逾期8天\n"
        "请尽快补报；如已报送，请告知报送时间和文件名。\n"
        "另有3处问题待改正，见退回单；改正后请一并报回。"
    )


def test_who_is_latest_comes_first_and_what_is_not_due_yet_or_came_is_nobodys_debt():
    rows = [
        row("花园路"),
        row("清河", days_late=40),
        row("海淀", days_late=0),
        row("学院路", missing_reports=0, days_late=9),
    ]
    assert [each.filer for each in chase(rows, {}, DAY, load())] == ["清河分指挥部", "花园路分指挥部"]


def test_the_document_lists_all_and_says_so_where_nobody_owes_anything():
    assert "没有逾期未报的报表。" in document([], DAY)
    text = document(chase([row("花园路"), row("花园路", "F09", days_late=7)], {}, DAY, load()), DAY)
    assert "| 花园路分指挥部 | 2 | 7 | 0 |" in text
    assert text.index("工程进度周报") < text.index("综合整治进展情况月报")
