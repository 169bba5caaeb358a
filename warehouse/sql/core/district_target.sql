-- The target the city gave the district for one plan year and programme type, by the newest adjustment known.
-- 中文: 市下达海淀区的年度任务（已知的最新一次调整）
-- grain: plan_year, programme_type_code
-- reads: core.municipal_target
-- column plan_year: 计划年度; programme year; year
-- column programme_type_code: 改造类型; ALL for the whole target, or the type a part of it was given for; code
-- column target_area_m2: 任务面积; area the district was given; m2
-- column target_compounds: 任务小区数; compounds the district was given; compound
-- column target_version: 调整次数; 1 for the first target, one more per adjustment; count
-- column target_row_id: 任务行; core row the target was read from; id
select
    plan_year,
    programme_type_code,
    target_area_m2,
    target_compounds,
    target_version,
    row_id as target_row_id
from core.municipal_target_as_of($as_of)
where district = '海淀区'
-- A withdrawn area (NULL in the newest adjustment) must not bring the older one back, so whole rows are ranked.
qualify row_number() over (
    partition by plan_year, programme_type_code
    order by target_version desc, report_version desc, row_id
) = 1
