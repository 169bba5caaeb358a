-- One reason found in one report that came, or did not come: a finding, or a row that waits.
-- 中文: 报表问题明细
-- grain: form_code, filer_id, period, reason_code, finding_id, held_row_id
-- reads: core.reports, core.expected_reports, ops.findings, ops.quarantine
-- column form_code: 表号; form, F01 to F22; code
-- column filer_id: 填报单位编号; street, contractor or headquarters, NULL where nobody knows who filed; id
-- column period: 报告期; 2013-12 for months, 2013 for years, NULL where the form has none; text
-- column reason_code: 原因代码; reason, E01 and on; code
-- column finding_id: 问题编号; finding, NULL for a row that waits; id
-- column waiting_row_id: 待核行; row that waits, NULL for a finding; id
-- column held_row_id: 待核原因行; the row and its reason in one text, NULL for a finding; id
select
    coalesce(report.form_code, expected.form_code) as form_code,
    coalesce(report.filer_id, expected.filer_id) as filer_id,
    coalesce(report.period, expected.period) as period,
    finding.code as reason_code,
    finding.finding_id,
    cast(null as varchar) as waiting_row_id,
    cast(null as varchar) as held_row_id
from ops.findings_as_of($as_of) as finding
left join core.reports_as_of($as_of) as report
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
inner join core.reports_as_of($as_of) as report
    on report.row_id = held.submission_id
