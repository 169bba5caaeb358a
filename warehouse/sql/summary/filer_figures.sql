-- One filer's report of one street and month: what it adds up to, as the filer says it.
-- 中文: 各填报单位填报数
-- grain: form_code, filer_id, street_id, report_month
-- reads: core.contractor_progress, core.subcommand_monthly
-- revised: yes
-- column form_code: 表号; F06 a contractor's monthly report, F08 a sub-command's; code
-- column filer_id: 填报单位编号; contractor or street; id
-- column street_id: 街道编号; street the report is about; id
-- column report_month: 报告期; month the report is about; date
-- column lines: 行数; accepted lines of the report; line
-- column started_area_m2: 累计开工面积; area started by month end, as reported; m2
-- column completed_area_m2: 累计完工面积; area completed by month end, as reported; m2
-- column started_households: 累计开工户数; households started by month end, as reported; household
-- column completed_households: 累计完工户数; households completed by month end, as reported; household
select
    'F06' as form_code,
    contractor_id as filer_id,
    street_id,
    report_month,
    count(*) as lines,
    cast(coalesce(sum(floor_area_m2) filter (where actual_start_kind = 'actual'), 0) as decimal(14, 2))
        as started_area_m2,
    cast(coalesce(sum(floor_area_m2) filter (where status_code in ('FINISHED', 'ACCEPTED')), 0) as decimal(14, 2))
        as completed_area_m2,
    cast(coalesce(sum(household_count) filter (where actual_start_kind = 'actual'), 0) as bigint)
        as started_households,
    cast(coalesce(sum(household_count) filter (where status_code in ('FINISHED', 'ACCEPTED')), 0) as bigint)
        as completed_households
from core.contractor_progress_as_of($as_of)
group by contractor_id, street_id, report_month

union all

select
    'F08' as form_code,
    filer_id,
    street_id,
    report_month,
    count(*) as lines,
    cast(coalesce(sum(started_area_cum_m2), 0) as decimal(14, 2)) as started_area_m2,
    cast(coalesce(sum(completed_area_cum_m2), 0) as decimal(14, 2)) as completed_area_m2,
    cast(coalesce(sum(started_households_cum), 0) as bigint) as started_households,
    cast(coalesce(sum(completed_households_cum), 0) as bigint) as completed_households
from core.subcommand_monthly_as_of($as_of)
group by filer_id, street_id, report_month
