-- The cells behind each figure of summary.programme_mix.
-- figure target_area_m2: value of municipal_target.target_area_m2 by target_row_id from type_targets
-- figure started_area_m2: sum of building_register.floor_area_m2 by register_row_id where is_started
--   because contractor_progress.actual_start by report_row_id, building_register.programme_type_code by register_row_id
-- figure started_compounds: count compound_id of contractor_progress.actual_start by report_row_id where is_started
-- figure started_buildings: count building_id of contractor_progress.actual_start by report_row_id where is_started
-- figure started_households: sum of building_register.household_count by register_row_id where is_started
-- figure completed_area_m2: sum of building_register.floor_area_m2 by register_row_id where is_completed
--   because contractor_progress.actual_finish by report_row_id, contractor_progress.status_code by report_row_id
-- figure completed_buildings: count building_id of contractor_progress.actual_finish by report_row_id
--   where is_completed
-- figure completed_households: sum of building_register.household_count by register_row_id where is_completed
-- figure _all_types_area_m2: sum of building_register.floor_area_m2 by register_row_id from all_types
-- figure started_share_ratio: started_area_m2 / _all_types_area_m2
-- figure completion_ratio: completed_area_m2 / target_area_m2
with

type_targets as (
    select plan_year, programme_type_code, target_area_m2, target_row_id
    from core.district_target_as_of($as_of)
    where programme_type_code <> 'ALL'
),

standing as (
    select *
    from core.building_standing_as_of($as_of)
    where is_year_count
),

all_types as (
    select type.plan_year, type.programme_type_code, standing.floor_area_m2, standing.register_row_id
    from (select distinct plan_year, programme_type_code from standing) as type
    inner join standing
        on standing.plan_year = type.plan_year
    where standing.is_started
)

from standing
