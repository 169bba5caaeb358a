-- One environment item of one compound, by the latest report that names it.
-- 中文: 小区环境整治分项（最新一期）
-- grain: compound_id, env_item_code
-- reads: core.environment_phase
-- column compound_id: 小区; compound; id
-- column env_item_code: 整治内容; environment item; code
-- column report_month: 报告期; latest report month that names the item of the compound; month
-- column env_start: 环境整治启动日期; start by that report, the last day its text allows, NULL for a plan; date
-- column env_status_code: 状态; state of the item by that report; code
-- column unit_code: 计量单位; unit of qty_done; code
-- column qty_done: 完成量; done since the start; item unit
-- column is_started: 是否启动; the start is on or before the as-of day and the item is not said to be 未启动; boolean
-- column environment_row_id: 环境整治行; core row of the report; id
with

params as (
    select cast(timezone('Asia/Shanghai', $as_of) as date) as today
),

latest as (
    select
        *,
        case
            when env_start_kind is distinct from 'actual' then null
            when env_start_precision = 'month' then last_day(env_start)
            when env_start_precision = 'year' then make_date(year(env_start), 12, 31)
            else env_start
        end as started_on
    from core.environment_phase_as_of($as_of)
    qualify row_number() over (
        partition by compound_id, env_item_code
        order by report_month desc, report_version desc, row_id
    ) = 1
)

select
    latest.compound_id,
    latest.env_item_code,
    latest.report_month,
    latest.started_on as env_start,
    latest.env_status_code,
    latest.unit_code,
    latest.qty_done,
    coalesce(latest.started_on <= params.today and latest.env_status_code is distinct from 'NOT_STARTED', false)
        as is_started,
    latest.row_id as environment_row_id
from latest
cross join params
