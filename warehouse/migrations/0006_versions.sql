-- What a version of a report was taken for, and why.

alter table ops.submissions add column version_kind VARCHAR;
alter table ops.submissions add column version_evidence VARCHAR;
alter table ops.submissions add column replaced_row_ids VARCHAR[];
comment on column ops.submissions.version_kind is '版本类别 | first, replacement (a new whole), supplement (adds lines), partial (changed lines only), older (a copy of what was replaced; not used) or wrong_period';
comment on column ops.submissions.version_evidence is '判定依据 | What it was taken for that on: lines counted against the version before';
comment on column ops.submissions.replaced_row_ids is '已被后来版本重报的行 | Rows that a later supplement or partial copy says anew; they count as accepted';
