-- The life of the headline numbers, and why each of them moved when it did.

create table ops.figure_history (
    table_name VARCHAR,
    key VARCHAR,
    column_name VARCHAR,
    value VARCHAR,
    known_from TIMESTAMPTZ,
    known_to TIMESTAMPTZ,
    submission_ids VARCHAR[]
);
comment on table ops.figure_history is '重点数字的每次变动一行 | One row per headline number and instant at which it changed; summary.revisions tells it';
comment on column ops.figure_history.table_name is '表名 | Summary';
comment on column ops.figure_history.key is '行 | Row of the summary, such as plan_year=2013';
comment on column ops.figure_history.column_name is '列名 | Column of the summary';
comment on column ops.figure_history.value is '数值 | The number from this instant on; empty where there is none any more';
comment on column ops.figure_history.known_from is '变动时点 | Instant it changed at';
comment on column ops.figure_history.known_to is '撤销时点 | Until when it counts, where an undo took it back; empty otherwise';
comment on column ops.figure_history.submission_ids is '因何报表 | Reports of that instant that the number reads';

create table ops.figure_instants (
    instant TIMESTAMPTZ,
    made_by VARCHAR
);
comment on table ops.figure_instants is '已计算的时点 | Instants whose numbers are in ops.figure_history';
comment on column ops.figure_instants.instant is '时点 | Instant';
comment on column ops.figure_instants.made_by is '算法版本 | Digest of the summaries'' text they were worked out by';

create table ops.decisions (
    known_from TIMESTAMPTZ,
    kind VARCHAR,
    what VARCHAR,
    who VARCHAR,
    why VARCHAR
);
comment on table ops.decisions is '每项决定一行 | One row per decision that can move numbers: an alias, a correction, a layout or program change applied, an undo';
comment on column ops.decisions.known_from is '生效时点 | Instant it counts from';
comment on column ops.decisions.kind is '类别 | alias, correction, layout, code, ruling, undo';
comment on column ops.decisions.what is '内容 | Key of the decision, or plan that applied it';
comment on column ops.decisions.who is '决定人 | Who decided, where it is known';
comment on column ops.decisions.why is '理由 | Why, as written';

alter table ops.receipts add column known_from TIMESTAMPTZ;
comment on column ops.receipts.known_from is '入账时点 | Instant it counts from: its receipt, or the run that first saw it where something stood by then';

alter table ops.releases add column code_version VARCHAR;
comment on column ops.releases.code_version is '程序版本 | Version of the program that made it';
