-- One opinion of a resident whose day is known: when it was raised, what became of it, how long that took.
-- 中文: 居民意见办理现状
-- grain: opinion_id
-- reads: core.resident_opinion
-- column opinion_id: 意见编号; opinion; id
-- column street_id: 街道代码; street; id
-- column stage_code: 环节; stage it is about, OTHER where the ledger names none; code
-- column raised_date: 反映时间; day it was raised; date
-- column raised_month: 反映月份; its month, as the first day; month
-- column is_resolved: 是否已解决; resolved so far; boolean
-- column resolved_date: 解决日期; day it was resolved, the day it was raised where none is told, NULL while open; date
-- column is_replied: 是否已答复; with a reply; boolean
-- column is_adopted: 是否采纳; adopted or partly adopted; boolean
-- column is_decided: 是否已定; adopted, partly adopted or rejected; boolean
-- column is_satisfied: 是否满意; 满意 or 基本满意; boolean
-- column is_asked_again: 是否已回访; the resident was asked again; boolean
-- column days_to_reply: 答复天数; days from raised to reply, where both days are known; day
-- column days_to_resolve: 解决天数; days from raised to resolved, where both days are known; day
-- column opinion_row_id: 意见行; core row of the ledger; id
select
    opinion_id,
    street_id,
    coalesce(stage_code, 'OTHER') as stage_code,
    raised_date,
    cast(date_trunc('month', raised_date) as date) as raised_month,
    coalesce(resolution_code = 'RESOLVED', false) as is_resolved,
    -- Resolved without a day (row rules ask for one): open at no month end rather than at every one.
    case when resolution_code = 'RESOLVED' then coalesce(resolved_date, raised_date) end as resolved_date,
    reply_date is not null as is_replied,
    -- What nobody wrote is not known: it is no decision and no visit.
    coalesce(adopted_code in ('ADOPTED', 'PARTLY'), false) as is_adopted,
    coalesce(adopted_code in ('ADOPTED', 'PARTLY', 'REJECTED'), false) as is_decided,
    coalesce(satisfaction_code in ('SATISFIED', 'MOSTLY_SATISFIED'), false) as is_satisfied,
    coalesce(satisfaction_code <> 'NOT_ASKED', false) as is_asked_again,
    case
        when raised_date_precision = 'day' and reply_date_precision = 'day'
            then date_diff('day', raised_date, reply_date)
    end as days_to_reply,
    case
        when resolution_code = 'RESOLVED' and raised_date_precision = 'day' and resolved_date_precision = 'day'
            then date_diff('day', raised_date, resolved_date)
    end as days_to_resolve,
    row_id as opinion_row_id
from core.resident_opinion_as_of($as_of)
where raised_date is not null
