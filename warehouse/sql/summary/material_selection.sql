-- What residents of one programme year were shown and chose of one kind of material (M12).
-- 中文: 选材活动情况
-- grain: plan_year, material_category_code
-- reads: core.material_event, core.compound_register, core.tender
-- check fail every_event_once: select sum(events) as events from summary.material_selection having coalesce(sum(events), 0) <> (select count(*) from core.material_event where known_to is null)
-- check fail parts_within_events: selections <= events and tendered_selections <= selections
-- column plan_year: 计划年度; programme year: as the form says, else of the compounds, else the year of the event; year
-- column material_category_code: 材料类别; kind of material; code
-- column events: 活动次数; events held; event
-- column compounds: 涉及小区数; compounds the events were for, each once; compound
-- column attendances: 参加人次; attendances of residents, who may come more than once, NULL where no event counts them; person_time
-- column brands_shown: 参展厂家数; makers shown, summed over events, NULL where no event counts them; brand
-- column votes_cast: 投票数; votes cast, NULL where no event counts them; vote
-- column selections: 选定次数; events at which a product was chosen; event
-- column selected_products: 选定产品数; products chosen, each once; product
-- column tendered_selections: 已招标选定次数; of the selections, those whose tender is in the tender ledger; event
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
),

events as (
    select
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
        known_tenders.tender_no
    from core.material_event_as_of($as_of) as event
    left join compound_years
        on compound_years.event_id = event.event_id
    left join known_tenders
        on known_tenders.tender_no = event.linked_tender_no
)

select
    plan_year,
    material_category_code,
    count(*) as events,
    coalesce(len(list_distinct(flatten(list(compound_ids)))), 0) as compounds,
    cast(sum(residents_attended) as bigint) as attendances,
    cast(sum(brands_shown) as bigint) as brands_shown,
    cast(sum(votes_cast) as bigint) as votes_cast,
    count(selected_product) as selections,
    count(distinct selected_product) as selected_products,
    count(*) filter (where selected_product is not null and tender_no is not null) as tendered_selections
from events
group by plan_year, material_category_code
