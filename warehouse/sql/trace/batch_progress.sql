-- The cells behind each figure of summary.batch_progress.
-- figure compounds: count compound_id of batch_plan.compound_name by plan_row_id from members
-- figure compounds: count compound_id of compound_register.batch_no by compound_row_id from members
--   where plan_row_id is null
-- figure buildings: count building_id of building_register.building_no by register_row_id from registered
-- figure households: sum of building_register.household_count by register_row_id from registered
-- figure planned_area_m2: sum of batch_plan.planned_area_m2 by plan_row_id from members
-- figure register_area_m2: sum of building_register.floor_area_m2 by register_row_id from registered
-- figure started_area_m2: sum of building_register.floor_area_m2 by register_row_id
--   where is_year_count and is_started because contractor_progress.actual_start by report_row_id
-- figure completed_area_m2: sum of building_register.floor_area_m2 by register_row_id
--   where is_year_count and is_completed
--   because contractor_progress.actual_finish by report_row_id, contractor_progress.status_code by report_row_id
-- figure completed_to_date_area_m2: sum of building_register.floor_area_m2 by register_row_id
--   where is_today and is_completed
--   because contractor_progress.actual_finish by report_row_id, contractor_progress.status_code by report_row_id
-- figure started_buildings: count building_id of contractor_progress.actual_start by report_row_id
--   where is_year_count and is_started
-- figure completed_buildings: count building_id of contractor_progress.actual_finish by report_row_id
--   where is_year_count and is_completed
-- figure completion_ratio: completed_area_m2 / planned_area_m2
-- figure first_planned_start: value of batch_plan.planned_start by plan_row_id from members
--   where planned_start = first_planned_start
-- figure last_planned_start: value of batch_plan.planned_start by plan_row_id from members
--   where planned_start = last_planned_start
-- figure first_planned_finish: value of batch_plan.planned_finish by plan_row_id from members
--   where planned_finish = first_planned_finish
-- figure last_planned_finish: value of batch_plan.planned_finish by plan_row_id from members
--   where planned_finish = last_planned_finish
-- figure first_actual_start: value of contractor_progress.actual_start by report_row_id from registered
--   where started_date = first_actual_start
-- figure last_actual_start: value of contractor_progress.actual_start by report_row_id from registered
--   where started_date = last_actual_start
-- figure first_actual_finish: value of contractor_progress.actual_finish by report_row_id from registered
--   where completed_date = first_actual_finish
-- figure last_actual_finish: value of contractor_progress.actual_finish by report_row_id from registered
--   where completed_date = last_actual_finish
with

members as (
    select
        *,
        min(planned_start) over one_batch as first_planned_start,
        max(planned_start) over one_batch as last_planned_start,
        min(planned_finish) over one_batch as first_planned_finish,
        max(planned_finish) over one_batch as last_planned_finish
    from core.batch_members_as_of($as_of)
    window one_batch as (partition by plan_year, batch_no)
),

registered as (
    select
        members.plan_year,
        members.batch_no,
        building.* exclude (plan_year),
        min(building.started_date) filter (where building.started_date <= params.today) over one_batch
            as first_actual_start,
        max(building.started_date) filter (where building.started_date <= params.today) over one_batch
            as last_actual_start,
        min(building.completed_date) filter (where building.completed_date <= params.today) over one_batch
            as first_actual_finish,
        max(building.completed_date) filter (where building.completed_date <= params.today) over one_batch
            as last_actual_finish
    from members
    cross join (select cast(timezone('Asia/Shanghai', $as_of) as date) as today) as params
    inner join core.building_state_as_of($as_of) as building
        on building.compound_id = members.compound_id
    window one_batch as (partition by members.plan_year, members.batch_no)
),

standing as (
    select
        members.batch_no,
        building.*
    from members
    inner join core.building_standing_as_of($as_of) as building
        on building.compound_id = members.compound_id
        and building.plan_year = members.plan_year
)

from standing
