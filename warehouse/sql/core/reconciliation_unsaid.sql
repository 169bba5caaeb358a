-- One registered building that a party's accepted rows of a month leave open, and what it could still add.
-- 中文: 各方未报的楼栋
-- grain: report_month, building_id, measure_code, party_code
-- kept: yes
-- reads: core.reconciliation_measures, core.reconciliation_buildings, core.reconciliation_terms
-- column report_month: 报告期; month reported about, as its first day; month
-- column street_id: 街道代码; street; id
-- column building_id: 楼栋; building; id
-- column measure_code: 指标代码; as in summary.reconciliation; code
-- column party_code: 填报方; CONTRACTOR, REGISTER (what the contractors say, by its areas), SUBCOMMAND or RETURN; code
-- column amount: 数值; by the register; measure's unit
-- column column_name: 列名; column of the register it stands in; text
-- column register_row_id: 台账行; core row of the register; id
with

amounts as (
    select
        building.*,
        measures.measure_code,
        case measures.kind
            when 'area' then building.floor_area_m2
            when 'households' then building.household_count
            else 1
        end as amount,
        case measures.kind
            when 'area' then 'floor_area_m2'
            when 'households' then 'household_count'
            else 'building_no'
        end as column_name,
        not building.is_heard
        or (not building.is_reported and case measures.stage
            when 'task' then not building.has_report
            when 'started' then not building.is_started
            else not building.is_completed
        end) as is_open
    from core.reconciliation_buildings_as_of($as_of) as building
    cross join core.reconciliation_measures_as_of($as_of) as measures
),

said as (
    select distinct
        report_month,
        street_id,
        compound_id,
        programme_type_code,
        measure_code,
        party_code
    from core.reconciliation_terms_as_of($as_of)
    where party_code in ('SUBCOMMAND', 'RETURN')
),

unsaid as (
    select *, unnest(['CONTRACTOR', 'REGISTER']) as party_code
    from amounts
    where is_open
    union all
    select *, 'SUBCOMMAND' as party_code
    from amounts
    anti join (select * from said where party_code = 'SUBCOMMAND') as said
        using (report_month, compound_id, programme_type_code, measure_code)
    union all
    select *, 'RETURN' as party_code
    from amounts
    anti join (select * from said where party_code = 'RETURN') as said
        using (report_month, street_id, programme_type_code, measure_code)
)

select
    report_month,
    street_id,
    building_id,
    measure_code,
    party_code,
    amount,
    column_name,
    register_row_id
from unsaid
where amount > 0
