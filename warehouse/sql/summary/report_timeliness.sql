-- What one filer owes or sent of one form about one period: in time, late, or never (M09).
-- 中文: 报表报送及时性
-- grain: form_code, filer_id, period
-- reads: core.report_standing, core.filer_names, core.street_names
-- check fail rows_within_read: rows_loaded between 0 and rows_read and rows_read = rows_loaded + rows_quarantined
-- check fail received_within_expected: select form_code, filer_id, period from summary.report_timeliness where missing_reports > expected_reports or on_time_reports > received_reports
-- check warn report_missing: select form_code, filer_id, period, days_late from summary.report_timeliness where missing_reports > 0 and days_late > 0
-- column form_code: 表号; form, F01 to F22; code
-- column filer_id: 填报单位编号; street, contractor or headquarters, NULL where nobody knows who filed; id
-- column filer_name: 填报单位; its name; text
-- column period: 报告期; 2013-12 for months, 2013 for years, NULL where the form has none; text
-- column due_date: 应报日期; last day on which a report is in time, NULL where the form has no such day; date
-- column is_expected: 是否应报; somebody must send it, and its month is over; boolean
-- column expected_reports: 应报份数; reports expected: contractors file street by street; report
-- column received_reports: 收到份数; different reports received, expected or not; report
-- column missing_reports: 缺报份数; expected reports of which no version came; report
-- column missing_street_names: 缺报街道; streets the missing reports are about, joined by 、, NULL where none is missing; text
-- column on_time_reports: 按时份数; reports whose first version came by due_date; report
-- column is_received: 是否收齐; no expected report is missing; boolean
-- column is_on_time: 是否按时; every expected report came by due_date, NULL while it can still come in time or has no such day; boolean
-- column first_received_at: 首次收到时间; when the first version of any of them came; instant
-- column last_received_at: 收齐时间; when the first version of the last of them came, NULL while one is missing; instant
-- column days_late: 逾期天数; most days any of them is late, to the as-of day where it never came, NULL where it has no due_date; day
-- column is_accepted_first_time: 是否一次合格; no row of the first version of any of them ever waited, whether or not it was sent again (a workbook may repeat earlier months), NULL where none came; boolean
-- column versions: 收到次数; versions received, supplements included; report
-- column rows_read: 读取行数; rows read of the versions that count; row
-- column rows_loaded: 入库行数; of these, rows in core; row
-- column rows_quarantined: 待核行数; of these, rows that wait; row
with

filed as (
    select
        standing.*,
        standing.versions > 0 as is_received,
        standing.is_expected and standing.versions = 0 as is_missing,
        street_names.street_name
    from core.report_standing_as_of($as_of) as standing
    left join core.street_names as street_names
        on street_names.street_id = standing.street_id
),

filers as (
    select
        form_code,
        filer_id,
        period,
        max(due_date) as due_date,
        bool_or(is_expected) as is_expected,
        count(*) filter (where is_expected) as expected_reports,
        sum(reports) as received_reports,
        count(*) filter (where is_missing) as missing_reports,
        string_agg(street_name, '、' order by street_id) filter (where is_missing) as missing_street_names,
        sum(reports) filter (where is_received and days_late = 0) as on_time_reports,
        not bool_or(is_missing) as is_received,
        min(first_received_at) as first_received_at,
        case when not bool_or(is_missing) then max(first_received_at) end as last_received_at,
        max(days_late) as days_late,
        bool_and(is_accepted_first_time) filter (where is_received) as is_accepted_first_time,
        sum(versions) as versions,
        sum(rows_read) as rows_read,
        sum(rows_quarantined) as rows_quarantined
    from filed
    group by form_code, filer_id, period
)

select
    filers.form_code,
    filers.filer_id,
    coalesce(filer_names.filer_name, filers.filer_id) as filer_name,
    filers.period,
    filers.due_date,
    filers.is_expected,
    filers.expected_reports,
    cast(filers.received_reports as bigint) as received_reports,
    filers.missing_reports,
    filers.missing_street_names,
    cast(coalesce(filers.on_time_reports, 0) as bigint) as on_time_reports,
    filers.is_received,
    case
        when filers.days_late > 0 then false
        when filers.is_received and filers.due_date is not null then true
    end as is_on_time,
    filers.first_received_at,
    filers.last_received_at,
    filers.days_late,
    filers.is_accepted_first_time,
    cast(filers.versions as bigint) as versions,
    cast(filers.rows_read as bigint) as rows_read,
    cast(filers.rows_read - filers.rows_quarantined as bigint) as rows_loaded,
    cast(filers.rows_quarantined as bigint) as rows_quarantined
from filers
left join core.filer_names_as_of($as_of) as filer_names
    on filer_names.filer_id = filers.filer_id
