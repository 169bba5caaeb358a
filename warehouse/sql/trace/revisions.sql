-- The numbers, as they were known, behind each figure of summary.revisions; each has its own cells in its own summary.
-- figure revision_no: count earlier_row_id of figure_history.value by earlier_row_id from so_far
-- figure _value: value of figure_history.value by history_row_id
-- figure _previous_value: value of figure_history.value by previous_row_id
-- figure change: _value - _previous_value
with

told as (
    select
        *,
        concat_ws(' ', table_name, key, column_name, epoch_us(known_from)) as history_row_id
    from ops.figure_history
    where known_from <= $as_of
        and (known_to is null or $as_of < known_to)
),

numbers as (
    select
        *,
        lag(history_row_id) over (partition by table_name, key, column_name order by known_from) as previous_row_id
    from told
),

so_far as (
    select
        told.*,
        earlier.history_row_id as earlier_row_id
    from told
    inner join told as earlier
        on earlier.table_name = told.table_name
        and earlier.key = told.key
        and earlier.column_name = told.column_name
        and earlier.known_from <= told.known_from
)

from numbers
