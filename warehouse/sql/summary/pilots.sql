-- One thing tried out in one compound: how far the trial is, what it showed, and how the compounds it went on to stand (M20).
-- 中文: 试点项目及推广情况
-- grain: plan_year, compound_id, pilot_topic
-- reads: core.pilot_project, summary.compound_status
-- check fail every_pilot_once: select plan_year, compound_id, pilot_topic from core.pilot_project where known_to is null except select plan_year, compound_id, pilot_topic from summary.pilots
-- check fail parts_within_rolled_out: rolled_out_finished_compounds <= rolled_out_started_compounds and rolled_out_started_compounds <= rolled_out_compounds
-- check warn rolled_out_to_unknown: select plan_year, compound_id, pilot_topic, rolled_out_unknown from summary.pilots where rolled_out_unknown > 0
-- column plan_year: 计划年度; programme year; year
-- column compound_id: 小区编码; compound of the trial; id
-- column compound_name: 小区名称; name in the compound register; text
-- column street_id: 街道代码; street of the compound; id
-- column street_name: 街道; name of the street; text
-- column pilot_topic: 试点内容; what is tried out; text
-- column pilot_stage_code: 试点阶段; PREPARATION, TRIAL, SUMMARY or ROLL_OUT; code
-- column status_code: 试点小区状态; state of the compound's own works by the as-of day; code
-- column effect_note: 试点效果; what the trial showed, in the words of the headquarters (masked in a release); text
-- column rolled_out_compounds: 推广小区数; registered compounds the trial was rolled out to, each once; compound
-- column rolled_out_started_compounds: 推广小区中已开工数; of these, with a building started by the as-of day; compound
-- column rolled_out_finished_compounds: 推广小区中已完工数; of these, whose registered buildings are all completed; compound
-- column rolled_out_unknown: 未识别推广小区数; names in the list that are not in the register, or stand there twice; name
-- column rolled_out_to: 推广小区及状态; the compounds with the state of each, by their names; text
with

rolled_out as (
    select
        plan_year,
        compound_id,
        pilot_topic,
        unnest(list_distinct(rolled_out_compound_ids)) as to_compound_id
    from core.pilot_project_as_of($as_of)
),

receivers as (
    select
        rolled_out.plan_year,
        rolled_out.compound_id,
        rolled_out.pilot_topic,
        count(*) as compounds,
        count(*) filter (where status.started_buildings > 0) as started,
        count(*) filter (
            where status.registered_buildings > 0
                and status.completed_buildings = status.registered_buildings
        ) as finished,
        string_agg(
            concat(status.compound_name, '（', status.status_label_zh, '）'), '、'
            order by status.compound_name, status.compound_id
        ) as names
    from rolled_out
    inner join summary.compound_status_as_of($as_of) as status
        on status.compound_id = rolled_out.to_compound_id
    group by rolled_out.plan_year, rolled_out.compound_id, rolled_out.pilot_topic
)

select
    pilot.plan_year,
    pilot.compound_id,
    own.compound_name,
    own.street_id,
    own.street_name,
    pilot.pilot_topic,
    pilot.pilot_stage_code,
    own.status_code,
    pilot.effect_note,
    coalesce(receivers.compounds, 0) as rolled_out_compounds,
    coalesce(receivers.started, 0) as rolled_out_started_compounds,
    coalesce(receivers.finished, 0) as rolled_out_finished_compounds,
    coalesce(len(pilot.rolled_out_to), 0) - coalesce(receivers.compounds, 0) as rolled_out_unknown,
    receivers.names as rolled_out_to
from core.pilot_project_as_of($as_of) as pilot
left join summary.compound_status_as_of($as_of) as own
    on own.compound_id = pilot.compound_id
left join receivers
    on receivers.plan_year = pilot.plan_year
    and receivers.compound_id = pilot.compound_id
    and receivers.pilot_topic = pilot.pilot_topic
