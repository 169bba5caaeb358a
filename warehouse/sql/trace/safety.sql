-- The cells behind each figure of summary.safety.
-- figure inspections: count inspection_row_id of safety_inspection.inspection_date by inspection_row_id
-- figure hazards_found: sum of safety_inspection.hazards_found by inspection_row_id
-- figure hazards_major: sum of safety_inspection.hazards_major by inspection_row_id
-- figure hazards_fixed: sum of safety_inspection.hazards_fixed by inspection_row_id
-- figure rectification_ratio: hazards_fixed / hazards_found
-- figure overdue_inspections: count inspection_row_id of safety_inspection.due_date by inspection_row_id
--   where is_overdue because safety_inspection.hazards_found by inspection_row_id,
--   safety_inspection.hazards_fixed by inspection_row_id, safety_inspection.closed_date by inspection_row_id
-- figure _overdue_found: sum of safety_inspection.hazards_found by inspection_row_id where is_overdue
--   because safety_inspection.due_date by inspection_row_id, safety_inspection.closed_date by inspection_row_id
-- figure _overdue_fixed: sum of safety_inspection.hazards_fixed by inspection_row_id where is_overdue
-- figure overdue_hazards: _overdue_found - _overdue_fixed
-- figure penalty_yuan: sum of safety_inspection.penalty_yuan by inspection_row_id
-- figure accidents: count inspection_row_id of safety_inspection.accident_code by inspection_row_id
--   where has_accident
-- figure in_progress_area_m2: sum of building_register.floor_area_m2 by register_row_id from under_works
--   because contractor_progress.actual_start by report_row_id, contractor_progress.actual_finish by report_row_id
-- figure hazards_per_hectare: hazards_found * 10000 / in_progress_area_m2
with

inspections as (
    select *
    from core.inspection_standing_as_of($as_of)
),

under_works as (
    select
        months.month,
        months.contractor_id,
        state.*
    from (select distinct month, contractor_id from inspections) as months
    inner join summary.building_status_as_of($as_of) as building
        on building.contractor_id = months.contractor_id
        and building.is_started
        and building.started_date <= last_day(months.month)
        and (not building.is_completed or building.finished_date >= months.month)
    inner join core.building_state_as_of($as_of) as state
        on state.building_id = building.building_id
)

from inspections
