-- One compound of one batch: what the batch plan says goes before the register.
-- 中文: 各批次的小区
-- grain: plan_year, compound_id
-- reads: core.batch_plan, core.compound_register
-- column plan_year: 计划年度; programme year; year
-- column batch_no: 批次; batch of the year's plan; code
-- column compound_id: 小区; compound; id
-- column planned_area_m2: 计划面积; area planned, NULL where no plan gives one; m2
-- column planned_start: 计划开工; planned start; date
-- column planned_finish: 计划完工; planned finish, the last day its text allows; date
-- column plan_row_id: 计划行; core row of the batch plan, NULL where only the register names the batch; id
-- column compound_row_id: 小区行; core row of the compound register; id
with

-- Where plans name two batches, the one the register agrees with, else the later.
members as (
    select
        coalesce(plan.plan_year, compound.plan_year) as plan_year,
        coalesce(plan.batch_no, compound.batch_no) as batch_no,
        compound_id,
        plan.planned_area_m2,
        plan.planned_start,
        case plan.planned_finish_precision
            when 'month' then last_day(plan.planned_finish)
            when 'year' then make_date(year(plan.planned_finish), 12, 31)
            else plan.planned_finish
        end as planned_finish,
        plan.row_id as plan_row_id,
        compound.row_id as compound_row_id
    from core.batch_plan_as_of($as_of) as plan
    full outer join core.compound_register_as_of($as_of) as compound using (compound_id)
    qualify row_number() over (
        partition by coalesce(plan.plan_year, compound.plan_year), compound_id
        order by coalesce(plan.batch_no = compound.batch_no, false) desc, plan.batch_no desc
    ) = 1
)

select *
from members
where plan_year is not null
    and batch_no is not null
