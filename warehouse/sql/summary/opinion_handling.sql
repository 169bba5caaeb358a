-- What residents of one street raised about one stage in one month, what became of it, and what was still open (M10).
-- 中文: 居民意见办理情况
-- grain: month, street_id, stage_code
-- reads: core.opinion_standing, core.street_names
-- check fail opinions_add_up: select sum(raised) as raised from summary.opinion_handling having sum(raised) <> (select count(*) from core.resident_opinion where known_to is null and raised_date is not null)
-- check fail parts_within_raised: select month, street_id, stage_code from summary.opinion_handling where adopted > decided or decided > raised or resolved > raised or satisfied > asked_again or asked_again > raised
-- column month: 月份; month the opinions were raised in, as its first day (a month without any shows while some are open); month
-- column street_id: 街道代码; street; id
-- column street_name: 街道; name of the street; text
-- column stage_code: 环节; stage the opinions are about, OTHER where the ledger names none; code
-- column raised: 反映件数; distinct opinions raised in the month; opinion
-- column replied: 已答复件数; of these, with a reply; opinion
-- column decided: 已定件数; of these, adopted, partly adopted or rejected: without 解释说明 and 办理中; opinion
-- column adopted: 采纳件数; of these, adopted or partly adopted; opinion
-- column adopted_ratio: 采纳率; adopted / decided; ratio
-- column resolved: 已解决件数; of the opinions raised in the month, resolved so far; opinion
-- column resolved_ratio: 解决率; resolved / raised; ratio
-- column asked_again: 已回访件数; of the opinions raised in the month, whose resident was asked again: without 未回访; opinion
-- column satisfied: 满意件数; of these, 满意 or 基本满意; opinion
-- column satisfied_ratio: 满意率; satisfied / asked_again; ratio
-- column median_days_to_reply: 答复天数中位数; median days from raised to reply, where both days are known; day
-- column median_days_to_resolve: 解决天数中位数; median days from raised to resolved, where both days are known; day
-- column open_at_month_end: 月末未解决件数; opinions raised by the month end, in whatever month, and not resolved by then; opinion
with

opinions as (
    select *
    from core.opinion_standing_as_of($as_of)
),

newest as (
    select max(raised_month) as last_month
    from opinions
),

months as (
    select
        opinions.street_id,
        opinions.stage_code,
        cast(unnest(generate_series(
            cast(min(opinions.raised_month) as timestamp),
            cast(any_value(newest.last_month) as timestamp),
            interval 1 month
        )) as date) as month
    from opinions
    cross join newest
    group by opinions.street_id, opinions.stage_code
),

raised as (
    select
        raised_month,
        street_id,
        stage_code,
        count(*) as raised,
        count(*) filter (where is_replied) as replied,
        count(*) filter (where is_decided) as decided,
        count(*) filter (where is_adopted) as adopted,
        count(*) filter (where is_resolved) as resolved,
        count(*) filter (where is_asked_again) as asked_again,
        count(*) filter (where is_satisfied) as satisfied,
        cast(median(days_to_reply) as decimal(10, 1)) as median_days_to_reply,
        cast(median(days_to_resolve) as decimal(10, 1)) as median_days_to_resolve
    from opinions
    group by raised_month, street_id, stage_code
),

open_ones as (
    select
        months.month,
        months.street_id,
        months.stage_code,
        count(*) as open_at_month_end
    from months
    inner join opinions
        on opinions.street_id = months.street_id
        and opinions.stage_code = months.stage_code
        and opinions.raised_month <= months.month
        and (opinions.resolved_date is null or opinions.resolved_date > last_day(months.month))
    group by months.month, months.street_id, months.stage_code
)

select
    months.month,
    months.street_id,
    street_names.street_name,
    months.stage_code,
    coalesce(raised.raised, 0) as raised,
    coalesce(raised.replied, 0) as replied,
    coalesce(raised.decided, 0) as decided,
    coalesce(raised.adopted, 0) as adopted,
    cast(raised.adopted / nullif(raised.decided, 0) as decimal(28, 10)) as adopted_ratio,
    coalesce(raised.resolved, 0) as resolved,
    cast(raised.resolved / nullif(raised.raised, 0) as decimal(28, 10)) as resolved_ratio,
    coalesce(raised.asked_again, 0) as asked_again,
    coalesce(raised.satisfied, 0) as satisfied,
    cast(raised.satisfied / nullif(raised.asked_again, 0) as decimal(28, 10)) as satisfied_ratio,
    raised.median_days_to_reply,
    raised.median_days_to_resolve,
    coalesce(open_ones.open_at_month_end, 0) as open_at_month_end
from months
left join raised
    on raised.raised_month = months.month
    and raised.street_id = months.street_id
    and raised.stage_code = months.stage_code
left join open_ones
    on open_ones.month = months.month
    and open_ones.street_id = months.street_id
    and open_ones.stage_code = months.stage_code
left join core.street_names as street_names
    on street_names.street_id = months.street_id
where raised.raised is not null
    or open_ones.open_at_month_end > 0
