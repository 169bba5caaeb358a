-- One programme year against the city's target: is the district over it? (M01)
-- 中文: 年度任务完成情况
-- grain: plan_year
-- reads: core.district_target, core.programme_standing
-- revised: yes
-- check fail completed_goes_on: select plan_year from summary.target_attainment where completed_area_m2 > completed_to_date_area_m2
-- check fail ratio_exactly_where_target: select plan_year from summary.target_attainment where (completion_ratio is null) <> (coalesce(target_area_m2, 0) = 0)
-- check warn completed_over_started: select plan_year from summary.target_attainment where completed_area_m2 > started_area_m2
-- check warn year_without_target: select plan_year from summary.target_attainment where target_area_m2 is null
-- column plan_year: 计划年度; programme year: the task year, not the calendar year of the works; year
-- column target_area_m2: 任务面积; area the city asks for, by the newest adjustment known, NULL where none is known; m2
-- column started_area_m2: 开工面积; floor area of buildings started by 31 December of the plan year; m2
-- column completed_area_m2: 完成面积; floor area of buildings completed by 31 December of the plan year, the official figure; m2
-- column completed_to_date_area_m2: 截至当日完成面积; floor area completed by the as-of day, also after the plan year; m2
-- column completion_ratio: 任务完成率; completed_area_m2 / target_area_m2, not against started; ratio
-- column start_ratio: 任务开工率; started_area_m2 / target_area_m2; ratio
-- column completed_of_started_ratio: 开工完成率; completed_area_m2 / started_area_m2; ratio
-- column over_target_area_m2: 超额完成面积; completed_area_m2 less target_area_m2, negative below the target; m2
-- column benefited_compounds: 受益小区数; compounds with a benefited building; compound
-- column benefited_buildings: 受益楼栋数; buildings with at least one work item done by year end; building
-- column benefited_households: 受益户数; households of benefited buildings; household
-- column completed_compounds: 完成小区数; compounds whose started buildings are all completed; compound
-- column completed_buildings: 完成楼栋数; buildings completed by year end; building
-- column completed_households: 完成户数; households of completed buildings; household
with

targets as (
    select plan_year, target_area_m2
    from core.district_target_as_of($as_of)
    where programme_type_code = 'ALL'
),

year_counts as (
    select *
    from core.programme_standing_as_of($as_of)
    where is_year_count
),

to_date as (
    select plan_year, completed_area_m2
    from core.programme_standing_as_of($as_of)
    where is_today
),

-- A year with a target and no building, and one with buildings and no target, both show.
years as (
    select
        plan_year,
        targets.target_area_m2,
        coalesce(year_counts.started_area_m2, 0) as started_area_m2,
        coalesce(year_counts.completed_area_m2, 0) as completed_area_m2,
        coalesce(to_date.completed_area_m2, 0) as completed_to_date_area_m2,
        coalesce(year_counts.benefited_compounds, 0) as benefited_compounds,
        coalesce(year_counts.benefited_buildings, 0) as benefited_buildings,
        coalesce(year_counts.benefited_households, 0) as benefited_households,
        coalesce(year_counts.completed_compounds, 0) as completed_compounds,
        coalesce(year_counts.completed_buildings, 0) as completed_buildings,
        coalesce(year_counts.completed_households, 0) as completed_households
    from targets
    full outer join year_counts using (plan_year)
    left join to_date using (plan_year)
)

select
    plan_year,
    target_area_m2,
    cast(started_area_m2 as decimal(14, 2)) as started_area_m2,
    cast(completed_area_m2 as decimal(14, 2)) as completed_area_m2,
    cast(completed_to_date_area_m2 as decimal(14, 2)) as completed_to_date_area_m2,
    cast(completed_area_m2 / nullif(target_area_m2, 0) as decimal(28, 10)) as completion_ratio,
    cast(started_area_m2 / nullif(target_area_m2, 0) as decimal(28, 10)) as start_ratio,
    cast(completed_area_m2 / nullif(started_area_m2, 0) as decimal(28, 10)) as completed_of_started_ratio,
    cast(completed_area_m2 - target_area_m2 as decimal(14, 2)) as over_target_area_m2,
    benefited_compounds,
    benefited_buildings,
    benefited_households,
    completed_compounds,
    completed_buildings,
    completed_households
from years
