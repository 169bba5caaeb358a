-- One registered building: its register facts and the latest word on its works.
-- 中文: 楼栋台账与最新施工状态
-- grain: building_id
-- reads: core.building_register, core.compound_register, core.building_reports, core.building_items, core.building_acceptances
-- column building_id: 楼栋; building; id
-- column compound_id: 小区; compound the building belongs to; id
-- column street_id: 街道; street the building belongs to; id
-- column plan_year: 计划年度; programme year of the compound, NULL where the register names none; year
-- column programme_type_code: 改造类型; programme type of the building; code
-- column floor_area_m2: 建筑面积; floor area by the register, whatever others report; m2
-- column household_count: 户数; households by the register, whatever others report; household
-- column report_month: 最新报告期; latest report month heard of, NULL where there is none; month
-- column status_code: 工程状态; state of the works as last reported, NULL where there is no report; code
-- column started_date: 实际开工日期; actual start as last reported; date
-- column finished_date: 实际竣工日期; actual finish as last reported; date
-- column completed_date: 完成日期; actual finish of a building reported finished whose planned items are all done, or the day its parts passed where that was needed and later; date
-- column parts_passed_date: 分部验收通过日期; day the acceptance of parts ended 合格 or 整改后合格: its items count as accepted; date
-- column planned_finish_date: 合同竣工日期; finish by contract as last reported; date
-- column items_planned: 应完成分项数; work items with a designed quantity; item
-- column items_accepted: 已完成分项数; work items done to the designed quantity; item
-- column register_row_id: 台账行; core row of the building register; id
-- column compound_row_id: 小区行; core row of the compound register; id
-- column report_row_id: 月报行; core row of the latest report; id
with

latest_reports as (
    select *
    from core.building_reports_as_of($as_of)
    where next_report_month is null
),

latest_items as (
    select
        building_id,
        count(*) filter (where is_planned) as items_planned,
        count(*) filter (where is_accepted) as items_accepted
    from core.building_items_as_of($as_of)
    where next_report_month is null
    group by building_id
)

select
    register.building_id,
    register.compound_id,
    register.street_id,
    compound.plan_year,
    register.programme_type_code,
    register.floor_area_m2,
    register.household_count,
    report.report_month,
    report.status_code,
    report.started_date,
    report.finished_date,
    case
        when report.has_finished_status
            and coalesce(item.items_accepted, 0) = coalesce(item.items_planned, 0)
            then report.finished_date
        when report.has_finished_status and report.finished_date is not null and parts.passed_date is not null
            then greatest(report.finished_date, parts.passed_date)
    end as completed_date,
    parts.passed_date as parts_passed_date,
    report.planned_finish_date,
    coalesce(item.items_planned, 0) as items_planned,
    coalesce(item.items_accepted, 0) as items_accepted,
    register.row_id as register_row_id,
    compound.row_id as compound_row_id,
    report.report_row_id
from core.building_register_as_of($as_of) as register
left join core.compound_register_as_of($as_of) as compound
    on compound.compound_id = register.compound_id
left join latest_reports as report
    on report.building_id = register.building_id
left join latest_items as item
    on item.building_id = register.building_id
left join core.building_acceptances_as_of($as_of) as parts
    on parts.building_id = register.building_id
    and parts.acceptance_type_code = 'SUB_ITEM'
