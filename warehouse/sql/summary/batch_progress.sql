-- One batch of one programme year: what was planned for it, and how far it has come (M19).
-- 中文: 分批实施进度
-- grain: plan_year, batch_no
-- reads: core.batch_members, core.building_state, core.building_standing
-- check fail compounds_once: select plan_year from summary.batch_progress group by plan_year having sum(compounds) > (select count(distinct compound_id) from (select compound_id from core.compound_register where known_to is null union all select compound_id from core.batch_plan where known_to is null))
-- check warn planned_area_differs: select plan_year, batch_no, planned_area_m2, register_area_m2 from summary.batch_progress where planned_area_m2 <> register_area_m2
-- column plan_year: 计划年度; programme year; year
-- column batch_no: 批次; batch of the year's plan; code
-- column compounds: 小区数; compounds of the batch, by the batch plan, else by the compound register; compound
-- column buildings: 楼栋数; their registered buildings; building
-- column households: 户数; households of these buildings; household
-- column planned_area_m2: 计划面积; area planned for the batch, NULL where no plan gives one; m2
-- column register_area_m2: 台账面积; floor area of the registered buildings; m2
-- column started_area_m2: 开工面积; floor area started by 31 December of the plan year; m2
-- column completed_area_m2: 完成面积; floor area completed by 31 December of the plan year; m2
-- column completed_to_date_area_m2: 截至当日完成面积; floor area completed by the as-of day, also after the plan year; m2
-- column started_buildings: 开工楼栋数; buildings started by 31 December of the plan year; building
-- column completed_buildings: 完成楼栋数; buildings completed by 31 December of the plan year; building
-- column completion_ratio: 完成率; completed_area_m2 / planned_area_m2; ratio
-- column first_planned_start: 最早计划开工; earliest planned start of a compound; date
-- column last_planned_start: 最晚计划开工; latest planned start of a compound; date
-- column first_planned_finish: 最早计划完工; earliest planned finish of a compound; date
-- column last_planned_finish: 最晚计划完工; latest planned finish of a compound, by the last day its text allows; date
-- column first_actual_start: 首栋开工日期; earliest actual start of a building by the as-of day; date
-- column last_actual_start: 末栋开工日期; latest actual start of a building so far; date
-- column first_actual_finish: 首栋完成日期; earliest completion of a building by the as-of day; date
-- column last_actual_finish: 末栋完成日期; latest completion of a building so far; date
with

params as (
    select cast(timezone('Asia/Shanghai', $as_of) as date) as today
),

members as (
    select *
    from core.batch_members_as_of($as_of)
),

plans as (
    select
        plan_year,
        batch_no,
        count(*) as compounds,
        sum(planned_area_m2) as planned_area_m2,
        min(planned_start) as first_planned_start,
        max(planned_start) as last_planned_start,
        min(planned_finish) as first_planned_finish,
        max(planned_finish) as last_planned_finish
    from members
    group by plan_year, batch_no
),

registered as (
    select
        members.plan_year,
        members.batch_no,
        count(*) as buildings,
        sum(building.household_count) as households,
        sum(building.floor_area_m2) as register_area_m2,
        min(building.started_date) filter (where building.started_date <= params.today) as first_actual_start,
        max(building.started_date) filter (where building.started_date <= params.today) as last_actual_start,
        min(building.completed_date) filter (where building.completed_date <= params.today) as first_actual_finish,
        max(building.completed_date) filter (where building.completed_date <= params.today) as last_actual_finish
    from members
    cross join params
    inner join core.building_state_as_of($as_of) as building
        on building.compound_id = members.compound_id
    group by members.plan_year, members.batch_no
),

counted as (
    select
        members.plan_year,
        members.batch_no,
        sum(standing.floor_area_m2) filter (where standing.is_year_count and standing.is_started) as started_area_m2,
        sum(standing.floor_area_m2) filter (where standing.is_year_count and standing.is_completed)
            as completed_area_m2,
        sum(standing.floor_area_m2) filter (where standing.is_today and standing.is_completed)
            as completed_to_date_area_m2,
        count(*) filter (where standing.is_year_count and standing.is_started) as started_buildings,
        count(*) filter (where standing.is_year_count and standing.is_completed) as completed_buildings
    from members
    inner join core.building_standing_as_of($as_of) as standing
        on standing.compound_id = members.compound_id
        and standing.plan_year = members.plan_year
    group by members.plan_year, members.batch_no
)

select
    plan_year,
    batch_no,
    plans.compounds,
    coalesce(registered.buildings, 0) as buildings,
    cast(coalesce(registered.households, 0) as bigint) as households,
    cast(plans.planned_area_m2 as decimal(14, 2)) as planned_area_m2,
    cast(coalesce(registered.register_area_m2, 0) as decimal(14, 2)) as register_area_m2,
    cast(coalesce(counted.started_area_m2, 0) as decimal(14, 2)) as started_area_m2,
    cast(coalesce(counted.completed_area_m2, 0) as decimal(14, 2)) as completed_area_m2,
    cast(coalesce(counted.completed_to_date_area_m2, 0) as decimal(14, 2)) as completed_to_date_area_m2,
    coalesce(counted.started_buildings, 0) as started_buildings,
    coalesce(counted.completed_buildings, 0) as completed_buildings,
    cast(coalesce(counted.completed_area_m2, 0) / nullif(plans.planned_area_m2, 0) as decimal(28, 10))
        as completion_ratio,
    plans.first_planned_start,
    plans.last_planned_start,
    plans.first_planned_finish,
    plans.last_planned_finish,
    registered.first_actual_start,
    registered.last_actual_start,
    registered.first_actual_finish,
    registered.last_actual_finish
from plans
left join registered using (plan_year, batch_no)
left join counted using (plan_year, batch_no)
