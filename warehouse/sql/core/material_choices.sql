-- One event at which residents were shown materials: of which programme year it is, and what was chosen.
-- 中文: 选材活动及其结果
-- grain: event_id
-- reads: core.material_event, core.compound_register, core.tender
-- column event_id: 活动编号; event; id
-- column plan_year: 计划年度; programme year: as the form says, else of the compounds, else the year of the event; year
-- column material_category_code: 材料类别; kind of material; code
-- column compound_ids: 涉及小区; compounds the event was for; list
-- column residents_attended: 参加人数; residents who came; person_time
-- column brands_shown: 参展厂家数; makers shown; brand
-- column votes_cast: 投票数; votes cast; vote
-- column selected_product: 选定产品; product chosen, NULL where none was; text
-- column is_tendered: 是否已招标; its tender is in the tender ledger; boolean
-- column event_row_id: 活动行; core row of the event; id
with

compound_years as (
    select
        named.event_id,
        min(compound.plan_year) as plan_year
    from (
        select event_id, unnest(compound_ids) as compound_id
        from core.material_event_as_of($as_of)
    ) as named
    inner join core.compound_register_as_of($as_of) as compound
        on compound.compound_id = named.compound_id
    group by named.event_id
),

known_tenders as (
    select distinct tender_no
    from core.tender_as_of($as_of)
)

select
    event.event_id,
    coalesce(event.plan_year, compound_years.plan_year, year(event.event_date)) as plan_year,
    event.material_category_code,
    event.compound_ids,
    event.residents_attended,
    event.brands_shown,
    event.votes_cast,
    -- 无, 未定 and the like are answers: nothing was chosen.
    case
        when event.selected_product not in ('无', '暂无', '未定', '待定', '未选定') then event.selected_product
    end as selected_product,
    known_tenders.tender_no is not null as is_tendered,
    event.row_id as event_row_id
from core.material_event_as_of($as_of) as event
left join compound_years
    on compound_years.event_id = event.event_id
left join known_tenders
    on known_tenders.tender_no = event.linked_tender_no
