-- The cells behind each figure of summary.opinion_handling.
-- figure raised: count opinion_id of resident_opinion.raised_date by opinion_row_id
-- figure replied: count opinion_id of resident_opinion.reply_date by opinion_row_id where is_replied
-- figure decided: count opinion_id of resident_opinion.adopted_code by opinion_row_id where is_decided
-- figure adopted: count opinion_id of resident_opinion.adopted_code by opinion_row_id where is_adopted
-- figure adopted_ratio: adopted / decided
-- figure resolved: count opinion_id of resident_opinion.resolution_code by opinion_row_id where is_resolved
-- figure resolved_ratio: resolved / raised
-- figure asked_again: count opinion_id of resident_opinion.satisfaction_code by opinion_row_id where is_asked_again
-- figure satisfied: count opinion_id of resident_opinion.satisfaction_code by opinion_row_id where is_satisfied
-- figure satisfied_ratio: satisfied / asked_again
-- figure median_days_to_reply: median days_to_reply of resident_opinion.reply_date by opinion_row_id
--   where days_to_reply is not null because resident_opinion.raised_date by opinion_row_id
-- figure median_days_to_resolve: median days_to_resolve of resident_opinion.resolved_date by opinion_row_id
--   where days_to_resolve is not null because resident_opinion.raised_date by opinion_row_id
-- figure open_at_month_end: count opinion_id of resident_opinion.raised_date by opinion_row_id from open_ones
--   because resident_opinion.resolved_date by opinion_row_id, resident_opinion.resolution_code by opinion_row_id
with

opinions as (
    select *, raised_month as month
    from core.opinion_standing_as_of($as_of)
),

months as (
    select cast(unnest(generate_series(
        cast(min(raised_month) as timestamp),
        cast(max(raised_month) as timestamp),
        interval 1 month
    )) as date) as month
    from opinions
),

open_ones as (
    select
        opinions.* exclude (month),
        months.month
    from months
    inner join opinions
        on opinions.raised_month <= months.month
        and (opinions.resolved_date is null or opinions.resolved_date > last_day(months.month))
)

from opinions
