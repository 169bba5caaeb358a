-- The cells behind each figure of summary.contractor_performance.
-- figure compounds: count compound_id of building_register.compound_name by register_row_id
-- figure buildings: count building_id of building_register.building_no by register_row_id
-- figure households: sum of building_register.household_count by register_row_id
-- figure floor_area_m2: sum of building_register.floor_area_m2 by register_row_id
-- figure started_area_m2: sum of building_register.floor_area_m2 by register_row_id where is_started_in_year
--   because contractor_progress.actual_start by report_row_id
-- figure completed_area_m2: sum of building_register.floor_area_m2 by register_row_id where is_completed_in_year
--   because contractor_progress.actual_finish by report_row_id, contractor_progress.status_code by report_row_id
-- figure finished_buildings: count building_id of contractor_progress.actual_finish by report_row_id
--   where is_completed
-- figure judged_buildings: count building_id of contractor_progress.planned_finish by report_row_id
--   where is_completed and days_late is not null because contractor_progress.actual_finish by report_row_id
-- figure on_time_buildings: count building_id of contractor_progress.planned_finish by report_row_id
--   where is_completed and days_late = 0 because contractor_progress.actual_finish by report_row_id
-- figure on_time_ratio: on_time_buildings / judged_buildings
-- figure late_buildings: count building_id of contractor_progress.planned_finish by report_row_id
--   where days_late > 0 because contractor_progress.actual_finish by report_row_id
-- figure median_days_late: median days_late of contractor_progress.planned_finish by report_row_id
--   where days_late is not null because contractor_progress.actual_finish by report_row_id
-- figure hazards_found: sum of safety_inspection.hazards_found by inspection_row_id from hazards
-- figure hazards_per_hectare: hazards_found * 10000 / started_area_m2
-- figure opinions: count opinion_row_id of resident_opinion.opinion_no by opinion_row_id from opinions
-- figure opinions_per_100_households: opinions * 100 / households
-- figure late_reports: count concat_ws(' ', street_id, report_key) of reports.received_at by report_row_id from late
--   because reports.due_date by report_row_id
with

buildings as (
    select
        building.*,
        state.register_row_id,
        state.report_row_id,
        coalesce(standing.is_started, false) as is_started_in_year,
        coalesce(standing.is_completed, false) as is_completed_in_year
    from summary.building_status_as_of($as_of) as building
    inner join core.building_state_as_of($as_of) as state
        on state.building_id = building.building_id
    left join core.building_standing_as_of($as_of) as standing
        on standing.building_id = building.building_id
        and standing.is_year_count
),

hazards as (
    select
        compound.plan_year,
        inspection.contractor_id,
        inspection.row_id as inspection_row_id
    from core.safety_inspection_as_of($as_of) as inspection
    inner join core.compound_register_as_of($as_of) as compound
        on compound.compound_id = inspection.compound_id
),

opinions as (
    select *
    from core.contractor_opinions_as_of($as_of)
),

late as (
    select *
    from core.late_reports_as_of($as_of)
)

from buildings
