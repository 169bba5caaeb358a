-- One row by which a building benefits: an item done, or parts that passed; and on which days it does.
-- 中文: 楼栋受益依据
-- grain: building_id, item_row_id, acceptance_row_id
-- reads: core.building_items, core.building_acceptances
-- column building_id: 楼栋; building; id
-- column benefits_from: 受益自; first day the row counts; date
-- column benefits_until: 受益至; first day a later report counts instead, NULL while it is the latest word; date
-- column item_row_id: 分项行; core row of the item, NULL for an acceptance; id
-- column acceptance_row_id: 验收行; core row of the acceptance, NULL for an item; id
select
    building_id,
    report_month as benefits_from,
    next_report_month as benefits_until,
    item_row_id,
    cast(null as varchar) as acceptance_row_id
from core.building_items_as_of($as_of)
where is_accepted
union all
-- A passed acceptance of parts stands for accepted items.
select
    building_id,
    passed_date as benefits_from,
    cast(null as date) as benefits_until,
    cast(null as varchar) as item_row_id,
    acceptance_row_id
from core.building_acceptances_as_of($as_of)
where acceptance_type_code = 'SUB_ITEM'
    and passed_date is not null
