-- One headline number at one instant at which it changed: its life, and what changed it.
-- 中文: 重点数字修订记录
-- grain: table_name, key, column_name, known_from
-- reads: ops.decisions, ops.figure_history, ops.files
-- log: yes
-- column table_name: 表名; summary the number stands in; text
-- column key: 行; row of the summary, such as plan_year=2013; text
-- column column_name: 列名; column of the summary; text
-- column known_from: 变动时点; instant it changed at; instant
-- column revision_no: 修订次序; 1 where the number was first known; count
-- column previous_value: 原值; the number before, NULL where there was none; column's unit
-- column value: 现值; the number from this instant on, NULL where there is none any more; column's unit
-- column change: 变动量; value less previous_value, NULL where one is missing or no number; column's unit
-- column cause: 原因; file, alias, correction, ruling, layout or code, several joined by +; code
-- column submission_ids: 因何报表; reports of that instant that the number reads, as in ops.submissions; id
with

causes as (
    select
        known_from,
        string_agg(distinct kind, '+' order by kind) as cause
    from (
        select known_from, kind from ops.decisions where kind <> 'undo'
        union all
        select known_from, 'file' as kind from ops.files
    )
    group by known_from
),

told as (
    select *
    from ops.figure_history
    where known_from <= $as_of
        and (known_to is null or $as_of < known_to)
)

select
    told.table_name,
    told.key,
    told.column_name,
    told.known_from,
    row_number() over life as revision_no,
    lag(told.value) over life as previous_value,
    told.value,
    cast(try_cast(told.value as decimal(28, 10)) - try_cast(lag(told.value) over life as decimal(28, 10)) as decimal(28, 10))
        as change,
    coalesce(causes.cause, 'file') as cause,
    told.submission_ids
from told
left join causes
    on causes.known_from = told.known_from
window life as (partition by told.table_name, told.key, told.column_name order by told.known_from)
