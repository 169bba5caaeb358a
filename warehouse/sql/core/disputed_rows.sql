-- One row that contradicts a street's areas of a programme year, and by how much.
-- 中文: 与年度面积不符的行
-- grain: plan_year, street_id, source_code, row_id
-- kept: yes
-- reads: core.building_standing, core.building_state, core.building_register, core.contractor_progress, core.compound_register, core.subcommand_monthly, ops.quarantine
-- column plan_year: 计划年度; programme year; year
-- column street_id: 街道代码; street; id
-- column source_code: 来源; SUBCOMMAND (its newest line of each compound and type), CONTRACTOR (areas stated otherwise than in the register) or WAITING (rows of the newest contractors' reports in quarantine); code
-- column row_id: 行; row of core or, where it waits, of ops.quarantine; id
-- column started_difference_m2: 开工面积差额; what it says less our figure, 0 within the rounding; m2
-- column completed_difference_m2: 完成面积差额; what it says less our figure, 0 within the rounding; m2
with

standing as (
    select
        *,
        case when is_started then floor_area_m2 else 0 end as started_area_m2,
        case when is_completed then floor_area_m2 else 0 end as completed_area_m2
    from core.building_standing_as_of($as_of)
),

year_days as (
    select distinct
        plan_year,
        counted_on
    from standing
    where is_year_count
),

newest_lines as (
    select
        compound.plan_year,
        line.street_id,
        line.compound_id,
        line.programme_type_code,
        last_day(line.report_month) as said_on,
        line.started_area_cum_m2,
        line.completed_area_cum_m2,
        coalesce(line.resolutions.started_area_cum_m2, 0.01) / 2 as started_rounding,
        coalesce(line.resolutions.completed_area_cum_m2, 0.01) / 2 as completed_rounding,
        line.row_id
    from core.subcommand_monthly_as_of($as_of) as line
    inner join core.compound_register_as_of($as_of) as compound
        on compound.compound_id = line.compound_id
    inner join year_days
        on year_days.plan_year = compound.plan_year
        and last_day(line.report_month) <= year_days.counted_on
    qualify row_number() over (
        partition by line.compound_id, line.programme_type_code
        order by line.report_month desc, line.row_id
    ) = 1
),

-- At the end of the month the line is about, by all that is known now of the contractors' buildings.
beside_lines as (
    select
        line.plan_year,
        line.street_id,
        line.row_id,
        line.started_area_cum_m2 - coalesce(sum(standing.started_area_m2), 0) as started_difference,
        line.completed_area_cum_m2 - coalesce(sum(standing.completed_area_m2), 0) as completed_difference,
        line.started_rounding + 0.005 * count(standing.building_id) as started_tolerance,
        line.completed_rounding + 0.005 * count(standing.building_id) as completed_tolerance
    from newest_lines as line
    inner join (
        select distinct
            plan_year,
            counted_on
        from standing
        where is_month_end
    ) as month_end
        on month_end.plan_year = line.plan_year
        and month_end.counted_on = line.said_on
    left join standing
        on standing.plan_year = line.plan_year
        and standing.counted_on = line.said_on
        and standing.compound_id = line.compound_id
        and standing.programme_type_code = line.programme_type_code
    group by
        line.plan_year,
        line.street_id,
        line.row_id,
        line.started_area_cum_m2,
        line.completed_area_cum_m2,
        line.started_rounding,
        line.completed_rounding
),

restated as (
    select
        standing.plan_year,
        standing.street_id,
        report.row_id,
        case when standing.is_started then report.floor_area_m2 - standing.floor_area_m2 else 0 end
            as started_difference,
        case when standing.is_completed then report.floor_area_m2 - standing.floor_area_m2 else 0 end
            as completed_difference,
        (coalesce(report.resolutions.floor_area_m2, 0.01) + coalesce(register.resolutions.floor_area_m2, 0.01)) / 2
            as tolerance
    from standing
    inner join core.building_state_as_of($as_of) as building
        on building.building_id = standing.building_id
    inner join core.contractor_progress_as_of($as_of) as report
        on report.row_id = building.report_row_id
    inner join core.building_register_as_of($as_of) as register
        on register.row_id = standing.register_row_id
    where standing.is_year_count
),

-- A row whose building is in doubt may mean one more. Another adds its building where that does not count yet.
-- Rows that a later report of the same contractor on the street has overtaken claim nothing.
held as (
    select
        row_id,
        any_value(filer_id) as filer_id,
        any_value(street_id) as street_id,
        any_value(building_id) as building_id,
        any_value(report_month) as report_month,
        any_value(started_area_m2) as started_area_m2,
        any_value(completed_area_m2) as completed_area_m2
    from ops.quarantine_as_of($as_of)
    where entity = 'contractor_progress'
    group by row_id
),

newest_reports as (
    select
        contractor_id,
        street_id,
        max(report_month) as report_month
    from core.contractor_progress_as_of($as_of)
    group by contractor_id, street_id
),

waiting as (
    select
        coalesce(building.plan_year, year(held.report_month)) as plan_year,
        held.street_id,
        held.row_id,
        case when building.is_started is not true then held.started_area_m2 end as started_area_m2,
        case when building.is_completed is not true then held.completed_area_m2 end as completed_area_m2,
        held.report_month
    from held
    left join newest_reports as newest
        on newest.contractor_id = held.filer_id
        and newest.street_id = held.street_id
    left join standing as building
        on building.building_id = held.building_id
        and building.is_year_count
    where held.street_id is not null
        and (newest.report_month is null or newest.report_month <= held.report_month)
),

differences as (
    select
        plan_year,
        street_id,
        'SUBCOMMAND' as source_code,
        row_id,
        case when abs(started_difference) > started_tolerance then started_difference else 0 end as started,
        case when abs(completed_difference) > completed_tolerance then completed_difference else 0 end as completed
    from beside_lines
    union all
    select
        plan_year,
        street_id,
        'CONTRACTOR' as source_code,
        row_id,
        case when abs(started_difference) > tolerance then started_difference else 0 end as started,
        case when abs(completed_difference) > tolerance then completed_difference else 0 end as completed
    from restated
    union all
    select
        waiting.plan_year,
        waiting.street_id,
        'WAITING' as source_code,
        waiting.row_id,
        coalesce(waiting.started_area_m2, 0) as started,
        coalesce(waiting.completed_area_m2, 0) as completed
    from waiting
    inner join year_days
        on year_days.plan_year = waiting.plan_year
        and last_day(waiting.report_month) <= year_days.counted_on
)

select
    plan_year,
    street_id,
    source_code,
    row_id,
    cast(started as decimal(14, 2)) as started_difference_m2,
    cast(completed as decimal(14, 2)) as completed_difference_m2
from differences
where started <> 0 or completed <> 0
