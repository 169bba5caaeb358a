-- Backfills that were applied, and what each of them replaced, so that it can be taken back.

create table ops.backfills (
    plan_id VARCHAR,
    applied_at TIMESTAMPTZ,
    run_id VARCHAR,
    reason VARCHAR,
    state_before VARCHAR,
    facts VARCHAR,
    undone_at TIMESTAMPTZ,
    undo_reason VARCHAR,
    undo_facts VARCHAR
);
comment on table ops.backfills is '每次重读（回填）执行一行 | One row per backfill applied';
comment on column ops.backfills.plan_id is '方案编号 | Plan that was carried out';
comment on column ops.backfills.applied_at is '执行时点 | Instant from which what it restated is known';
comment on column ops.backfills.run_id is '运行编号 | Run that applied it';
comment on column ops.backfills.reason is '理由 | Why, as typed';
comment on column ops.backfills.state_before is '执行前现状摘要 | State digest before it';
comment on column ops.backfills.facts is '执行情况 | What it told, as JSON';
comment on column ops.backfills.undone_at is '撤销时点 | Instant from which it is taken back; empty while it stands';
comment on column ops.backfills.undo_reason is '撤销理由 | Why it was taken back, as typed';
comment on column ops.backfills.undo_facts is '撤销情况 | What the undo told, as JSON';

create table landed.replaced (
    applied_at TIMESTAMPTZ,
    table_name VARCHAR,
    rows BLOB
);
comment on table landed.replaced is '每次重读所替换的每张表一行；仅内部 | One row per backfill and table: what it replaced; private';
comment on column landed.replaced.applied_at is '执行时点 | Backfill; see ops.backfills';
comment on column landed.replaced.table_name is '表名 | Table the rows stood in';
comment on column landed.replaced.rows is '原有各行 | The rows as an Arrow IPC file';
