-- What one organisation was asked for and did in one street in one month: meetings it came to, issues it answers for (M21).
-- 中文: 部门与单位协调情况
-- grain: month, street_id, org_id, org_name
-- reads: core.coordination_meeting, core.issue_standing, core.organisation_names, core.street_names
-- check fail raised_add_up: select sum(issues_raised) as raised from summary.coordination having coalesce(sum(issues_raised), 0) <> (select count(*) from core.issue_log where known_to is null)
-- check fail something_happened: meetings_attended + issues_raised + issues_closed + issues_fallen_due > 0
-- check fail overdue_within_due: issues_overdue <= issues_fallen_due
-- column month: 月份; month of the meetings, of raising, of closing and of falling due, as its first day; month
-- column street_id: 街道代码; street of the meeting or the ledger, NULL for meetings of the district and the city; id
-- column street_name: 街道; name of the street; text
-- column org_id: 单位编号; organisation of the directory or department, NULL where its name is not known; id
-- column org_name: 单位; its name, as written where it is not known, 未写明 where nobody is named; text
-- column meetings_attended: 参会次数; meetings of the month it came to (attendees whose name is not known are missing); meeting
-- column decisions: 议定事项数; matters decided at these meetings (several organisations share a meeting: never add up), NULL where no minutes count them; matter
-- column issues_raised: 提出问题数; issues raised in the month it is responsible for; issue
-- column issues_closed: 解决问题数; issues it is responsible for that were closed in the month; issue
-- column issues_fallen_due: 到期问题数; issues it is responsible for with a due date in the month, before the as-of day; issue
-- column issues_overdue: 逾期问题数; of these, not closed by the as-of day; issue
with

params as (
    select cast(timezone('Asia/Shanghai', $as_of) as date) as today
),

attendances as (
    select
        date_trunc('month', meeting_date) as month,
        street_id,
        meeting_id,
        decision_count,
        unnest(list_distinct(attendee_ids)) as org_id
    from core.coordination_meeting_as_of($as_of)
),

meetings as (
    select
        attendance.month,
        attendance.street_id,
        attendance.org_id,
        organisation.org_name,
        count(*) as meetings_attended,
        sum(attendance.decision_count) as decisions,
        0 as issues_raised,
        0 as issues_closed,
        0 as issues_fallen_due,
        0 as issues_overdue
    from attendances as attendance
    inner join core.organisation_names_as_of($as_of) as organisation
        on organisation.org_id = attendance.org_id
    group by attendance.month, attendance.street_id, attendance.org_id, organisation.org_name
),

raised as (
    select
        date_trunc('month', raised_date) as month,
        street_id,
        org_id,
        org_name,
        0 as meetings_attended,
        null as decisions,
        count(*) as issues_raised,
        0 as issues_closed,
        0 as issues_fallen_due,
        0 as issues_overdue
    from core.issue_standing_as_of($as_of)
    group by month, street_id, org_id, org_name
),

closed as (
    select
        date_trunc('month', closed_date) as month,
        street_id,
        org_id,
        org_name,
        0 as meetings_attended,
        null as decisions,
        0 as issues_raised,
        count(*) as issues_closed,
        0 as issues_fallen_due,
        0 as issues_overdue
    from core.issue_standing_as_of($as_of)
    where closed_date is not null
    group by month, street_id, org_id, org_name
),

fallen_due as (
    select
        date_trunc('month', issue.due_date) as month,
        issue.street_id,
        issue.org_id,
        issue.org_name,
        0 as meetings_attended,
        null as decisions,
        0 as issues_raised,
        0 as issues_closed,
        count(*) as issues_fallen_due,
        count(*) filter (where issue.is_overdue) as issues_overdue
    from core.issue_standing_as_of($as_of) as issue
    cross join params
    where issue.due_date < params.today
    group by month, issue.street_id, issue.org_id, issue.org_name
),

works as (
    select * from meetings
    union all by name
    select * from raised
    union all by name
    select * from closed
    union all by name
    select * from fallen_due
)

select
    cast(works.month as date) as month,
    works.street_id,
    street_names.street_name,
    works.org_id,
    works.org_name,
    cast(sum(works.meetings_attended) as bigint) as meetings_attended,
    cast(sum(works.decisions) as bigint) as decisions,
    cast(sum(works.issues_raised) as bigint) as issues_raised,
    cast(sum(works.issues_closed) as bigint) as issues_closed,
    cast(sum(works.issues_fallen_due) as bigint) as issues_fallen_due,
    cast(sum(works.issues_overdue) as bigint) as issues_overdue
from works
left join core.street_names as street_names
    on street_names.street_id = works.street_id
group by works.month, works.street_id, street_names.street_name, works.org_id, works.org_name
