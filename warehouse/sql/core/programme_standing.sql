-- One plan year on one counting day: the measures of the target mart, summed from its buildings.
-- 中文: 年度计划在各统计日的完成量
-- grain: plan_year, counted_on
-- reads: core.building_standing
-- column plan_year: 计划年度; programme year; year
-- column counted_on: 统计日; events up to and including this day count; date
-- column is_month_end: 是否月末统计日; one of the month ends from the year's first start to the newest report; boolean
-- column is_year_count: 是否年度统计日; 31 December of the plan year, or today where the year is not over; boolean
-- column is_today: 是否当日; the day of the as-of instant in Asia/Shanghai; boolean
-- column started_area_m2: 开工面积; area of started buildings; m2
-- column completed_area_m2: 完成面积; area of completed buildings; m2
-- column started_buildings: 开工楼栋数; started buildings; building
-- column benefited_compounds: 受益小区数; compounds with a benefited building; compound
-- column benefited_buildings: 受益楼栋数; buildings with an item done; building
-- column benefited_households: 受益户数; households of benefited buildings; household
-- column completed_compounds: 完成小区数; compounds with started buildings, all of them completed; compound
-- column completed_buildings: 完成楼栋数; completed buildings; building
-- column completed_households: 完成户数; households of completed buildings; household
with

-- First by compound, so that a compound of two programme types counts once.
compounds as (
    select
        plan_year,
        counted_on,
        compound_id,
        any_value(is_month_end) as is_month_end,
        any_value(is_year_count) as is_year_count,
        any_value(is_today) as is_today,
        sum(floor_area_m2) filter (where is_started) as started_area_m2,
        sum(floor_area_m2) filter (where is_completed) as completed_area_m2,
        count(*) filter (where is_started) as started_buildings,
        bool_or(is_benefited) as is_benefited,
        count(*) filter (where is_benefited) as benefited_buildings,
        sum(household_count) filter (where is_benefited) as benefited_households,
        bool_or(is_started) and bool_and(is_completed) filter (where is_started) as is_completed,
        count(*) filter (where is_completed) as completed_buildings,
        sum(household_count) filter (where is_completed) as completed_households
    from core.building_standing_as_of($as_of)
    group by plan_year, counted_on, compound_id
)

select
    plan_year,
    counted_on,
    any_value(is_month_end) as is_month_end,
    any_value(is_year_count) as is_year_count,
    any_value(is_today) as is_today,
    cast(coalesce(sum(started_area_m2), 0) as decimal(14, 2)) as started_area_m2,
    cast(coalesce(sum(completed_area_m2), 0) as decimal(14, 2)) as completed_area_m2,
    cast(sum(started_buildings) as bigint) as started_buildings,
    count(*) filter (where is_benefited) as benefited_compounds,
    cast(sum(benefited_buildings) as bigint) as benefited_buildings,
    cast(coalesce(sum(benefited_households), 0) as bigint) as benefited_households,
    count(*) filter (where is_completed) as completed_compounds,
    cast(sum(completed_buildings) as bigint) as completed_buildings,
    cast(coalesce(sum(completed_households), 0) as bigint) as completed_households
from compounds
group by plan_year, counted_on
