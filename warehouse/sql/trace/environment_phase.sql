-- The cells behind each figure of summary.environment_phase.
-- figure plan_year: value of compound_register.plan_year by compound_row_id
-- figure year_compounds: count peer_compound_id of compound_register.plan_year by peer_row_id from peers
-- figure report_month: value of environment_phase.report_month by environment_row_id
-- figure env_start: value of environment_phase.env_start by environment_row_id where env_start is not null
-- figure env_status_code: value of environment_phase.env_status_code by environment_row_id
-- figure unit_code: value of environment_phase.unit_code by environment_row_id
-- figure qty_done: value of environment_phase.qty_done by environment_row_id
-- figure first_completed_date: value of contractor_progress.actual_finish by report_row_id from completions
--   where completed_date = first_completed_date
-- figure energy_completed_date: value of contractor_progress.actual_finish by report_row_id from completions
--   where completed_date = energy_completed_date
-- figure days_from_energy_completion: value days_from_energy_completion of environment_phase.env_start
--   by environment_row_id from completions where days_from_energy_completion is not null
--   because contractor_progress.actual_finish by report_row_id
with

items as (
    select
        item.*,
        compound.plan_year,
        compound.row_id as compound_row_id
    from core.environment_items_as_of($as_of) as item
    left join core.compound_register_as_of($as_of) as compound
        on compound.compound_id = item.compound_id
),

peers as (
    select
        item.compound_id,
        item.env_item_code,
        peer.compound_id as peer_compound_id,
        peer.row_id as peer_row_id
    from items as item
    inner join core.compound_register_as_of($as_of) as peer
        on peer.plan_year is not distinct from item.plan_year
    where item.compound_row_id is not null
),

energy as (
    select
        building.compound_id,
        building.report_row_id,
        building.completed_date,
        min(building.completed_date) filter (where building.completed_date <= params.today) over one_compound
            as first_completed_date,
        case
            when bool_and(coalesce(building.completed_date <= params.today, false)) over one_compound
                then max(building.completed_date) over one_compound
        end as energy_completed_date
    from core.building_state_as_of($as_of) as building
    cross join (select cast(timezone('Asia/Shanghai', $as_of) as date) as today) as params
    window one_compound as (partition by building.compound_id)
),

completions as (
    select
        item.compound_id,
        item.env_item_code,
        item.environment_row_id,
        energy.report_row_id,
        energy.completed_date,
        energy.first_completed_date,
        energy.energy_completed_date,
        case
            when energy.completed_date = energy.energy_completed_date
                then date_diff('day', energy.energy_completed_date, item.env_start)
        end as days_from_energy_completion
    from items as item
    inner join energy
        on energy.compound_id = item.compound_id
)

from items
