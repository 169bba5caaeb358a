-- The cells behind each figure of summary.coordination.
-- figure meetings_attended: count meeting_id of coordination_meeting.attendees by meeting_row_id from meetings
-- figure decisions: sum of coordination_meeting.decision_count by meeting_row_id from meetings
--   because coordination_meeting.attendees by meeting_row_id
-- figure issues_raised: count issue_id of issue_log.raised_date by issue_row_id from raised
--   because issue_log.responsible_org by issue_row_id
-- figure issues_closed: count issue_id of issue_log.closed_date by issue_row_id from closed
--   because issue_log.responsible_org by issue_row_id
-- figure issues_fallen_due: count issue_id of issue_log.due_date by issue_row_id from fallen_due
--   because issue_log.responsible_org by issue_row_id
-- figure issues_overdue: count issue_id of issue_log.due_date by issue_row_id from fallen_due where is_overdue
--   because issue_log.responsible_org by issue_row_id, issue_log.issue_status_code by issue_row_id
with

attendances as (
    select
        cast(date_trunc('month', meeting_date) as date) as month,
        street_id,
        meeting_id,
        row_id as meeting_row_id,
        unnest(list_distinct(attendee_ids)) as org_id
    from core.coordination_meeting_as_of($as_of)
),

meetings as (
    select
        attendance.*,
        organisation.org_name
    from attendances as attendance
    inner join core.organisation_names_as_of($as_of) as organisation
        on organisation.org_id = attendance.org_id
),

issues as (
    select *
    from core.issue_standing_as_of($as_of)
),

raised as (
    select *, cast(date_trunc('month', raised_date) as date) as month
    from issues
),

closed as (
    select *, cast(date_trunc('month', closed_date) as date) as month
    from issues
    where closed_date is not null
),

fallen_due as (
    select issues.*, cast(date_trunc('month', due_date) as date) as month
    from issues
    where due_date < cast(timezone('Asia/Shanghai', $as_of) as date)
)

from raised
