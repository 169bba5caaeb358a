-- One street in one week: what its flash says is in progress and completed, and who is on site (M22).
-- 中文: 各街道周报
-- grain: week_end, street_id
-- reads: core.weekly_flash, core.street_names
-- check warn completed_falls: select week_end, street_id from summary.weekly_flash where completed_buildings_week < 0
-- column week_end: 截止日期; last day of the week; date
-- column street_id: 街道代码; street; id
-- column street_name: 街道; name of the street; text
-- column in_progress_buildings: 在施楼栋数; buildings with works going on; building
-- column completed_buildings_cum: 累计完工楼栋数; buildings completed so far; building
-- column completed_buildings_week: 本周完工楼栋数; cumulative less that of the street's flash before, NULL for its first; building
-- column workers_on_site: 现场人数; workers on site; person
-- column days_since_last_flash: 距上次周报天数; days since the street's flash before, more than 7 where one is missing, NULL for its first; day
select
    flash.week_end,
    flash.street_id,
    street_names.street_name,
    flash.in_progress_buildings,
    flash.completed_buildings_cum,
    flash.completed_buildings_cum - lag(flash.completed_buildings_cum) over so_far as completed_buildings_week,
    flash.workers_on_site,
    date_diff('day', lag(flash.week_end) over so_far, flash.week_end) as days_since_last_flash
from core.weekly_flash_as_of($as_of) as flash
left join core.street_names as street_names
    on street_names.street_id = flash.street_id
window so_far as (partition by flash.street_id order by flash.week_end)
