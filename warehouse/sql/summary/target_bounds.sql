-- How far the headline areas of one programme year could move if what is in dispute were settled either way (M01).
-- 中文: 年度任务完成情况的上下限
-- grain: plan_year
-- reads: core.area_in_dispute, summary.target_attainment
-- check fail figure_within_bounds: select plan_year from summary.target_bounds where not (started_area_low_m2 <= started_area_m2 and started_area_m2 <= started_area_high_m2 and completed_area_low_m2 <= completed_area_m2 and completed_area_m2 <= completed_area_high_m2)
-- check warn area_in_dispute: select plan_year, disputed_streets from summary.target_bounds where disputed_streets > 0
-- column plan_year: 计划年度; programme year; year
-- column started_area_low_m2: 开工面积下限; started_area_m2 less, per street, the most that any one source does not confirm; m2
-- column started_area_m2: 开工面积; the published figure, as in target_attainment; m2
-- column started_area_high_m2: 开工面积上限; started_area_m2 and, per street, the most that any one source claims on top; m2
-- column completed_area_low_m2: 完成面积下限; completed_area_m2 less, per street, the most that any one source does not confirm; m2
-- column completed_area_m2: 完成面积; the published figure, as in target_attainment; m2
-- column completed_area_high_m2: 完成面积上限; completed_area_m2 and, per street, the most that any one source claims on top; m2
-- column completion_low_ratio: 任务完成率下限; completed_area_low_m2 / target_area_m2, NULL where there is no target; ratio
-- column completion_high_ratio: 任务完成率上限; completed_area_high_m2 / target_area_m2, NULL where there is no target; ratio
-- column disputed_streets: 有争议街道数; streets with an area in dispute; street
with

-- Sources of one street may speak of the same building: the widest of them counts, not their sum.
streets as (
    select
        plan_year,
        street_id,
        max(started_unconfirmed_m2) as started_unconfirmed_m2,
        max(started_claimed_m2) as started_claimed_m2,
        max(completed_unconfirmed_m2) as completed_unconfirmed_m2,
        max(completed_claimed_m2) as completed_claimed_m2
    from core.area_in_dispute_as_of($as_of)
    group by plan_year, street_id
),

disputes as (
    select
        plan_year,
        sum(started_unconfirmed_m2) as started_unconfirmed_m2,
        sum(started_claimed_m2) as started_claimed_m2,
        sum(completed_unconfirmed_m2) as completed_unconfirmed_m2,
        sum(completed_claimed_m2) as completed_claimed_m2,
        count(*) as streets
    from streets
    group by plan_year
),

bounds as (
    select
        attained.plan_year,
        attained.target_area_m2,
        attained.started_area_m2,
        attained.completed_area_m2,
        attained.started_area_m2 - coalesce(disputes.started_unconfirmed_m2, 0) as started_low,
        attained.started_area_m2 + coalesce(disputes.started_claimed_m2, 0) as started_high,
        attained.completed_area_m2 - coalesce(disputes.completed_unconfirmed_m2, 0) as completed_low,
        attained.completed_area_m2 + coalesce(disputes.completed_claimed_m2, 0) as completed_high,
        coalesce(disputes.streets, 0) as streets
    from summary.target_attainment_as_of($as_of) as attained
    left join disputes
        on disputes.plan_year = attained.plan_year
)

select
    plan_year,
    cast(started_low as decimal(14, 2)) as started_area_low_m2,
    started_area_m2,
    cast(started_high as decimal(14, 2)) as started_area_high_m2,
    cast(completed_low as decimal(14, 2)) as completed_area_low_m2,
    completed_area_m2,
    cast(completed_high as decimal(14, 2)) as completed_area_high_m2,
    cast(completed_low / nullif(target_area_m2, 0) as decimal(28, 10)) as completion_low_ratio,
    cast(completed_high / nullif(target_area_m2, 0) as decimal(28, 10)) as completion_high_ratio,
    streets as disputed_streets
from bounds
