-- One programme type of one programme year: what was started and completed of it by the year end (M02).
-- 中文: 按改造类型的开工与完成情况
-- grain: plan_year, programme_type_code
-- reads: core.district_target, core.building_standing
-- revised: yes
-- check fail types_add_up: select plan_year, sum(started_area_m2), sum(completed_area_m2) from summary.programme_mix group by plan_year having sum(started_area_m2) <> (select started_area_m2 from summary.target_attainment as year where year.plan_year = programme_mix.plan_year) or sum(completed_area_m2) <> (select completed_area_m2 from summary.target_attainment as year where year.plan_year = programme_mix.plan_year)
-- check warn completed_over_started: select plan_year, programme_type_code from summary.programme_mix where completed_area_m2 > started_area_m2
-- column plan_year: 计划年度; programme year; year
-- column programme_type_code: 改造类型; programme type (ALL has no row); code
-- column target_area_m2: 任务面积; target of this type alone, NULL where the city gave no split; m2
-- column started_area_m2: 开工面积; floor area of buildings of the type started by 31 December of the plan year; m2
-- column started_compounds: 开工小区数; compounds with a started building of the type (one with two types counts under both: never add up); compound
-- column started_buildings: 开工楼栋数; started buildings of the type; building
-- column started_households: 开工户数; households of started buildings; household
-- column completed_area_m2: 完成面积; floor area of buildings of the type completed by 31 December of the plan year; m2
-- column completed_buildings: 完成楼栋数; completed buildings of the type; building
-- column completed_households: 完成户数; households of completed buildings; household
-- column started_share_ratio: 开工占比; started_area_m2 / started area of all types of the year; ratio
-- column completion_ratio: 任务完成率; completed_area_m2 / target_area_m2, NULL where the type has no target of its own; ratio
with

type_targets as (
    select plan_year, programme_type_code, target_area_m2
    from core.district_target_as_of($as_of)
    where programme_type_code <> 'ALL'
),

types as (
    select
        plan_year,
        programme_type_code,
        coalesce(sum(floor_area_m2) filter (where is_started), 0) as started_area_m2,
        count(distinct compound_id) filter (where is_started) as started_compounds,
        count(*) filter (where is_started) as started_buildings,
        coalesce(sum(household_count) filter (where is_started), 0) as started_households,
        coalesce(sum(floor_area_m2) filter (where is_completed), 0) as completed_area_m2,
        count(*) filter (where is_completed) as completed_buildings,
        coalesce(sum(household_count) filter (where is_completed), 0) as completed_households
    from core.building_standing_as_of($as_of)
    where is_year_count
    group by plan_year, programme_type_code
)

select
    plan_year,
    programme_type_code,
    target.target_area_m2,
    cast(coalesce(types.started_area_m2, 0) as decimal(14, 2)) as started_area_m2,
    coalesce(types.started_compounds, 0) as started_compounds,
    coalesce(types.started_buildings, 0) as started_buildings,
    cast(coalesce(types.started_households, 0) as bigint) as started_households,
    cast(coalesce(types.completed_area_m2, 0) as decimal(14, 2)) as completed_area_m2,
    coalesce(types.completed_buildings, 0) as completed_buildings,
    cast(coalesce(types.completed_households, 0) as bigint) as completed_households,
    cast(
        coalesce(types.started_area_m2, 0) / nullif(sum(types.started_area_m2) over (partition by plan_year), 0)
        as decimal(28, 10)
    ) as started_share_ratio,
    cast(coalesce(types.completed_area_m2, 0) / nullif(target.target_area_m2, 0) as decimal(28, 10))
        as completion_ratio
from types
full outer join type_targets as target using (plan_year, programme_type_code)
