-- The cells behind each figure of summary.reconciliation.
-- figure contractor_value: sum value of contractor_progress.(floor_area_m2, household_count, actual_start,
--   actual_finish) by row_id where party_code = 'CONTRACTOR'
-- figure register_value: sum value of building_register.(floor_area_m2, household_count, building_no) by row_id
--   where party_code = 'REGISTER'
-- figure subcommand_value: sum value of subcommand_monthly.(task_area_m2, started_buildings_cum, started_area_cum_m2,
--   started_households_cum, completed_buildings_cum, completed_area_cum_m2, completed_households_cum) by row_id
--   where party_code = 'SUBCOMMAND'
-- figure return_value: sum value of district_return.(task_area_m2, started_buildings_cum, started_area_cum_m2,
--   started_households_cum, completed_buildings_cum, completed_area_cum_m2, completed_households_cum) by row_id
--   where party_code = 'RETURN'
-- figure city_value: value of municipal_target.target_area_m2 by target_row_id from targets
-- figure contractor_difference: contractor_value - register_value
-- figure _subcommand_compared: sum value of subcommand_monthly.(task_area_m2, started_buildings_cum,
--   started_area_cum_m2, started_households_cum, completed_buildings_cum, completed_area_cum_m2,
--   completed_households_cum) by row_id
--   where party_code = 'SUBCOMMAND' and subcommand_difference is not null
-- figure _register_compared: sum value of building_register.(floor_area_m2, household_count, building_no) by row_id
--   where party_code = 'REGISTER' and subcommand_difference is not null
-- figure subcommand_difference: _subcommand_compared - _register_compared
-- figure _return_compared: sum value of district_return.(task_area_m2, started_buildings_cum, started_area_cum_m2,
--   started_households_cum, completed_buildings_cum, completed_area_cum_m2, completed_households_cum) by row_id
--   where party_code = 'RETURN' and return_difference is not null
-- figure _reference: sum value of building_register.(floor_area_m2, household_count, building_no) by row_id
--   where party_code = 'REGISTER' and return_difference is not null
-- figure _reference: sum value of subcommand_monthly.(task_area_m2, started_buildings_cum, started_area_cum_m2,
--   started_households_cum, completed_buildings_cum, completed_area_cum_m2, completed_households_cum) by row_id
--   where party_code = 'SUBCOMMAND' and register_value is null and return_difference is not null
-- figure return_difference: _return_compared - _reference
-- figure contractor_tolerance: sum half_unit of contractor_progress.floor_area_m2 by row_id
--   where party_code = 'CONTRACTOR' and half_unit > 0 and contractor_tolerance is not null
-- figure contractor_tolerance: sum half_unit of building_register.floor_area_m2 by row_id
--   where party_code = 'REGISTER' and half_unit > 0 and contractor_tolerance is not null
-- figure subcommand_tolerance: sum half_unit of subcommand_monthly.(task_area_m2, started_area_cum_m2,
--   completed_area_cum_m2) by row_id
--   where party_code = 'SUBCOMMAND' and half_unit > 0 and subcommand_tolerance is not null
-- figure subcommand_tolerance: sum half_unit of building_register.floor_area_m2 by row_id
--   where party_code = 'REGISTER' and half_unit > 0 and subcommand_tolerance is not null
-- figure _return_rounding: sum half_unit of district_return.(task_area_m2, started_area_cum_m2, completed_area_cum_m2)
--   by row_id where party_code = 'RETURN' and half_unit > 0 and return_tolerance is not null
-- figure _subcommand_rounding: sum half_unit of subcommand_monthly.(task_area_m2, started_area_cum_m2,
--   completed_area_cum_m2) by row_id
--   where party_code = 'SUBCOMMAND' and half_unit > 0 and return_tolerance is not null
-- figure _reference_rounding: sum half_unit of building_register.floor_area_m2 by row_id
--   where party_code = 'REGISTER' and half_unit > 0 and return_tolerance is not null and register_value is not null
-- figure _reference_rounding: sum half_unit of subcommand_monthly.(task_area_m2, started_area_cum_m2,
--   completed_area_cum_m2) by row_id
--   where party_code = 'SUBCOMMAND' and half_unit > 0 and return_tolerance is not null and register_value is null
-- figure return_tolerance: _return_rounding + _subcommand_rounding + _reference_rounding
-- figure contractor_unsaid: sum amount of building_register.(floor_area_m2, household_count, building_no)
--   by register_row_id from unsaid where party_code = 'CONTRACTOR' and contractor_unsaid is not null
-- figure subcommand_unsaid: sum amount of building_register.(floor_area_m2, household_count, building_no)
--   by register_row_id from unsaid where party_code = 'SUBCOMMAND' and subcommand_unsaid is not null
-- figure return_unsaid: sum amount of building_register.(floor_area_m2, household_count, building_no)
--   by register_row_id from unsaid where party_code = 'RETURN' and return_unsaid is not null
-- figure waiting_rows: count row_id of quarantine.code by held_row_id from waiting
with

-- What the summary says decides which parties a difference is taken between.
compared as (
    select *
    from summary.reconciliation_as_of($as_of)
),

of_streets as (
    select *
    from core.reconciliation_terms_as_of($as_of)
),

-- A street's cells count in the district (110108) as well.
terms as (
    select
        compared.*,
        term.party_code,
        term.row_id,
        term.column_name,
        term.value,
        term.half_unit
    from (
        select * from of_streets
        union all
        select * replace ('110108' as street_id) from of_streets
    ) as term
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

-- A row of the register waits in every month, as the register has none.
waiting as (
    select
        compared.report_month,
        compared.street_id,
        compared.measure_code,
        held.row_id,
        concat(held.row_id, ' ', held.code) as held_row_id
    from ops.quarantine_as_of($as_of) as held
    inner join (
        select distinct report_month, street_id
        from core.reconciliation_buildings_as_of($as_of)
    ) as month
        on month.street_id = held.street_id
        and month.report_month = coalesce(held.report_month, month.report_month)
    inner join compared
        on compared.report_month = month.report_month
        and compared.street_id in (month.street_id, '110108')
    where held.entity in ('contractor_progress', 'building_register', 'subcommand_monthly', 'district_return')
),

targets as (
    select distinct
        compared.report_month,
        compared.street_id,
        compared.measure_code,
        target.target_row_id
    from compared
    inner join core.reconciliation_buildings_as_of($as_of) as building
        on building.report_month = compared.report_month
    inner join core.compound_register_as_of($as_of) as compound
        on compound.compound_id = building.compound_id
    inner join core.district_target_as_of($as_of) as target
        on target.plan_year = compound.plan_year
        and target.programme_type_code = 'ALL'
    where compared.city_value is not null
)

from terms
