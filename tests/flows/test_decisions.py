"""Aliases and corrections on a home of six files: what they restate, and that undoing one leaves no trace in the state.

One street of the sample: directory, target, registers and one contractor's December and February. One compound is
written as nobody registered it.
"""

import datetime as dt
import shutil
import tomllib

import pytest

from flows import cli, deciding, steps
from flows import home as homes
from flows.settings import ZONE
from schemas.forms import load
from tests.flows.street import REGISTERED, UNKNOWN, alias, changed, decided, play, put, respelt
from tests.flows.test_backfill import apply, ask, attained, held, plan, undo
from transforms.sample import make_year
from warehouse import reading

DECEMBER = "2014-01-02/永定路抗震标段12月报.xlsx"


def wanted(path):
    day, name = path.split("/")
    office = "名录" in name or "任务分解表.xlsx" in name or ("永定路" in name and day < "2013-03-20")
    return office or ("抗震标段" in name and day[:7] in ("2014-01", "2014-03"))


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    """The home after its first night. Do not change it."""
    place = homes.create(tmp_path_factory.mktemp("decisions") / "home")
    for file in make_year(2013, 1, 1, "none"):
        if wanted(file.path):
            put(place, file.path, file.data)
    december = (place.inbox / DECEMBER).read_bytes()
    put(place, DECEMBER, changed(december, respelt(REGISTERED, UNKNOWN)))
    play(place)
    return place


@pytest.fixture
def office(loaded, tmp_path):
    shutil.copytree(loaded.root, tmp_path / "home")
    return homes.enter(tmp_path / "home")


def as_of(instant):
    return f"timestamptz '{instant.astimezone(ZONE):%Y-%m-%d %H:%M:%S.%f%z}'"


def known(place, *columns):
    """Every interval of core.contractor_progress."""
    return ask(place, f"select {', '.join(columns)} from core.contractor_progress order by all").rows()


def test_an_alias_added_and_taken_out_leaves_the_state_as_it_was(office):
    at_first, rows = held(office), known(office, "row_id", "known_from", "known_to")
    office.aliases_file.write_text(alias(), encoding="utf-8")
    assert play(office).facts["release"] == 2
    then = dt.datetime.now(ZONE)
    assert held(office)[0] != at_first[0]
    restated = set(known(office, "row_id", "known_from", "known_to")) - set(rows)
    healed = ask(office, f"select row_id from core.contractor_progress where compound_name = '{UNKNOWN}'")["row_id"]
    assert {row_id for row_id, _, _ in restated} == set(healed)

    office.aliases_file.write_text("", encoding="utf-8")
    assert play(office).facts["release"] == 3
    state, history, findings = held(office)
    assert (state, findings) == (at_first[0], at_first[2])
    assert history != at_first[1]
    assert ask(office, f"select count(*) from core.contractor_progress_as_of({as_of(then)})").item() == len(
        ask(office, "from core.contractor_progress where known_to is null")
    ) + len(healed)
    kinds = [(entry["kind"], entry["key"]) for entry in decided(office)]
    [key] = {key for _, key in kinds}
    assert kinds == [("alias", key), ("alias removed", key)]
    assert play(office).facts["release"] is None


def correction(place, **changed):
    """The area of the first building in the file of February, as an entry."""
    sql = f"select file_id, addresses.floor_area_m2, raw.floor_area_m2, sheet_name from ({ROWS_OF_FEBRUARY}) limit 1"
    file_id, address, raw, sheet = ask(place, sql).row(0)
    said = {"file": file_id[:16], "sheet": sheet, "address": address, "expect": raw, "value": "1234.56"} | changed
    lines = [f'{name} = "{text}"' for name, text in said.items()]
    lines += ['who = "资料员 甲"', 'why = "与测绘报告核对"', "known_from = 2014-01-20T00:00:00+08:00"]
    return "[[correction]]\n" + "\n".join(lines) + "\n"


ROWS_OF_FEBRUARY = (
    "select row.* from core.contractor_progress as row join ops.files as file using (file_id)"
    " where file.path like '2014-03%' order by row_number"
)


def test_a_correction_added_and_taken_out_leaves_the_state_as_it_was(office):
    at_first, rows = held(office), known(office, "row_id", "known_from", "known_to")
    office.corrections_file.write_text(correction(office), encoding="utf-8")
    assert play(office).facts["release"] == 2
    then = dt.datetime.now(ZONE)
    [new] = ask(office, "from core.contractor_progress where corrections is not null").to_dicts()
    raw = new["raw"]["floor_area_m2"]
    assert str(new["floor_area_m2"]) == "1234.56" != raw
    assert [each["column_name"] for each in new["corrections"]] == ["floor_area_m2"]
    restated = set(known(office, "row_id", "known_from", "known_to")) - set(rows)
    assert {row_id for row_id, _, _ in restated} == {new["row_id"]}
    said = ask(office, "select address, found, expected from ops.findings where code = 'E60' and known_to is null")
    assert said.rows() == [(new["addresses"]["floor_area_m2"], f"建筑面积填报为“{raw}”", "按“1234.56”计")]
    [entry] = decided(office)
    assert (entry["kind"], entry["who"], entry["why"]) == ("correction", "资料员 甲", "与测绘报告核对")
    assert (entry["key"], entry["says"]["value"]) == (new["corrections"][0]["correction"], "1234.56")

    standing = dt.datetime.fromisoformat(entry["known_from"])
    counted = deciding.decide(office, load(), then, standing, then)
    office.corrections_file.write_text("", encoding="utf-8")
    gone = deciding.decide(office, load(), then, standing, then)
    assert (counted.change, gone.removed) == (False, (("correction", entry["key"]),))
    same = [name for name in counted.corrections.columns if name != "known_to"]
    assert gone.corrections.select(same).equals(counted.corrections.select(same))

    assert play(office).facts["release"] == 3
    state, history, findings = held(office)
    assert (state, findings) == (at_first[0], at_first[2])
    assert history != at_first[1]
    area = f"select floor_area_m2::varchar from core.contractor_progress_as_of({as_of(then)}) where row_id = $row"
    assert reading.query(office.current, area, {"row": new["row_id"]}).item() == "1234.56"
    assert [each["kind"] for each in decided(office)] == ["correction", "correction removed"]


def test_decisions_that_do_nothing_are_told_and_the_night_goes_on(office, capsys):
    office.corrections_file.write_text(correction(office, expect="9999.99"), encoding="utf-8")
    office.aliases_file.write_text(alias().replace(UNKNOWN, "东里大院"), encoding="utf-8")
    summary = play(office)
    said = ask(
        office, "select file, found from ops.findings where code = 'E62' and known_to is null order by file"
    ).rows()
    assert said[0] == ("reference/aliases.toml", f"东里大院→{REGISTERED}：没有报表再写“东里大院”")
    assert said[1][0] == "reference/corrections.toml"
    assert said[1][1].endswith("不是更正所针对的内容")
    assert cli.run(["status", "--home", str(office.root)]) == 0
    told = capsys.readouterr().out
    for file, found in said:
        assert f"| {file} | {found} |" in summary.journal
        assert f"REVIEW   {file}: {found}" in told
    assert "Reviewed decisions that do nothing: 2." in summary.headline


def test_a_decision_of_a_later_day_is_not_due(office):
    office.aliases_file.write_text(alias("2014-05-20"), encoding="utf-8")
    standing = dt.datetime(2014, 3, 3, tzinfo=ZONE)
    for day, counts in (("2014-04-01", False), ("2014-06-01", True)):
        at = dt.datetime.fromisoformat(f"{day}T01:30:00+08:00")
        assert deciding.decide(office, load(), at, standing, at).change == counts


def test_unknown_names_are_listed_ready_to_decide(office, capsys):
    assert cli.run(["names", "--home", str(office.root)]) == 0
    told = capsys.readouterr().out
    [entry] = tomllib.loads(told)["alias"]
    assert {name: entry[name] for name in ("kind", "street", "written", "who", "why")} == {
        "kind": "compound",
        "street": "永定路街道",
        "written": UNKNOWN,
        "who": "",
        "why": "",
    }
    assert f"such as {DECEMBER}" in told
    office.aliases_file.write_text(told, encoding="utf-8")
    assert cli.run(["nightly", "--plain", "--home", str(office.root)]) == 2
    assert "no" in capsys.readouterr().err


@pytest.mark.long
def test_a_lost_warehouse_is_made_again_with_the_decisions_of_its_time(office):
    office.aliases_file.write_text(alias(), encoding="utf-8")
    office.corrections_file.write_text(correction(office), encoding="utf-8")
    play(office)
    before, log = held(office), decided(office)
    office.warehouse.unlink()
    play(office)
    assert held(office) == before
    again = {(each["kind"], each["key"], each["known_from"]) for each in decided(office)}
    assert again == {(each["kind"], each["key"], each["known_from"]) for each in log}


@pytest.mark.long
def test_a_backfill_between_leaves_no_trace_either(office):
    at_first = held(office)
    office.aliases_file.write_text(alias(), encoding="utf-8")
    play(office)
    apply(office, plan(office, steps.PACKAGES, first="2013-12", last="2013-12")["plan_id"], steps.PACKAGES)
    office.aliases_file.write_text("", encoding="utf-8")
    play(office)
    state, _, findings = held(office)
    assert (state, findings) == (at_first[0], at_first[2])


@pytest.mark.long
def test_a_correction_is_planned_applied_and_taken_back(office):
    at_first = held(office)
    register = f"""
        [[correction]]
        form = "F03"
        street = "永定路街道"
        row = {{ compound_name = "{REGISTERED}", building_no = "1号楼" }}
        column = "floor_area_m2"
        expect = "4497.18"
        value = "5497.18"
        who = "资料员 甲"
        why = "与测绘报告核对"
        known_from = 2014-01-20T00:00:00+08:00
    """
    office.aliases_file.write_text(alias(), encoding="utf-8")
    office.corrections_file.write_text(register, encoding="utf-8")
    planned = plan(office, steps.PACKAGES, first="2013-12", last="2014-02")
    said = attained(planned)
    applied = apply(office, planned["plan_id"], steps.PACKAGES)
    assert ask(office, "select started_area_m2::varchar from summary.target_attainment").item() == str(
        said["started_area_m2"][1]
    )
    [corrected] = ask(office, "select floor_area_m2::varchar from core.building_register where corrections is not null")
    assert corrected.to_list() == ["5497.18"]
    assert [len(applied[name]) for name in ("aliases", "corrections")] == [1, 1]

    undo(office, planned["plan_id"], steps.PACKAGES)
    assert held(office)[0] == at_first[0]
    play(office)  # both are in their files still, and count no more
    assert held(office)[0] == at_first[0]
    assert [entry["kind"] for entry in decided(office)] == ["alias", "correction", "apply", "undo"]
