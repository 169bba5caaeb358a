-- Which statements made the macros that are there, so that they are not made again by every night.
create table landed.made (
    what VARCHAR,
    digest VARCHAR
);
comment on table landed.made is '每类宏一行：由哪些语句生成；仅内部 | One row per set of macros: what made it; private';
comment on column landed.made.what is '哪一类 | Which set';
comment on column landed.made.digest is '语句的摘要 | Digest of the statements that made it';
