-- The issues one organisation is responsible for that have one status and one age (M13).
-- 中文: 协调问题看板
-- grain: org_id, org_name, status_code, ageing_bucket
-- reads: core.issue_standing
-- check fail every_issue_once: select sum(issues) as issues from summary.issue_board having coalesce(sum(issues), 0) <> (select count(*) from core.issue_log where known_to is null)
-- check fail open_or_closed: issues = open_issues + closed_issues and overdue_issues <= open_issues
-- check warn organisation_unknown: select org_name, sum(issues) as issues from summary.issue_board where org_id is null group by org_name
-- column org_id: 责任单位编号; organisation of the directory or department responsible, NULL where its name is not known; id
-- column org_name: 责任单位; its name, as written where it is not known, 未写明 where nobody is named; text
-- column status_code: 办理状态; NOT_STARTED, IN_PROGRESS, RESOLVED or SUSPENDED (挂账), NULL where the ledger says none; code
-- column ageing_bucket: 持续天数分组; 0-7, 8-30 or 31+ days from raised to the as-of day, or to the day of closing; text
-- column issues: 问题数; issues of this organisation, status and age; issue
-- column open_issues: 未解决数; of these, not closed; issue
-- column overdue_issues: 逾期数; of these, not closed and due before the as-of day; issue
-- column closed_issues: 已解决数; of these, closed; issue
-- column oldest_open_days: 最长未解决天数; days the oldest open one has been open, NULL where none is; day
-- column org_issues: 单位问题总数; all issues of the organisation, the same in each of its rows; issue
-- column org_closed_issues: 单位已解决总数; all closed issues of the organisation, the same in each of its rows; issue
-- column org_closure_ratio: 单位解决率; org_closed_issues / org_issues; ratio
with

boards as (
    select
        org_id,
        org_name,
        status_code,
        ageing_bucket,
        count(*) as issues,
        count(*) filter (where not is_closed) as open_issues,
        count(*) filter (where is_overdue) as overdue_issues,
        count(*) filter (where is_closed) as closed_issues,
        max(age_days) filter (where not is_closed) as oldest_open_days
    from core.issue_standing_as_of($as_of)
    group by org_id, org_name, status_code, ageing_bucket
)

select
    org_id,
    org_name,
    status_code,
    ageing_bucket,
    issues,
    open_issues,
    overdue_issues,
    closed_issues,
    oldest_open_days,
    cast(sum(issues) over organisation as bigint) as org_issues,
    cast(sum(closed_issues) over organisation as bigint) as org_closed_issues,
    cast(sum(closed_issues) over organisation / nullif(sum(issues) over organisation, 0) as decimal(28, 10))
        as org_closure_ratio
from boards
window organisation as (partition by org_id, org_name)
