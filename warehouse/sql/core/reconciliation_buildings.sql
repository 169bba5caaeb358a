-- One registered building in one month in which a contractor or the sub-command reports on its compound and type.
-- 中文: 各月参与核对的楼栋
-- grain: report_month, building_id
-- kept: yes
-- reads: core.building_months, core.building_register, core.subcommand_monthly
-- column report_month: 报告期; month reported about, as its first day; month
-- column building_id: 楼栋; building; id
-- column compound_id: 小区; compound; id
-- column street_id: 街道; street; id
-- column programme_type_code: 改造类型; programme type by the register; code
-- column floor_area_m2: 建筑面积; floor area by the register; m2
-- column household_count: 户数; households by the register; household
-- column is_heard: 本街道是否有上报; a contractor of the street reports in this month, on whatever building; boolean
-- column has_report: 是否报过; a contractor has reported it in the month or before; boolean
-- column is_reported: 本月是否上报; it stands in a contractor's report of this very month; boolean
-- column is_started: 是否开工; started by the month end, by the contractors' reports; boolean
-- column is_completed: 是否完成; completed by the month end, by the contractors' reports; boolean
-- column report_row_id: 月报行; core row of the newest report up to the month; id
-- column register_row_id: 台账行; core row of the register; id
with

-- A compound that nobody mentions in a month (works of another year, say) is not compared in it.
mentioned as (
    select
        report_month,
        compound_id,
        programme_type_code
    from core.building_months_as_of($as_of)
    where is_reported
    union
    select
        report_month,
        compound_id,
        programme_type_code
    from core.subcommand_monthly_as_of($as_of)
)

select
    mentioned.report_month,
    register.building_id,
    register.compound_id,
    register.street_id,
    register.programme_type_code,
    register.floor_area_m2,
    register.household_count,
    coalesce(bool_or(standing.is_reported) over (partition by mentioned.report_month, register.street_id), false)
        as is_heard,
    standing.building_id is not null as has_report,
    coalesce(standing.is_reported, false) as is_reported,
    coalesce(standing.is_started, false) as is_started,
    coalesce(standing.is_completed, false) as is_completed,
    standing.report_row_id,
    register.row_id as register_row_id
from mentioned
inner join core.building_register_as_of($as_of) as register
    on register.compound_id = mentioned.compound_id
    and register.programme_type_code = mentioned.programme_type_code
left join core.building_months_as_of($as_of) as standing
    on standing.building_id = register.building_id
    and standing.report_month = mentioned.report_month
