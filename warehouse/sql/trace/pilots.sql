-- The cells behind each figure of summary.pilots.
-- figure pilot_stage_code: value of pilot_project.pilot_stage_code by pilot_row_id
-- figure rolled_out_compounds: count to_compound_id of pilot_project.rolled_out_to by pilot_row_id from receivers
--   because compound_register.compound_name by compound_row_id
-- figure rolled_out_started_compounds: count to_compound_id of pilot_project.rolled_out_to by pilot_row_id
--   from receivers where is_started because contractor_progress.actual_start by report_row_id
-- figure rolled_out_finished_compounds: count to_compound_id of pilot_project.rolled_out_to by pilot_row_id
--   from receivers where is_finished because contractor_progress.actual_finish by report_row_id
-- figure _names: sum names of pilot_project.rolled_out_to by pilot_row_id
-- figure rolled_out_unknown: _names - rolled_out_compounds
with

pilots as (
    select
        plan_year,
        compound_id,
        pilot_topic,
        rolled_out_compound_ids,
        coalesce(len(rolled_out_to), 0) as names,
        row_id as pilot_row_id
    from core.pilot_project_as_of($as_of)
),

rolled_out as (
    select * exclude (rolled_out_compound_ids), unnest(list_distinct(rolled_out_compound_ids)) as to_compound_id
    from pilots
),

receivers as (
    select
        rolled_out.*,
        status.started_buildings > 0 as is_started,
        status.registered_buildings > 0 and status.completed_buildings = status.registered_buildings as is_finished,
        compound.row_id as compound_row_id,
        building.report_row_id
    from rolled_out
    inner join summary.compound_status_as_of($as_of) as status
        on status.compound_id = rolled_out.to_compound_id
    inner join core.compound_register_as_of($as_of) as compound
        on compound.compound_id = rolled_out.to_compound_id
    left join core.building_state_as_of($as_of) as building
        on building.compound_id = rolled_out.to_compound_id
)

from pilots
