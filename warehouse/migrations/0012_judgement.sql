-- What the last judgement rests on, so that the next one hears only what can have changed since.
create table landed.judgement (
    rests_on VARCHAR
);
comment on table landed.judgement is '最近一次判定的依据，至多一行；仅内部 | What the last judgement rests on besides the reports, at most one row; private';
comment on column landed.judgement.rests_on is '依据的摘要 | Digest of the program, the settings and the reviewed decisions that counted';
create table landed.alias_uses (
    alias_key VARCHAR,
    submission_id VARCHAR
);
comment on table landed.alias_uses is '每份报表用到的每个别名一行；仅内部 | One row per reviewed alias and report whose rows write it; private';
comment on column landed.alias_uses.alias_key is '别名编号 | Key of the alias';
comment on column landed.alias_uses.submission_id is '报表编号 | Report; see ops.submissions';
