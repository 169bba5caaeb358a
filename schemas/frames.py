"""Schemas of the frames that layers hand to each other: one home for each shape.

A *row* of each frame is described beside it. Instants are UTC-aware in polars and TIMESTAMPTZ in the warehouse.
"""

from collections.abc import Mapping

import polars as pl

from schemas.columns import PolarsType

FrameSchema = Mapping[str, PolarsType]

INSTANT = pl.Datetime("us", "UTC")
RESOLUTION = pl.Decimal(18, 6)

FAULT = pl.Struct(
    {
        "code": pl.String,
        "severity": pl.String,
        "column_name": pl.String,
        "address": pl.String,
        "found": pl.String,
        "expected": pl.String,
    }
)
FAULTS = pl.List(FAULT)

# Where a row came from; the first columns of every row frame and core table.
ROW_LINEAGE: dict[str, PolarsType] = {
    "row_id": pl.String,
    "submission_id": pl.String,
    "file_id": pl.String,
    "sheet_index": pl.Int64,
    "sheet_name": pl.String,
    "block": pl.Int64,
    "row_number": pl.Int64,
}

CORE_TIMES: dict[str, PolarsType] = {"known_from": INSTANT, "known_to": INSTANT}

# One row per sheet of a file.
SHEETS: dict[str, PolarsType] = {
    "file_id": pl.String,
    "sheet_index": pl.Int64,
    "sheet_name": pl.String,
    "visibility": pl.String,
    "non_empty_cells": pl.Int64,
    "outcome": pl.String,
    "form_code": pl.String,
    "layout_id": pl.String,
}

CELL_CLASSES = ("data", "header", "title", "unit", "sign_off", "control_total", "ignored", "rejected")

# One row per rectangle of cells of one class; rectangles of a sheet never overlap.
CELLS: dict[str, PolarsType] = {
    "file_id": pl.String,
    "sheet_index": pl.Int64,
    "sheet_name": pl.String,
    "cell_class": pl.String,
    "cell_range": pl.String,
    "cells": pl.Int64,
    "reason": pl.String,
}

# One row per report found in a file.
SUBMISSIONS: dict[str, PolarsType] = {
    "submission_id": pl.String,
    "file_id": pl.String,
    "form_code": pl.String,
    "entity": pl.String,
    "filer_text": pl.String,
    "filer_candidates": pl.List(pl.String),
    "street_id": pl.String,
    "period": pl.String,
    "edition": pl.Int64,
    "period_date": pl.Date,
    "version_rank": pl.Int64,
    "is_supplement": pl.Boolean,
    "title": pl.String,
    "filer_address": pl.String,
    "period_address": pl.String,
    "street_address": pl.String,
    "sheet_names": pl.List(pl.String),
    "rows_read": pl.Int64,
    "cells_data": pl.Int64,
    "outcome": pl.String,
}

# What judging and loading know of a landed submission besides what was read.
LANDED_SUBMISSIONS: dict[str, PolarsType] = {
    **SUBMISSIONS,
    "received_at": INSTANT,
    "known_from": INSTANT,
    "file_name": pl.String,
}

# One row per column located in one block of a sheet.
LOCATED_COLUMNS: dict[str, PolarsType] = {
    "submission_id": pl.String,
    "file_id": pl.String,
    "sheet_index": pl.Int64,
    "block": pl.Int64,
    "column_name": pl.String,
    "column_letter": pl.String,
    "header": pl.String,
    "unit": pl.String,
    "factor": pl.Decimal(18, 6),
    "decimals": pl.Int64,
    "resolution": RESOLUTION,
}

# One row per figure of a total row, beside what the rows give.
CONTROLS: dict[str, PolarsType] = {
    "submission_id": pl.String,
    "file_id": pl.String,
    "sheet_index": pl.Int64,
    "sheet_name": pl.String,
    "row_number": pl.Int64,
    "label": pl.String,
    "column_name": pl.String,
    "address": pl.String,
    "value": pl.Decimal(18, 4),
    "rows_sum": pl.Decimal(18, 4),
    "tolerance": pl.Decimal(18, 4),
    "agrees": pl.Boolean,
}

# One row per figure of a table in which some total and its rows disagree: the cells that could explain it, refused
# reports too. Of a total row `label` is its label and `members` are the rows it adds up; the names are as written.
CONTROL_CELLS: dict[str, PolarsType] = {
    "submission_id": pl.String,
    "file_id": pl.String,
    "form_code": pl.String,
    "street_id": pl.String,
    "period_date": pl.Date,
    "sheet_index": pl.Int64,
    "sheet_name": pl.String,
    "block": pl.Int64,
    "row_number": pl.Int64,
    "is_total": pl.Boolean,
    "label": pl.String,
    "members": pl.List(pl.Int64),
    "compound_name": pl.String,
    "building_no": pl.String,
    "programme_type_code": pl.String,
    "column_name": pl.String,
    "address": pl.String,
    "value": pl.Decimal(18, 4),
    "factor": pl.Decimal(18, 6),
    "resolution": RESOLUTION,
}

# One row per finding; texts are Chinese and hold no personal value. `suspects` lists, as JSON, the cells that could
# explain a total that disagrees with its rows.
FINDINGS: dict[str, PolarsType] = {
    "finding_id": pl.String,
    "code": pl.String,
    "severity": pl.String,
    "form_code": pl.String,
    "file_id": pl.String,
    "submission_id": pl.String,
    "sheet": pl.String,
    "address": pl.String,
    "column_name": pl.String,
    "found": pl.String,
    "expected": pl.String,
    "action": pl.String,
    "row_id": pl.String,
    "suspects": pl.String,
}

# What a waiting row says, as far as that can be told: who says it, of what, and which areas would count if it held.
CLAIMS: dict[str, PolarsType] = {
    "filer_id": pl.String,
    "street_id": pl.String,
    "building_id": pl.String,
    "report_month": pl.Date,
    "started_area_m2": pl.Decimal(14, 2),
    "completed_area_m2": pl.Decimal(14, 2),
}

# One row per row and reason it waits for.
QUARANTINE: dict[str, PolarsType] = {
    "row_id": pl.String,
    "entity": pl.String,
    "submission_id": pl.String,
    "code": pl.String,
    "column_name": pl.String,
    "address": pl.String,
    "found": pl.String,
    "expected": pl.String,
    "suggestion": pl.String,
    **CLAIMS,
}

# A reviewed alias of reference/aliases.toml: `alias` (as written) is `target` (canonical name) from `known_from` on;
# where `buildings` are named, only for rows about one of them. `key` is made of what it says.
ALIASES: dict[str, PolarsType] = {
    "key": pl.String,
    "kind": pl.String,
    "street_id": pl.String,
    "alias": pl.String,
    "target": pl.String,
    "buildings": pl.String,
    "known_from": INSTANT,
}

# A reviewed correction of reference/corrections.toml. Where: a file (sha256 or its beginning) or a report (form, filer,
# street, period); in it a cell (`address`, `sheet` where it is not the only one) or a column of the row whose cells
# hold `row_cells`. What: `value` as somebody would type it there (null empties the cell), or the whole row does not
# count. `expect` is the text that must stand there.
CORRECTIONS: dict[str, PolarsType] = {
    "key": pl.String,
    "file": pl.String,
    "form_code": pl.String,
    "filer": pl.String,
    "street_id": pl.String,
    "period": pl.String,
    "sheet": pl.String,
    "address": pl.String,
    "row_cells": pl.List(pl.Struct({"column_name": pl.String, "written": pl.String})),
    "column_name": pl.String,
    "expect": pl.String,
    "value": pl.String,
    "is_excluded": pl.Boolean,
    "known_from": INSTANT,
}

# The corrections that made a core row what it is; null where it is as read.
CORRECTED = pl.List(pl.Struct({"column_name": pl.String, "correction": pl.String}))

# A reviewed decision that does nothing at an instant, and why (Chinese).
STALE: dict[str, PolarsType] = {"kind": pl.String, "key": pl.String, "about": pl.String, "why": pl.String}

# One row per report as it stands: who filed it, which version it is, whether it counts. `row_id` is its submission.
REPORTS: dict[str, PolarsType] = {
    "row_id": pl.String,
    "form_code": pl.String,
    "entity": pl.String,
    "filer_id": pl.String,
    "street_id": pl.String,
    "period": pl.String,
    "period_date": pl.Date,
    "report_key": pl.String,
    "due_date": pl.Date,
    "received_at": INSTANT,
    "report_version": pl.Int64,
    "is_supplement": pl.Boolean,
    "is_effective": pl.Boolean,
    "rows_read": pl.Int64,
    "cells_data": pl.Int64,
}

# One row per report somebody must send: who, about which month, by which day. `row_id` says the same in one text.
EXPECTED_REPORTS: dict[str, PolarsType] = {
    "row_id": pl.String,
    "form_code": pl.String,
    "filer_id": pl.String,
    "street_id": pl.String,
    "period": pl.String,
    "period_date": pl.Date,
    "due_date": pl.Date,
}

# One row per setting that figures depend on, such as consent.threshold_ratio (`row_id`).
SETTINGS: dict[str, PolarsType] = {"row_id": pl.String, "value": pl.Decimal(18, 6)}

# Core tables that no form fills; they have two times like those of the forms.
RECORDS: dict[str, FrameSchema] = {
    "reports": REPORTS,
    "expected_reports": EXPECTED_REPORTS,
    "settings": SETTINGS,
}

# A reviewed ruling of reference/rulings.toml on what a file (sha256 or its beginning) is; `expect` is what its content
# says it is, and what the ruling overrules (`transforms.versions.KINDS`).
RULINGS: dict[str, PolarsType] = {
    "key": pl.String,
    "file": pl.String,
    "kind": pl.String,
    "expect": pl.String,
    "known_from": INSTANT,
}
