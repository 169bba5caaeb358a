-- One registered building in one report month: how it stands by the contractors' reports up to that month.
-- 中文: 楼栋逐月状态（按报告期）
-- grain: building_id, report_month
-- reads: core.building_reports, core.building_items, core.building_acceptances, core.building_register
-- column building_id: 楼栋; building; id
-- column report_month: 报告期; month reported about, as its first day; month
-- column compound_id: 小区; compound; id
-- column street_id: 街道; street; id
-- column programme_type_code: 改造类型; programme type by the register; code
-- column floor_area_m2: 建筑面积; floor area by the register; m2
-- column household_count: 户数; households by the register; household
-- column is_reported: 本月是否上报; it stands in a report of this very month; boolean
-- column is_started: 是否开工; started by the month end, by the newest report up to the month; boolean
-- column is_completed: 是否完成; completed by the month end, by the newest report up to the month; boolean
-- column report_row_id: 月报行; core row of that report; id
-- column register_row_id: 台账行; core row of the register; id
with

months as (
    select
        cast(month_start as date) as report_month,
        last_day(cast(month_start as date)) as month_end
    from (
        select unnest(generate_series(
            cast(min(report_month) as timestamp),
            cast(max(report_month) as timestamp),
            interval 1 month
        )) as month_start
        from core.building_reports_as_of($as_of)
    )
),

items as (
    select
        months.report_month,
        item.building_id,
        bool_and(item.is_accepted) filter (where item.is_planned) as are_all_accepted
    from months
    inner join core.building_items_as_of($as_of) as item
        on item.report_month <= months.report_month
        and (item.next_report_month is null or months.report_month < item.next_report_month)
    group by months.report_month, item.building_id
)

-- A building missing from a month's reports stands as last reported, so a missing file is no fall. An event told late
-- stands in the month that tells it; attainment_curve is the one that counts by the day of the event.
select
    report.building_id,
    months.report_month,
    register.compound_id,
    register.street_id,
    register.programme_type_code,
    register.floor_area_m2,
    register.household_count,
    report.report_month = months.report_month as is_reported,
    coalesce(report.started_date <= months.month_end, false) as is_started,
    coalesce(report.has_finished_status and report.finished_date <= months.month_end, false)
        and (coalesce(items.are_all_accepted, true) or coalesce(parts.passed_date <= months.month_end, false))
        as is_completed,
    report.report_row_id,
    register.row_id as register_row_id
from months
inner join core.building_reports_as_of($as_of) as report
    on report.report_month <= months.report_month
    and (report.next_report_month is null or months.report_month < report.next_report_month)
inner join core.building_register_as_of($as_of) as register
    on register.building_id = report.building_id
left join items
    on items.report_month = months.report_month
    and items.building_id = report.building_id
left join core.building_acceptances_as_of($as_of) as parts
    on parts.building_id = report.building_id
    and parts.acceptance_type_code = 'SUB_ITEM'
