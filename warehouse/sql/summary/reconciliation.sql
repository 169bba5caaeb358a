-- One measure of one street at one month's end, side by side as each party says it (M18); 110108 is the whole district.
-- 中文: 各方数字对账
-- grain: report_month, street_id, measure_code
-- reads: core.reconciliation_measures, core.reconciliation_buildings, core.reconciliation_terms, core.reconciliation_unsaid, core.district_target, core.compound_register, core.street_names, ops.quarantine
-- check fail light_follows_parties: select report_month, street_id, measure_code from summary.reconciliation where (light_code is not distinct from 'RED') <> (len(differing_parties) > 0)
-- check warn parties_differ: select report_month, street_id, measure_code, differing_parties from summary.reconciliation where light_code = 'RED' and street_id <> '110108'
-- column report_month: 报告期; month reported about, as its first day: all figures are those of its end; month
-- column street_id: 街道代码; street, or 110108 for the whole district; id
-- column street_name: 街道; name of the street; text
-- column measure_code: 指标代码; task_area, or started_ or completed_ with buildings, area or households, cumulative; code
-- column measure_label_zh: 指标; the same in Chinese; text
-- column unit_code: 单位; m2, building or household; code
-- column contractor_value: 施工单位数; sum of the contractors' reports, their own areas and households (a building not reported this month stands as before), NULL where none of the street reports; measure's unit
-- column register_value: 台账数; the same buildings by the register's areas and households: the figure others are held against; measure's unit
-- column subcommand_value: 分指挥部数; sum of the sub-command's accepted lines of the month, NULL where there is none; measure's unit
-- column return_value: 区汇总上报数; what the district's return to the city says, NULL where it says nothing; measure's unit
-- column city_value: 市下达任务; target of the plan year (task_area of the district only), shown beside the others: it is no claim of works, so it neither agrees nor differs; measure's unit
-- column contractor_difference: 施工单位差额; contractor_value less register_value; measure's unit
-- column subcommand_difference: 分指挥部差额; subcommand_value less register_value; measure's unit
-- column return_difference: 区汇总差额; return_value less register_value, or less subcommand_value where there is none; measure's unit
-- column contractor_tolerance: 施工单位容差; half a unit of the last decimal of every cell added up, of both sides; measure's unit
-- column subcommand_tolerance: 分指挥部容差; the same for subcommand_difference; measure's unit
-- column return_tolerance: 区汇总容差; the same for return_difference, with the rounding of the lines the return adds up; measure's unit
-- column contractor_unsaid: 施工单位未报; what buildings missing from the month's accepted reports could still add; measure's unit
-- column subcommand_unsaid: 分指挥部未报; registered amount of the compounds missing from the accepted lines; measure's unit
-- column return_unsaid: 区汇总未报; registered amount of the streets and types missing from the return; measure's unit
-- column waiting_rows: 待核行数; rows of the month in quarantine, of any party; row
-- column agrees: 是否相符; true where everything is said and agrees, false where it differs by more than rounding and what is unsaid, NULL where it is open or fewer than two parties speak; boolean
-- column light_code: 状态代码; GREEN (agrees), RED (differs), YELLOW (rows wait or are missing, so that it cannot be told), NULL where there is nothing to compare; code
-- column light_zh: 状态; 绿, 红 or 黄; text
-- column differing_parties: 不符方; parties whose figure is not the register's (the sub-command's where there is none): contractor, subcommand, return; list
with

measures as (
    select *
    from core.reconciliation_measures_as_of($as_of)
),

buildings as (
    select *
    from core.reconciliation_buildings_as_of($as_of)
),

terms as (
    select *
    from core.reconciliation_terms_as_of($as_of)
),

-- Zero is a figure: where a street's contractors report, they say every measure.
zeros as (
    select
        street.report_month,
        street.street_id,
        measures.measure_code,
        unnest(['CONTRACTOR', 'REGISTER']) as party_code
    from (
        select distinct
            report_month,
            street_id
        from buildings
        where is_heard
    ) as street
    cross join measures
),

unsaid as (
    select *
    from core.reconciliation_unsaid_as_of($as_of)
),

held as (
    select
        report_month,
        street_id,
        case entity
            when 'contractor_progress' then 'CONTRACTOR'
            when 'building_register' then 'REGISTER'
            when 'subcommand_monthly' then 'SUBCOMMAND'
            when 'district_return' then 'RETURN'
        end as party_code,
        count(distinct row_id) as waiting_rows
    from ops.quarantine_as_of($as_of)
    where street_id is not null
        and entity in ('contractor_progress', 'building_register', 'subcommand_monthly', 'district_return')
    group by all
),

-- A row of the register waits in every month, as the register has none.
waiting as (
    select
        month.report_month,
        held.street_id,
        measures.measure_code,
        held.party_code,
        held.waiting_rows
    from held
    inner join (
        select distinct
            report_month,
            street_id
        from buildings
    ) as month
        on month.street_id = held.street_id
        and month.report_month = coalesce(held.report_month, month.report_month)
    cross join measures
),

facts as (
    select
        report_month,
        street_id,
        measure_code,
        party_code,
        value,
        half_unit,
        0 as unsaid,
        0 as waiting_rows
    from terms
    union all
    select
        report_month,
        street_id,
        measure_code,
        party_code,
        0 as value,
        0 as half_unit,
        0 as unsaid,
        0 as waiting_rows
    from zeros
    union all
    select
        report_month,
        street_id,
        measure_code,
        party_code,
        null as value,
        0 as half_unit,
        amount as unsaid,
        0 as waiting_rows
    from unsaid
    union all
    select
        report_month,
        street_id,
        measure_code,
        party_code,
        null as value,
        0 as half_unit,
        0 as unsaid,
        waiting_rows
    from waiting
),

-- A party speaks where it gives a figure, or where rows of it wait.
parties as (
    select
        report_month,
        coalesce(street_id, '110108') as street_id,
        measure_code,
        party_code,
        sum(value) as value,
        sum(half_unit) as tolerance,
        sum(unsaid) as unsaid,
        sum(waiting_rows) as waiting_rows
    from facts
    group by grouping sets (
        (report_month, street_id, measure_code, party_code),
        (report_month, measure_code, party_code)
    )
    having sum(value) is not null or sum(waiting_rows) > 0
),

side_by_side as (
    select
        report_month,
        street_id,
        measure_code,
        max(value) filter (where party_code = 'CONTRACTOR') as contractor_value,
        max(value) filter (where party_code = 'REGISTER') as register_value,
        max(value) filter (where party_code = 'SUBCOMMAND') as subcommand_value,
        max(value) filter (where party_code = 'RETURN') as return_value,
        max(tolerance) filter (where party_code = 'CONTRACTOR') as contractor_rounding,
        max(tolerance) filter (where party_code = 'REGISTER') as register_rounding,
        max(tolerance) filter (where party_code = 'SUBCOMMAND') as subcommand_rounding,
        -- The return adds up what the sub-commands rounded, and rounds again.
        max(tolerance) filter (where party_code = 'RETURN')
            + coalesce(max(tolerance) filter (where party_code = 'SUBCOMMAND'), 0) as return_rounding,
        max(unsaid) filter (where party_code = 'CONTRACTOR') as contractor_unsaid,
        max(unsaid) filter (where party_code = 'REGISTER') as register_unsaid,
        max(unsaid) filter (where party_code = 'SUBCOMMAND') as subcommand_unsaid,
        max(unsaid) filter (where party_code = 'RETURN') as return_unsaid,
        count(*) filter (where party_code <> 'REGISTER') as speaking_parties,
        sum(waiting_rows) as waiting_rows
    from parties
    group by report_month, street_id, measure_code
),

-- The register (what the contractors report, by its areas) is what others are held against; the sub-command without it.
referred as (
    select
        *,
        coalesce(register_value, subcommand_value) as reference_value,
        case when register_value is null then subcommand_rounding else register_rounding end as reference_rounding,
        case when register_value is null then subcommand_unsaid else register_unsaid end as reference_unsaid
    from side_by_side
),

compared as (
    select
        *,
        contractor_value - register_value as contractor_difference,
        contractor_rounding + register_rounding as contractor_tolerance,
        subcommand_value - register_value as subcommand_difference,
        subcommand_rounding + register_rounding as subcommand_tolerance,
        return_value - reference_value as return_difference,
        return_rounding + reference_rounding as return_tolerance
    from referred
),

-- A party differs where no way of saying what is unsaid brings the two together within the rounding.
judged as (
    select
        *,
        list_filter(
            [
                case
                    when contractor_difference > contractor_tolerance + reference_unsaid
                        or contractor_difference < -contractor_tolerance - contractor_unsaid
                        then 'contractor'
                end,
                case
                    when subcommand_difference > subcommand_tolerance + reference_unsaid
                        or subcommand_difference < -subcommand_tolerance - subcommand_unsaid
                        then 'subcommand'
                end,
                case
                    when return_difference > return_tolerance + reference_unsaid
                        or return_difference < -return_tolerance - return_unsaid
                        then 'return'
                end
            ],
            lambda party: party is not null
        ) as differing_parties,
        waiting_rows > 0
        or coalesce(contractor_unsaid, 0) + coalesce(subcommand_unsaid, 0) + coalesce(return_unsaid, 0) > 0 as is_open
    from compared
),

lit as (
    select
        *,
        case
            when len(differing_parties) > 0 then 'RED'
            when speaking_parties < 2 then null
            when is_open then 'YELLOW'
            else 'GREEN'
        end as light_code
    from judged
),

targets as (
    select
        building.report_month,
        case when count(distinct compound.plan_year) = 1 then any_value(target.target_area_m2) end as city_value
    from buildings as building
    inner join core.compound_register_as_of($as_of) as compound
        on compound.compound_id = building.compound_id
    left join core.district_target_as_of($as_of) as target
        on target.plan_year = compound.plan_year
        and target.programme_type_code = 'ALL'
    group by building.report_month
)

select
    lit.report_month,
    lit.street_id,
    case when lit.street_id = '110108' then '海淀区（全区）' else street_names.street_name end as street_name,
    lit.measure_code,
    measures.measure_label_zh,
    measures.unit_code,
    cast(lit.contractor_value as decimal(14, 2)) as contractor_value,
    cast(lit.register_value as decimal(14, 2)) as register_value,
    cast(lit.subcommand_value as decimal(14, 2)) as subcommand_value,
    cast(lit.return_value as decimal(14, 2)) as return_value,
    cast(case when lit.street_id = '110108' and lit.measure_code = 'task_area' then targets.city_value end
        as decimal(14, 2)) as city_value,
    cast(lit.contractor_difference as decimal(14, 2)) as contractor_difference,
    cast(lit.subcommand_difference as decimal(14, 2)) as subcommand_difference,
    cast(lit.return_difference as decimal(14, 2)) as return_difference,
    cast(lit.contractor_tolerance as decimal(14, 3)) as contractor_tolerance,
    cast(lit.subcommand_tolerance as decimal(14, 3)) as subcommand_tolerance,
    cast(lit.return_tolerance as decimal(14, 3)) as return_tolerance,
    cast(lit.contractor_unsaid as decimal(14, 2)) as contractor_unsaid,
    cast(lit.subcommand_unsaid as decimal(14, 2)) as subcommand_unsaid,
    cast(lit.return_unsaid as decimal(14, 2)) as return_unsaid,
    cast(lit.waiting_rows as bigint) as waiting_rows,
    case lit.light_code when 'GREEN' then true when 'RED' then false end as agrees,
    lit.light_code,
    case lit.light_code when 'GREEN' then '绿' when 'RED' then '红' when 'YELLOW' then '黄' end as light_zh,
    lit.differing_parties
from lit
inner join measures
    on measures.measure_code = lit.measure_code
left join targets
    on targets.report_month = lit.report_month
left join core.street_names as street_names
    on street_names.street_id = lit.street_id
