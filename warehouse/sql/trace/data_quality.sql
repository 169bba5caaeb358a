-- The findings, waiting rows and reports behind each figure of summary.data_quality.
-- figure findings: count finding_id of findings.code by finding_id
-- figure rows_quarantined: count waiting_row_id of quarantine.code by held_row_id
-- figure cells_data: sum of reports.cells_data by report_row_id from reports
-- figure findings_per_thousand_cells: 1000 * findings / cells_data
with

all_reports as (
    select *
    from core.reports_as_of($as_of)
),

reasons as (
    select
        coalesce(report.form_code, expected.form_code) as form_code,
        coalesce(report.filer_id, expected.filer_id) as filer_id,
        coalesce(report.period, expected.period) as period,
        finding.code as reason_code,
        finding.finding_id,
        cast(null as varchar) as waiting_row_id,
        cast(null as varchar) as held_row_id
    from ops.findings_as_of($as_of) as finding
    left join all_reports as report
        on report.row_id = finding.submission_id
    -- A report that never came is found too (E16): the finding names what was expected.
    left join core.expected_reports_as_of($as_of) as expected
        on expected.row_id = finding.row_id
        and finding.submission_id is null
    where report.row_id is not null
        or expected.row_id is not null
    union all
    select
        report.form_code,
        report.filer_id,
        report.period,
        held.code as reason_code,
        cast(null as varchar) as finding_id,
        held.row_id as waiting_row_id,
        concat(held.row_id, ' ', held.code) as held_row_id
    from ops.quarantine_as_of($as_of) as held
    inner join all_reports as report
        on report.row_id = held.submission_id
),

reports as (
    select
        reason.*,
        report.row_id as report_row_id
    from (select distinct form_code, filer_id, period, reason_code from reasons) as reason
    inner join all_reports as report
        on report.form_code = reason.form_code
        and report.filer_id is not distinct from reason.filer_id
        and report.period is not distinct from reason.period
)

from reasons
