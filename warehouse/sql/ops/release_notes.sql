-- One thing an analyst must know of a release: what came, what was decided or defined otherwise, which headline moved.
-- 中文: 发布说明
-- grain: release_no, kind, name
-- reads: ops.releases, ops.runs, ops.receipts, ops.files, ops.submissions, ops.freshness, ops.definitions, ops.decisions, ops.moves
-- column release_no: 发布号; release
-- column made_at: 发布时间; when the release was made
-- column kind: 类别; received, refused, duplicate, program, meaning, calculation, layout, decision, figure
-- column name: 事项; what it is about: form, table and column, decision, figure
-- column value_before: 原值; figure in the release before, the version before; empty otherwise
-- column value_after: 现值; figure in this release, its version
-- column told: 说明; what there is to know, in Chinese
with

-- Runs in the order they were written: the clock that named them can be set back.
runs as (
    select
        run_id,
        rowid as place
    from ops.runs
),

-- A night that brought nothing but a name to hide made a release and no run: it reaches as far as the one before.
reaching as (
    select
        release.release_no,
        release.made_at,
        release.code_version,
        release.duckdb_version,
        coalesce(max(runs.place) over (order by release.release_no), -1) as last_place
    from ops.releases as release
    left join runs
        on runs.run_id = release.run_id
),

releases as (
    select
        *,
        coalesce(lag(last_place) over (order by release_no), -1) as place_before,
        lag(code_version) over (order by release_no) as code_before,
        lag(duckdb_version) over (order by release_no) as duckdb_before
    from reaching
),

told as (
    select
        releases.release_no,
        runs.run_id,
        runs.place
    from releases
    inner join runs
        on runs.place > releases.place_before
        and runs.place <= releases.last_place
),

titles as (
    select distinct
        form_code,
        title_zh
    from ops.freshness
),

-- A file is told of in the release of its receipt, also when a backfill read it again.
came as (
    select
        told.release_no,
        receipt.file_id,
        receipt.is_duplicate,
        file.outcome
    from told
    inner join ops.receipts as receipt
        on receipt.run_id = told.run_id
    left join ops.files as file
        on file.file_id = receipt.file_id
),

received as (
    select
        came.release_no,
        'received' as kind,
        concat_ws(' ', report.form_code, any_value(titles.title_zh)) as name,
        concat(
            count(distinct report.submission_id), '份报表',
            case when min(report.period) <> '' then concat(
                '，报告期', min(nullif(report.period, '')),
                case when min(nullif(report.period, '')) <> max(report.period) then concat('至', max(report.period)) else '' end
            ) else '' end,
            '，', cast(sum(report.rows_read) as bigint), '行',
            case when count(*) filter (where report.version_kind = 'replacement') > 0
                then concat('，更正', count(*) filter (where report.version_kind = 'replacement'), '份') else '' end,
            case when count(*) filter (where report.version_kind = 'supplement') > 0
                then concat('，补报', count(*) filter (where report.version_kind = 'supplement'), '份') else '' end
        ) as told
    from came
    inner join ops.submissions as report
        on report.file_id = came.file_id
    left join titles
        on titles.form_code = report.form_code
    where not came.is_duplicate
        and report.outcome = 'read'
    group by came.release_no, report.form_code
),

left_out as (
    select
        release_no,
        case when is_duplicate then 'duplicate' else 'refused' end as kind,
        case when is_duplicate then '重复文件' else '退回文件' end as name,
        concat(count(*), case when is_duplicate then '份，与此前收到的内容完全相同，不再读取' else '份，原因见 ops.findings' end) as told
    from came
    where is_duplicate
        or outcome = 'refused'
    group by release_no, is_duplicate
),

programs as (
    select
        release_no,
        'program' as kind,
        unnest(['读取与核对程序', 'DuckDB']) as name,
        unnest([code_before, duckdb_before]) as value_before,
        unnest([code_version, duckdb_version]) as value_after
    from releases
),

-- Several runs may lead to one release: the last word of each counts.
defined as (
    select
        told.release_no,
        definition.kind,
        concat_ws('.', definition.name, nullif(definition.column_name, '')) as name,
        case arg_max(definition.change, told.place)
            when 'new' then '新增'
            when 'gone' then '已取消'
            else '有变动'
        end as change,
        arg_max(case when definition.kind = 'meaning' then definition.definition end, told.place) as said
    from told
    inner join ops.definitions as definition
        on definition.run_id = told.run_id
    where definition.change <> 'first'
    group by told.release_no, definition.kind, definition.name, definition.column_name
),

decided as (
    select
        told.release_no,
        'decision' as kind,
        concat_ws(' ', decision.kind, nullif(decision.what, '')) as name,
        concat_ws(
            '，',
            case split_part(decision.kind, ' ', 1)
                when 'alias' then '名称认定'
                when 'correction' then '更正'
                when 'ruling' then '裁定'
                when 'layout' then '版式变动后重新读取'
                when 'code' then '程序变动后重新核对'
                when 'undo' then '撤销回填'
            end || case when decision.kind like '% removed' then '已撤下' else '' end,
            nullif(decision.why, '')
        ) as told
    from told
    inner join ops.decisions as decision
        on decision.run_id = told.run_id
),

labels as (
    select
        name,
        column_name,
        split_part(arg_max(definition, rowid), ' | ', 1) as label
    from ops.definitions
    where kind = 'meaning'
    group by name, column_name
),

moved as (
    select
        told.release_no,
        move.table_name,
        move.key,
        move.column_name,
        arg_min_null(move.value_before, told.place) as value_before,
        arg_max_null(move.value_after, told.place) as value_after,
        len(list_distinct(flatten(list(move.submission_ids)))) as reports
    from told
    inner join ops.moves as move
        on move.run_id = told.run_id
    where move.table_name in ('target_attainment', 'target_bounds', 'programme_mix')
    group by told.release_no, move.table_name, move.key, move.column_name
),

percents as (
    select
        *,
        cast(cast(try_cast(value_before as decimal(28, 10)) * 100 as decimal(28, 1)) as varchar) as percent_before,
        cast(cast(try_cast(value_after as decimal(28, 10)) * 100 as decimal(28, 1)) as varchar) as percent_after
    from moved
    where suffix(column_name, '_ratio')
    union all by name
    select *
    from moved
    where not suffix(column_name, '_ratio')
),

figures as (
    select
        moved.release_no,
        'figure' as kind,
        concat(moved.table_name, '.', moved.column_name, ' ', moved.key) as name,
        moved.value_before,
        moved.value_after,
        concat(
            coalesce(summary.label, moved.table_name), ' ',
            regexp_replace(moved.key, '\w+=', '', 'g'), ' ',
            coalesce(measure.label, moved.column_name), '：',
            coalesce(moved.percent_before || '%', moved.value_before, '—'), ' → ',
            coalesce(moved.percent_after || '%', moved.value_after, '—'),
            case when moved.reports > 0 then concat('，因', moved.reports, '份报表') else '' end
        ) as told
    from percents as moved
    left join labels as summary
        on summary.name = concat('summary.', moved.table_name)
        and summary.column_name = ''
    left join labels as measure
        on measure.name = concat('summary.', moved.table_name)
        and measure.column_name = moved.column_name
    where moved.value_before is distinct from moved.value_after
),

notes as (
    select * from received
    union all by name
    select * from left_out
    union all by name
    select *, concat('版本 ', coalesce(nullif(value_before, ''), '未记录'), ' → ', value_after) as told
    from programs
    where value_before is not null
        and value_before <> value_after
    union all by name
    select * exclude (change, said), concat_ws('：', change, split_part(said, ' | ', 1)) as told
    from defined
    union all by name
    select * from decided
    union all by name
    select * from figures
)

select
    notes.release_no,
    releases.made_at,
    notes.kind,
    notes.name,
    notes.value_before,
    notes.value_after,
    notes.told
from notes
inner join releases
    on releases.release_no = notes.release_no
