-- One issue of the ledgers and how it stands on the as-of day: whose it is, closed or not, overdue or not, how old.
-- 中文: 协调问题现状
-- grain: issue_id
-- reads: core.issue_log, core.organisation_names
-- column issue_id: 问题编号; issue; id
-- column street_id: 街道代码; street of the ledger; id
-- column org_id: 责任单位编号; organisation or department responsible, NULL where its name is not known; id
-- column org_name: 责任单位; its name, as written where it is not known, 未写明 where nobody is named; text
-- column status_code: 办理状态; status in the ledger, NULL where it says none; code
-- column raised_date: 提出日期; day it was raised; date
-- column due_date: 完成时限; last day its due date allows, NULL where the ledger gives none (尽快, 长期); date
-- column closed_date: 解决日期; day it was closed, NULL while it is open; date
-- column is_closed: 是否已解决; the status is 已解决, or no status and a day of closing; boolean
-- column is_overdue: 是否逾期; not closed and due before the as-of day; boolean
-- column age_days: 持续天数; days from raised to closed, or to the as-of day while open; day
-- column ageing_bucket: 持续天数分组; 0-7, 8-30 or 31+ of these days; text
-- column issue_row_id: 台账行; core row of the ledger; id
with

params as (
    select cast(timezone('Asia/Shanghai', $as_of) as date) as today
),

issues as (
    select
        issue_id,
        street_id,
        responsible_org_id as org_id,
        responsible_org,
        issue_status_code as status_code,
        raised_date,
        -- A due date known only to the month (year) is over when the month (year) is.
        case due_date_precision
            when 'month' then last_day(due_date)
            when 'year' then make_date(year(due_date), 12, 31)
            else due_date
        end as due_date,
        closed_date,
        coalesce(issue_status_code = 'RESOLVED', closed_date is not null) as is_closed,
        row_id as issue_row_id
    from core.issue_log_as_of($as_of)
),

standing as (
    select
        issues.*,
        coalesce(organisation.org_name, issues.responsible_org, '未写明') as org_name,
        date_diff(
            'day',
            issues.raised_date,
            case when issues.is_closed then coalesce(issues.closed_date, params.today) else params.today end
        ) as age_days,
        coalesce(not issues.is_closed and issues.due_date < params.today, false) as is_overdue
    from issues
    cross join params
    left join core.organisation_names_as_of($as_of) as organisation
        on organisation.org_id = issues.org_id
)

select
    issue_id,
    street_id,
    org_id,
    org_name,
    status_code,
    raised_date,
    due_date,
    case when is_closed then closed_date end as closed_date,
    is_closed,
    is_overdue,
    age_days,
    case
        when age_days <= 7 then '0-7'
        when age_days <= 30 then '8-30'
        else '31+'
    end as ageing_bucket,
    issue_row_id
from standing
