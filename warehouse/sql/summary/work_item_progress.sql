-- One work item of one programme year in one unit, by the latest report of each building (M07).
-- 中文: 分项工程进度
-- grain: plan_year, work_item_code, unit_code
-- reads: core.building_state, core.building_items
-- check fail accepted_within_buildings: select plan_year, work_item_code, unit_code from summary.work_item_progress where accepted_buildings > buildings
-- check warn done_over_design: select plan_year, work_item_code, unit_code from summary.work_item_progress where completion_ratio > 1
-- column plan_year: 计划年度; programme year of the compounds; year
-- column work_item_code: 分项工程; work item; code
-- column unit_code: 计量单位; unit of the quantities; code
-- column buildings: 涉及楼栋数; buildings with a designed quantity of the item in the unit; building
-- column accepted_buildings: 完成楼栋数; of these, buildings where the item is done to the designed quantity; building
-- column qty_design: 设计量; designed quantity; row's unit
-- column qty_cum: 累计完成; quantity done since the start; row's unit
-- column completion_ratio: 完成率; qty_cum / qty_design; ratio
select
    -- Units are never added: windows counted in 樘 and windows measured in ㎡ are two rows.
    building.plan_year,
    item.work_item_code,
    item.unit_code,
    count(distinct item.building_id) filter (where item.is_planned) as buildings,
    count(distinct item.building_id) filter (where item.is_accepted) as accepted_buildings,
    coalesce(sum(item.qty_design), 0) as qty_design,
    coalesce(sum(item.qty_cum), 0) as qty_cum,
    cast(sum(item.qty_cum) / nullif(sum(item.qty_design), 0) as decimal(28, 10)) as completion_ratio
from core.building_items_as_of($as_of) as item
inner join core.building_state_as_of($as_of) as building
    on building.building_id = item.building_id
where item.next_report_month is null
    and building.plan_year is not null
group by building.plan_year, item.work_item_code, item.unit_code
