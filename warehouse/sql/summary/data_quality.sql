-- One reason found in what one filer sent of one form about one period, and how often for the cells sent (M09).
-- 中文: 报表数据质量（按原因）
-- grain: form_code, filer_id, period, reason_code
-- reads: core.report_reasons, core.reports, core.filer_names
-- check fail something_found: findings + rows_quarantined > 0
-- column form_code: 表号; form, F01 to F22; code
-- column filer_id: 填报单位编号; street, contractor or headquarters, NULL where nobody knows who filed; id
-- column filer_name: 填报单位; its name; text
-- column period: 报告期; 2013-12 for months, 2013 for years, NULL where the form has none; text
-- column reason_code: 原因代码; reason, E01 and on; code
-- column findings: 问题数; findings that stand, of all versions received (a refused file names no filer and is not here); finding
-- column rows_quarantined: 待核行数; rows that wait for this reason; row
-- column cells_data: 数据单元格数; cells read as data, of all versions received, 0 where nothing came; cell
-- column findings_per_thousand_cells: 每千格问题数; findings / cells_data × 1,000, NULL where nothing came; 1/1000
with

reasons as (
    select
        form_code,
        filer_id,
        period,
        reason_code,
        count(distinct finding_id) as findings,
        count(distinct waiting_row_id) as rows_quarantined
    from core.report_reasons_as_of($as_of)
    group by form_code, filer_id, period, reason_code
),

cells as (
    select
        form_code,
        filer_id,
        period,
        sum(cells_data) as cells_data
    from core.reports_as_of($as_of)
    group by form_code, filer_id, period
)

select
    reasons.form_code,
    reasons.filer_id,
    coalesce(filer_names.filer_name, reasons.filer_id) as filer_name,
    reasons.period,
    reasons.reason_code,
    reasons.findings,
    reasons.rows_quarantined,
    cast(coalesce(cells.cells_data, 0) as bigint) as cells_data,
    cast(1000 * reasons.findings / nullif(cells.cells_data, 0) as decimal(28, 10)) as findings_per_thousand_cells
from reasons
left join cells
    on cells.form_code = reasons.form_code
    and cells.filer_id is not distinct from reasons.filer_id
    and cells.period is not distinct from reasons.period
left join core.filer_names_as_of($as_of) as filer_names
    on filer_names.filer_id = reasons.filer_id
