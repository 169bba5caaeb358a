-- The findings, waiting rows and reports behind each figure of summary.data_quality.
-- figure findings: count finding_id of findings.code by finding_id
-- figure rows_quarantined: count waiting_row_id of quarantine.code by held_row_id
-- figure cells_data: sum of reports.cells_data by report_row_id from reports
-- figure findings_per_thousand_cells: 1000 * findings / cells_data
with

reasons as (
    select *
    from core.report_reasons_as_of($as_of)
),

reports as (
    select
        reason.*,
        report.row_id as report_row_id
    from (select distinct form_code, filer_id, period, reason_code from reasons) as reason
    inner join core.reports_as_of($as_of) as report
        on report.form_code = reason.form_code
        and report.filer_id is not distinct from reason.filer_id
        and report.period is not distinct from reason.period
)

from reasons
