-- The cells behind each figure of summary.compound_status.
-- figure building_count: value of compound_register.building_count by compound_row_id from compounds
-- figure registered_buildings: count building_id of building_register.building_no by register_row_id
-- figure started_buildings: count building_id of contractor_progress.actual_start by report_row_id where is_started
-- figure completed_buildings: count building_id of contractor_progress.actual_finish by report_row_id
--   where is_completed
-- figure household_count: sum of building_register.household_count by register_row_id
-- figure floor_area_m2: sum of building_register.floor_area_m2 by register_row_id
-- figure started_area_m2: sum of building_register.floor_area_m2 by register_row_id where is_started
--   because contractor_progress.actual_start by report_row_id
-- figure completed_area_m2: sum of building_register.floor_area_m2 by register_row_id where is_completed
--   because contractor_progress.actual_finish by report_row_id, contractor_progress.status_code by report_row_id
-- figure plan_year: value of compound_register.plan_year by compound_row_id from compounds
-- figure first_started_date: value of contractor_progress.actual_start by report_row_id
--   where is_started and started_date = first_started_date
-- figure last_completed_date: value of contractor_progress.actual_finish by report_row_id
--   where is_completed and completed_date = last_completed_date
with

compounds as (
    select compound_id, building_count, plan_year, row_id as compound_row_id
    from core.compound_register_as_of($as_of)
),

standing as (
    select
        building.*,
        coalesce(building.started_date <= params.today, false) as is_started,
        coalesce(building.completed_date <= params.today, false) as is_completed
    from core.building_state_as_of($as_of) as building
    cross join (select cast(timezone('Asia/Shanghai', $as_of) as date) as today) as params
    semi join compounds
        on compounds.compound_id = building.compound_id
),

buildings as (
    select
        *,
        min(started_date) filter (where is_started) over (partition by compound_id) as first_started_date,
        max(completed_date) filter (where is_completed) over (partition by compound_id) as last_completed_date
    from standing
)

from buildings
