-- One work item of one building in one report month, and until which month it is the latest word on that item.
-- 中文: 楼栋分项工程月报（每栋每项每月一行）
-- grain: building_id, work_item_code, unit_code, report_month
-- kept: yes
-- reads: core.work_item_progress, core.building_register
-- column building_id: 楼栋; building; id
-- column work_item_code: 分项工程; work item; code
-- column unit_code: 计量单位; unit the quantities are in; code
-- column report_month: 报告期; month the report is about, as its first day; month
-- column next_report_month: 下一报告期; next month with a report of this item of this building, NULL for the latest; month
-- column qty_design: 设计量; quantity by design; item unit
-- column qty_cum: 累计完成; quantity done since the start; item unit
-- column is_planned: 是否在设计内; the design asks for some of it, so completion waits for it; boolean
-- column is_accepted: 是否完成; done to the designed quantity, which is above 0; boolean
-- column item_row_id: 分项行; core row of the item; id
with

said as (
    select
        item.*,
        coalesce(item.contractor_id = register.contractor_id, false) as is_by_registered_contractor
    from core.work_item_progress_as_of($as_of) as item
    left join core.building_register_as_of($as_of) as register
        on register.building_id = item.building_id
),

-- All rows of one contractor stay: an item may be measured in two units (外窗 in ㎡ and 樘), and both must hold.
heard as (
    select *
    from said
    qualify rank() over (
        partition by building_id, work_item_code, report_month
        order by is_by_registered_contractor desc, contractor_id
    ) = 1
)

select
    building_id,
    work_item_code,
    unit_code,
    report_month,
    min(report_month) over (
        partition by building_id, work_item_code
        order by report_month
        groups between 1 following and unbounded following
    ) as next_report_month,
    qty_design,
    qty_cum,
    coalesce(qty_design > 0, false) as is_planned,
    coalesce(qty_design > 0 and qty_cum >= qty_design, false) as is_accepted,
    row_id as item_row_id
from heard
