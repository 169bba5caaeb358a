-- The cells behind each figure of summary.consent.
-- figure households_total: value of consent_survey.households_total by survey_row_id
-- figure register_households: value of building_register.household_count by register_row_id
-- figure households_surveyed: value of consent_survey.households_surveyed by survey_row_id
-- figure agree_households: value of consent_survey.agree_households by survey_row_id
-- figure disagree_households: value of consent_survey.disagree_households by survey_row_id
-- figure not_contacted_households: value of consent_survey.not_contacted_households by survey_row_id
-- figure agree_ratio: agree_households / households_total
-- figure threshold_ratio: value of settings.value by setting_row_id
with

surveys as (
    select
        survey.building_id,
        survey.round_no,
        survey.row_id as survey_row_id,
        register.row_id as register_row_id,
        'consent.threshold_ratio' as setting_row_id
    from core.consent_survey_as_of($as_of) as survey
    left join core.building_register_as_of($as_of) as register
        on register.building_id = survey.building_id
)

from surveys
