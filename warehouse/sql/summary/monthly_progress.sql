-- One programme type of one street in one report month: what the contractors' reports up to that month say (M04).
-- 中文: 各街道月度进度（按报告期）
-- grain: report_month, street_id, programme_type_code
-- reads: core.building_months, core.street_names
-- check fail months_add_up: select street_id, programme_type_code from summary.monthly_progress group by street_id, programme_type_code having sum(started_area_month_m2) <> arg_max(started_area_cum_m2, report_month) or sum(completed_area_month_m2) <> arg_max(completed_area_cum_m2, report_month)
-- check warn cumulative_falls: select report_month, street_id, programme_type_code from summary.monthly_progress where started_area_month_m2 < 0 or completed_area_month_m2 < 0
-- check warn building_not_reported: select report_month, street_id, programme_type_code from summary.monthly_progress where reported_buildings < known_buildings
-- column report_month: 报告期; month reported about, as its first day; month
-- column street_id: 街道代码; street; id
-- column street_name: 街道; name of the street; text
-- column programme_type_code: 改造类型; programme type; code
-- column known_buildings: 已报楼栋数; buildings with a report for this month or an earlier one; building
-- column reported_buildings: 本月上报楼栋数; those of them in this month's reports, the others stand as last reported; building
-- column started_buildings_month: 本月开工栋数; cumulative less that of the month before; building
-- column started_area_month_m2: 本月开工面积; cumulative less that of the month before; m2
-- column started_households_month: 本月开工户数; cumulative less that of the month before; household
-- column started_buildings_cum: 累计开工栋数; buildings started by the month end, by the reports; building
-- column started_area_cum_m2: 累计开工面积; their floor area by the register; m2
-- column started_households_cum: 累计开工户数; their households by the register; household
-- column completed_buildings_month: 本月完成栋数; cumulative less that of the month before; building
-- column completed_area_month_m2: 本月完成面积; cumulative less that of the month before; m2
-- column completed_households_month: 本月完成户数; cumulative less that of the month before; household
-- column completed_buildings_cum: 累计完成栋数; buildings completed by the month end, by the reports; building
-- column completed_area_cum_m2: 累计完成面积; their floor area by the register; m2
-- column completed_households_cum: 累计完成户数; their households by the register; household
with

cumulative as (
    select
        report_month,
        street_id,
        programme_type_code,
        count(*) as known_buildings,
        count(*) filter (where is_reported) as reported_buildings,
        count(*) filter (where is_started) as started_buildings_cum,
        cast(coalesce(sum(floor_area_m2) filter (where is_started), 0) as decimal(14, 2)) as started_area_cum_m2,
        cast(coalesce(sum(household_count) filter (where is_started), 0) as bigint) as started_households_cum,
        count(*) filter (where is_completed) as completed_buildings_cum,
        cast(coalesce(sum(floor_area_m2) filter (where is_completed), 0) as decimal(14, 2)) as completed_area_cum_m2,
        cast(coalesce(sum(household_count) filter (where is_completed), 0) as bigint) as completed_households_cum
    from core.building_months_as_of($as_of)
    group by report_month, street_id, programme_type_code
)

select
    cumulative.report_month,
    cumulative.street_id,
    street_names.street_name,
    cumulative.programme_type_code,
    known_buildings,
    reported_buildings,
    started_buildings_cum - coalesce(lag(started_buildings_cum) over so_far, 0) as started_buildings_month,
    cast(started_area_cum_m2 - coalesce(lag(started_area_cum_m2) over so_far, 0) as decimal(14, 2))
        as started_area_month_m2,
    started_households_cum - coalesce(lag(started_households_cum) over so_far, 0) as started_households_month,
    started_buildings_cum,
    started_area_cum_m2,
    started_households_cum,
    completed_buildings_cum - coalesce(lag(completed_buildings_cum) over so_far, 0) as completed_buildings_month,
    cast(completed_area_cum_m2 - coalesce(lag(completed_area_cum_m2) over so_far, 0) as decimal(14, 2))
        as completed_area_month_m2,
    completed_households_cum - coalesce(lag(completed_households_cum) over so_far, 0) as completed_households_month,
    completed_buildings_cum,
    completed_area_cum_m2,
    completed_households_cum
from cumulative
left join core.street_names as street_names
    on street_names.street_id = cumulative.street_id
window so_far as (
    partition by cumulative.street_id, cumulative.programme_type_code
    order by cumulative.report_month
)
