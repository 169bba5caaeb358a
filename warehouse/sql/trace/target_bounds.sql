-- The cells behind each figure of summary.target_bounds.
-- figure started_area_m2: sum of building_register.floor_area_m2 by register_row_id where is_started
--   because contractor_progress.actual_start by report_row_id
-- figure completed_area_m2: sum of building_register.floor_area_m2 by register_row_id where is_completed
--   because contractor_progress.actual_finish by report_row_id, contractor_progress.status_code by report_row_id
-- figure _started_unconfirmed_m2: sum -started_difference_m2 of subcommand_monthly.started_area_cum_m2
--   by subcommand_row_id from disputed where started_difference_m2 < 0 and is_widest_started_unconfirmed
-- figure _started_unconfirmed_m2: sum -started_difference_m2 of contractor_progress.floor_area_m2 by progress_row_id
--   from disputed where started_difference_m2 < 0 and is_widest_started_unconfirmed
-- figure _started_claimed_m2: sum started_difference_m2 of subcommand_monthly.started_area_cum_m2
--   by subcommand_row_id from disputed where started_difference_m2 > 0 and is_widest_started_claimed
-- figure _started_claimed_m2: sum started_difference_m2 of contractor_progress.floor_area_m2 by progress_row_id
--   from disputed where started_difference_m2 > 0 and is_widest_started_claimed
-- figure _started_claimed_m2: sum started_difference_m2 of quarantine.started_area_m2 by held_row_id
--   from disputed where started_difference_m2 > 0 and is_widest_started_claimed
-- figure _completed_unconfirmed_m2: sum -completed_difference_m2 of subcommand_monthly.completed_area_cum_m2
--   by subcommand_row_id from disputed where completed_difference_m2 < 0 and is_widest_completed_unconfirmed
-- figure _completed_unconfirmed_m2: sum -completed_difference_m2 of contractor_progress.floor_area_m2
--   by progress_row_id from disputed where completed_difference_m2 < 0 and is_widest_completed_unconfirmed
-- figure _completed_claimed_m2: sum completed_difference_m2 of subcommand_monthly.completed_area_cum_m2
--   by subcommand_row_id from disputed where completed_difference_m2 > 0 and is_widest_completed_claimed
-- figure _completed_claimed_m2: sum completed_difference_m2 of contractor_progress.floor_area_m2 by progress_row_id
--   from disputed where completed_difference_m2 > 0 and is_widest_completed_claimed
-- figure _completed_claimed_m2: sum completed_difference_m2 of quarantine.completed_area_m2 by held_row_id
--   from disputed where completed_difference_m2 > 0 and is_widest_completed_claimed
-- figure _target_area_m2: value of municipal_target.target_area_m2 by target_row_id from targets
-- figure started_area_low_m2: started_area_m2 - _started_unconfirmed_m2
-- figure started_area_high_m2: started_area_m2 + _started_claimed_m2
-- figure completed_area_low_m2: completed_area_m2 - _completed_unconfirmed_m2
-- figure completed_area_high_m2: completed_area_m2 + _completed_claimed_m2
-- figure completion_low_ratio: (completed_area_m2 - _completed_unconfirmed_m2) / _target_area_m2
-- figure completion_high_ratio: (completed_area_m2 + _completed_claimed_m2) / _target_area_m2
-- figure disputed_streets: count street_id of subcommand_monthly.street by subcommand_row_id from disputed
-- figure disputed_streets: count street_id of contractor_progress.floor_area_m2 by progress_row_id from disputed
-- figure disputed_streets: count street_id of quarantine.street_id by held_row_id from disputed
with

standing as (
    select *
    from core.building_standing_as_of($as_of)
    where is_year_count
),

targets as (
    select plan_year, target_row_id
    from core.district_target_as_of($as_of)
    where programme_type_code = 'ALL'
),

-- Of each street the widest source counts; of two as wide, the first by its code is listed.
sources as (
    select
        plan_year,
        street_id,
        source_code,
        rank() over (one_street order by started_unconfirmed_m2 desc, source_code) = 1
            as is_widest_started_unconfirmed,
        rank() over (one_street order by started_claimed_m2 desc, source_code) = 1 as is_widest_started_claimed,
        rank() over (one_street order by completed_unconfirmed_m2 desc, source_code) = 1
            as is_widest_completed_unconfirmed,
        rank() over (one_street order by completed_claimed_m2 desc, source_code) = 1 as is_widest_completed_claimed
    from core.area_in_dispute_as_of($as_of)
    window one_street as (partition by plan_year, street_id)
),

-- A row waits once, whatever it waits for.
held as (
    select row_id, concat(row_id, ' ', min(code)) as held_row_id
    from ops.quarantine_as_of($as_of)
    group by row_id
),

disputed as (
    select
        line.*,
        sources.* exclude (plan_year, street_id, source_code),
        case when line.source_code = 'SUBCOMMAND' then line.row_id end as subcommand_row_id,
        case when line.source_code = 'CONTRACTOR' then line.row_id end as progress_row_id,
        case when line.source_code = 'WAITING' then held.held_row_id end as held_row_id
    from core.disputed_rows_as_of($as_of) as line
    inner join sources using (plan_year, street_id, source_code)
    left join held
        on held.row_id = line.row_id
)

from standing
