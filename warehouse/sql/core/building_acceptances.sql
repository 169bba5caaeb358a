-- One kind of acceptance of one building: when it was, how it ended, and from which day it counts as passed.
-- 中文: 楼栋验收情况（每栋每类一行）
-- grain: building_id, acceptance_type_code
-- reads: core.acceptance
-- column building_id: 楼栋; building; id
-- column acceptance_type_code: 验收类别; SUB_ITEM, FINAL or HANDOVER; code
-- column acceptance_result_code: 验收结论; result, NULL where the form says none; code
-- column acceptance_date: 验收日期; day of the acceptance, the last day its text allows, NULL for a plan; date
-- column passed_date: 通过日期; acceptance_date where the result is 合格 or 整改后合格; date
-- column handover_to: 移交单位; who takes the building over, as written; text
-- column acceptance_row_id: 验收行; core row of the acceptance; id
with

dated as (
    select
        *,
        -- A day known only to the month (year) counts when the month (year) is over: never earlier than it happened.
        case
            when acceptance_date_kind is distinct from 'actual' then null
            when acceptance_date_precision = 'month' then last_day(acceptance_date)
            when acceptance_date_precision = 'year' then make_date(year(acceptance_date), 12, 31)
            else acceptance_date
        end as happened_on
    from core.acceptance_as_of($as_of)
)

select
    building_id,
    acceptance_type_code,
    acceptance_result_code,
    happened_on as acceptance_date,
    case when acceptance_result_code in ('PASSED', 'PASSED_AFTER_REPAIR') then happened_on end as passed_date,
    handover_to,
    row_id as acceptance_row_id
from dated
