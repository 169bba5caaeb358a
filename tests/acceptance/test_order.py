"""Twice is once, order does not matter, and a year at once is the same as night by night."""

import random
import shutil

import pytest

from flows import home as homes
from flows import night, steps
from transforms.sample import make_year
from warehouse import reading
from warehouse import release as releasing

FIRST_NIGHT, QUARTER_ENDS = "2013-02-28", "2013-05-20"  # from the registers of February to the reports of April


def drop(place, files):
    for file in files:
        path = place.inbox / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.data)


def new_home(root, at_once):
    """A home that need not read again what another one has read: staging is kept by content."""
    place = homes.create(root)
    shutil.copytree(at_once.staging, place.staging, dirs_exist_ok=True)
    return place


def play(place, as_of=None, step=night.PLAIN):
    with night.begin(place.root, as_of) as begun:
        return night.one_night(begun, step)


def digests(place):
    facts = reading.status(place.releases)
    return facts["state_digest"], facts["history_digest"]


@pytest.fixture(scope="module")
def quarter():
    """The files of the first reports, with the faults that stand in them."""
    return [file for file in make_year(2013, 1, 1, "all") if file.path < QUARTER_ENDS]


@pytest.fixture(scope="module")
def at_once(quarter, tmp_path_factory):
    place = homes.create(tmp_path_factory.mktemp("once") / "home")
    drop(place, quarter)
    play(place)
    return place


@pytest.fixture(scope="module")
def nights(quarter, at_once, tmp_path_factory):
    """A home after a night for each day from the last of February, and what an analyst saw.

    Every night gives a pair of counts of files: in the first release, kept open, and in the newest.
    """
    place = new_home(tmp_path_factory.mktemp("nights") / "home", at_once)
    days = sorted({max(file.path[:10], FIRST_NIGHT) for file in quarter})
    asked, seen, kept_open = "select count(*) as n from ops.files", [], None
    for day in days:
        drop(place, [file for file in quarter if max(file.path[:10], FIRST_NIGHT) == day])
        play(place, day)
        kept_open = kept_open or reading.Reader(place.current)
        with reading.Reader(place.current) as newest:
            seen.append((kept_open.query(asked).item(), newest.query(asked).item()))
    kept_open.close()
    assert len(seen) == len(days) == 10
    return place, seen


@pytest.fixture
def by_night(nights):
    return nights[0]


def test_an_analyst_who_keeps_a_release_open_neither_fails_nor_blocks_the_nights(nights):
    _, seen = nights
    first, newest = zip(*seen, strict=True)
    assert set(first) == {newest[0]}
    assert newest[-1] > newest[0]


def test_night_by_night_ends_as_all_at_once(at_once, by_night):
    assert digests(by_night) == digests(at_once)


def assert_past_reads_as_released(place, releases):
    """Every summary as of a release's instant, asked of the newest, is what that release said."""
    with reading.Reader(place.current) as now:
        tables = now.query(
            "select table_name from duckdb_tables() where schema_name = 'summary' and table_name <> 'dictionary'"
        )["table_name"]
        assert len(tables) > 20
        for facts in releases:
            with reading.Reader(place.releases / facts.file_name) as then:
                for table in tables:
                    as_of = f"summary.{table}_as_of(timestamptz '{facts.newest_instant}')"
                    said, known = (
                        one.query(f"from {source} order by all")
                        for one, source in ((then, f"summary.{table}"), (now, as_of))
                    )
                    assert known.equals(said, null_equal=True), f"{table} of release {facts.release_no}"


def test_what_a_night_released_reads_so_in_the_last_warehouse(by_night):
    made = releasing.releases(by_night.releases)
    assert_past_reads_as_released(by_night, [made[len(made) // 2], made[-2]])


def test_the_order_of_files_within_a_night_does_not_matter(quarter, at_once, tmp_path):
    def shuffled_load(begun, arrived, reads):
        shuffled = list(reads)
        random.Random(3).shuffle(shuffled)
        return steps.load(begun, arrived, shuffled)

    place = new_home(tmp_path / "home", at_once)
    drop(place, quarter)
    play(place, step=night.Steps(steps.take_in, steps.read, shuffled_load, steps.release, steps.give_back))
    assert digests(place) == digests(at_once)


def test_the_same_night_again_changes_nothing_and_makes_no_release(at_once):
    before, releases = digests(at_once), sorted(path.name for path in at_once.releases.iterdir())
    play(at_once)
    assert digests(at_once) == before
    assert sorted(path.name for path in at_once.releases.iterdir()) == releases


@pytest.mark.parametrize(
    "died_after",
    [pytest.param("take_in", marks=pytest.mark.long), pytest.param("read", marks=pytest.mark.long), "load"],
)
def test_a_night_that_died_and_ran_again_ends_as_one_undisturbed(quarter, at_once, tmp_path, died_after):
    class KilledError(Exception):
        pass

    def then_die(verb):
        def wrapped(*arguments):
            verb(*arguments)
            raise KilledError

        return wrapped

    verbs = {name: getattr(steps, name) for name in ("take_in", "read", "load", "release", "give_back")}
    place = new_home(tmp_path / "home", at_once)
    drop(place, quarter)
    with pytest.raises(KilledError):
        play(place, step=night.Steps(**{**verbs, died_after: then_die(verbs[died_after])}))
    play(place)
    assert digests(place) == digests(at_once)


@pytest.mark.long
def test_the_year_night_by_night_ends_as_the_year_at_once(faulty_year, tmp_path):
    whole, _ = faulty_year
    files = list(make_year(2013, 1, 1, "all"))
    place = homes.create(tmp_path / "home")
    every = place.settings_file.read_text(encoding="utf-8").replace("keep = 30", "keep = 999")
    place.settings_file.write_text(every, encoding="utf-8")
    for day in sorted({file.path[:10] for file in files}):
        drop(place, [file for file in files if file.path[:10] == day])
        play(place, day)
    assert digests(place) == digests(whole)
    assert_past_reads_as_released(place, releasing.releases(place.releases))
