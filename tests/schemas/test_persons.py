"""Names of persons in the texts of a column of names."""

import pytest

from schemas.forms import load
from schemas.persons import is_name, names_in, names_signed, without_own_words


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("王芳", ["王芳"]),
        (" 王　芳 ", ["王芳"]),
        ("欧阳某某甲", ["欧阳某某甲"]),
        ("阿依古丽", ["阿依古丽"]),
        ("买买提·艾力", ["买买提·艾力"]),
        ("王女士", ["王女士"]),
        ("李明经理", ["李明"]),
        ("张三、李四/赵五", ["张三", "李四", "赵五"]),
        ("张三 13800138000\n李四138-0013-8001", ["张三", "李四"]),
        ("张三（组长）", ["张三"]),
        ("无", []),
        ("暂无", []),
        ("业主", []),
        ("王", []),
        ("中建一局", []),
        ("花园路街道办公室", []),
        ("花园路甲3号院", []),
        ("张三3号楼", ["张三"]),
        ("请居委会代为联系并转告", []),
        ("", []),
    ],
)
def test_names_as_they_stand_in_a_column_of_names(text: str, names: list[str]) -> None:
    assert list(names_in(text)) == names


def test_where_other_things_stand_too_a_surname_is_asked() -> None:
    assert list(names_in("三单元", surname=True)) == []
    assert list(names_in("王芳", surname=True)) == ["王芳"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("填表人：王芳    审核人：李 明  联系电话：13800138000", ["王芳", "李明"]),
        ("负责人（签字）:张三", ["张三"]),
        ("填表日期：2013年5月3日", []),
        ("审核：", []),
    ],
)
def test_names_in_a_line_of_signatures(text: str, names: list[str]) -> None:
    assert list(names_signed(text)) == names


def test_a_word_this_project_prints_is_no_name() -> None:
    assert without_own_words({"王芳", "清河", "施工"}, load()) == {"王芳"}


def test_what_comes_from_a_reading_process_must_have_the_form_of_a_name() -> None:
    assert is_name("买买提·艾力")
    assert not any(map(is_name, ("王", "a" * 5, "'; drop table x", "王\n芳", "王" * 21)))
