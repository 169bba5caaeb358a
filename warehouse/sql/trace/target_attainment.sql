-- The cells behind each figure of summary.target_attainment.
-- figure target_area_m2: value of municipal_target.target_area_m2 by target_row_id from targets
-- figure started_area_m2: sum of building_register.floor_area_m2 by register_row_id where is_started
--   because contractor_progress.actual_start by report_row_id
-- figure completed_area_m2: sum of building_register.floor_area_m2 by register_row_id where is_completed
--   because contractor_progress.actual_finish by report_row_id, contractor_progress.status_code by report_row_id
-- figure completed_to_date_area_m2: sum of building_register.floor_area_m2 by register_row_id from to_date
--   where is_completed
--   because contractor_progress.actual_finish by report_row_id, contractor_progress.status_code by report_row_id
-- figure completion_ratio: completed_area_m2 / target_area_m2
-- figure start_ratio: started_area_m2 / target_area_m2
-- figure completed_of_started_ratio: completed_area_m2 / started_area_m2
-- figure over_target_area_m2: completed_area_m2 - target_area_m2
-- figure benefited_compounds: count compound_id of work_item_progress.qty_cum by item_row_id from benefits
-- figure benefited_compounds: count compound_id of acceptance.acceptance_result_code by acceptance_row_id from benefits
-- figure benefited_buildings: count building_id of work_item_progress.qty_cum by item_row_id from benefits
-- figure benefited_buildings: count building_id of acceptance.acceptance_result_code by acceptance_row_id from benefits
-- figure benefited_households: sum of building_register.household_count by register_row_id where is_benefited
-- figure completed_compounds: count compound_id of contractor_progress.actual_finish by report_row_id
--   where is_compound_completed and is_completed
-- figure completed_buildings: count building_id of contractor_progress.actual_finish by report_row_id
--   where is_completed
-- figure completed_households: sum of building_register.household_count by register_row_id where is_completed
with

targets as (
    select plan_year, target_area_m2, target_row_id
    from core.district_target_as_of($as_of)
    where programme_type_code = 'ALL'
),

standing as (
    select
        *,
        bool_or(is_started) over one_compound
            and bool_and(is_completed) filter (where is_started) over one_compound as is_compound_completed
    from core.building_standing_as_of($as_of)
    where is_year_count
    window one_compound as (partition by plan_year, counted_on, compound_id)
),

to_date as (
    select *
    from core.building_standing_as_of($as_of)
    where is_today
),

benefits as (
    select standing.*, benefit.item_row_id, benefit.acceptance_row_id
    from standing
    inner join core.building_benefits_as_of($as_of) as benefit
        on benefit.building_id = standing.building_id
        and benefit.benefits_from <= standing.counted_on
        and (benefit.benefits_until is null or standing.counted_on < benefit.benefits_until)
)

from standing
