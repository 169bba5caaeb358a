-- The cells behind each figure of summary.weekly_flash.
-- figure in_progress_buildings: value of weekly_flash.in_progress_buildings by flash_row_id
-- figure completed_buildings_cum: value of weekly_flash.completed_buildings_cum by flash_row_id
-- figure _completed_buildings_before: value of weekly_flash.completed_buildings_cum by before_row_id
-- figure completed_buildings_week: completed_buildings_cum - _completed_buildings_before
-- figure workers_on_site: value of weekly_flash.workers_on_site by flash_row_id
-- figure days_since_last_flash: value days_since_last_flash of weekly_flash.week_end by flash_row_id
--   where before_row_id is not null because weekly_flash.week_end by before_row_id
with

flashes as (
    select
        week_end,
        street_id,
        row_id as flash_row_id,
        lag(row_id) over so_far as before_row_id,
        date_diff('day', lag(week_end) over so_far, week_end) as days_since_last_flash
    from core.weekly_flash_as_of($as_of)
    window so_far as (partition by street_id order by week_end)
)

from flashes
