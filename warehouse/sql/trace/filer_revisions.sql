-- The numbers, as they were known, behind each figure of summary.filer_revisions; each has its own cells in filer_figures.
-- figure first_value: value of figure_history.value by history_row_id where known_from = first_known_from
-- figure current_value: value of figure_history.value by history_row_id where known_from = last_known_from
-- figure change: current_value - first_value
-- figure revisions: count history_row_id of figure_history.value by history_row_id where known_from > first_known_from
with

told as (
    select
        *,
        min(known_from) over one_figure as first_known_from,
        max(known_from) over one_figure as last_known_from,
        column_name as measure,
        concat_ws(' ', table_name, key, column_name, epoch_us(known_from)) as history_row_id,
        regexp_extract(
            key,
            'form_code=(\S*) filer_id=(.*) street_id=(\S*) report_month=(\S*)',
            ['form', 'filer', 'street', 'month']
        ) as parts
    from ops.figure_history
    where table_name = 'filer_figures'
        and known_from <= $as_of
        and (known_to is null or $as_of < known_to)
    window one_figure as (partition by key, column_name)
),

figures as (
    select
        parts.form as form_code,
        nullif(parts.filer, '') as filer_id,
        nullif(parts.street, '') as street_id,
        cast(nullif(parts.month, '') as date) as report_month,
        measure,
        known_from,
        first_known_from,
        last_known_from,
        history_row_id
    from told
)

from figures
