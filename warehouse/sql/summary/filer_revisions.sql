-- One figure of one filer's report: as first known against as known now.
-- 中文: 各填报单位首报与现值对照
-- grain: form_code, filer_id, street_id, report_month, measure
-- reads: ops.figure_history
-- log: yes
-- column form_code: 表号; F06 a contractor's monthly report, F08 a sub-command's; code
-- column filer_id: 填报单位编号; contractor or street; id
-- column street_id: 街道编号; street the report is about; id
-- column report_month: 报告期; month the report is about; date
-- column measure: 指标; column of summary.filer_figures; text
-- column first_value: 首报数; the figure when the report was first known; column's unit
-- column current_value: 现值; the figure now, NULL where it is no longer reported; column's unit
-- column change: 变动量; current_value less first_value; column's unit
-- column revisions: 修订次数; how often it changed after it was first known; count
with

told as (
    select
        *,
        regexp_extract(key, 'form_code=(\S*) filer_id=(.*) street_id=(\S*) report_month=(\S*)', ['form', 'filer', 'street', 'month'])
            as parts
    from ops.figure_history
    where table_name = 'filer_figures'
        and known_from <= $as_of
        and (known_to is null or $as_of < known_to)
)

select
    parts.form as form_code,
    nullif(parts.filer, '') as filer_id,
    nullif(parts.street, '') as street_id,
    cast(nullif(parts.month, '') as date) as report_month,
    column_name as measure,
    cast(arg_min_null(value, known_from) as decimal(28, 2)) as first_value,
    cast(arg_max_null(value, known_from) as decimal(28, 2)) as current_value,
    cast(arg_max_null(value, known_from) as decimal(28, 2)) - cast(arg_min_null(value, known_from) as decimal(28, 2))
        as change,
    count(*) - 1 as revisions
from told
group by parts, column_name
