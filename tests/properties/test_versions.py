"""All orders of arrival of a report's versions end as a person would expect, who keeps one sheet up to date by hand."""

from dataclasses import dataclass, field

import hypothesis.strategies as st
from hypothesis import given, settings

from transforms.versions import Version, compose

BUILDINGS = [(f"{number}号楼",) for number in range(12)]


@dataclass
class Clerk:
    """Keeps the report as the newest word on each building, and a drawer of what came before."""

    sheet: dict[tuple[str, ...], int] = field(default_factory=dict)
    drawer: list[dict[tuple[str, ...], int]] = field(default_factory=list)
    sent: list[Version] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)
    fresh: int = 0

    def figure(self):
        self.fresh += 1
        return self.fresh

    def arrive(self, kind, lines, *, adds=False, sheet=None):
        self.drawer += [dict(lines), dict(self.sheet)]
        number = len(self.sent)
        self.sent.append(Version(str(number), lines, figures=lines, adds=adds))
        self.expected.append(kind)
        self.sheet = self.sheet if sheet is None else sheet


def full(clerk, draw):
    chosen = draw(st.lists(st.sampled_from(BUILDINGS), min_size=1, unique=True))
    same = {b: clerk.sheet[b] for b in chosen if b in clerk.sheet and draw(st.booleans())}
    lines = {building: same.get(building) or clerk.figure() for building in chosen}
    if clerk.sheet and looks_partial_or_added(lines, clerk.sheet):
        lines |= {building: clerk.sheet[building] for building in list(clerk.sheet)[: len(clerk.sheet) // 2 + 1]}
    lines[chosen[0]] = clerk.figure()
    clerk.arrive("replacement" if clerk.sheet else "first", lines, sheet=dict(lines))


def looks_partial_or_added(lines, sheet):
    known = lines.keys() & sheet.keys()
    return not known or (known == lines.keys() and 2 * len(lines) <= len(sheet))


def supplement(clerk, draw):
    rest = [building for building in BUILDINGS if building not in clerk.sheet]
    if not rest or not clerk.sheet:
        return full(clerk, draw)
    lines = {b: clerk.figure() for b in draw(st.lists(st.sampled_from(rest), min_size=1, max_size=3, unique=True))}
    clerk.arrive("supplement", lines, adds=draw(st.booleans()), sheet=clerk.sheet | lines)


def partial(clerk, draw):
    if len(clerk.sheet) < 2:
        return full(clerk, draw)
    few = st.lists(st.sampled_from(sorted(clerk.sheet)), min_size=1, max_size=len(clerk.sheet) // 2, unique=True)
    lines = {building: clerk.figure() for building in draw(few)}
    clerk.arrive("partial", lines, sheet=clerk.sheet | lines)


def older(clerk, draw):
    olds = [old for old in clerk.drawer if old and old != clerk.sheet]
    if not olds:
        return full(clerk, draw)
    clerk.arrive("older", dict(draw(st.sampled_from(olds))))


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from([full, supplement, partial, older]), min_size=1, max_size=9), st.data())
def test_a_report_stands_as_the_clerk_has_it(arrivals, data):
    clerk = Clerk()
    for arrive in arrivals:
        arrive(clerk, data.draw)
    standing = compose(clerk.sent)
    by_id = {version.id: version for version in clerk.sent}
    assert {key: by_id[owner].lines[key] for key, owner in standing.lines.items()} == clerk.sheet
    assert [decision.kind for decision in standing.decisions] == clerk.expected
    speaking = set(standing.lines.values())
    assert speaking <= set(standing.members)
    for member in standing.members:
        assert by_id[member].lines.keys() - standing.replaced(by_id[member]) == {
            key for key, owner in standing.lines.items() if owner == member
        }


def lines(version, count, start=0):
    return dict.fromkeys(BUILDINGS[start : start + count], version)


def standing_after(*versions):
    return compose([Version(name, said, figures=said, **more) for name, said, more in versions])


def test_a_supplement_that_comes_before_its_whole_is_kept_until_the_next_whole():
    more, whole, next_whole = (
        ("more", lines(7, 1, 9), {"adds": True}),
        ("whole", lines(1, 6), {}),
        ("next", lines(2, 6), {}),
    )
    assert standing_after(more, whole).lines == {**lines("whole", 6), **lines("more", 1, 9)}
    assert standing_after(more, whole, next_whole).lines == lines("next", 6)


def test_few_lines_whose_total_agrees_are_all_there_are():
    whole, few = ("whole", lines(1, 6), {}), lines(2, 2)
    assert standing_after(whole, ("few", few, {})).lines == {**lines("whole", 6), **lines("few", 2)}
    assert standing_after(whole, ("few", few, {"has_total": True})).lines == lines("few", 2)


def test_names_spelt_otherwise_are_no_addition():
    wrong = {("甲院", number): figure for number, figure in ((1, 11), (2, 22))}
    right = {("甲三院", number): figure for number, figure in ((1, 11), (2, 22))}
    assert standing_after(("wrong", wrong, {}), ("right", right, {})).lines == dict.fromkeys(right, "right")


def test_an_old_copy_that_calls_itself_final_is_believed():
    old, new = lines(1, 3), lines(2, 3)
    back = standing_after(("old", old, {}), ("new", new, {"rank": 2}), ("back", old, {}))
    assert back.lines == lines("new", 3)
    final = standing_after(("old", old, {}), ("new", new, {"rank": 2}), ("back", old, {"rank": 3}))
    assert final.lines == lines("back", 3)


def test_a_ruling_overrules_and_what_content_says_is_kept_beside_it():
    ruled = standing_after(("whole", lines(1, 6), {}), ("few", lines(2, 2), {"ruling": "replacement"}))
    assert ruled.lines == lines("few", 2)
    decision = ruled.decisions[-1]
    assert (decision.kind, decision.unruled, decision.vanished) == ("replacement", "partial", 4)
    assert decision.evidence == "2行，其中已报2行（改动2行）、新增0行；前一份6行，本份未含4行；按审定"
