"""Blank forms, filled in as their own example rows show."""

import io

import openpyxl

from schemas.forms import load
from transforms.template import blank_form

CATALOGUE = load()
FORMS = [form for form in CATALOGUE.forms.values() if form.part_of is None]
PERSON = "赵拟一"


def filled(form, keep_example=True):
    """Bytes of a form's blank, with its example copied into the first row to fill, as a clerk would."""
    blank = blank_form(form, CATALOGUE)
    book = openpyxl.load_workbook(io.BytesIO(blank.data))
    sheet = book[blank.sheet]
    for slot in blank.plan.slots:
        sheet[blank.above[slot.key]] = slot.example
    for (name, _), letter in blank.columns.items():
        sheet[f"{letter}{blank.first_row}"] = sheet[f"{letter}{blank.example_row}"].value
        if name == "person_name":
            sheet[f"{letter}{blank.first_row}"] = PERSON
    sheet[f"A{blank.first_row}"] = 1
    if not keep_example:
        sheet.delete_rows(blank.example_row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()
