"""Backfill on a home of twelve files: what a plan says happens, nothing else, and it can be taken back.

One street of the sample: directory, targets, registers, and what was reported in December and February. Its building
register calls 户数 住家, which only the layouts of `tests.flows.more_layouts` know; one compound is written as nobody
registered it; one report came twice.
"""

import dataclasses
import datetime as dt
import json
import re
import shutil
from decimal import Decimal
from pathlib import Path

import pytest

from flows import backfilling, diffing, intake, loading, lock, logs, scopes, steps
from flows import home as homes
from flows.errors import UserError
from flows.facts import plain_json, read_facts
from flows.settings import ZONE, Settings
from schemas.forms import load
from tests.flows.street import REGISTERED, UNKNOWN, alias, changed, decided, files, of_street, play, put, respelt
from warehouse import backfills, digest, models, open_warehouse, reading

MORE = ("schemas", "tests.flows.more_layouts")
REGISTER = "2013-03-01/永定路街道楼栋台账.xlsx"
COPY = "2014-01-04/再报.xlsx"
AREA = "select cast(started_area_m2 as varchar) from summary.target_attainment"


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    """The home after its first night. Do not change it."""
    place = homes.create(tmp_path_factory.mktemp("backfill") / "home")
    for path, data in files(of_street).items():
        data = changed(data, respelt("户数", "住家")) if path == REGISTER else data
        data = changed(data, respelt(REGISTERED, UNKNOWN)) if "抗震标段" in path else data
        put(place, path, data)
        if path.endswith("永定路分指挥部2013年12月月报.xlsx"):
            put(place, COPY, data)
    play(place)
    return place


def scope(first="2013-03", last="2014-02", form=None, filer=None):
    return backfilling.Scope.parse(first, last, form, filer)


def quietly(done, total):
    pass


def plan(place, packages=MORE, **chosen):
    return backfilling.plan(place, scope(**chosen), "住家即户数", quietly, packages)


def apply(place, plan_id, packages=MORE):
    return backfilling.apply(place, plan_id, "新版式已复核", quietly, packages)


def undo(place, plan_id, packages=MORE):
    return backfilling.undo(place, plan_id, "版式有误", packages)


def attained(told):
    """Before and after of each column of target_attainment that changes."""
    return {
        each["column"]: (each["before"], each["after"])
        for each in told["differences"]
        if each["table"] == "target_attainment"
    }


def ask(place, sql):
    return reading.query(place.current, sql)


def held(place):
    """Digests of what the warehouse holds: state, history, open findings and quarantine."""
    with open_warehouse(place.warehouse, load()) as warehouse:
        return digest.state_digest(warehouse), digest.history_digest(warehouse), digest.findings_digest(warehouse)


def as_of(instant):
    return f"timestamptz '{dt.datetime.fromisoformat(instant).astimezone(ZONE):%Y-%m-%d %H:%M:%S.%f%z}'"


def before(instant):
    return as_of((dt.datetime.fromisoformat(instant) - dt.timedelta(microseconds=1)).isoformat())


@dataclasses.dataclass
class Story:
    """A plan, its apply and its undo, and what was held and published after each."""

    place: object
    plan: dict
    apply: dict
    undo: dict
    held: dict
    figures: dict


@pytest.fixture(scope="module")
def story(loaded, tmp_path_factory):
    shutil.copytree(loaded.root, root := tmp_path_factory.mktemp("story") / "home")
    place = homes.enter(root)
    held_then, figures = {"at first": held(place)}, {"at first": ask(place, "from summary.target_attainment")}
    planned = plan(place)
    held_then["planned"] = held(place)
    figures["planned"] = ask(place, "from summary.target_attainment")
    applied = apply(place, planned["plan_id"])
    held_then["applied"] = held(place)
    figures["applied"] = ask(place, "from summary.target_attainment")
    taken_back = undo(place, planned["plan_id"])
    held_then["undone"] = held(place)
    figures["undone"] = ask(place, "from summary.target_attainment")
    return Story(place, planned, applied, taken_back, held_then, figures)


@pytest.fixture
def office(loaded, story, tmp_path):
    """The home after its first night, to change; what was read in other tests need not be read again."""
    shutil.copytree(loaded.root, tmp_path / "home")
    shutil.copytree(story.place.staging, tmp_path / "home" / "staging", dirs_exist_ok=True, ignore=lambda *_: ["plans"])
    return homes.enter(tmp_path / "home")


@pytest.fixture
def planned(office, story):
    """The office with the plan of the story in it, not applied yet: the same home has the same plan."""
    shutil.copytree(story.place.staging / "plans", office.staging / "plans")
    return office


@pytest.fixture(scope="module")
def heard(loaded, story, tmp_path_factory):
    """(home, plan) in which an alias was written down, planned for and applied. Do not change it."""
    root = tmp_path_factory.mktemp("heard") / "home"
    shutil.copytree(loaded.root, root)
    shutil.copytree(story.place.staging, root / "staging", dirs_exist_ok=True, ignore=lambda *_: ["plans"])
    place = homes.enter(root)
    place.aliases_file.write_text(alias(), encoding="utf-8")
    told = plan(place)
    apply(place, told["plan_id"])
    return place, told


@pytest.fixture
def with_alias(heard, tmp_path):
    """(home, plan) after an alias was applied, to change."""
    shutil.copytree(heard[0].root, tmp_path / "heard")
    return homes.enter(tmp_path / "heard"), heard[1]


def test_a_plan_changes_nothing_and_says_what_would_change(story):
    assert story.held["planned"] == story.held["at first"]
    assert story.figures["planned"].equals(story.figures["at first"])
    assert [path.name for path in story.place.staging.glob("shadow*")] == []
    said = attained(story.plan)
    assert said["started_area_m2"] == (Decimal("0.00"), Decimal("63727.28"))
    assert said["benefited_buildings"] == (0, 10)
    assert "target_area_m2" not in said


def test_what_was_predicted_is_what_happens(story):
    assert story.apply["differences"] == story.plan["differences"]
    assert story.apply["rows_restated"] == story.plan["rows_restated"] > 0
    between = diffing.diff(story.place, 1, 2)
    assert read_facts(plain_json(between["differences"])) == story.plan["differences"]
    assert {each["table"] for each in story.plan["differences"]} > {"target_attainment", "building_status"}
    back = diffing.diff(story.place, 2, 3)["differences"]
    assert [(each["after"], each["before"]) for each in back] == [
        (each["before"], each["after"]) for each in between["differences"]
    ]
    assert diffing.diff(story.place, 1, 3)["differences"] == []


def test_a_plan_says_what_it_reads_and_which_files_move_each_number(story):
    assert story.plan["reason"] == "住家即户数"
    assert len(story.plan["reports"]) == len(story.plan["files"])
    assert (story.plan["periods"], story.plan["following_periods"]) == (["2013", "2013-12", "2014-02"], [])
    [area] = [
        each
        for each in story.plan["differences"]
        if (each["table"], each["column"]) == ("target_attainment", "started_area_m2")
    ]
    files = {each["submission_id"]: each["file"] for each in story.plan["submissions"]}
    assert REGISTER in {files[submission_id] for submission_id in area["submissions"]}


def test_what_a_backfill_restates_is_known_from_its_apply_and_the_past_stays_readable(story):
    at = story.apply["known_from"]
    assert dt.datetime.now(dt.UTC) - dt.datetime.fromisoformat(at) < dt.timedelta(hours=1)
    first = ask(story.place, "select distinct known_from from core.building_register")["known_from"].to_list()
    assert first == [dt.datetime.fromisoformat(at)]
    area = "select cast(started_area_m2 as varchar) from summary.target_attainment_as_of({})"
    assert ask(story.place, area.format(before(at))).item() == "0.00"
    assert ask(story.place, area.format(as_of(at))).item() == "63727.28"


def test_the_life_of_a_number_tells_what_changed_it_and_forgets_what_was_taken_back(story):
    life = "select {} from summary.{} where table_name = 'target_attainment' and column_name = 'started_area_m2'"
    at, back = (dt.datetime.fromisoformat(told["known_from"]) for told in (story.apply, story.undo))
    applied = ask(story.place, life.format("*", f"revisions_as_of({as_of(str(at))})") + " order by known_from")
    assert applied["value"].to_list() == ["0.00", "63727.28"]
    assert applied.select("known_from", "previous_value", "change", "cause", "revision_no").row(1) == (
        *(at, "0.00", Decimal("63727.28"), "layout", 2),
    )
    assert ask(story.place, life.format("value", "revisions")).to_series().to_list() == ["0.00"]
    assert ask(story.place, life.format("value", f"revisions_as_of({as_of(str(back))})")).height == 1
    [told] = ask(story.place, f"select known_to from ops.figure_history where known_from = {as_of(str(at))} limit 1")
    assert told.to_list() == [back]


def test_it_can_be_told_which_release_first_showed_a_number(story):
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    [query] = [each for each in re.findall(r"```sql\n(.*?);\n```", readme, re.DOTALL) if "first_release" in each]
    assert ask(story.place, query).rows() == [("0.00", 1), ("63727.28", 2)]


def test_the_life_of_a_number_does_not_depend_on_when_it_was_worked_out(story):
    with open_warehouse(story.place.warehouse, load()) as warehouse:
        whole = "from ops.figure_history order by all"
        kept = warehouse.frame(whole)
        warehouse.execute("begin transaction")
        warehouse.execute("delete from ops.figure_history; delete from ops.figure_instants")
        models.build(warehouse)
        anew = warehouse.frame(whole)
        warehouse.execute("rollback")
    assert kept.equals(anew, null_equal=True)


def test_a_finding_of_reading_closes_when_it_no_longer_holds(story):
    sql = f"select code, known_from, known_to from ops.findings where file = '{REGISTER}' and code = 'E22'"
    at, back = (dt.datetime.fromisoformat(told["known_from"]) for told in (story.apply, story.undo))
    assert [row[1:] for row in ask(story.place, sql + " order by known_from").rows()] == [
        (dt.datetime(2013, 3, 1, tzinfo=ZONE), at),
        (back, None),
    ]


def test_the_same_bytes_are_found_under_the_path_they_came_again_and_stay_found(story):
    sql = "select file, known_from, known_to from ops.findings where code = 'E15'"
    assert ask(story.place, sql).rows() == [(COPY, dt.datetime(2014, 1, 4, tzinfo=ZONE), None)]


def test_an_undo_restores_the_state_and_keeps_the_history(story):
    state, history, findings = zip(*story.held.values(), strict=True)
    assert state[3] == state[0] != state[2]
    assert findings[3] == findings[0] != findings[2]
    assert len({history[0], history[2], history[3]}) == 3
    assert story.undo["state_restored"]
    assert story.figures["undone"].equals(story.figures["at first"])
    when = as_of(story.apply["known_from"])
    area = f"select cast(started_area_m2 as varchar) from summary.target_attainment_as_of({when})"
    assert ask(story.place, area).item() == "63727.28"


def test_apply_and_undo_publish_and_are_written_down(story):
    assert (story.apply["release"], story.undo["release"]) == (2, 3)
    written = [(entry["kind"], entry["reason"]) for entry in decided(story.place)]
    assert written == [("apply", "新版式已复核"), ("undo", "版式有误")]
    runs = ask(story.place, "select kind, files from ops.runs order by started_at").rows()
    assert runs == [("nightly", 11), ("backfill", len(story.apply["files"])), ("undo", len(story.apply["files"]))]


def test_done_again_nothing_changes_and_applied_again_it_is_back(story, tmp_path):
    shutil.copytree(story.place.root, tmp_path / "home")
    place = homes.enter(tmp_path / "home")
    assert undo(place, story.plan["plan_id"])["release"] is None
    assert held(place) == story.held["undone"]
    assert apply(place, story.plan["plan_id"])["release"] == 4
    assert held(place)[0] == story.held["applied"][0]
    assert apply(place, story.plan["plan_id"])["release"] is None


def test_a_night_after_an_undo_goes_on_from_what_was_before(story, tmp_path):
    shutil.copytree(story.place.root, tmp_path / "home")
    place = homes.enter(tmp_path / "home")
    put(place, "2014-03-10/坏.xlsx", b"no workbook")
    play(place)
    assert held(place)[0] == story.held["at first"][0]
    [found] = ask(place, "from ops.findings where file = '2014-03-10/坏.xlsx'").to_dicts()
    assert found["known_from"] > dt.datetime.fromisoformat(story.undo["known_from"])


def test_an_alias_heals_what_waited_and_an_undo_withdraws_it(with_alias, story):
    place, planned = with_alias
    said = attained(planned)
    assert said["started_area_m2"][1] == Decimal("84460.38")
    assert ask(place, AREA).item() == "84460.38"
    heard = ask(place, "select distinct known_from from core.contractor_progress where compound_id like '%永定路西里'")
    assert len(heard) == 1

    undo(place, planned["plan_id"])
    assert held(place)[0] == story.held["at first"][0]
    play(place, packages=MORE)
    assert ask(place, AREA).item() == "0.00"  # still in the file, but it counts no more
    assert attained(plan(place)) == said


def test_what_came_after_an_apply_keeps_it_from_being_taken_back(with_alias):
    place, planned = with_alias
    put(place, "2014-03-11/坏.xlsx", b"no workbook")
    play(place, packages=MORE)
    assert ask(place, AREA).item() == "84460.38"
    with pytest.raises(UserError, match="something was loaded or restated since, last at") as raised:
        undo(place, planned["plan_id"])
    assert str(raised.value).endswith(
        "expected the newest change."
        " Take back what made it right (layout, alias), and plan a backfill of the same months."
    )


def test_an_alias_taken_out_of_the_file_counts_no_more_from_the_next_night(with_alias, story):
    place, _ = with_alias
    counted = dt.datetime.now(ZONE)
    assert ask(place, AREA).item() == "84460.38"

    place.aliases_file.write_text("", encoding="utf-8")
    assert play(place, packages=MORE).facts["release"] is not None
    [unaided] = story.figures["applied"]["started_area_m2"]  # with today's layouts, without the alias
    assert ask(place, AREA).item() == str(unaided) != "84460.38"
    then = ask(place, f"select started_area_m2::varchar from summary.target_attainment_as_of({as_of(str(counted))})")
    assert then.item() == "84460.38"
    assert [entry["kind"] for entry in decided(place)] == ["alias", "apply", "alias removed"]
    assert play(place, packages=MORE).facts["release"] is None


def test_an_alias_taken_out_counts_for_what_came_before_that(office):
    office.aliases_file.write_text(alias(), encoding="utf-8")
    play(office)
    office.aliases_file.write_text("", encoding="utf-8")
    with open_warehouse(office.warehouse, load()) as warehouse:
        night = steps.Night(office, Settings(), dt.datetime.now(ZONE))
        standing = steps.standing_instant(office, warehouse)
    ground = steps.ground_of(night, standing)
    [gone] = ground.decided.aliases.to_dicts()
    assert (gone["alias"], gone["target"], gone["is_new"]) == (UNKNOWN, REGISTERED, False)
    assert gone["known_from"] <= standing < gone["known_to"] == ground.decided.removed_at == night.started_at


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (alias().replace("alias", "compounds"), "no such table: compounds; expected the only one there is, [[alias]]"),
        ("[alias]\nkind = 'compound'\n", "alias is no list of tables; expected [[alias]] before each entry"),
    ],
)
def test_a_misspelt_table_of_aliases_is_wrong_use(xinyan, tmp_path, text, complaint):
    place = homes.create(tmp_path)
    place.aliases_file.write_text(text, encoding="utf-8")
    code, _, err = xinyan("nightly", "--plain", "--home", tmp_path)
    assert (code, err) == (2, f"xinyan: aliases {place.aliases_file}: {complaint}. Correct the entry and run again.\n")


def test_a_plan_whose_ground_has_changed_is_refused(planned, story):
    office, plan_id = planned, story.plan["plan_id"]
    with pytest.raises(UserError) as raised:
        apply(office, plan_id, steps.PACKAGES)
    assert str(raised.value) == (
        f"plan {plan_id}: the code or a layout changed since it was made;"
        " expected what it was worked out with. Make a new plan and look at it again."
    )
    office.aliases_file.write_text(alias(), encoding="utf-8")
    put(office, "2013-06-01/坏.xlsx", b"no workbook")
    play(office)
    with pytest.raises(UserError, match=r"aliases.toml and the files in its scope changed since it was made"):
        apply(office, plan_id)


class DiedError(Exception):
    pass


@pytest.fixture
def dies(monkeypatch):
    """Do something with a verb that dies."""

    def die(*_, **__):
        raise DiedError

    def run(module, verb, doing, *arguments):
        with monkeypatch.context() as patch:
            patch.setattr(module, verb, die)
            with pytest.raises(DiedError):
                doing(*arguments)

    return run


def test_an_apply_that_died_leaves_what_was_before_or_what_comes_after(planned, story, dies):
    office, plan_id = planned, story.plan["plan_id"]
    at_first = held(office)
    dies(loading, "_conclude", apply, office, plan_id)
    assert held(office) == at_first
    dies(intake, "record_decision", apply, office, plan_id)
    assert held(office)[0] == story.held["applied"][0]
    assert decided(office) == []
    assert reading.status(office.releases)["release"] == 1

    told = apply(office, plan_id)
    assert told["release"] == 2
    assert [entry["kind"] for entry in decided(office)] == ["apply"]
    with open_warehouse(office.warehouse, load()) as warehouse:
        assert len(backfills.applied(warehouse)) == 1

    dies(steps, "release", undo, office, plan_id)
    assert undo(office, plan_id)["release"] == 3
    assert [entry["kind"] for entry in decided(office)] == ["apply", "undo"]


def test_where_nothing_changes_there_is_no_difference(office, xinyan):
    december = ("--from", "2013-12", "--to", "2013-12")
    code, out, err = xinyan("backfill", "plan", *december, "--reason", "试", "--home", office.root, "--json")
    told = json.loads(out)
    assert (code, told["differences"], told["rows_restated"]) == (0, [], 0)
    assert "Reading again: 5 of 5" in err  # three of December and two of the year
    code, out, _ = xinyan("backfill", "apply", told["plan_id"], "--reason", "试", "--home", office.root)
    assert (code, out.splitlines()[1:]) == (
        0,
        [
            "  scope    --from 2013-12 --to 2013-12",
            "  reason   试",
            "  reports  5, of 2013, 2013-12",
            "  follow   2014-02: their cumulative figures are checked against these",
            "No published number changes.",
            "Applied; nothing published changed.",
        ],
    )


def test_wrong_use_names_what_exists(office, xinyan):
    def complaint(*arguments):
        code, out, err = xinyan("backfill", *arguments, "--home", office.root)
        assert (code, out) == (2, "")
        return err.removeprefix("xinyan: ").splitlines()[0]

    why = ("--reason", "试")
    year = ("plan", *why, "--from", "2013-01", "--to", "2014-12")
    assert complaint("plan", "--from", "2013-06", "--to", "2013-07") == "Missing option '--reason'."
    assert complaint("plan", *why) == (
        "backfill plan: nothing says what to read again;"
        " expected --from and --to, --form, --filer, --file or --changed. Name at least one of them."
    )
    assert complaint("plan", *why, "--file", "无此文件.xlsx") == (
        "--file: 无此文件.xlsx: no such file was received; expected a path below the inbox, or a sha256."
        ' `xinyan query "select path, file_id from ops.receipts"` lists what was received.'
    )
    assert complaint("plan", *why, "--changed") == (
        "--changed: nothing that was read would be read otherwise;"
        " expected a change of a layout, a form or the reading."
    )
    assert complaint("plan", *why, "--from", "2013-06", "--to", "2013-01") == (
        "--from: 2013-06 is after --to 2013-01; expected the earlier month first. Swap them."
    )
    assert complaint("plan", *why, "--from", "2016-01", "--to", "2016-12") == (
        "--from 2016-01 --to 2016-12: no report; expected months between 2013-12 and 2014-02."
        " Correct them and run again."
    )
    forms = ", ".join(load().forms)
    assert complaint(*year, "--form", "F06") == f"--form: 'F06'; expected one of: {forms}. Correct it and run again."
    unknown = complaint(*year, "--filer", "谁")
    assert unknown.startswith("--filer: '谁'; expected one of: ")
    assert "110108" in unknown
    assert complaint("apply", "x") == "Missing option '--reason'."
    assert complaint("undo", "x") == "Missing option '--reason'."
    assert complaint("apply", "x", "--reason", " ") == (
        "--reason: empty; expected why it is right. Say it in a few words."
    )
    assert complaint("apply", "x", "--reason", "试") == (
        "plan x: no such plan; expected one of: none. Make one with `xinyan backfill plan`."
    )
    assert (
        complaint("undo", "x", "--reason", "试") == "plan x: not applied, or taken back already; expected one of: none."
    )


def test_a_night_and_a_backfill_exclude_each_other(office, xinyan):
    with lock.writer(office.writer_lock, "xinyan nightly"):
        for words in (("plan", "--from", "2013-01", "--to", "2013-12"), ("apply", "x"), ("undo", "x")):
            code, _, err = xinyan("backfill", *words, "--reason", "试", "--home", office.root)
            assert code == 2 and "(xinyan nightly) since" in err
    with lock.writer(office.writer_lock, "xinyan backfill apply"):
        code, _, err = xinyan("nightly", "--plain", "--home", office.root)
        assert code == 2 and "(xinyan backfill apply) since" in err
    assert all(each.completed for each in logs.nights(office.logs))


def test_what_a_layout_touches_is_read_again_by_the_file_and_nothing_else(office, story):
    by_file, by_layout = (backfilling.Scope.parse(**said) for said in ({"files": [REGISTER]}, {"changed": True}))
    with open_warehouse(office.warehouse, load(MORE)) as warehouse:
        [named] = scopes.originals(warehouse, by_file, MORE)
        assert scopes.originals(warehouse, by_layout, MORE) == [named]
    changed = backfilling.plan(office, by_layout, "新版式", quietly, MORE)
    assert [each["file"] for each in changed["reports"]] == [REGISTER]
    assert changed["differences"] == story.plan["differences"]
    assert apply(office, changed["plan_id"])["release"] == 2
    with pytest.raises(UserError, match="nothing that was read would be read otherwise"):
        backfilling.plan(office, by_layout, "新版式", quietly, MORE)
