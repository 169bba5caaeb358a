-- What inspections of one month found at one contractor's sites, what was put right, and how that compares with its works (M14).
-- 中文: 安全质量检查情况
-- grain: month, contractor_id
-- reads: core.inspection_standing, core.organisation_names, summary.building_status
-- check fail every_inspection_once: select sum(inspections) as inspections from summary.safety having coalesce(sum(inspections), 0) <> (select count(*) from core.safety_inspection where known_to is null)
-- check fail overdue_within_found: overdue_hazards <= hazards_found
-- check warn hazards_overdue: select month, contractor_id, overdue_hazards from summary.safety where overdue_hazards > 0
-- column month: 月份; month of the inspections, as its first day; month
-- column contractor_id: 受检单位编号; contractor inspected; id
-- column contractor_name: 受检单位; full name by the directory; text
-- column inspections: 检查次数; inspections of the month; inspection
-- column hazards_found: 发现隐患; hazards found; hazard
-- column hazards_major: 重大隐患; major ones among them; hazard
-- column hazards_fixed: 已整改隐患; of the hazards found, put right so far; hazard
-- column rectification_ratio: 整改率; hazards_fixed / hazards_found, NULL where none was found; ratio
-- column overdue_inspections: 逾期未整改检查数; inspections with hazards left, past their due date on the as-of day and not looked at again; inspection
-- column overdue_hazards: 逾期未整改隐患; hazards left at these inspections; hazard
-- column penalty_yuan: 处罚金额; fines, NULL where none is told; yuan
-- column accidents: 事故起数; inspections that tell of an accident to a person; inspection
-- column in_progress_area_m2: 在施面积; floor area of the contractor's buildings under works in the month: started by its end, not completed before it; m2
-- column hazards_per_hectare: 每万平方米隐患数; hazards_found per 10,000 m2 of in_progress_area_m2, NULL where nothing is under works; hazard per 10,000 m2
with

inspections as (
    select *
    from core.inspection_standing_as_of($as_of)
),

months as (
    select
        month,
        contractor_id,
        count(*) as inspections,
        sum(hazards_found) as hazards_found,
        sum(hazards_major) as hazards_major,
        sum(hazards_fixed) as hazards_fixed,
        count(*) filter (where is_overdue) as overdue_inspections,
        coalesce(sum(hazards_left) filter (where is_overdue), 0) as overdue_hazards,
        sum(penalty_yuan) as penalty_yuan,
        count(*) filter (where has_accident) as accidents
    from inspections
    group by month, contractor_id
),

under_works as (
    select
        months.month,
        months.contractor_id,
        sum(building.floor_area_m2) as in_progress_area_m2
    from months
    inner join summary.building_status_as_of($as_of) as building
        on building.contractor_id = months.contractor_id
        and building.is_started
        and building.started_date <= last_day(months.month)
        and (not building.is_completed or building.finished_date >= months.month)
    group by months.month, months.contractor_id
)

select
    months.month,
    months.contractor_id,
    organisation.org_name as contractor_name,
    months.inspections,
    cast(months.hazards_found as bigint) as hazards_found,
    cast(months.hazards_major as bigint) as hazards_major,
    cast(months.hazards_fixed as bigint) as hazards_fixed,
    cast(months.hazards_fixed / nullif(months.hazards_found, 0) as decimal(28, 10)) as rectification_ratio,
    months.overdue_inspections,
    cast(months.overdue_hazards as bigint) as overdue_hazards,
    cast(months.penalty_yuan as decimal(18, 2)) as penalty_yuan,
    months.accidents,
    cast(coalesce(under_works.in_progress_area_m2, 0) as decimal(14, 2)) as in_progress_area_m2,
    cast(months.hazards_found * 10000 / nullif(under_works.in_progress_area_m2, 0) as decimal(28, 10))
        as hazards_per_hectare
from months
left join under_works
    on under_works.month = months.month
    and under_works.contractor_id = months.contractor_id
left join core.organisation_names_as_of($as_of) as organisation
    on organisation.org_id = months.contractor_id
