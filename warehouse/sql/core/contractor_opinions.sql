-- One opinion that is one contractor's: about its building, or about a compound where nobody else builds.
-- 中文: 可归于施工单位的居民意见
-- grain: plan_year, contractor_id, opinion_row_id
-- reads: core.resident_opinion, core.building_register, core.compound_register
-- column plan_year: 计划年度; programme year of the compound; year
-- column contractor_id: 施工单位; contractor the building register names; id
-- column opinion_row_id: 意见行; core row of the opinion; id
with

buildings as (
    select
        register.building_id,
        register.compound_id,
        register.contractor_id,
        compound.plan_year
    from core.building_register_as_of($as_of) as register
    inner join core.compound_register_as_of($as_of) as compound
        on compound.compound_id = register.compound_id
    where compound.plan_year is not null
        and register.contractor_id is not null
),

only_contractors as (
    select
        plan_year,
        compound_id,
        min(contractor_id) as contractor_id
    from buildings
    group by plan_year, compound_id
    having count(distinct contractor_id) = 1
)

select
    coalesce(building.plan_year, only_one.plan_year) as plan_year,
    coalesce(building.contractor_id, only_one.contractor_id) as contractor_id,
    opinion.row_id as opinion_row_id
from core.resident_opinion_as_of($as_of) as opinion
left join buildings as building
    on building.building_id = opinion.building_id
left join only_contractors as only_one
    on only_one.compound_id = opinion.compound_id
where coalesce(building.contractor_id, only_one.contractor_id) is not null
