-- The cells behind each figure of summary.acceptance_status.
-- figure plan_year: value of compound_register.plan_year by compound_row_id
-- figure finished_date: value of contractor_progress.actual_finish by report_row_id where finished_date is not null
-- figure sub_item_result_code: value of acceptance.acceptance_result_code by acceptance_row_id from acceptances
--   where acceptance_type_code = 'SUB_ITEM'
-- figure sub_item_date: value of acceptance.acceptance_date by acceptance_row_id from acceptances
--   where acceptance_type_code = 'SUB_ITEM' and acceptance_date is not null
-- figure sub_item_passed_date: value of acceptance.acceptance_date by acceptance_row_id from acceptances
--   where acceptance_type_code = 'SUB_ITEM' and passed_date is not null
--   because acceptance.acceptance_result_code by acceptance_row_id
-- figure final_result_code: value of acceptance.acceptance_result_code by acceptance_row_id from acceptances
--   where acceptance_type_code = 'FINAL'
-- figure final_date: value of acceptance.acceptance_date by acceptance_row_id from acceptances
--   where acceptance_type_code = 'FINAL' and acceptance_date is not null
-- figure final_passed_date: value of acceptance.acceptance_date by acceptance_row_id from acceptances
--   where acceptance_type_code = 'FINAL' and passed_date is not null
--   because acceptance.acceptance_result_code by acceptance_row_id
-- figure handover_result_code: value of acceptance.acceptance_result_code by acceptance_row_id from acceptances
--   where acceptance_type_code = 'HANDOVER'
-- figure handover_date: value of acceptance.acceptance_date by acceptance_row_id from acceptances
--   where acceptance_type_code = 'HANDOVER' and acceptance_date is not null
-- figure handover_passed_date: value of acceptance.acceptance_date by acceptance_row_id from acceptances
--   where acceptance_type_code = 'HANDOVER' and passed_date is not null
--   because acceptance.acceptance_result_code by acceptance_row_id
-- figure handover_to: value of acceptance.handover_to by acceptance_row_id from acceptances
--   where acceptance_type_code = 'HANDOVER'
-- figure days_from_finish_to_final: value days_to_pass of acceptance.acceptance_date by acceptance_row_id
--   from acceptances where acceptance_type_code = 'FINAL' and days_to_pass is not null
--   because contractor_progress.actual_finish by report_row_id
with

buildings as (
    select *
    from core.building_state_as_of($as_of)
),

acceptances as (
    select
        acceptance.*,
        building.report_row_id,
        date_diff('day', building.finished_date, acceptance.passed_date) as days_to_pass
    from core.building_acceptances_as_of($as_of) as acceptance
    inner join buildings as building
        on building.building_id = acceptance.building_id
)

from buildings
