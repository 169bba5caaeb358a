-- One report of a contractor that came after its due day, in each programme year its buildings belong to.
-- 中文: 施工单位迟报的月报
-- grain: plan_year, contractor_id, report_row_id
-- reads: core.contractor_progress, core.building_state, core.report_standing, core.reports
-- column plan_year: 计划年度; programme year of a building the contractor reported for that month; year
-- column contractor_id: 施工单位; contractor; id
-- column street_id: 街道; street the report is about; id
-- column report_key: 报表标识; what its versions share; text
-- column report_row_id: 报表; its first version; id
with

reported_years as (
    select distinct
        progress.contractor_id,
        strftime(progress.report_month, '%Y-%m') as period,
        building.plan_year
    from core.contractor_progress_as_of($as_of) as progress
    inner join core.building_state_as_of($as_of) as building
        on building.building_id = progress.building_id
)

select
    years.plan_year,
    years.contractor_id,
    report.street_id,
    report.report_key,
    report.row_id as report_row_id
from reported_years as years
inner join core.report_standing_as_of($as_of) as standing
    on standing.form_code = 'F06'
    and standing.filer_id = years.contractor_id
    and standing.period = years.period
inner join core.reports_as_of($as_of) as report
    on report.form_code = standing.form_code
    and report.filer_id = standing.filer_id
    and report.street_id is not distinct from standing.street_id
    and report.period = standing.period
    and report.received_at = standing.first_received_at
where standing.days_late > 0
