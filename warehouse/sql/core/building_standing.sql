-- One building on one counting day of its plan year: started, completed, benefited by then, as far as is known now.
-- 中文: 楼栋在各统计日的开工、完成、受益情况
-- grain: building_id, counted_on
-- reads: core.building_state, core.building_benefits, core.building_reports
-- column plan_year: 计划年度; programme year of the compound; year
-- column counted_on: 统计日; events up to and including this day count; date
-- column is_month_end: 是否月末统计日; one of the month ends from the year's first start to the newest report; boolean
-- column is_year_count: 是否年度统计日; 31 December of the plan year, or today where the year is not over; boolean
-- column is_today: 是否当日; the day of the as-of instant in Asia/Shanghai; boolean
-- column building_id: 楼栋; building; id
-- column compound_id: 小区; compound; id
-- column street_id: 街道; street; id
-- column programme_type_code: 改造类型; programme type of the building; code
-- column floor_area_m2: 建筑面积; floor area by the register; m2
-- column household_count: 户数; households by the register; household
-- column is_started: 是否开工; the actual start is on or before the day; boolean
-- column is_completed: 是否完成; the completion is on or before the day; boolean
-- column is_benefited: 是否受益; some item is done in the latest report up to the day's month, or its parts passed by the day; boolean
-- column register_row_id: 台账行; core row the area and households come from; id
-- column report_row_id: 月报行; core row of the latest report, which says start and finish; id
with

params as (
    select cast(timezone('Asia/Shanghai', $as_of) as date) as today
),

buildings as (
    select *
    from core.building_state_as_of($as_of)
    where plan_year is not null
),

newest_report as (
    select last_day(max(report_month)) as last_month_end
    from core.building_reports_as_of($as_of)
),

first_starts as (
    select
        plan_year,
        date_trunc('month', min(started_date)) as first_month
    from buildings
    group by plan_year
),

month_ends as (
    select
        first_starts.plan_year,
        last_day(cast(unnest(generate_series(
            cast(first_starts.first_month as timestamp),
            cast(least(params.today, newest_report.last_month_end) as timestamp),
            interval 1 month
        )) as date)) as counted_on,
        true as is_month_end
    from first_starts
    cross join params
    cross join newest_report
),

other_days as (
    select
        first_starts.plan_year,
        unnest([params.today, least(params.today, make_date(first_starts.plan_year, 12, 31))]) as counted_on,
        false as is_month_end
    from first_starts
    cross join params
),

counting_days as (
    select
        day.plan_year,
        day.counted_on,
        bool_or(day.is_month_end) as is_month_end,
        day.counted_on = least(any_value(params.today), make_date(day.plan_year, 12, 31)) as is_year_count,
        day.counted_on = any_value(params.today) as is_today
    from (select * from month_ends union all select * from other_days) as day
    cross join params
    group by day.plan_year, day.counted_on
),

benefits as (
    select distinct
        day.counted_on,
        benefit.building_id
    from (select distinct counted_on from counting_days) as day
    inner join core.building_benefits_as_of($as_of) as benefit
        on benefit.benefits_from <= day.counted_on
        and (benefit.benefits_until is null or day.counted_on < benefit.benefits_until)
)

select
    day.plan_year,
    day.counted_on,
    day.is_month_end,
    day.is_year_count,
    day.is_today,
    building.building_id,
    building.compound_id,
    building.street_id,
    building.programme_type_code,
    building.floor_area_m2,
    building.household_count,
    coalesce(building.started_date <= day.counted_on, false) as is_started,
    coalesce(building.completed_date <= day.counted_on, false) as is_completed,
    benefits.building_id is not null as is_benefited,
    building.register_row_id,
    building.report_row_id
from counting_days as day
inner join buildings as building
    on building.plan_year = day.plan_year
left join benefits
    on benefits.counted_on = day.counted_on
    and benefits.building_id = building.building_id
