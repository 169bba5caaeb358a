-- The cells behind each figure of summary.material_selection.
-- figure events: count event_id of material_event.event_date by event_row_id
-- figure compounds: count compound_id of material_event.compound_names by event_row_id from compounds
-- figure attendances: sum of material_event.residents_attended by event_row_id
-- figure brands_shown: sum of material_event.brands_shown by event_row_id
-- figure votes_cast: sum of material_event.votes_cast by event_row_id
-- figure selections: count event_id of material_event.selected_product by event_row_id
--   where selected_product is not null
-- figure selected_products: count selected_product of material_event.selected_product by event_row_id
--   where selected_product is not null
-- figure tendered_selections: count event_id of material_event.linked_tender_no by event_row_id
--   where selected_product is not null and is_tendered because material_event.selected_product by event_row_id
with

events as (
    select *
    from core.material_choices_as_of($as_of)
),

compounds as (
    select *, unnest(compound_ids) as compound_id
    from events
)

from events
