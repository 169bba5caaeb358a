-- The reports, expected and received, behind each figure of summary.report_timeliness.
-- figure expected_reports: count coalesce(street_id, '') of expected_reports.due_date by expected_row_id from expected
-- figure received_reports: count concat_ws(' ', street_id, report_key) of reports.received_at by report_row_id
-- figure missing_reports: count coalesce(street_id, '') of expected_reports.due_date by expected_row_id from expected
--   where is_missing
-- figure on_time_reports: count concat_ws(' ', street_id, report_key) of reports.received_at by report_row_id
--   where days_late = 0 because reports.due_date by report_row_id
-- figure days_late: max days_late of reports.received_at by report_row_id where is_first and days_late is not null
--   because reports.due_date by report_row_id
-- figure days_late: max days_late of expected_reports.due_date by expected_row_id from expected
--   where is_missing and days_late is not null
-- figure versions: count report_row_id of reports.received_at by report_row_id
-- figure rows_read: sum of reports.rows_read by report_row_id where is_effective
-- figure rows_quarantined: count waiting_row_id of quarantine.code by held_row_id from waiting
-- figure rows_loaded: rows_read - rows_quarantined
with

standing as (
    select *
    from core.report_standing_as_of($as_of)
),

reports as (
    select
        report.*,
        standing.days_late,
        report.received_at = standing.first_received_at as is_first,
        report.row_id as report_row_id
    from core.reports_as_of($as_of) as report
    inner join standing
        on standing.form_code = report.form_code
        and standing.filer_id is not distinct from report.filer_id
        and standing.street_id is not distinct from report.street_id
        and standing.period is not distinct from report.period
),

expected as (
    select
        report.*,
        standing.days_late,
        standing.versions = 0 as is_missing,
        report.row_id as expected_row_id
    from core.expected_reports_as_of($as_of) as report
    inner join standing
        on standing.form_code = report.form_code
        and standing.filer_id is not distinct from report.filer_id
        and standing.street_id is not distinct from report.street_id
        and standing.period is not distinct from report.period
    where standing.is_expected
),

waiting as (
    select
        reports.*,
        held.row_id as waiting_row_id,
        concat(held.row_id, ' ', held.code) as held_row_id
    from reports
    inner join ops.quarantine_as_of($as_of) as held
        on held.submission_id = reports.report_row_id
        and held.entity = reports.entity
    where reports.is_effective
)

from reports
