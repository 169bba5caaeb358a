-- What residents of one programme year were shown and chose of one kind of material (M12).
-- 中文: 选材活动情况
-- grain: plan_year, material_category_code
-- reads: core.material_choices
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
    count(*) filter (where selected_product is not null and is_tendered) as tendered_selections
from core.material_choices_as_of($as_of)
group by plan_year, material_category_code
