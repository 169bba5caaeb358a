-- The cells behind each figure of summary.building_status.
-- figure floor_area_m2: value of building_register.floor_area_m2 by register_row_id
-- figure household_count: value of building_register.household_count by register_row_id
-- figure plan_year: value of compound_register.plan_year by compound_row_id
-- figure status_code: value of contractor_progress.status_code by report_row_id
-- figure planned_finish_date: value of contractor_progress.planned_finish by report_row_id
--   where planned_finish_date is not null
-- figure started_date: value of contractor_progress.actual_start by report_row_id where started_date is not null
-- figure finished_date: value of contractor_progress.actual_finish by report_row_id where finished_date is not null
-- figure days_late: value days_late of contractor_progress.planned_finish by report_row_id where days_late is not null
--   because contractor_progress.actual_finish by report_row_id
-- figure items_planned: count work_item_code || ' ' || unit_code of work_item_progress.qty_design by item_row_id
--   from items where is_planned
-- figure items_accepted: count work_item_code || ' ' || unit_code of work_item_progress.qty_cum by item_row_id
--   from items where is_accepted
with

buildings as (
    select
        building.*,
        case
            when building.planned_finish_date is not null
                then greatest(
                    0,
                    date_diff('day', building.planned_finish_date, coalesce(building.finished_date, params.today))
                )
        end as days_late
    from core.building_state_as_of($as_of) as building
    cross join (select cast(timezone('Asia/Shanghai', $as_of) as date) as today) as params
),

items as (
    select *
    from core.building_items_as_of($as_of)
    where next_report_month is null
)

from buildings
