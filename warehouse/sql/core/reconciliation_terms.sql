-- One cell that what a party says of a street and month is added up from: join core or ops.files for what stands there.
-- 中文: 对账数字所依据的单元格
-- grain: report_month, street_id, measure_code, party_code, row_id
-- reads: core.reconciliation_measures, core.reconciliation_buildings, core.contractor_progress, core.building_register, core.subcommand_monthly, core.district_return
-- column report_month: 报告期; month reported about, as its first day; month
-- column street_id: 街道代码; street; id
-- column compound_id: 小区; compound, NULL in the district's return; id
-- column programme_type_code: 改造类型; programme type; code
-- column measure_code: 指标代码; as in summary.reconciliation; code
-- column party_code: 填报方; CONTRACTOR, REGISTER, SUBCOMMAND or RETURN; code
-- column entity: 表名; core table the cell was accepted into; text
-- column row_id: 行编号; core row; id
-- column file_id: 文件编号; file, see ops.files; id
-- column sheet_name: 工作表名; sheet; text
-- column column_name: 列名; column the cell stands in; text
-- column address: 单元格; cell; text
-- column value: 数值; what it adds to the figure: the cell's own figure, or 1 for a building; measure's unit
-- column half_unit: 尾差; half a unit of the last decimal written, 0 for counts; measure's unit
with

measures as (
    select *
    from core.reconciliation_measures_as_of($as_of)
),

-- Where no contractor of a street reports in a month, the contractors say nothing of it.
heard as (
    select *
    from core.reconciliation_buildings_as_of($as_of)
    where is_heard
),

by_contractors as (
    select
        heard.report_month,
        heard.street_id,
        heard.compound_id,
        heard.programme_type_code,
        measures.measure_code,
        'CONTRACTOR' as party_code,
        'contractor_progress' as entity,
        row.row_id,
        row.file_id,
        row.sheet_name,
        case
            when measures.kind = 'area' then 'floor_area_m2'
            when measures.kind = 'households' then 'household_count'
            when measures.stage = 'started' then 'actual_start'
            else 'actual_finish'
        end as column_name,
        case
            when measures.kind = 'area' then row.addresses.floor_area_m2
            when measures.kind = 'households' then row.addresses.household_count
            when measures.stage = 'started' then row.addresses.actual_start
            else row.addresses.actual_finish
        end as address,
        case measures.kind
            when 'area' then coalesce(row.floor_area_m2, heard.floor_area_m2)
            when 'households' then coalesce(row.household_count, heard.household_count)
            else 1
        end as value,
        case when measures.kind = 'area' then coalesce(row.resolutions.floor_area_m2, 0.01) else 0 end as unit
    from heard
    inner join core.contractor_progress_as_of($as_of) as row
        on row.row_id = heard.report_row_id
    cross join measures
    where measures.stage = 'task'
        or (measures.stage = 'started' and heard.is_started)
        or (measures.stage = 'completed' and heard.is_completed)
),

-- The register's areas and households of the buildings that the contractors call started and completed.
by_register as (
    select
        heard.report_month,
        heard.street_id,
        heard.compound_id,
        heard.programme_type_code,
        measures.measure_code,
        'REGISTER' as party_code,
        'building_register' as entity,
        row.row_id,
        row.file_id,
        row.sheet_name,
        case measures.kind
            when 'area' then 'floor_area_m2'
            when 'households' then 'household_count'
            else 'building_no'
        end as column_name,
        case measures.kind
            when 'area' then row.addresses.floor_area_m2
            when 'households' then row.addresses.household_count
            else row.addresses.building_no
        end as address,
        case measures.kind
            when 'area' then row.floor_area_m2
            when 'households' then row.household_count
            else 1
        end as value,
        case when measures.kind = 'area' then coalesce(row.resolutions.floor_area_m2, 0.01) else 0 end as unit
    from heard
    inner join core.building_register_as_of($as_of) as row
        on row.row_id = heard.register_row_id
    cross join measures
    where measures.stage = 'task'
        or (measures.stage = 'started' and heard.is_started)
        or (measures.stage = 'completed' and heard.is_completed)
),

by_subcommands as (
    select
        report_month,
        street_id,
        compound_id as compound_id,
        programme_type_code,
        unnest([
            {'measure': 'task_area', 'column': 'task_area_m2', 'address': addresses.task_area_m2,
                'value': cast(task_area_m2 as decimal(14, 2)), 'unit': cast(coalesce(resolutions.task_area_m2, 0.01) as decimal(18, 6))},
            {'measure': 'started_buildings', 'column': 'started_buildings_cum', 'address': addresses.started_buildings_cum,
                'value': cast(started_buildings_cum as decimal(14, 2)), 'unit': cast(0 as decimal(18, 6))},
            {'measure': 'started_area', 'column': 'started_area_cum_m2', 'address': addresses.started_area_cum_m2,
                'value': cast(started_area_cum_m2 as decimal(14, 2)), 'unit': cast(coalesce(resolutions.started_area_cum_m2, 0.01) as decimal(18, 6))},
            {'measure': 'started_households', 'column': 'started_households_cum', 'address': addresses.started_households_cum,
                'value': cast(started_households_cum as decimal(14, 2)), 'unit': cast(0 as decimal(18, 6))},
            {'measure': 'completed_buildings', 'column': 'completed_buildings_cum', 'address': addresses.completed_buildings_cum,
                'value': cast(completed_buildings_cum as decimal(14, 2)), 'unit': cast(0 as decimal(18, 6))},
            {'measure': 'completed_area', 'column': 'completed_area_cum_m2', 'address': addresses.completed_area_cum_m2,
                'value': cast(completed_area_cum_m2 as decimal(14, 2)), 'unit': cast(coalesce(resolutions.completed_area_cum_m2, 0.01) as decimal(18, 6))},
            {'measure': 'completed_households', 'column': 'completed_households_cum', 'address': addresses.completed_households_cum,
                'value': cast(completed_households_cum as decimal(14, 2)), 'unit': cast(0 as decimal(18, 6))}
        ]) as said,
        'SUBCOMMAND' as party_code,
        'subcommand_monthly' as entity,
        row_id,
        file_id,
        sheet_name
    from core.subcommand_monthly_as_of($as_of)
),

by_returns as (
    select
        report_month,
        street_id,
        null as compound_id,
        programme_type_code,
        unnest([
            {'measure': 'task_area', 'column': 'task_area_m2', 'address': addresses.task_area_m2,
                'value': cast(task_area_m2 as decimal(14, 2)), 'unit': cast(coalesce(resolutions.task_area_m2, 0.01) as decimal(18, 6))},
            {'measure': 'started_buildings', 'column': 'started_buildings_cum', 'address': addresses.started_buildings_cum,
                'value': cast(started_buildings_cum as decimal(14, 2)), 'unit': cast(0 as decimal(18, 6))},
            {'measure': 'started_area', 'column': 'started_area_cum_m2', 'address': addresses.started_area_cum_m2,
                'value': cast(started_area_cum_m2 as decimal(14, 2)), 'unit': cast(coalesce(resolutions.started_area_cum_m2, 0.01) as decimal(18, 6))},
            {'measure': 'started_households', 'column': 'started_households_cum', 'address': addresses.started_households_cum,
                'value': cast(started_households_cum as decimal(14, 2)), 'unit': cast(0 as decimal(18, 6))},
            {'measure': 'completed_buildings', 'column': 'completed_buildings_cum', 'address': addresses.completed_buildings_cum,
                'value': cast(completed_buildings_cum as decimal(14, 2)), 'unit': cast(0 as decimal(18, 6))},
            {'measure': 'completed_area', 'column': 'completed_area_cum_m2', 'address': addresses.completed_area_cum_m2,
                'value': cast(completed_area_cum_m2 as decimal(14, 2)), 'unit': cast(coalesce(resolutions.completed_area_cum_m2, 0.01) as decimal(18, 6))},
            {'measure': 'completed_households', 'column': 'completed_households_cum', 'address': addresses.completed_households_cum,
                'value': cast(completed_households_cum as decimal(14, 2)), 'unit': cast(0 as decimal(18, 6))}
        ]) as said,
        'RETURN' as party_code,
        'district_return' as entity,
        row_id,
        file_id,
        sheet_name
    from core.district_return_as_of($as_of)
),

stated as (
    select
        report_month,
        street_id,
        compound_id,
        programme_type_code,
        said.measure as measure_code,
        party_code,
        entity,
        row_id,
        file_id,
        sheet_name,
        said.column as column_name,
        said.address,
        said.value,
        said.unit
    from (
        select *
        from by_subcommands
        union all
        select *
        from by_returns
    )
),

terms as (
    select *
    from by_contractors
    union all
    select *
    from by_register
    union all
    select *
    from stated
)

select
    report_month,
    street_id,
    compound_id,
    programme_type_code,
    measure_code,
    party_code,
    entity,
    row_id,
    file_id,
    sheet_name,
    column_name,
    address,
    cast(value as decimal(14, 2)) as value,
    cast(unit / 2 as decimal(18, 6)) as half_unit
from terms
where value is not null
