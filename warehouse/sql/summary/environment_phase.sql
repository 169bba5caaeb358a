-- One environment item of one compound, and how long after the energy phase it began (M16).
-- 中文: 环境整治阶段进展
-- grain: compound_id, env_item_code
-- reads: core.compound_register, core.environment_items, core.building_state, core.street_names
-- check warn started_before_any_completion: select compound_id from summary.environment_phase where is_started and (first_completed_date is null or env_start < first_completed_date)
-- column compound_id: 小区编码; compound; id
-- column env_item_code: 整治内容; environment item; code
-- column street_id: 街道代码; street; id
-- column street_name: 街道; name of the street; text
-- column compound_name: 小区名称; name in the compound register; text
-- column plan_year: 计划年度; programme year of the compound; year
-- column year_compounds: 年度小区数; compounds of the programme year, what started ones are counted against; compound
-- column report_month: 最新报告期; latest report month that names the item of the compound; month
-- column env_start: 环境整治启动日期; start of the compound's environment phase as last reported, never a plan; date
-- column env_status_code: 状态; state of the item as last reported; code
-- column is_started: 是否启动; started by the as-of day and not said to be 未启动; boolean
-- column is_finished: 是否完成; started, and said to be finished; boolean
-- column unit_code: 计量单位; unit of qty_done; code
-- column qty_done: 完成量; quantity done since the start; row's unit
-- column first_completed_date: 首栋完成日期; earliest completion of a building of the compound; date
-- column energy_completed_date: 节能阶段完成日期; latest completion, once every registered building is completed; date
-- column days_from_energy_completion: 距节能完成天数; days from energy_completed_date to env_start, negative where it began before, NULL until both are known; day
with

params as (
    select cast(timezone('Asia/Shanghai', $as_of) as date) as today
),

energy as (
    select
        building.compound_id,
        min(building.completed_date) filter (where building.completed_date <= params.today) as first_completed_date,
        case
            when bool_and(coalesce(building.completed_date <= params.today, false))
                then max(building.completed_date)
        end as energy_completed_date
    from core.building_state_as_of($as_of) as building
    cross join params
    group by building.compound_id
),

compounds as (
    select
        *,
        count(*) over (partition by plan_year) as year_compounds
    from core.compound_register_as_of($as_of)
)

select
    item.compound_id,
    item.env_item_code,
    compounds.street_id,
    street_names.street_name,
    compounds.compound_name,
    compounds.plan_year,
    compounds.year_compounds,
    item.report_month,
    item.env_start,
    item.env_status_code,
    item.is_started,
    item.is_started and coalesce(item.env_status_code = 'FINISHED', false) as is_finished,
    item.unit_code,
    item.qty_done,
    energy.first_completed_date,
    energy.energy_completed_date,
    date_diff('day', energy.energy_completed_date, item.env_start) as days_from_energy_completion
from core.environment_items_as_of($as_of) as item
left join compounds
    on compounds.compound_id = item.compound_id
left join energy
    on energy.compound_id = item.compound_id
left join core.street_names as street_names
    on street_names.street_id = compounds.street_id
