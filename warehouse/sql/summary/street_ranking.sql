-- One street in one programme year: what it started and completed by the year end, and where it ranks (M03).
-- 中文: 街道工作量排名
-- grain: plan_year, street_id
-- reads: core.building_standing, core.street_names
-- revised: yes
-- check fail streets_add_up: select plan_year, sum(started_area_m2), sum(completed_area_m2) from summary.street_ranking group by plan_year having sum(started_area_m2) <> (select started_area_m2 from summary.target_attainment as year where year.plan_year = street_ranking.plan_year) or sum(completed_area_m2) <> (select completed_area_m2 from summary.target_attainment as year where year.plan_year = street_ranking.plan_year)
-- check fail street_has_a_name: select plan_year, street_id from summary.street_ranking where street_name is null
-- column plan_year: 计划年度; programme year; year
-- column street_id: 街道代码; street; id
-- column street_name: 街道; name of the street; text
-- column compounds: 小区数; compounds with a building started by 31 December of the plan year; compound
-- column buildings: 楼栋数; buildings started by then; building
-- column households: 户数; households of these buildings; household
-- column started_area_m2: 开工面积; floor area of these buildings; m2
-- column completed_area_m2: 完成面积; floor area of buildings completed by 31 December of the plan year; m2
-- column area_rank: 面积排名; dense rank by started area, largest first, NULL where nothing is started; rank
-- column district_share_ratio: 占全区比重; started_area_m2 / started area of the district in the year; ratio
with

streets as (
    select
        plan_year,
        street_id,
        count(distinct compound_id) filter (where is_started) as compounds,
        count(*) filter (where is_started) as buildings,
        coalesce(sum(household_count) filter (where is_started), 0) as households,
        coalesce(sum(floor_area_m2) filter (where is_started), 0) as started_area_m2,
        coalesce(sum(floor_area_m2) filter (where is_completed), 0) as completed_area_m2
    from core.building_standing_as_of($as_of)
    where is_year_count
    group by plan_year, street_id
)

select
    streets.plan_year,
    streets.street_id,
    street_names.street_name,
    streets.compounds,
    streets.buildings,
    cast(streets.households as bigint) as households,
    cast(streets.started_area_m2 as decimal(14, 2)) as started_area_m2,
    cast(streets.completed_area_m2 as decimal(14, 2)) as completed_area_m2,
    case
        when streets.started_area_m2 > 0
            then dense_rank() over (partition by streets.plan_year order by streets.started_area_m2 desc)
    end as area_rank,
    cast(
        streets.started_area_m2 / nullif(sum(streets.started_area_m2) over (partition by streets.plan_year), 0)
        as decimal(28, 10)
    ) as district_share_ratio
from streets
left join core.street_names as street_names
    on street_names.street_id = streets.street_id
