-- The cells behind each figure of summary.work_item_progress.
-- figure buildings: count building_id of work_item_progress.qty_design by item_row_id where is_planned
-- figure accepted_buildings: count building_id of work_item_progress.qty_cum by item_row_id where is_accepted
-- figure qty_design: sum of work_item_progress.qty_design by item_row_id
-- figure qty_cum: sum of work_item_progress.qty_cum by item_row_id
-- figure completion_ratio: qty_cum / qty_design
with

items as (
    select building.plan_year, item.*
    from core.building_items_as_of($as_of) as item
    inner join core.building_state_as_of($as_of) as building
        on building.building_id = item.building_id
    where item.next_report_month is null
        and building.plan_year is not null
)

from items
