-- What definitions changed and when, decisions by run, and how recent the data of each filer is.

create table ops.definitions (
    run_id VARCHAR,
    kind VARCHAR,
    name VARCHAR,
    column_name VARCHAR,
    change VARCHAR,
    definition VARCHAR
);
comment on table ops.definitions is '每次运行中变动的每项定义一行 | One row per run and definition that is another than before; the newest one of a name holds';
comment on column ops.definitions.run_id is '运行编号 | Run that first had it';
comment on column ops.definitions.kind is '类别 | meaning: comment of a table or column; calculation: SQL of a summary and its helpers; layout: how a form is read';
comment on column ops.definitions.name is '名称 | Table, or layout';
comment on column ops.definitions.column_name is '列名 | Column; empty for tables, calculations and layouts';
comment on column ops.definitions.change is '变动 | first: there when definitions were first written down; new, changed, gone';
comment on column ops.definitions.definition is '定义 | The comment; of a calculation or layout a digest of its text';

alter table ops.decisions add column run_id VARCHAR;
comment on column ops.decisions.run_id is '运行编号 | Run that first counted it; empty before it was written down';

drop table ops.freshness;
create table ops.freshness (
    entity VARCHAR,
    form_code VARCHAR,
    title_zh VARCHAR,
    street_id VARCHAR,
    filer_id VARCHAR,
    newest_period VARCHAR,
    newest_received_at TIMESTAMPTZ,
    days_since_received BIGINT,
    newest_known_from TIMESTAMPTZ,
    rows_known BIGINT,
    rows_waiting BIGINT
);
comment on table ops.freshness is '每个表、街道和填报单位一行 | One row per core table, street and filer: how recent what they sent is; also who must send and never did';
comment on column ops.freshness.entity is '表名 | Core table';
comment on column ops.freshness.form_code is '表号 | Form';
comment on column ops.freshness.title_zh is '表题 | Title of the form';
comment on column ops.freshness.street_id is '街道编号 | Street the report is about, empty where the form has none; see core.street_names';
comment on column ops.freshness.filer_id is '填报单位编号 | Filer, empty where nobody knows who filed';
comment on column ops.freshness.newest_period is '最新报告期 | Newest period of a report that counts';
comment on column ops.freshness.newest_received_at is '最近收件时间 | When its newest file was received; empty where it must be sent and never came';
comment on column ops.freshness.days_since_received is '距今天数 | Days from then to the newest file of any filer; day';
comment on column ops.freshness.newest_known_from is '最近入账时点 | Newest instant a row is known from';
comment on column ops.freshness.rows_known is '有效行数 | Rows known now; row';
comment on column ops.freshness.rows_waiting is '待核行数 | Rows in quarantine now; row';
