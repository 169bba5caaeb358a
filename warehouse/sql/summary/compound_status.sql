-- One registered compound and how far its works have come by the as-of day (M05).
-- 中文: 小区状态
-- grain: compound_id
-- reads: core.compound_register, core.building_state, core.building_acceptances, core.environment_items, core.street_names
-- check fail every_compound_once: select compound_id from core.compound_register where known_to is null and compound_id not in (select compound_id from summary.compound_status)
-- check warn register_counts_differ: select compound_id, building_count, registered_buildings from summary.compound_status where building_count <> registered_buildings
-- column compound_id: 小区编码; compound; id
-- column street_id: 街道代码; street; id
-- column street_name: 街道; name of the street; text
-- column compound_name: 小区名称; name in the compound register; text
-- column plan_year: 计划年度; programme year by the register, NULL where it names none; year
-- column batch_no: 批次; batch of the year's plan; code
-- column status_code: 状态代码; NOT_STARTED, IN_PROGRESS, FINISHED, ENVIRONMENT (finished, and some environment item started) or HANDED_OVER (all buildings); code
-- column status_label_zh: 状态; the same in Chinese; text
-- column building_count: 登记楼栋数; buildings by the compound register; building
-- column registered_buildings: 台账楼栋数; buildings in the building register; building
-- column started_buildings: 开工楼栋数; buildings started by the as-of day; building
-- column completed_buildings: 完成楼栋数; buildings completed by the as-of day (FINISHED asks for all registered ones); building
-- column household_count: 户数; households of the registered buildings; household
-- column floor_area_m2: 建筑面积; floor area of the registered buildings; m2
-- column started_area_m2: 开工面积; floor area of the started buildings; m2
-- column completed_area_m2: 完成面积; floor area of the completed buildings; m2
-- column first_started_date: 首栋开工日期; earliest actual start; date
-- column last_completed_date: 末栋完成日期; latest completion so far; date
-- column report_month: 最新报告期; newest report month any of its buildings was reported in; month
with

params as (
    select cast(timezone('Asia/Shanghai', $as_of) as date) as today
),

buildings as (
    select
        building.*,
        coalesce(building.started_date <= params.today, false) as is_started,
        coalesce(building.completed_date <= params.today, false) as is_completed
    from core.building_state_as_of($as_of) as building
    cross join params
),

works as (
    select
        compound_id,
        count(*) as registered_buildings,
        count(*) filter (where is_started) as started_buildings,
        count(*) filter (where is_completed) as completed_buildings,
        cast(coalesce(sum(household_count), 0) as bigint) as household_count,
        cast(coalesce(sum(floor_area_m2), 0) as decimal(14, 2)) as floor_area_m2,
        cast(coalesce(sum(floor_area_m2) filter (where is_started), 0) as decimal(14, 2)) as started_area_m2,
        cast(coalesce(sum(floor_area_m2) filter (where is_completed), 0) as decimal(14, 2)) as completed_area_m2,
        min(started_date) filter (where is_started) as first_started_date,
        max(completed_date) filter (where is_completed) as last_completed_date,
        max(report_month) as report_month
    from buildings
    group by compound_id
),

handed_over as (
    select
        building.compound_id,
        count(*) as buildings
    from core.building_acceptances_as_of($as_of) as acceptance
    inner join core.building_state_as_of($as_of) as building
        on building.building_id = acceptance.building_id
    cross join params
    where acceptance.acceptance_type_code = 'HANDOVER'
        and acceptance.passed_date <= params.today
    group by building.compound_id
),

environment as (
    select distinct compound_id
    from core.environment_items_as_of($as_of)
    where is_started
),

statuses as (
    select
        compound.*,
        case
            when handed_over.buildings = works.registered_buildings then 'HANDED_OVER'
            when works.completed_buildings = works.registered_buildings and environment.compound_id is not null
                then 'ENVIRONMENT'
            when works.completed_buildings = works.registered_buildings then 'FINISHED'
            when works.started_buildings + works.completed_buildings > 0 then 'IN_PROGRESS'
            else 'NOT_STARTED'
        end as status_code
    from core.compound_register_as_of($as_of) as compound
    left join works
        on works.compound_id = compound.compound_id
    left join handed_over
        on handed_over.compound_id = compound.compound_id
    left join environment
        on environment.compound_id = compound.compound_id
)

select
    statuses.compound_id,
    statuses.street_id,
    street_names.street_name,
    statuses.compound_name,
    statuses.plan_year,
    statuses.batch_no,
    statuses.status_code,
    case statuses.status_code
        when 'NOT_STARTED' then '未开工'
        when 'IN_PROGRESS' then '在施'
        when 'FINISHED' then '完工'
        when 'ENVIRONMENT' then '环境整治中'
        when 'HANDED_OVER' then '已移交'
    end as status_label_zh,
    statuses.building_count,
    coalesce(works.registered_buildings, 0) as registered_buildings,
    coalesce(works.started_buildings, 0) as started_buildings,
    coalesce(works.completed_buildings, 0) as completed_buildings,
    coalesce(works.household_count, 0) as household_count,
    coalesce(works.floor_area_m2, 0) as floor_area_m2,
    coalesce(works.started_area_m2, 0) as started_area_m2,
    coalesce(works.completed_area_m2, 0) as completed_area_m2,
    works.first_started_date,
    works.last_completed_date,
    works.report_month
from statuses
left join works
    on works.compound_id = statuses.compound_id
left join core.street_names as street_names
    on street_names.street_id = statuses.street_id
