"""One street of the sample in a home of a dozen files, and workbooks changed cell by cell."""

import io

import openpyxl

from flows import intake, night, steps
from transforms.sample import make_year
from transforms.sample.draw import draw

FORMS = (
    "municipal_target",
    "org_directory",
    "compound_register",
    "building_register",
    "contractor_progress",
    "subcommand_monthly",
)
STREET = "永定路"
REGISTERED, UNKNOWN = "永定路西里", "西里大院"
"""A compound as the register has it, and as nobody registered it."""


def files(wanted):
    """Workbooks of the first six forms of a clean year by path, as far as `wanted(path)` says."""
    envelopes = make_year(2013, 1, 1, "none").envelopes
    return {each.path: draw(each) for each in envelopes if each.form in FORMS and wanted(each.path)}


def of_street(path):
    """Directory, targets and registers, and what one street reported in December and February."""
    day, name = path.split("/")
    office = "名录" in name or "任务分解" in name
    early_or_last = day < "2013-03-20" or day[:7] in ("2014-01", "2014-03")
    return not name.startswith("~") and (office or (STREET in name and early_or_last))


def changed(data, change):
    """The workbook after `change(book)`."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    change(book)
    saved = io.BytesIO()
    book.save(saved)
    return saved.getvalue()


def respelt(old, new):
    """A change for `changed`: every cell that says `old` says `new`."""

    def change(book):
        for sheet in book:
            for row in sheet.iter_rows():
                for cell in row:
                    if cell.value == old:
                        cell.value = new

    return change


def alias(known_from="2013-05-20"):
    """An entry of aliases.toml by which `UNKNOWN` is `REGISTERED`, from the beginning of a day."""
    return f"""
[[alias]]
kind = "compound"
street = "永定路街道"
written = "{UNKNOWN}"
means = "{REGISTERED}"
who = "资料员 甲"
why = "分指挥部来函确认"
known_from = {known_from}T00:00:00+08:00
"""


def put(place, path, data):
    """Drop a file into the inbox."""
    target = place.inbox / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)


def play(place, as_of=None, packages=steps.PACKAGES):
    """One night."""
    with night.begin(place.root, as_of, packages) as begun:
        return night.one_night(begun)


def decided(place):
    """What the archive's log says people decided: without the nights, and the layouts each of them read with."""
    return [entry for entry in intake.decisions(place) if entry["kind"] not in ("night", "layouts")]
