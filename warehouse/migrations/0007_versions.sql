-- What a version of a report was taken for, and why.

alter table ops.submissions add column version_kind VARCHAR;
alter table ops.submissions add column version_evidence VARCHAR;
alter table ops.submissions add column replaced_row_ids VARCHAR[];
comment on column ops.submissions.version_kind is '版本类别 | first, replacement (a new whole), supplement (adds lines), partial (changed lines only), older (a copy of what was replaced; not used) or wrong_period';
comment on column ops.submissions.version_evidence is '判定依据 | What it was taken for that on: lines counted against the version before';
comment on column ops.submissions.replaced_row_ids is '由其他版本代表的行 | Rows another version speaks for: said anew by a later supplement or partial copy, or those of an old copy never used; they count as accepted';

-- What read a file, so that a change of layouts, rules or code finds the files it touches.

alter table ops.files add column read_by VARCHAR;
comment on column ops.files.read_by is '读取依据 | Digest of the reading code and of the forms and layouts of its sheets; differs from today''s where it would be read otherwise';
