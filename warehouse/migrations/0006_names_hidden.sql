-- How many names of persons a release hides: one more is worth a release, although nothing else in it changed.

alter table ops.releases add column names_hidden BIGINT;
comment on column ops.releases.names_hidden is '隐去姓名数 | Names of persons that are hidden in its texts';
