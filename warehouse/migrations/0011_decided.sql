-- Reviewed decisions that began or ended in a night, beside what they moved: the archive's log is written afterwards.
create table landed.decided (
    run_id VARCHAR,
    line BIGINT,
    facts VARCHAR
);
comment on table landed.decided is '每次运行中开始或停止生效的每项决定一行；仅内部 | One row per run and decision that began or ended to count in it; private';
comment on column landed.decided.run_id is '运行编号 | Run; see ops.runs';
comment on column landed.decided.line is '序号 | Their order';
comment on column landed.decided.facts is '内容 | What the archive''s log says of it, as JSON';
