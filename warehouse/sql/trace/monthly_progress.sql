-- The cells behind each figure of summary.monthly_progress.
-- figure known_buildings: count building_id of contractor_progress.building_no by report_row_id
-- figure reported_buildings: count building_id of contractor_progress.building_no by report_row_id where is_reported
-- figure started_buildings_cum: count building_id of contractor_progress.actual_start by report_row_id where is_started
-- figure started_area_cum_m2: sum of building_register.floor_area_m2 by register_row_id where is_started
--   because contractor_progress.actual_start by report_row_id
-- figure started_households_cum: sum of building_register.household_count by register_row_id where is_started
-- figure _started_buildings_before: count building_id of contractor_progress.actual_start by report_row_id from before where is_started
-- figure _started_area_before_m2: sum of building_register.floor_area_m2 by register_row_id from before
--   where is_started
-- figure _started_households_before: sum of building_register.household_count by register_row_id from before
--   where is_started
-- figure started_buildings_month: started_buildings_cum - _started_buildings_before
-- figure started_area_month_m2: started_area_cum_m2 - _started_area_before_m2
-- figure started_households_month: started_households_cum - _started_households_before
-- figure completed_buildings_cum: count building_id of contractor_progress.actual_finish by report_row_id where is_completed
-- figure completed_area_cum_m2: sum of building_register.floor_area_m2 by register_row_id where is_completed
--   because contractor_progress.actual_finish by report_row_id
-- figure completed_households_cum: sum of building_register.household_count by register_row_id where is_completed
-- figure _completed_buildings_before: count building_id of contractor_progress.actual_finish by report_row_id from before where is_completed
-- figure _completed_area_before_m2: sum of building_register.floor_area_m2 by register_row_id from before
--   where is_completed
-- figure _completed_households_before: sum of building_register.household_count by register_row_id from before
--   where is_completed
-- figure completed_buildings_month: completed_buildings_cum - _completed_buildings_before
-- figure completed_area_month_m2: completed_area_cum_m2 - _completed_area_before_m2
-- figure completed_households_month: completed_households_cum - _completed_households_before
with

months as (
    select *
    from core.building_months_as_of($as_of)
),

-- What stood the month before, beside the month it is taken from.
before as (
    select now.report_month, earlier.* exclude (report_month)
    from (select distinct report_month, street_id, programme_type_code from months) as now
    inner join months as earlier
        on earlier.report_month = now.report_month - interval 1 month
        and earlier.street_id = now.street_id
        and earlier.programme_type_code = now.programme_type_code
)

from months
