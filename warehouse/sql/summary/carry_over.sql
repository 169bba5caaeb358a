-- One compound whose buildings of one programme year are finished in a later year; they stay a task of the first (M17).
-- 中文: 跨年结转项目
-- grain: from_year, to_year, compound_id
-- reads: core.carry_over, core.building_state, core.building_standing, core.compound_register, core.street_names
-- check warn carried_differs_from_unfinished: select from_year, to_year, compound_id, carried_area_m2, unfinished_area_m2 from summary.carry_over where carried_area_m2 <> unfinished_area_m2
-- check warn carried_from_another_year: select from_year, to_year, compound_id, plan_year from summary.carry_over where plan_year is distinct from from_year
-- column from_year: 任务年度; programme year the buildings are a task of, and count in; year
-- column to_year: 结转年度; calendar year the rest is done in, where they never count; year
-- column compound_id: 小区编码; compound; id
-- column street_id: 街道代码; street; id
-- column street_name: 街道; name of the street; text
-- column compound_name: 小区名称; name in the compound register; text
-- column plan_year: 计划年度; programme year by the compound register; year
-- column carried_buildings: 结转楼栋数; buildings carried over; building
-- column carried_households: 结转户数; their households by the register; household
-- column carried_area_m2: 结转面积; area carried over, as the form says; m2
-- column register_area_m2: 台账面积; floor area of the same buildings by the register; m2
-- column unfinished_area_m2: 年末未完面积; floor area of the compound's buildings started and not completed on 31 December of from_year; m2
-- column completed_buildings: 已完成楼栋数; carried buildings completed by the as-of day; building
-- column completed_area_m2: 已完成面积; their floor area by the register, part of from_year's completed_to_date_area_m2; m2
-- column last_completed_date: 末栋完成日期; latest completion of a carried building so far; date
with

params as (
    select cast(timezone('Asia/Shanghai', $as_of) as date) as today
),

carried as (
    select
        carry.from_year,
        carry.to_year,
        carry.compound_id,
        count(*) as carried_buildings,
        sum(building.household_count) as carried_households,
        sum(carry.carried_area_m2) as carried_area_m2,
        sum(building.floor_area_m2) as register_area_m2,
        count(*) filter (where building.completed_date <= params.today) as completed_buildings,
        sum(building.floor_area_m2) filter (where building.completed_date <= params.today) as completed_area_m2,
        max(building.completed_date) filter (where building.completed_date <= params.today) as last_completed_date
    from core.carry_over_as_of($as_of) as carry
    cross join params
    left join core.building_state_as_of($as_of) as building
        on building.building_id = carry.building_id
    group by carry.from_year, carry.to_year, carry.compound_id
),

unfinished as (
    select
        plan_year,
        compound_id,
        sum(floor_area_m2) filter (where is_started and not is_completed) as unfinished_area_m2
    from core.building_standing_as_of($as_of)
    where is_year_count
        and counted_on = make_date(plan_year, 12, 31)
    group by plan_year, compound_id
)

select
    carried.from_year,
    carried.to_year,
    carried.compound_id,
    compound.street_id,
    street_names.street_name,
    compound.compound_name,
    compound.plan_year,
    carried.carried_buildings,
    cast(carried.carried_households as bigint) as carried_households,
    cast(carried.carried_area_m2 as decimal(14, 2)) as carried_area_m2,
    cast(carried.register_area_m2 as decimal(14, 2)) as register_area_m2,
    -- NULL until the year is over, 0 where nothing was open then.
    cast(
        case when unfinished.compound_id is not null then coalesce(unfinished.unfinished_area_m2, 0) end
        as decimal(14, 2)
    ) as unfinished_area_m2,
    carried.completed_buildings,
    cast(coalesce(carried.completed_area_m2, 0) as decimal(14, 2)) as completed_area_m2,
    carried.last_completed_date
from carried
left join unfinished
    on unfinished.plan_year = carried.from_year
    and unfinished.compound_id = carried.compound_id
left join core.compound_register_as_of($as_of) as compound
    on compound.compound_id = carried.compound_id
left join core.street_names as street_names
    on street_names.street_id = compound.street_id
