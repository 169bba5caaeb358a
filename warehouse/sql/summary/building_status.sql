-- One registered building: the state of its works by the as-of day, its items and the days it is late (M06).
-- 中文: 楼栋状态
-- grain: building_id
-- reads: core.building_register, core.compound_register, core.building_state, core.street_names
-- check fail every_building_once: select building_id from core.building_register where known_to is null and building_id not in (select building_id from summary.building_status)
-- check warn finished_with_open_items: select building_id from summary.building_status where status_code in ('FINISHED', 'ACCEPTED') and items_accepted < items_planned and not is_completed
-- column building_id: 楼栋编码; building; id
-- column street_id: 街道代码; street; id
-- column street_name: 街道; name of the street; text
-- column compound_id: 小区编码; compound; id
-- column compound_name: 小区名称; name in the compound register; text
-- column building_no: 楼号; number in the building register; text
-- column plan_year: 计划年度; programme year of the compound; year
-- column programme_type_code: 改造类型; programme type; code
-- column contractor_id: 施工单位; contractor named by the building register; id
-- column floor_area_m2: 建筑面积; floor area by the register; m2
-- column household_count: 户数; households by the register; household
-- column report_month: 最新报告期; latest report month of the building, NULL where there is none; month
-- column status_code: 工程状态; state last reported, NOT_STARTED where there is no report; code
-- column is_started: 是否开工; actual start by the as-of day; boolean
-- column is_completed: 是否完成; reported finished by the as-of day and every planned item done, or its parts passed; boolean
-- column is_benefited: 是否受益; at least one item done in the latest report, or its parts passed by the as-of day; boolean
-- column planned_finish_date: 合同竣工日期; finish by contract, NULL where the contract gives no date; date
-- column started_date: 实际开工日期; actual start last reported; date
-- column finished_date: 实际竣工日期; actual finish last reported, never a forecast; date
-- column days_late: 逾期天数; days from planned finish to actual finish, or to the as-of day while unfinished, 0 when in time, NULL without a planned date; day
-- column items_planned: 应完成分项数; work items with a designed quantity; item
-- column items_accepted: 已完成分项数; of these, done to the designed quantity; item
with

params as (
    select cast(timezone('Asia/Shanghai', $as_of) as date) as today
)

select
    building.building_id,
    building.street_id,
    street_names.street_name,
    building.compound_id,
    compound.compound_name,
    register.building_no,
    building.plan_year,
    building.programme_type_code,
    register.contractor_id,
    building.floor_area_m2,
    building.household_count,
    building.report_month,
    coalesce(building.status_code, 'NOT_STARTED') as status_code,
    coalesce(building.started_date <= params.today, false) as is_started,
    coalesce(building.completed_date <= params.today, false) as is_completed,
    building.items_accepted > 0 or coalesce(building.parts_passed_date <= params.today, false) as is_benefited,
    building.planned_finish_date,
    building.started_date,
    building.finished_date,
    -- Not greatest(0, …) alone: DuckDB's greatest skips NULL, and no planned date would read as in time.
    case
        when building.planned_finish_date is not null
            then greatest(
                0,
                date_diff('day', building.planned_finish_date, coalesce(building.finished_date, params.today))
            )
    end as days_late,
    building.items_planned,
    building.items_accepted
from core.building_state_as_of($as_of) as building
cross join params
inner join core.building_register_as_of($as_of) as register
    on register.building_id = building.building_id
left join core.compound_register_as_of($as_of) as compound
    on compound.compound_id = building.compound_id
left join core.street_names as street_names
    on street_names.street_id = building.street_id
