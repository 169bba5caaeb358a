"""A changed header is never misread in silence, and what is proposed for it is right in nine of ten single changes."""

import hashlib
from dataclasses import replace

import pytest

from schemas.layouts import load_layout
from tests.properties.header_changes import CATALOGUE, Header, changed, sample_books
from transforms.layout import read_file
from transforms.layout.drift import find_drifts
from transforms.layout.grid import Grid
from transforms.layout.headers import header_bands, match_band, vocabularies_of
from transforms.workbook import column_letter, read_workbook


def books_of(samples):
    """(name, bytes, its header, its rows) of some looks of the sample."""
    known = []
    for name, data in samples:
        vocabularies = vocabularies_of(CATALOGUE)
        for sheet in read_workbook(data).sheets:
            grid = Grid(sheet)
            matches = [match_band(grid, band, vocabularies) for band in header_bands(grid, vocabularies)]
            fitting = [each[0] for each in matches if each and not each[0].missing]
            if fitting and sheet.visibility == "visible":
                known.append((name, data, Header(sheet.name, fitting[0]), facts(data, name, CATALOGUE)[0]))
                break
    return known


def facts(data, name, catalogue):
    """What was read, wherever it stood; and the findings about headers."""
    reading = read_file(data, name, hashlib.sha256(data).hexdigest(), catalogue)
    rows = {}
    for entity, frame in reading.rows.items():
        typed = list(catalogue.forms[entity].typed)
        for row in frame.select("sheet_name", "row_number", *typed).to_dicts():
            key = (entity, row.pop("sheet_name"), row.pop("row_number"), row.get("work_item_code"))
            rows[key] = row
    return rows, [finding for finding in reading.findings.to_dicts() if finding["code"] == "E22"]


def misread(before, after):
    """Values that are there and are not what they were."""
    return [
        (key, name, row[name], after[key][name])
        for key, row in before.items()
        if key in after
        for name in row
        if after[key].get(name) is not None and after[key][name] != row[name]
    ]


def lost(before, after):
    return [key for key in before if key not in after] + [
        (key, name)
        for key, row in before.items()
        if key in after
        for name in row
        if row[name] is not None and after[key][name] is None
    ]


def judge(books, seed, folder):
    """One change: whether it was read in silence although something is lost, and whether the proposal is right."""
    name, data, header, before = books[seed % len(books)]
    other, kind, col, what = changed(data, header, seed)
    after, findings = facts(other, name, CATALOGUE)
    told = f"{seed} {name} {header.match.layout.id} {kind} {what}"
    silent = bool(misread(before, after) or lost(before, after)) and not findings
    drifts = find_drifts(read_workbook(other), CATALOGUE)
    guesses = [guess for drift in drifts for guess in drift.guesses]
    if kind == "move":
        return told, silent, guesses == [] and not lost(before, after)
    if kind == "new":
        return told, silent, all(guess.column is None for guess in guesses) and not lost(before, after)
    meant = header.columns[col].target.column
    if not any(guess.column == meant and guess.address.rstrip("0123456789") == column_letter(col) for guess in guesses):
        return told, silent, False
    layouts = []
    for number, drift in enumerate(drifts):
        path = folder / f"P{seed}_{number}.toml"
        path.write_text(drift.toml, encoding="utf-8")
        layouts.append(load_layout(path, CATALOGUE.forms))
    healed, _ = facts(other, name, replace(CATALOGUE, layouts=(*CATALOGUE.layouts, *layouts)))
    return told, silent, not misread(before, healed) and not lost(before, healed)


def play(books, seeds, folder):
    verdicts = [judge(books, seed, folder) for seed in seeds]
    assert [told for told, silent, _ in verdicts if silent] == []
    wrong = [told for told, _, right in verdicts if not right]
    assert len(wrong) <= len(verdicts) // 10, wrong
    return wrong


def test_a_changed_header_is_never_misread_and_mostly_understood(tmp_path):
    play(books_of(sample_books()[::5]), range(20), tmp_path)


@pytest.mark.long
def test_three_hundred_changed_headers(tmp_path):
    books = books_of(sample_books())
    assert len(books) >= 30
    play(books, range(300), tmp_path)
