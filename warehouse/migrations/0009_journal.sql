-- What each night moved, and what its journal says.

create table ops.moves (
    run_id VARCHAR,
    table_name VARCHAR,
    key VARCHAR,
    column_name VARCHAR,
    value_before VARCHAR,
    value_after VARCHAR,
    submission_ids VARCHAR[]
);
comment on table ops.moves is '每次运行中变动的每个已发布数字一行 | One row per run and published number that it moved; numbers that are new are not moved';
comment on column ops.moves.run_id is '运行编号 | Run';
comment on column ops.moves.table_name is '表名 | Summary';
comment on column ops.moves.key is '行 | Row of the summary, such as plan_year=2013';
comment on column ops.moves.column_name is '列名 | Column of the summary';
comment on column ops.moves.value_before is '原值 | The number before the run';
comment on column ops.moves.value_after is '现值 | The number after it, empty where it vanished';
comment on column ops.moves.submission_ids is '因何报表 | Reports that moved it; see ops.submissions';

create table ops.journal (
    run_id VARCHAR,
    section VARCHAR,
    line BIGINT,
    name VARCHAR,
    told VARCHAR,
    file VARCHAR
);
comment on table ops.journal is '每次运行的夜报中每条一行 | One row per run and line of its night journal';
comment on column ops.journal.run_id is '运行编号 | Run';
comment on column ops.journal.section is '栏目 | 收到, 退回, 变动, 迟报, 催报';
comment on column ops.journal.line is '序号 | Place in the section';
comment on column ops.journal.name is '事项 | What it is about';
comment on column ops.journal.told is '内容 | What is said of it';
comment on column ops.journal.file is '文件 | File it is about, where there is one';
