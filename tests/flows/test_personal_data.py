"""Persons stand in the inbox and the archive, and in the sender's own slips; in nothing that others read."""

import io
import json
import random
import re
import stat

import duckdb
import openpyxl
import polars as pl
import pytest

from flows import chasing, cli, home, night, persons, reporting
from tests.conftest import xinyan
from tests.flows.filled_forms import CATALOGUE, FORMS, filled
from tests.flows.test_drift import RENAMED
from tests.flows.test_returning import GOOD, register
from tests.transforms.test_other_layouts import BOOKS
from transforms.template import blank_form
from warehouse.masking import Masker

SURNAMES = "赵钱孙李周吴郑王冯陈"
GIVEN = "麒麟翡翠琥珀玫瑰鸳鸯"
SIGNS = "骥骐骏骁骢骠骧骊骝骅"


class Plants:
    """What is planted: phones and ID numbers in the forms people write them in, and names; each one once."""

    def __init__(self, seed):
        self.choice = random.Random(seed)
        self.digits, self.names = [], []

    def phone(self):
        number = f"139{self.choice.randrange(10**8):08d}"
        self.digits.append(number)
        a, b, c = number[:3], number[3:7], number[7:]
        wide = number.translate(str.maketrans("0123456789", "０１２３４５６７８９"))
        return self.choice.choice((number, f"{a}-{b}-{c}", f"{a} {b} {c}", f"+86{number}", f"+86 {number}", wide))

    def card(self):
        number = f"1101081980{self.choice.randrange(10**7):07d}{self.choice.choice('0123456789X')}"
        self.digits.append(number)
        return number

    def number(self):
        return self.phone() if self.choice.random() < 0.5 else self.card()

    def name(self):
        drawn = "".join(self.choice.choice(each) for each in (SURNAMES, GIVEN, SIGNS))
        self.names.append(drawn)
        return drawn


def plain(text):
    """A text as a reader sees through it: half width, nothing between digits."""
    half = text.translate(str.maketrans("０１２３４５６７８９", "0123456789"))
    return re.sub(r"(?<=\d)[-–  \s.]+(?=\d)", "", half)


def sow(place, each, seed=1):
    """A file of every form with `each` rows: numbers and names in its free texts, sheets, notes and file names."""
    plants = Plants(seed)
    folder = place.inbox / "2013-10-01"
    folder.mkdir()
    forms = {"resident_opinion", "issue_log", "party_posting", "carry_over", "pilot_project"} & set(BOOKS)
    known = [plants.name() for _ in range(each)]
    for form in FORMS:
        if form.entity not in BOOKS:
            sow_blank(folder, form, plants, known)
    for entity, (title, line, header, row, _) in BOOKS.items():
        workbook = openpyxl.Workbook()
        page = workbook.active
        page.title = f"{known[0]}{plants.phone()}"[:31] if entity in forms else "表"
        page.append([title])
        page.append([line])
        page.append(header)
        for number in range(each):
            name = known[number]
            values = list(row)
            for at, label in enumerate(header):
                if label in ("居民姓名", "姓名"):
                    values[at] = name
                elif label in (
                    "意见内容",
                    "问题描述",
                    "结转原因",
                    "试点效果",
                    "会议议题",
                    "备注",
                    "承办单位",
                    "来源会议",
                ):
                    values[at] = f"{values[at]}，找{name}，{plants.number()}"
                elif label == "序号":
                    values[at] = number + 1
            page.append(values)
        page.append([f"填表人：{known[-1]}  联系电话：{plants.phone()}"])
        page["A3"].comment = openpyxl.comments.Comment(f"{known[0]} {plants.number()}", known[0])
        workbook.properties.creator = known[0]
        workbook.save(folder / f"{title}{known[each // 2]}{plants.phone()}.xlsx")
    (folder / f"{known[0]} {plants.number()}.xlsx").write_bytes(b"PK no workbook")
    unknown = [*RENAMED, f"联系{known[0]}{plants.phone()}"]
    (folder / "花园路街道小区登记表.xlsx").write_bytes(register([*GOOD, known[0]], header=unknown))
    return plants


def sow_blank(folder, form, plants, known):
    """A form's own blank, filled in with its example once per name, and a sheet that is no form."""
    blank = blank_form(form, CATALOGUE)
    book = openpyxl.load_workbook(io.BytesIO(filled(form, keep_example=False)))
    page, first = book[blank.sheet], blank.example_row
    example = {letter: page[f"{letter}{first}"].value for letter in blank.columns.values()}
    for merged in [each for each in page.merged_cells.ranges if each.min_row > first]:  # notes under the rows to fill
        page.unmerge_cells(str(merged))
    for number, name in enumerate(known):
        for (label, _), letter in blank.columns.items():
            value = example[letter]
            match form.column[label].sensitivity if label in form.column else "open":
                case "personal":
                    value = plants.number() if "phone" in label else name
                case "internal":
                    value = f"{value or ''}，找{name}，{plants.number()}"
            page[f"{letter}{first + number}"] = value
        page[f"A{first + number}"] = number + 1
    for slot in blank.plan.slots:
        if any(word in str(slot.example) for word in ("填", "电话", "联系")):
            page[blank.above[slot.key]] = f"填报人：{known[0]}  联系电话：{plants.phone()}"
    page[f"B{first}"].comment = openpyxl.comments.Comment(f"{known[-1]} {plants.number()}", known[-1])
    other = book.create_sheet(f"{known[0]}{plants.phone()}"[:31])
    other.append([f"{known[-1]}，{plants.number()}"])
    book.save(folder / f"{form.title_zh}{known[len(known) // 2]}{plants.phone()}.xlsx")


def shown(place):
    """Every text others can read, as (where, text): release, journal, logs."""
    for path in sorted((*place.reports.rglob("*"), *place.logs.rglob("*"), *place.releases.glob("*.json"))):
        if path.is_file():
            yield path.name, path.read_text(encoding="utf-8")
    with duckdb.connect(str(place.current), read_only=True) as release:
        for table, column in release.sql(
            "select schema_name || '.' || table_name, column_name from duckdb_columns() where not internal"
        ).fetchall():
            for (text,) in release.sql(f'select distinct cast("{column}" as varchar) from {table}').fetchall():
                yield f"{table}.{column}", text or ""


def taken_along(place, folder):
    """Every text of exported tables, as (where, text): what a workbook, a CSV and a Parquet file hold."""
    for table in ("ops.files", "ops.findings", "core.coordination_meeting", "core.issue_log", "core.pilot_project"):
        for kind in ("xlsx", "csv", "parquet"):
            path = folder / f"{table}.{kind}"
            assert cli.run(["export", table, "-o", str(path), "--home", str(place.root)]) == 0
            if kind == "xlsx":
                yield path.name, " ".join(texts_of(path))
            else:
                yield path.name, path.read_text("utf-8") if kind == "csv" else pl.read_parquet(path).write_json()


def texts_of(path):
    """What stands in a workbook's cells, notes, sheet names and properties."""
    book = openpyxl.load_workbook(path)
    yield from (book.properties.creator or "", book.properties.title or "", *book.sheetnames)
    for cell in (cell for page in book for row in page.iter_rows() for cell in row):
        yield from (str(cell.value or ""), cell.comment.text if cell.comment else "")


def lists_of_slips(place):
    """The list on the first sheet of each slip, but for the names of the sender's own file and sheets."""
    for path in sorted(place.returned.rglob("*.xlsx")):
        book = openpyxl.load_workbook(path)
        cells = (cell.value for row in book["错误清单"].iter_rows() for cell in row)
        told = [str(value) for value in cells if value is not None and value not in book.sheetnames]
        yield path.name, " ".join(text for text in told if not text.startswith("文件："))


def seen(place, plants, texts):
    """Where something planted stands."""
    names = re.compile("|".join(map(re.escape, plants.names)))
    numbers = re.compile("|".join(plants.digits))
    return sorted({where for where, text in texts if names.search(text) or numbers.search(plain(text))})


def planted(root, each):
    place = home.create(root)
    plants = sow(place, each)
    with night.begin(place.root) as begun:
        summary = night.one_night(begun)
    return place, plants, summary


@pytest.fixture(scope="module")
def sown(tmp_path_factory):
    return planted(tmp_path_factory.mktemp("sown") / "home", 11)


def nobody_shows(sown):
    place, plants, summary = sown
    assert len(set(plants.digits)) > 250
    assert seen(place, plants, shown(place)) == []
    told = json.dumps([summary.facts, summary.submissions, summary.headline, summary.journal], ensure_ascii=False)
    assert seen(place, plants, [("summary", told)]) == []


def test_no_planted_person_is_in_release_journal_or_log(sown):
    nobody_shows(sown)
    place = sown[0]
    with duckdb.connect(str(place.current), read_only=True) as release:
        files = [path for (path,) in release.sql("select path from ops.files").fetchall()]
        assert any("***" in path for path in files)
        hidden, told = release.sql("select names_hidden from ops.releases").fetchall(), len(set(sown[1].names))
        assert hidden == [(told,)]
        assert release.sql("select count(*) > 0 from core.coordination_meeting").fetchall() == [(True,)]


def test_names_stand_in_the_archive_alone(sown):
    place, plants, _ = sown
    assert stat.S_IMODE(place.names_file.stat().st_mode) == 0o600
    assert set(plants.names) <= {name for each in persons.known(place).values() for name in each}
    for path in (path for path in place.staging.rglob("*") if path.is_file()):
        assert path.suffix != ".jsonl", path


def test_exports_and_the_report_show_nobody(sown, tmp_path, capsys):
    place, plants, _ = sown
    texts = list(taken_along(place, tmp_path))
    assert any("***" in text for _, text in texts)
    assert seen(place, plants, texts) == []
    reporting.write(place, tmp_path / "report")
    pages = [(path.name, path.read_text("utf-8")) for path in (tmp_path / "report").rglob("*.html")]
    assert len(pages) > 3
    assert seen(place, plants, pages) == []


def test_what_a_slip_lists_and_a_proposed_layout_show_nobody(sown):
    place, plants, _ = sown
    listed = list(lists_of_slips(place))
    assert len(listed) > 10
    assert seen(place, plants, listed) == []
    [proposal] = place.proposals.iterdir()
    assert "联系***" in proposal.read_text("utf-8")
    done = xinyan("explain", "花园路街道小区登记表.xlsx", "--propose", "--home", place.root)
    assert "联系***" in done.stdout
    assert seen(place, plants, [("propose", done.stdout)]) == []


def test_a_firm_called_after_a_person_is_chased_without_the_name():
    owed = [{"filer_id": "王芳装修队", "filer_name": None, "missing_street_names": None, "missing_reports": 1}]
    [shown] = chasing.hidden(owed, Masker(["王芳"]))
    assert (shown["filer_id"], shown["filer_name"]) == ("王芳装修队", "***装修队")


def test_what_explain_and_query_print_shows_nobody(sown):
    place, plants, _ = sown
    texts = []
    with duckdb.connect(str(place.current), read_only=True) as release:
        files = [file_id for (file_id,) in release.sql("select file_id from ops.files order by 1").fetchall()]
    for file_id in files[:3]:
        done = xinyan("explain", file_id, "--home", place.root)
        assert done.returncode == 0, done.stderr
        texts.append(("explain", done.stdout))
    texts.append(("query", xinyan("query", "from ops.files", "--home", place.root).stdout))
    assert seen(place, plants, texts) == []


def test_a_lost_list_of_names_is_made_again_before_anything_is_published(sown):
    place, plants, _ = sown
    place.names_file.unlink()
    (place.inbox / "2013-10-02").mkdir()
    (place.inbox / "2013-10-02" / f"{plants.names[0]}.csv").write_text("没有报表", encoding="utf-8")
    with night.begin(place.root) as begun:
        night.one_night(begun)
    assert set(plants.names) <= {name for each in persons.known(place).values() for name in each}
    assert seen(place, plants, shown(place)) == []


def test_a_line_cut_off_by_a_crash_is_no_line(tmp_path):
    place = home.create(tmp_path / "home")
    persons.remember(place, "a" * 64, ["王芳"])
    with place.names_file.open("a", encoding="utf-8") as file:
        file.write('{"file_id": "b')
    persons.remember(place, "c" * 64, ["李明", "张三"])
    assert persons.known(place) == {"a" * 64: {"王芳"}, "c" * 64: {"李明", "张三"}}


@pytest.mark.long
def test_ten_thousand_planted_numbers_and_names(tmp_path):
    sown = planted(tmp_path / "home", 600)
    place, plants, _ = sown
    assert len(set(plants.digits)) >= 10_000
    nobody_shows(sown)
    assert seen(place, plants, taken_along(place, tmp_path)) == []
    assert seen(place, plants, lists_of_slips(place)) == []
    reporting.write(place, tmp_path / "report")
    pages = [(path.name, path.read_text("utf-8")) for path in (tmp_path / "report").rglob("*.html")]
    assert seen(place, plants, pages) == []
