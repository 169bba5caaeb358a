-- The cells behind each figure of summary.issue_board.
-- figure issues: count issue_id of issue_log.raised_date by issue_row_id
--   because issue_log.responsible_org by issue_row_id, issue_log.issue_status_code by issue_row_id
-- figure open_issues: count issue_id of issue_log.issue_status_code by issue_row_id where not is_closed
-- figure overdue_issues: count issue_id of issue_log.due_date by issue_row_id where is_overdue
--   because issue_log.issue_status_code by issue_row_id
-- figure closed_issues: count issue_id of issue_log.issue_status_code by issue_row_id where is_closed
--   because issue_log.closed_date by issue_row_id
-- figure oldest_open_days: max age_days of issue_log.raised_date by issue_row_id where not is_closed
--   because issue_log.issue_status_code by issue_row_id
-- figure org_issues: count issue_id of issue_log.responsible_org by issue_row_id from of_organisation
-- figure org_closed_issues: count issue_id of issue_log.issue_status_code by issue_row_id from of_organisation
--   where is_closed because issue_log.closed_date by issue_row_id
-- figure org_closure_ratio: org_closed_issues / org_issues
with

issues as (
    select *
    from core.issue_standing_as_of($as_of)
),

-- Every issue of the organisation beside each of its rows.
of_organisation as (
    select
        board.*,
        issues.issue_id,
        issues.is_closed,
        issues.issue_row_id
    from (select distinct org_id, org_name, status_code, ageing_bucket from issues) as board
    inner join issues
        on issues.org_id is not distinct from board.org_id
        and issues.org_name = board.org_name
)

from issues
