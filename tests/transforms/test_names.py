"""Names: what is one thing, what is two, and what is only alike (DOMAIN section 5)."""

import itertools

import polars as pl
import pytest

from schemas.forms import load
from schemas.frames import ALIASES
from transforms.names import (
    Match,
    building_names,
    compound_names,
    normalise_building,
    normalise_compound,
    normalise_organisation,
    organisation_names,
    read_buildings,
)

NO_ALIASES = pl.DataFrame(schema=dict(ALIASES))


def aliases(*rows: dict[str, str | None]) -> pl.DataFrame:
    return pl.DataFrame([dict.fromkeys(ALIASES) | row for row in rows], schema=dict(ALIASES))


def register(*compounds: tuple[str, str] | tuple[str, str, list[str]]) -> pl.DataFrame:
    """Compounds of streets: (street, name[, 曾用名]); the id is street:name as written."""
    return pl.DataFrame(
        [
            {
                "street_id": street,
                "compound_id": f"{street}:{name}",
                "compound_name": name,
                "compound_alias": more[0] if more else [],
            }
            for street, name, *more in compounds
        ],
        schema={
            "street_id": pl.String,
            "compound_id": pl.String,
            "compound_name": pl.String,
            "compound_alias": pl.List(pl.String),
        },
    )


@pytest.mark.parametrize(
    ("written", "same"),
    [
        ("花园路甲三号院", "花园路甲3号院"),
        ("花园路 甲３号院", "花园路甲3号院"),
        ("花园路\u3000甲3号", "花园路甲3号院"),
        ("花园路甲3院", "花园路甲3号院"),
        ("花园路甲3#院", "花园路甲3号院"),
        ("花園路甲3號院", "花园路甲3号院"),
        ("学院南路丙三十二号院", "学院南路丙32号院"),
        ("花园北路甲二十一号院", "花园北路甲21号院"),
        ("阜成路北三街甲六号院", "阜成路北三街甲6号院"),
        ("恩济里（南区）", "恩济里(南区)"),
        ("恩济里三区", "恩济里3区"),
        ("志強(qiáng)南園(yuán)", "志强南园"),
    ],
)
def test_one_compound_however_it_is_written(written: str, same: str) -> None:
    assert normalise_compound(written) == same


@pytest.mark.parametrize("name", ["二里庄北里", "八里庄", "五道口", "三义庙", "北三环中路", "西三旗"])
def test_numbers_inside_place_names_stay_chinese(name: str) -> None:
    assert normalise_compound(name) == name


HARD_NEGATIVES = [
    *(f"大柳树{number}号院" for number in ("3", "5", "7", "9", "13", "甲17", "甲十三", "北甲13")),
    "大柳树甲17号院平房",
    *(f"大钟寺{number}号院" for number in ("13", "133", "甲133", "甲8")),
    *(f"北三环中路{number}号院" for number in ("43", "甲43", "38", "甲38")),
    "花园路1号院",
    "花园路甲1号",
    "花园路甲9号院",
    "花园北路35号院",
    "花园北路甲35号",
    "复兴路乙4号院",
    "复兴路乙6号院",
    "北蜂窝路15号院",
    "北蜂窝路甲15号院",
    *("牡丹园东里", "牡丹园西里", "牡丹园北里", "牡丹园中里"),
    *("红莲中村", "红联中村", "翠薇中里", "翠微中里"),
    "二里庄北里",
    "2里庄北里",
]


def test_hard_negatives_stay_apart() -> None:
    clashes = [
        (one, two)
        for one, two in itertools.combinations(HARD_NEGATIVES, 2)
        if normalise_compound(one) == normalise_compound(two)
    ]
    assert clashes == []


@pytest.mark.parametrize("written", ["3号楼", "3#", "3#楼", "三号楼", "３号楼", "3栋", "3幢", " 3 号楼", "3", "③号楼"])
def test_one_building_however_it_is_written(written: str) -> None:
    assert normalise_building(written) == "3号楼"


def test_other_buildings_stay_apart() -> None:
    numbers = [
        "3号楼",
        "甲3号楼",
        "乙3号楼",
        "3号楼东段",
        "3号楼西段",
        "3-1",
        "3号楼1单元",
        "13号楼",
        "31号楼",
        "71#-83#楼",
    ]
    assert len({normalise_building(number) for number in numbers}) == len(numbers)


@pytest.mark.parametrize(
    ("written", "same"), [("甲三号楼", "甲3号楼"), ("甲3", "甲3号楼"), ("十二号楼", "12号楼"), ("3#东段", "3号楼东段")]
)
def test_letters_and_parts_of_buildings_are_kept(written: str, same: str) -> None:
    assert normalise_building(written) == same


def test_building_numbers_are_looked_up_inside_their_compound() -> None:
    names = building_names(
        pl.DataFrame(
            {
                "compound_id": ["s:东里", "s:西里"],
                "building_id": ["s:东里:1号楼", "s:西里:2号楼"],
                "building_no": ["1号楼", "2号楼"],
            }
        ),
        aliases({"kind": "building", "alias": "东里:甲一楼", "target": "1号楼"}),
    )
    assert names.resolve("s:东里", "一号楼").id == "s:东里:1号楼"
    assert names.resolve("s:东里", "2号楼").id is None
    assert names.resolve("s:东里", "甲一楼").id == "s:东里:1号楼"
    assert names.resolve("s:西里", "甲一楼").id is None


def test_a_suffix_is_dropped_only_where_the_rest_is_unique() -> None:
    names = compound_names(
        register(("s1", "稻香里"), ("s2", "科源里小区"), ("s3", "北里"), ("s3", "北里小区")), NO_ALIASES
    )
    assert names.resolve("s1", "稻香里小区").id == "s1:稻香里"
    assert names.resolve("s1", "稻香里社区").id == "s1:稻香里"
    assert names.resolve("s2", "科源里").id == "s2:科源里小区"
    assert names.resolve("s3", "北里").id == "s3:北里"
    assert names.resolve("s3", "北里小区").id == "s3:北里小区"
    assert names.resolve("s3", "北里社区").id is None


def test_former_names_of_the_register_resolve_in_their_street_only() -> None:
    names = compound_names(register(("s1", "二里庄北里", ["2里庄北里"]), ("s2", "东里")), NO_ALIASES)
    assert names.resolve("s1", "2里庄北里").id == "s1:二里庄北里"
    assert names.resolve("s2", "2里庄北里").id is None
    assert names.elsewhere("s2", "2里庄北里") == ("s1:二里庄北里",)


def test_a_former_name_of_two_compounds_is_no_name() -> None:
    names = compound_names(register(("s1", "东里", ["老院"]), ("s1", "西里", ["老院"])), NO_ALIASES)
    assert names.resolve("s1", "老院").id is None


def test_a_reviewed_alias_holds_in_its_street() -> None:
    known = register(("s1", "红联中村"), ("s2", "红联中村"))
    decided = aliases({"kind": "compound", "street_id": "s1", "alias": "红莲 中村", "target": "红联中村"})
    names = compound_names(known, decided)
    assert names.resolve("s1", "红莲中村").id == "s1:红联中村"
    assert names.resolve("s2", "红莲中村").id is None


def test_likeness_suggests_and_never_merges() -> None:
    names = compound_names(register(("s1", "红联中村"), ("s1", "牡丹园中里"), ("s1", "牡丹园东里")), NO_ALIASES)
    match = names.resolve("s1", "红莲中村")
    assert match.id is None
    assert match.suggestions == ("红联中村",)
    assert names.resolve("s1", "牡丹园西里").suggestions == ("牡丹园东里", "牡丹园中里")
    assert names.resolve("s1", "完全不同").suggestions == ()


FIRST, SECOND = "北京京东一建筑工程有限公司", "北京京东二建筑工程有限公司"


def directory() -> pl.DataFrame:
    return pl.DataFrame(
        {"org_id": [FIRST, SECOND], "full_name": [FIRST, SECOND], "short_names": [["东一公司"], ["东二公司"]]}
    )


def test_firms_resolve_by_full_name_short_name_and_reviewed_alias() -> None:
    names = organisation_names(directory(), aliases({"kind": "organisation", "alias": "东一建", "target": FIRST}))
    assert names.resolve(f" {FIRST} ").id == FIRST
    assert names.resolve("东二公司").id == SECOND
    assert names.resolve("东一建").id == FIRST


def test_first_and_second_company_never_merge() -> None:
    names = organisation_names(directory(), NO_ALIASES)
    assert normalise_organisation("一公司") != normalise_organisation("二公司")
    match = names.resolve("京东一集团有限责任公司")
    assert match.id is None
    assert match.suggestions[0] == FIRST


@pytest.mark.parametrize(
    ("written", "numbers"),
    [
        ("1-3号楼", (1, 2, 3)),
        ("71#-73#楼", (71, 72, 73)),
        ("71#—73#楼、88#-89#", (71, 72, 73, 88, 89)),
        ("1至3号楼", (1, 2, 3)),
        ("1～3号", (1, 2, 3)),
        ("一号楼至三号楼", (1, 2, 3)),
        ("1、3、5号楼", (1, 3, 5)),
        ("1#，3#楼", (1, 3)),
        ("1-3、5号楼", (1, 2, 3, 5)),
    ],
)
def test_several_buildings_in_one_cell(written: str, numbers: tuple[int, ...]) -> None:
    assert read_buildings(written) == tuple(f"{number}号楼" for number in numbers)


def test_the_letter_of_a_range_holds_for_all_of_it() -> None:
    assert read_buildings("甲1-甲3号楼") == read_buildings("甲1-3号楼") == ("甲1号楼", "甲2号楼", "甲3号楼")
    assert read_buildings("甲1-乙3号楼") is None


@pytest.mark.parametrize(
    "written",
    [
        "3号楼",
        "甲3号楼",
        "3号楼东段",
        "3-1",
        "1-3",
        "3-1号楼",
        "3号楼1-2单元",
        "3号楼东段、西段",
        "1-9999号楼",
        "",
        "3、3号楼",
    ],
)
def test_one_building_or_what_may_be_one_is_no_range(written: str) -> None:
    assert read_buildings(written) is None


def test_the_buildings_of_a_compound_that_was_split_tell_its_parts_apart() -> None:
    known = register(("s1", "东院"), ("s1", "西院"))
    decided = aliases(
        {"kind": "compound", "street_id": "s1", "alias": "大院", "target": "东院", "buildings": "1-3号楼"},
        {"kind": "compound", "street_id": "s1", "alias": "大院", "target": "西院", "buildings": "4、5号楼"},
    )
    names = compound_names(known, decided)
    assert names.resolve("s1", "大院", "2#").id == "s1:东院"
    assert names.resolve("s1", "大院小区", "5号楼").id is None
    assert names.resolve("s1", "大院", "4-5号楼").id == "s1:西院"
    for building in (None, "6号楼", "3-4号楼"):
        assert names.resolve("s1", "大院", building) == Match(None, divided=("东院", "西院"))


def test_a_compound_that_was_renamed_answers_to_both_names() -> None:
    decided = aliases({"kind": "compound", "street_id": "s1", "alias": "毛纺大院", "target": "毛纺北里"})
    names = compound_names(register(("s1", "毛纺北里")), decided)
    assert {names.resolve("s1", text).id for text in ("毛纺大院", "毛纺北里")} == {"s1:毛纺北里"}


def test_none_of_the_places_that_look_alike_answers_for_another() -> None:
    """Registered in one street, each name finds itself and nobody else, however it is written."""
    written = [name for name in HARD_NEGATIVES if name != "2里庄北里"]
    names = compound_names(register(*(("s1", name) for name in written)), NO_ALIASES)
    for name in written:
        for variant in (name, name.replace("号院", "#院"), name.replace("号院", "院"), f" {name}"):
            assert names.resolve("s1", variant).id == f"s1:{name}", variant
    for lost in written:
        others = compound_names(register(*(("s1", name) for name in written if name != lost)), NO_ALIASES)
        assert others.resolve("s1", lost).id is None, lost


@pytest.mark.parametrize(
    ("text", "street"),
    [
        ("海淀街道", "110108012"),
        ("海淀镇", "110108023"),
        ("海淀", None),
        ("海淀区", None),
        ("清河", "110108017"),
        ("清华园", "110108014"),
        ("田村路", "110108021"),
        ("田村", None),
        ("东升镇", "110108024"),
        ("东升地区", "110108024"),
        ("东升乡", "110108024"),
        ("八里庄街道", "110108005"),
        ("花园路分指挥部", "110108018"),
        ("花园路街道办事处", "110108018"),
    ],
)
def test_streets_that_look_alike_stay_apart(text: str, street: str | None) -> None:
    assert load().codes["streets"].find(text) == street
