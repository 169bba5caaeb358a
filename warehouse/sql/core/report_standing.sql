-- What one filer owes or sent of one form about one street and period, by the as-of day.
-- 中文: 每份报表的报送情况（按街道）
-- grain: form_code, filer_id, street_id, period
-- reads: core.reports, core.expected_reports, ops.quarantine
-- column form_code: 表号; form, F01 to F22; code
-- column filer_id: 填报单位; street, contractor or headquarters, NULL where nobody knows who filed; id
-- column street_id: 街道; street the report is about, NULL where the form's reports have none; id
-- column period: 报告期; 2013-12 for months, 2013 for years, NULL where the form has none; text
-- column due_date: 应报日期; last day on which it is in time, NULL where the form has no such day; date
-- column is_expected: 是否应报; somebody must send it, and its month is over; boolean
-- column reports: 报表份数; different reports received: more than 1 where a form has editions; report
-- column versions: 收到次数; versions received, supplements included; report
-- column first_received_at: 首次收到时间; when the first version came, NULL where none did; instant
-- column is_accepted_first_time: 是否一次合格; no row of a first version ever waited in quarantine, sent again or not; boolean
-- column days_late: 逾期天数; days from due_date to the first version, or to the as-of day where none came, 0 when in time; day
-- column rows_read: 读取行数; rows read of the versions that count; row
-- column rows_quarantined: 待核行数; of these, rows that wait now; row
-- column cells_data: 数据单元格数; cells read as data, of all versions received; cell
with

params as (
    select cast(timezone('Asia/Shanghai', $as_of) as date) as today
),

ever_waited as (
    select distinct submission_id
    from ops.quarantine
    where known_from <= $as_of
),

-- A report's rows are its lines; items in a wide block are part of them.
waiting as (
    select
        submission_id,
        entity,
        count(distinct row_id) as rows_quarantined
    from ops.quarantine_as_of($as_of)
    group by submission_id, entity
),

received as (
    select
        report.form_code,
        report.filer_id,
        report.street_id,
        report.period,
        max(report.due_date) as due_date,
        count(distinct report.report_key) as reports,
        count(*) as versions,
        min(report.received_at) as first_received_at,
        not bool_or(report.report_version = 1 and ever_waited.submission_id is not null) as is_accepted_first_time,
        sum(report.rows_read) filter (where report.is_effective) as rows_read,
        sum(waiting.rows_quarantined) filter (where report.is_effective) as rows_quarantined,
        sum(report.cells_data) as cells_data
    from core.reports_as_of($as_of) as report
    left join ever_waited
        on ever_waited.submission_id = report.row_id
    left join waiting
        on waiting.submission_id = report.row_id
        and waiting.entity = report.entity
    group by report.form_code, report.filer_id, report.street_id, report.period
),

expected as (
    select
        form_code,
        filer_id,
        street_id,
        period,
        due_date
    from core.expected_reports_as_of($as_of)
    cross join params
    where last_day(period_date) < params.today
),

-- Grouped, not joined: a street or filer may be NULL on both sides.
either as (
    select *, false as is_expected from received
    union all by name
    select *, true as is_expected from expected
)

select
    form_code,
    filer_id,
    street_id,
    period,
    max(due_date) as due_date,
    bool_or(is_expected) as is_expected,
    coalesce(max(reports), 0) as reports,
    coalesce(max(versions), 0) as versions,
    max(first_received_at) as first_received_at,
    bool_or(is_accepted_first_time) as is_accepted_first_time,
    case
        when max(due_date) is not null
            then greatest(
                0,
                date_diff(
                    'day',
                    max(due_date),
                    coalesce(
                        cast(timezone('Asia/Shanghai', max(first_received_at)) as date),
                        any_value(params.today)
                    )
                )
            )
    end as days_late,
    cast(coalesce(max(rows_read), 0) as bigint) as rows_read,
    cast(coalesce(max(rows_quarantined), 0) as bigint) as rows_quarantined,
    cast(coalesce(max(cells_data), 0) as bigint) as cells_data
from either
cross join params
group by form_code, filer_id, street_id, period
