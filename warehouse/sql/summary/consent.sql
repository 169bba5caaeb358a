-- How many households of one building agreed in one round of asking, and whether that is enough (M11).
-- 中文: 入户征询同意情况
-- grain: building_id, round_no
-- reads: core.consent_survey, core.building_register, core.compound_register, core.street_names, core.settings
-- check warn total_differs_from_register: select building_id, round_no, households_total, register_households from summary.consent where households_total <> register_households
-- check warn begun_without_consent: select building_id from summary.consent where is_latest_round and is_under_threshold and building_id in (select building_id from summary.building_status where is_started)
-- column building_id: 楼栋编码; building; id
-- column round_no: 轮次; round of asking, 1 for the first; count
-- column street_id: 街道代码; street; id
-- column street_name: 街道; name of the street; text
-- column compound_id: 小区编码; compound; id
-- column compound_name: 小区名称; name in the compound register; text
-- column building_no: 楼号; number in the building register; text
-- column households_total: 总户数; households of the building as the survey says; household
-- column register_households: 台账户数; households by the register; household
-- column households_surveyed: 征询户数; households that were asked; household
-- column agree_households: 同意户数; households that agree; household
-- column disagree_households: 不同意户数; households that do not; household
-- column not_contacted_households: 未联系上户数; households nobody reached; household
-- column agree_ratio: 同意率; agree_households / households_total, whatever the survey wrote; ratio
-- column threshold_ratio: 同意率门槛; share that is enough, by the settings in force (consent.threshold_ratio); ratio
-- column is_under_threshold: 是否低于门槛; agree_ratio is below threshold_ratio, NULL where either is not known; boolean
-- column is_latest_round: 是否最近一轮; the building's last round so far; boolean
with

threshold as (
    select max(value) as threshold_ratio
    from core.settings_as_of($as_of)
    where row_id = 'consent.threshold_ratio'
)

select
    survey.building_id,
    survey.round_no,
    survey.street_id,
    street_names.street_name,
    survey.compound_id,
    compound.compound_name,
    register.building_no,
    survey.households_total,
    register.household_count as register_households,
    survey.households_surveyed,
    survey.agree_households,
    survey.disagree_households,
    survey.not_contacted_households,
    cast(survey.agree_households / nullif(survey.households_total, 0) as decimal(28, 10)) as agree_ratio,
    cast(threshold.threshold_ratio as decimal(28, 10)) as threshold_ratio,
    -- Multiplied, not divided: a building exactly at the threshold is not under it.
    case
        when survey.households_total > 0
            then survey.agree_households < threshold.threshold_ratio * survey.households_total
    end as is_under_threshold,
    survey.round_no = max(survey.round_no) over (partition by survey.building_id) as is_latest_round
from core.consent_survey_as_of($as_of) as survey
cross join threshold
left join core.building_register_as_of($as_of) as register
    on register.building_id = survey.building_id
left join core.compound_register_as_of($as_of) as compound
    on compound.compound_id = survey.compound_id
left join core.street_names as street_names
    on street_names.street_id = survey.street_id
