-- The cells behind each figure of summary.filer_figures.
-- figure lines: count row_id of contractor_progress.building_no by row_id
-- figure lines: count row_id of subcommand_monthly.compound_name by row_id from of_subcommands
-- figure started_area_m2: sum of contractor_progress.floor_area_m2 by row_id where actual_start_kind = 'actual'
--   because contractor_progress.actual_start by row_id
-- figure started_area_m2: sum of subcommand_monthly.started_area_cum_m2 by row_id from of_subcommands
-- figure completed_area_m2: sum of contractor_progress.floor_area_m2 by row_id
--   where status_code in ('FINISHED', 'ACCEPTED') because contractor_progress.status_code by row_id
-- figure completed_area_m2: sum of subcommand_monthly.completed_area_cum_m2 by row_id from of_subcommands
-- figure started_households: sum of contractor_progress.household_count by row_id where actual_start_kind = 'actual'
--   because contractor_progress.actual_start by row_id
-- figure started_households: sum of subcommand_monthly.started_households_cum by row_id from of_subcommands
-- figure completed_households: sum of contractor_progress.household_count by row_id
--   where status_code in ('FINISHED', 'ACCEPTED') because contractor_progress.status_code by row_id
-- figure completed_households: sum of subcommand_monthly.completed_households_cum by row_id from of_subcommands
with

of_contractors as (
    select
        'F06' as form_code,
        contractor_id as filer_id,
        street_id,
        report_month,
        actual_start_kind,
        status_code,
        row_id
    from core.contractor_progress_as_of($as_of)
),

of_subcommands as (
    select
        'F08' as form_code,
        filer_id,
        street_id,
        report_month,
        row_id
    from core.subcommand_monthly_as_of($as_of)
)

from of_contractors
