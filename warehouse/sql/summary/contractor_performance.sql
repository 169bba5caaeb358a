-- One contractor in one programme year: how much it built, how punctually, how safely and how well residents took it (M08).
-- 中文: 施工单位履约情况
-- grain: plan_year, contractor_id
-- reads: core.building_standing, core.compound_register, core.contractor_opinions, core.late_reports, core.organisation_names, core.safety_inspection, summary.building_status
-- check fail contractors_add_up: select plan_year from summary.contractor_performance group by plan_year having sum(started_area_m2) > (select started_area_m2 from summary.target_attainment as year where year.plan_year = contractor_performance.plan_year) or sum(completed_area_m2) > (select completed_area_m2 from summary.target_attainment as year where year.plan_year = contractor_performance.plan_year)
-- check fail parts_within_finished: on_time_buildings <= judged_buildings and judged_buildings <= finished_buildings and finished_buildings <= buildings
-- column plan_year: 计划年度; programme year; year
-- column contractor_id: 施工单位编号; contractor the building register names; id
-- column contractor_name: 施工单位; full name by the directory; text
-- column compounds: 涉及小区数; compounds with a building of the contractor; compound
-- column buildings: 承建楼栋数; buildings the register gives it; building
-- column households: 涉及户数; households of these buildings; household
-- column floor_area_m2: 承建面积; floor area of these buildings; m2
-- column started_area_m2: 开工面积; floor area of those started by 31 December of the plan year; m2
-- column completed_area_m2: 完成面积; floor area of those completed by 31 December of the plan year; m2
-- column finished_buildings: 已完成楼栋数; buildings completed by the as-of day, also after the plan year; building
-- column judged_buildings: 有合同竣工日期的已完成楼栋数; of these, with a date of finish in the contract: the others can be neither on time nor late; building
-- column on_time_buildings: 按期完成楼栋数; of these, finished by that date; building
-- column on_time_ratio: 按期完成率; on_time_buildings / judged_buildings; ratio
-- column late_buildings: 逾期楼栋数; buildings past their date of finish, finished late or not yet; building
-- column median_days_late: 逾期天数中位数; median days late (0 when in time, to the as-of day while unfinished) of buildings with a date of finish; day
-- column hazards_found: 发现隐患; hazards inspections found at its sites in compounds of the year; hazard
-- column hazards_per_hectare: 每万平方米隐患数; hazards_found per 10,000 m2 of started_area_m2; hazard per 10,000 m2
-- column opinions: 居民意见件数; opinions about its buildings, or about compounds where it is the only contractor; opinion
-- column opinions_per_100_households: 每百户意见件数; opinions per 100 households; opinion per 100 households
-- column late_reports: 迟报份数; monthly reports (F06, street by street) about its buildings of the year whose first version came after its due day (one that never came is in report_timeliness); report
with

buildings as (
    select
        building.*,
        coalesce(standing.is_started, false) as is_started_in_year,
        coalesce(standing.is_completed, false) as is_completed_in_year
    from summary.building_status_as_of($as_of) as building
    left join core.building_standing_as_of($as_of) as standing
        on standing.building_id = building.building_id
        and standing.is_year_count
    where building.plan_year is not null
        and building.contractor_id is not null
),

works as (
    select
        plan_year,
        contractor_id,
        count(distinct compound_id) as compounds,
        count(*) as buildings,
        coalesce(sum(household_count), 0) as households,
        coalesce(sum(floor_area_m2), 0) as floor_area_m2,
        coalesce(sum(floor_area_m2) filter (where is_started_in_year), 0) as started_area_m2,
        coalesce(sum(floor_area_m2) filter (where is_completed_in_year), 0) as completed_area_m2,
        count(*) filter (where is_completed) as finished_buildings,
        count(*) filter (where is_completed and days_late is not null) as judged_buildings,
        count(*) filter (where is_completed and days_late = 0) as on_time_buildings,
        count(*) filter (where days_late > 0) as late_buildings,
        cast(median(days_late) as decimal(10, 1)) as median_days_late
    from buildings
    group by plan_year, contractor_id
),

hazards as (
    select
        compound.plan_year,
        inspection.contractor_id,
        sum(inspection.hazards_found) as hazards_found
    from core.safety_inspection_as_of($as_of) as inspection
    inner join core.compound_register_as_of($as_of) as compound
        on compound.compound_id = inspection.compound_id
    group by compound.plan_year, inspection.contractor_id
),

opinions as (
    select
        plan_year,
        contractor_id,
        count(*) as opinions
    from core.contractor_opinions_as_of($as_of)
    group by plan_year, contractor_id
),

late as (
    select
        plan_year,
        contractor_id,
        count(distinct concat_ws(' ', street_id, report_key)) as late_reports
    from core.late_reports_as_of($as_of)
    group by plan_year, contractor_id
)

select
    works.plan_year,
    works.contractor_id,
    organisation.org_name as contractor_name,
    works.compounds,
    works.buildings,
    cast(works.households as bigint) as households,
    cast(works.floor_area_m2 as decimal(14, 2)) as floor_area_m2,
    cast(works.started_area_m2 as decimal(14, 2)) as started_area_m2,
    cast(works.completed_area_m2 as decimal(14, 2)) as completed_area_m2,
    works.finished_buildings,
    works.judged_buildings,
    works.on_time_buildings,
    cast(works.on_time_buildings / nullif(works.judged_buildings, 0) as decimal(28, 10)) as on_time_ratio,
    works.late_buildings,
    works.median_days_late,
    cast(coalesce(hazards.hazards_found, 0) as bigint) as hazards_found,
    cast(coalesce(hazards.hazards_found, 0) * 10000 / nullif(works.started_area_m2, 0) as decimal(28, 10))
        as hazards_per_hectare,
    coalesce(opinions.opinions, 0) as opinions,
    cast(coalesce(opinions.opinions, 0) * 100 / nullif(works.households, 0) as decimal(28, 10))
        as opinions_per_100_households,
    cast(coalesce(late.late_reports, 0) as bigint) as late_reports
from works
left join late
    on late.plan_year = works.plan_year
    and late.contractor_id = works.contractor_id
left join hazards
    on hazards.plan_year = works.plan_year
    and hazards.contractor_id = works.contractor_id
left join opinions
    on opinions.plan_year = works.plan_year
    and opinions.contractor_id = works.contractor_id
left join core.organisation_names_as_of($as_of) as organisation
    on organisation.org_id = works.contractor_id
