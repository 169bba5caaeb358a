-- The cells behind each figure of summary.carry_over.
-- figure plan_year: value of compound_register.plan_year by compound_row_id
-- figure carried_buildings: count building_id of carry_over.building_no by carry_row_id
-- figure carried_households: sum of building_register.household_count by register_row_id
-- figure carried_area_m2: sum of carry_over.carried_area_m2 by carry_row_id
-- figure register_area_m2: sum of building_register.floor_area_m2 by register_row_id
-- figure unfinished_area_m2: sum of building_register.floor_area_m2 by register_row_id from unfinished
--   because contractor_progress.actual_start by report_row_id, contractor_progress.actual_finish by report_row_id
-- figure completed_buildings: count building_id of contractor_progress.actual_finish by report_row_id
--   where is_completed
-- figure completed_area_m2: sum of building_register.floor_area_m2 by register_row_id where is_completed
--   because contractor_progress.actual_finish by report_row_id
-- figure last_completed_date: value of contractor_progress.actual_finish by report_row_id
--   where is_completed and completed_date = last_completed_date
with

standing as (
    select
        carry.from_year,
        carry.to_year,
        carry.compound_id,
        carry.building_id,
        carry.row_id as carry_row_id,
        compound.row_id as compound_row_id,
        building.register_row_id,
        building.report_row_id,
        building.completed_date,
        coalesce(building.completed_date <= params.today, false) as is_completed
    from core.carry_over_as_of($as_of) as carry
    cross join (select cast(timezone('Asia/Shanghai', $as_of) as date) as today) as params
    left join core.building_state_as_of($as_of) as building
        on building.building_id = carry.building_id
    left join core.compound_register_as_of($as_of) as compound
        on compound.compound_id = carry.compound_id
),

carried as (
    select
        *,
        max(completed_date) filter (where is_completed) over (partition by from_year, to_year, compound_id)
            as last_completed_date
    from standing
),

unfinished as (
    select
        compound.from_year,
        compound.to_year,
        building.*
    from (select distinct from_year, to_year, compound_id from standing) as compound
    inner join core.building_standing_as_of($as_of) as building
        on building.compound_id = compound.compound_id
        and building.plan_year = compound.from_year
    where building.is_year_count
        and building.counted_on = make_date(building.plan_year, 12, 31)
        and building.is_started
        and not building.is_completed
)

from carried
