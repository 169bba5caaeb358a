"""Persons of F18: hashed with a key of the home's own, which nobody else reads and no digest depends on."""

import shutil
import stat

import duckdb
import pytest

from flows import home, night
from flows.errors import UserError
from tests.transforms.layout_books import book
from tests.transforms.test_other_layouts import BOOKS

TITLE, LINE, HEADER, ROW, _ = BOOKS["party_posting"]
PEOPLE = ("欧阳某某甲", "司徒某某乙")


FILE = book([[TITLE], [LINE], HEADER, *([number, name, *ROW[2:]] for number, name in enumerate(PEOPLE, 1))])


def posted(root):
    """A home that has heard of two people."""
    place = home.create(root)
    (place.inbox / "2013-04-01").mkdir()
    (place.inbox / "2013-04-01" / "派驻表.xlsx").write_bytes(FILE)
    with night.begin(place.root) as begun:
        night.one_night(begun)
    return place


def known(place):
    """The keys of the people known, and the two digests of the release."""
    with duckdb.connect(str(place.warehouse), read_only=True) as warehouse:
        people = [
            key for (key,) in warehouse.sql("select person_key from core.party_posting order by row_number").fetchall()
        ]
    with duckdb.connect(str(place.current), read_only=True) as release:
        digests = release.sql("select state_digest, history_digest from ops.releases").fetchall()
    return people, digests


@pytest.fixture(scope="module")
def two_homes(tmp_path_factory):
    return posted(tmp_path_factory.mktemp("one") / "home"), posted(tmp_path_factory.mktemp("other") / "home")


def test_two_homes_with_the_same_file_have_their_own_keys_and_the_same_digests(two_homes):
    (one, one_digests), (other, other_digests) = map(known, two_homes)
    assert len(set(one) | set(other)) == 4
    assert one_digests == other_digests


def test_neither_name_nor_key_nor_hash_leaves_the_home(two_homes):
    place = two_homes[0]
    people, _ = known(place)
    assert stat.S_IMODE(place.person_key_file.stat().st_mode) == 0o600
    secret = place.person_key_file.read_text().strip()
    kept = [path for path in place.root.rglob("*") if path.is_file() and place.archive not in path.parents]
    kept = [path for path in kept if place.inbox not in path.parents]
    assert place.warehouse in kept and place.current in kept
    for path in kept:
        content = path.read_bytes()
        assert not any(text.encode() in content for text in (*PEOPLE, secret)), path
        if place.releases in path.parents or place.reports in path.parents or place.logs in path.parents:
            assert not any(key.encode() in content for key in people), path
    with duckdb.connect(str(place.current), read_only=True) as release:
        shown = release.sql("select person_key = row_id from core.party_posting").fetchall()
        assert shown == [(True,), (True,)]
        total = "select distinct total_members from summary.party_coverage_as_of(now())"
        assert release.sql(total).fetchall() == [(2,)]


def test_a_moved_home_keeps_its_key_and_a_lost_warehouse_comes_back_with_the_same_people(two_homes, tmp_path):
    before, _ = known(two_homes[0])
    shutil.copytree(two_homes[0].root, tmp_path / "moved")
    moved = home.enter(tmp_path / "moved")
    moved.warehouse.unlink()
    shutil.rmtree(moved.staging)
    with night.begin(moved.root) as begun:
        night.one_night(begun)
    assert known(moved)[0] == before


def test_a_damaged_key_is_said_and_not_replaced(tmp_path):
    place = home.create(tmp_path / "home")
    place.person_key_file.write_text("oops")
    home.enter(place.root)
    with pytest.raises(UserError) as raised:
        home.person_key(place)
    assert str(raised.value).partition("archive/")[2] == (
        "person.key: is not a key; expected 64 hexadecimal digits, as the home was made with. Restore it from the"
        " backup of the home. Without one, delete it: the next night makes a new key, and people posted before count"
        " anew once their table is sent again."
    )
