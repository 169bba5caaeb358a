-- One programme year at one month end: how far it had come by then, counted by the day of the event (M01).
-- 中文: 年度任务完成进度曲线（按月末）
-- grain: plan_year, month_end
-- reads: core.district_target, core.programme_standing
-- check fail never_falls: select plan_year, month_end from summary.attainment_curve window so_far as (partition by plan_year order by month_end) qualify started_area_m2 < lag(started_area_m2) over so_far or completed_area_m2 < lag(completed_area_m2) over so_far
-- check fail year_end_is_official: select plan_year from summary.attainment_curve as curve inner join summary.target_attainment as target using (plan_year) where curve.month_end = make_date(plan_year, 12, 31) and (curve.completed_area_m2 <> target.completed_area_m2 or curve.started_area_m2 <> target.started_area_m2)
-- check warn benefited_falls: select plan_year, month_end from summary.attainment_curve qualify benefited_buildings < lag(benefited_buildings) over (partition by plan_year order by month_end)
-- column plan_year: 计划年度; programme year: the task year, not the calendar year of the works; year
-- column month_end: 月末; last day of the month counted to, from the year's first start to the newest report month; date
-- column target_area_m2: 任务面积; area the city asks for, by the newest adjustment known, NULL where none is known; m2
-- column started_area_m2: 累计开工面积; floor area of buildings started by the month end; m2
-- column completed_area_m2: 累计完成面积; floor area of buildings completed by the month end, also after the plan year; m2
-- column completed_to_date_area_m2: 截至月末完成面积; the same as completed_area_m2: the curve does not stop at the year end; m2
-- column completion_ratio: 任务完成率; completed_area_m2 / target_area_m2, not against started; ratio
-- column start_ratio: 任务开工率; started_area_m2 / target_area_m2; ratio
-- column completed_of_started_ratio: 开工完成率; completed_area_m2 / started_area_m2; ratio
-- column over_target_area_m2: 超额完成面积; completed_area_m2 less target_area_m2, negative below the target; m2
-- column started_buildings: 累计开工楼栋数; buildings started by the month end; building
-- column benefited_compounds: 受益小区数; compounds with a benefited building; compound
-- column benefited_buildings: 受益楼栋数; buildings with at least one work item done by the month's report; building
-- column benefited_households: 受益户数; households of benefited buildings; household
-- column completed_compounds: 完成小区数; compounds whose started buildings are all completed; compound
-- column completed_buildings: 累计完成楼栋数; buildings completed by the month end; building
-- column completed_households: 完成户数; households of completed buildings; household
with

targets as (
    select plan_year, target_area_m2
    from core.district_target_as_of($as_of)
    where programme_type_code = 'ALL'
)

select
    standing.plan_year,
    standing.counted_on as month_end,
    targets.target_area_m2,
    standing.started_area_m2,
    standing.completed_area_m2,
    standing.completed_area_m2 as completed_to_date_area_m2,
    cast(standing.completed_area_m2 / nullif(targets.target_area_m2, 0) as decimal(28, 10)) as completion_ratio,
    cast(standing.started_area_m2 / nullif(targets.target_area_m2, 0) as decimal(28, 10)) as start_ratio,
    cast(standing.completed_area_m2 / nullif(standing.started_area_m2, 0) as decimal(28, 10))
        as completed_of_started_ratio,
    cast(standing.completed_area_m2 - targets.target_area_m2 as decimal(14, 2)) as over_target_area_m2,
    standing.started_buildings,
    standing.benefited_compounds,
    standing.benefited_buildings,
    standing.benefited_households,
    standing.completed_compounds,
    standing.completed_buildings,
    standing.completed_households
from core.programme_standing_as_of($as_of) as standing
left join targets
    on targets.plan_year = standing.plan_year
where standing.is_month_end
