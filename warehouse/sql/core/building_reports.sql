-- What a contractor said about one building in one report month, and until which month it is the latest word.
-- 中文: 楼栋月报（每栋每月一行）
-- grain: building_id, report_month
-- kept: yes
-- reads: core.contractor_progress, core.building_register
-- column building_id: 楼栋; building; id
-- column report_month: 报告期; month the report is about, as its first day; month
-- column next_report_month: 下一报告期; next month with a report of this building, NULL for the latest one; month
-- column contractor_id: 填报单位; contractor whose row it is; id
-- column status_code: 工程状态; state of the works as reported; code
-- column started_date: 实际开工日期; actual start, the last day its text allows; date
-- column finished_date: 实际竣工日期; actual finish, the last day its text allows, NULL for a forecast; date
-- column planned_finish_date: 合同竣工日期; finish by contract, the last day its text allows; date
-- column has_finished_status: 是否报完工; the status reported is 完工 or 已验收; boolean
-- column report_row_id: 月报行; core row of the report; id
with

said as (
    select
        progress.*,
        coalesce(progress.contractor_id = register.contractor_id, false) as is_by_registered_contractor
    from core.contractor_progress_as_of($as_of) as progress
    left join core.building_register_as_of($as_of) as register
        on register.building_id = progress.building_id
),

-- One building, one voice a month: two contractors at a lot border must not count it twice.
heard as (
    select *
    from said
    qualify row_number() over (
        partition by building_id, report_month
        order by is_by_registered_contractor desc, report_version desc, row_id
    ) = 1
)

select
    building_id,
    report_month,
    lead(report_month) over (partition by building_id order by report_month) as next_report_month,
    contractor_id,
    status_code,
    -- An event known only to the month (year) counts when the month (year) is over: never earlier than it happened.
    case
        when actual_start_kind is distinct from 'actual' then null
        when actual_start_precision = 'month' then last_day(actual_start)
        when actual_start_precision = 'year' then make_date(year(actual_start), 12, 31)
        else actual_start
    end as started_date,
    case
        when actual_finish_kind is distinct from 'actual' then null
        when actual_finish_precision = 'month' then last_day(actual_finish)
        when actual_finish_precision = 'year' then make_date(year(actual_finish), 12, 31)
        else actual_finish
    end as finished_date,
    case planned_finish_precision
        when 'month' then last_day(planned_finish)
        when 'year' then make_date(year(planned_finish), 12, 31)
        else planned_finish
    end as planned_finish_date,
    coalesce(status_code in ('FINISHED', 'ACCEPTED'), false) as has_finished_status,
    row_id as report_row_id
from heard
