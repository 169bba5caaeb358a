-- What one source would add to or take from a street's areas of a programme year, at the day its figures count to.
-- 中文: 年度面积中的争议部分（按来源）
-- grain: plan_year, street_id, source_code
-- reads: core.disputed_rows
-- column plan_year: 计划年度; programme year; year
-- column street_id: 街道代码; street; id
-- column source_code: 来源; SUBCOMMAND (its newest line of each compound and type), CONTRACTOR (areas stated otherwise than in the register) or WAITING (rows of the newest contractors' reports in quarantine); code
-- column started_unconfirmed_m2: 未证实开工面积; started area the source says less; m2
-- column started_claimed_m2: 另报开工面积; started area the source says more; m2
-- column completed_unconfirmed_m2: 未证实完成面积; completed area the source says less; m2
-- column completed_claimed_m2: 另报完成面积; completed area the source says more; m2
-- column row_ids: 所依据的行; rows that say so, of core or, where they wait, of ops.quarantine; list
select
    plan_year,
    street_id,
    source_code,
    cast(sum(greatest(-started_difference_m2, 0)) as decimal(14, 2)) as started_unconfirmed_m2,
    cast(sum(greatest(started_difference_m2, 0)) as decimal(14, 2)) as started_claimed_m2,
    cast(sum(greatest(-completed_difference_m2, 0)) as decimal(14, 2)) as completed_unconfirmed_m2,
    cast(sum(greatest(completed_difference_m2, 0)) as decimal(14, 2)) as completed_claimed_m2,
    list(row_id order by row_id) as row_ids
from core.disputed_rows_as_of($as_of)
group by plan_year, street_id, source_code
