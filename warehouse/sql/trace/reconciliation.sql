-- The cells behind each figure of summary.reconciliation.
-- figure contractor_value: sum value of contractor_progress.(floor_area_m2, household_count, actual_start,
--   actual_finish) by row_id from stated where party_code = 'CONTRACTOR'
-- figure register_value: sum value of building_register.(floor_area_m2, household_count, building_no) by row_id
--   from stated where party_code = 'REGISTER'
-- figure subcommand_value: sum value of subcommand_monthly.(task_area_m2, started_buildings_cum, started_area_cum_m2,
--   started_households_cum, completed_buildings_cum, completed_area_cum_m2, completed_households_cum) by row_id
--   from stated where party_code = 'SUBCOMMAND'
-- figure return_value: sum value of district_return.(task_area_m2, started_buildings_cum, started_area_cum_m2,
--   started_households_cum, completed_buildings_cum, completed_area_cum_m2, completed_households_cum) by row_id
--   from stated where party_code = 'RETURN'
-- figure city_value: value of municipal_target.target_area_m2 by target_row_id from targets
-- figure contractor_difference: contractor_value - register_value
-- figure _subcommand_compared: sum value of subcommand_monthly.(task_area_m2, started_buildings_cum,
--   started_area_cum_m2, started_households_cum, completed_buildings_cum, completed_area_cum_m2,
--   completed_households_cum) by row_id
--   where party_code = 'SUBCOMMAND' and subcommand_is_compared
-- figure _register_compared: sum value of building_register.(floor_area_m2, household_count, building_no) by row_id
--   where party_code = 'REGISTER' and subcommand_is_compared
-- figure subcommand_difference: _subcommand_compared - _register_compared
-- figure _return_compared: sum value of district_return.(task_area_m2, started_buildings_cum, started_area_cum_m2,
--   started_households_cum, completed_buildings_cum, completed_area_cum_m2, completed_households_cum) by row_id
--   where party_code = 'RETURN' and return_is_compared
-- figure _reference: sum value of building_register.(floor_area_m2, household_count, building_no) by row_id
--   where party_code = 'REGISTER' and return_is_compared
-- figure _reference: sum value of subcommand_monthly.(task_area_m2, started_buildings_cum, started_area_cum_m2,
--   started_households_cum, completed_buildings_cum, completed_area_cum_m2, completed_households_cum) by row_id
--   where party_code = 'SUBCOMMAND' and not register_says and return_is_compared
-- figure return_difference: _return_compared - _reference
-- figure contractor_tolerance: sum half_unit of contractor_progress.floor_area_m2 by row_id
--   where party_code = 'CONTRACTOR' and half_unit > 0 and contractor_is_rounded
-- figure contractor_tolerance: sum half_unit of building_register.floor_area_m2 by row_id
--   where party_code = 'REGISTER' and half_unit > 0 and contractor_is_rounded
-- figure subcommand_tolerance: sum half_unit of subcommand_monthly.(task_area_m2, started_area_cum_m2,
--   completed_area_cum_m2) by row_id
--   where party_code = 'SUBCOMMAND' and half_unit > 0 and subcommand_is_rounded
-- figure subcommand_tolerance: sum half_unit of building_register.floor_area_m2 by row_id
--   where party_code = 'REGISTER' and half_unit > 0 and subcommand_is_rounded
-- figure _return_rounding: sum half_unit of district_return.(task_area_m2, started_area_cum_m2, completed_area_cum_m2)
--   by row_id where party_code = 'RETURN' and half_unit > 0 and return_is_rounded
-- figure _subcommand_rounding: sum half_unit of subcommand_monthly.(task_area_m2, started_area_cum_m2,
--   completed_area_cum_m2) by row_id
--   where party_code = 'SUBCOMMAND' and half_unit > 0 and return_is_rounded
-- figure _reference_rounding: sum half_unit of building_register.floor_area_m2 by row_id
--   where party_code = 'REGISTER' and half_unit > 0 and return_is_rounded and register_says
-- figure _reference_rounding: sum half_unit of subcommand_monthly.(task_area_m2, started_area_cum_m2,
--   completed_area_cum_m2) by row_id
--   where party_code = 'SUBCOMMAND' and half_unit > 0 and return_is_rounded and not register_says
-- figure return_tolerance: _return_rounding + _subcommand_rounding + _reference_rounding
-- figure contractor_unsaid: sum amount of building_register.(floor_area_m2, household_count, building_no)
--   by register_row_id from unsaid where party_code = 'CONTRACTOR' and contractor_speaks
-- figure subcommand_unsaid: sum amount of building_register.(floor_area_m2, household_count, building_no)
--   by register_row_id from unsaid where party_code = 'SUBCOMMAND' and subcommand_speaks
-- figure return_unsaid: sum amount of building_register.(floor_area_m2, household_count, building_no)
--   by register_row_id from unsaid where party_code = 'RETURN' and return_speaks
-- figure waiting_rows: count row_id of quarantine.code by held_row_id from waiting
with

of_streets as (
    select *
    from core.reconciliation_terms_as_of($as_of)
),

months as (
    select
        report_month,
        street_id,
        bool_or(is_heard) as is_heard
    from core.reconciliation_buildings_as_of($as_of)
    group by report_month, street_id
),

-- A row of the register waits in every month, as the register has none.
held as (
    select
        months.report_month,
        months.street_id,
        case held.entity
            when 'contractor_progress' then 'CONTRACTOR'
            when 'building_register' then 'REGISTER'
            when 'subcommand_monthly' then 'SUBCOMMAND'
            when 'district_return' then 'RETURN'
        end as party_code,
        held.row_id,
        concat(held.row_id, ' ', held.code) as held_row_id
    from ops.quarantine_as_of($as_of) as held
    inner join months
        on months.street_id = held.street_id
        and months.report_month = coalesce(held.report_month, months.report_month)
    where held.entity in ('contractor_progress', 'building_register', 'subcommand_monthly', 'district_return')
),

-- As in the summary, a party speaks where it gives a figure (zero, where a street's contractors report) or rows wait.
voices as (
    select distinct
        report_month,
        street_id,
        measure_code,
        party_code,
        true as is_figure
    from of_streets
    union all
    select
        months.report_month,
        months.street_id,
        measures.measure_code,
        unnest(['CONTRACTOR', 'REGISTER']),
        true
    from months
    cross join core.reconciliation_measures_as_of($as_of) as measures
    where months.is_heard
    union all
    select
        held.report_month,
        held.street_id,
        measures.measure_code,
        held.party_code,
        false
    from held
    cross join core.reconciliation_measures_as_of($as_of) as measures
),

spoken as (
    select
        report_month,
        coalesce(street_id, '110108') as street_id,
        measure_code,
        bool_or(party_code = 'REGISTER' and is_figure) as register_says,
        bool_or(party_code = 'SUBCOMMAND' and is_figure) as subcommand_says,
        bool_or(party_code = 'RETURN' and is_figure) as return_says,
        bool_or(party_code = 'CONTRACTOR') as contractor_speaks,
        bool_or(party_code = 'REGISTER') as register_speaks,
        bool_or(party_code = 'SUBCOMMAND') as subcommand_speaks,
        bool_or(party_code = 'RETURN') as return_speaks
    from voices
    group by grouping sets (
        (report_month, street_id, measure_code),
        (report_month, measure_code)
    )
),

-- Which parties a difference is taken between, and whose rounding it bears.
compared as (
    select
        *,
        subcommand_says and register_says as subcommand_is_compared,
        return_says and (register_says or subcommand_says) as return_is_compared,
        contractor_speaks and register_speaks as contractor_is_rounded,
        subcommand_speaks and register_speaks as subcommand_is_rounded,
        return_speaks and case when register_says then register_speaks else subcommand_speaks end as return_is_rounded
    from spoken
),

-- A street's cells count in the district (110108) as well.
stated as (
    select * from of_streets
    union all
    select * replace ('110108' as street_id) from of_streets
),

terms as (
    select
        compared.*,
        stated.party_code,
        stated.row_id,
        stated.column_name,
        stated.value,
        stated.half_unit
    from stated
    inner join compared using (report_month, street_id, measure_code)
),

unsaid_of_streets as (
    select *
    from core.reconciliation_unsaid_as_of($as_of)
),

unsaid as (
    select
        compared.*,
        building.party_code,
        building.amount,
        building.column_name,
        building.register_row_id
    from (
        select * from unsaid_of_streets
        union all
        select * replace ('110108' as street_id) from unsaid_of_streets
    ) as building
    inner join compared using (report_month, street_id, measure_code)
),

waiting as (
    select
        held.report_month,
        unnest([held.street_id, '110108']) as street_id,
        measures.measure_code,
        held.row_id,
        held.held_row_id
    from held
    cross join core.reconciliation_measures_as_of($as_of) as measures
),

-- The city's target stands beside the district's task area of months about one plan year.
targets as (
    select
        building.report_month,
        '110108' as street_id,
        'task_area' as measure_code,
        any_value(target.target_row_id) as target_row_id
    from core.reconciliation_buildings_as_of($as_of) as building
    inner join core.compound_register_as_of($as_of) as compound
        on compound.compound_id = building.compound_id
    left join core.district_target_as_of($as_of) as target
        on target.plan_year = compound.plan_year
        and target.programme_type_code = 'ALL'
    group by building.report_month
    having count(distinct compound.plan_year) = 1
        and any_value(target.target_area_m2) is not null
)

from terms
