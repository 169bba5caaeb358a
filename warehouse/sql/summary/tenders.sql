-- One lot of one tender: when it was held, who won it, and what was saved against the control price (M12).
-- 中文: 招投标情况
-- grain: tender_no, lot_no
-- reads: core.tender, core.organisation_names, core.material_event
-- check fail every_lot_once: select tender_lot_id from core.tender where known_to is null except select tender_lot_id from summary.tenders
-- check fail saving_exactly_where_prices: select tender_no, lot_no from summary.tenders where (saving_ratio is null) <> (win_price_yuan is null or coalesce(control_price_yuan, 0) = 0)
-- check warn price_over_control: select tender_no, lot_no from summary.tenders where win_price_yuan > control_price_yuan
-- column tender_lot_id: 招标标段编号; tender and lot in one; id
-- column tender_no: 招标编号; number of the tender; text
-- column lot_no: 标段; contract lot, NULL where the tender has none; text
-- column plan_year: 计划年度; programme year: as the ledger says, else the year of the notice, else of the opening; year
-- column tender_type_code: 招标内容; what was put out to tender; code
-- column tender_method_code: 招标方式; how it was put out to tender; code
-- column notice_date: 公告日期; day of the notice; date
-- column open_date: 开标日期; day the bids were opened; date
-- column notice_to_open_days: 公告至开标天数; days from the notice to the opening (an open tender asks for 20); day
-- column bidders: 投标单位数; bidders; bidder
-- column control_price_yuan: 招标控制价; highest price allowed; yuan
-- column winner_id: 中标单位编号; winner, NULL where its name is not in the directory; id
-- column winner_name: 中标单位; full name by the directory, else as written; text
-- column win_price_yuan: 中标价; price of the winner; yuan
-- column saving_yuan: 节约金额; control price less price of the winner, negative above it; yuan
-- column saving_ratio: 节约率; 1 less win_price_yuan / control_price_yuan; ratio
-- column award_date: 中标日期; day of the award; date
-- column contract_no: 合同编号; number of the contract; text
-- column contract_date: 合同签订日期; day the contract was signed, NULL while it is not; date
-- column award_to_contract_days: 中标至签约天数; days from the award to the contract (at most 30 are allowed); day
-- column linked_events: 关联选材活动数; events at which residents chose a material this tender bought; event
with

linked_events as (
    select
        linked_tender_no as tender_no,
        count(*) as linked_events
    from core.material_event_as_of($as_of)
    where linked_tender_no is not null
    group by linked_tender_no
)

select
    tender.tender_lot_id,
    tender.tender_no,
    tender.lot_no,
    coalesce(tender.plan_year, year(tender.notice_date), year(tender.open_date)) as plan_year,
    tender.tender_type_code,
    tender.tender_method_code,
    tender.notice_date,
    tender.open_date,
    date_diff('day', tender.notice_date, tender.open_date) as notice_to_open_days,
    tender.bidders,
    tender.control_price_yuan,
    tender.winner_id,
    coalesce(organisation.org_name, tender.winner) as winner_name,
    tender.win_price_yuan,
    cast(tender.control_price_yuan - tender.win_price_yuan as decimal(18, 2)) as saving_yuan,
    cast(
        (tender.control_price_yuan - tender.win_price_yuan) / nullif(tender.control_price_yuan, 0)
        as decimal(28, 10)
    ) as saving_ratio,
    tender.award_date,
    tender.contract_no,
    tender.contract_date,
    date_diff('day', tender.award_date, tender.contract_date) as award_to_contract_days,
    coalesce(linked_events.linked_events, 0) as linked_events
from core.tender_as_of($as_of) as tender
left join core.organisation_names_as_of($as_of) as organisation
    on organisation.org_id = tender.winner_id
left join linked_events
    on linked_events.tender_no = tender.tender_no
