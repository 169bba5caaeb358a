-- The cells behind each figure of summary.street_ranking.
-- figure compounds: count compound_id of contractor_progress.actual_start by report_row_id where is_started
-- figure buildings: count building_id of contractor_progress.actual_start by report_row_id where is_started
-- figure households: sum of building_register.household_count by register_row_id where is_started
-- figure started_area_m2: sum of building_register.floor_area_m2 by register_row_id where is_started
--   because contractor_progress.actual_start by report_row_id
-- figure completed_area_m2: sum of building_register.floor_area_m2 by register_row_id where is_completed
--   because contractor_progress.actual_finish by report_row_id, contractor_progress.status_code by report_row_id
-- figure area_rank: count rival_area_m2 of building_register.floor_area_m2 by register_row_id from rivals
-- figure _district_area_m2: sum of building_register.floor_area_m2 by register_row_id from district
-- figure district_share_ratio: started_area_m2 / _district_area_m2
with

standing as (
    select *
    from core.building_standing_as_of($as_of)
    where is_year_count
),

streets as (
    select plan_year, street_id, coalesce(sum(floor_area_m2) filter (where is_started), 0) as street_area_m2
    from standing
    group by plan_year, street_id
),

-- Every started building of the year beside every street.
district as (
    select street.plan_year, street.street_id, standing.floor_area_m2, standing.register_row_id
    from streets as street
    inner join standing
        on standing.plan_year = street.plan_year
    where standing.is_started
),

-- The buildings of the streets that have as much area or more: a dense rank is the number of such areas.
rivals as (
    select street.plan_year, street.street_id, rival.street_area_m2 as rival_area_m2, standing.register_row_id
    from streets as street
    inner join streets as rival
        on rival.plan_year = street.plan_year
        and rival.street_area_m2 >= street.street_area_m2
    inner join standing
        on standing.plan_year = rival.plan_year
        and standing.street_id = rival.street_id
    where standing.is_started
        and street.street_area_m2 > 0
)

from standing
