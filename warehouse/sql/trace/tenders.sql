-- The cells behind each figure of summary.tenders.
-- figure plan_year: value of tender.plan_year by tender_row_id where plan_year is not null
-- figure plan_year: value year(notice_date) of tender.notice_date by tender_row_id
--   where plan_year is null and notice_date is not null
-- figure plan_year: value year(open_date) of tender.open_date by tender_row_id
--   where plan_year is null and notice_date is null
-- figure notice_to_open_days: value notice_to_open_days of tender.open_date by tender_row_id
--   where notice_to_open_days is not null because tender.notice_date by tender_row_id
-- figure bidders: value of tender.bidders by tender_row_id
-- figure control_price_yuan: value of tender.control_price_yuan by tender_row_id
-- figure win_price_yuan: value of tender.win_price_yuan by tender_row_id
-- figure saving_yuan: control_price_yuan - win_price_yuan
-- figure saving_ratio: (control_price_yuan - win_price_yuan) / control_price_yuan
-- figure award_to_contract_days: value award_to_contract_days of tender.contract_date by tender_row_id
--   where award_to_contract_days is not null because tender.award_date by tender_row_id
-- figure linked_events: count event_id of material_event.linked_tender_no by event_row_id from events
with

tenders as (
    select
        tender_no,
        lot_no,
        plan_year,
        notice_date,
        open_date,
        date_diff('day', notice_date, open_date) as notice_to_open_days,
        date_diff('day', award_date, contract_date) as award_to_contract_days,
        row_id as tender_row_id
    from core.tender_as_of($as_of)
),

events as (
    select
        tender.tender_no,
        tender.lot_no,
        event.event_id,
        event.row_id as event_row_id
    from tenders as tender
    inner join core.material_event_as_of($as_of) as event
        on event.linked_tender_no = tender.tender_no
)

from tenders
