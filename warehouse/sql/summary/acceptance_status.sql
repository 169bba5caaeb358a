-- One registered building and its three acceptances: of parts, of the whole, and the hand-over (M22).
-- 中文: 楼栋验收与移交情况
-- grain: building_id
-- reads: core.building_register, core.compound_register, core.building_state, core.building_acceptances, core.street_names
-- check fail every_building_once: select building_id from core.building_register where known_to is null and building_id not in (select building_id from summary.acceptance_status)
-- check warn accepted_before_finish: select building_id, finished_date, final_date from summary.acceptance_status where final_date < finished_date
-- check warn handed_over_without_final: select building_id from summary.acceptance_status where handover_passed_date is not null and final_passed_date is null
-- column building_id: 楼栋编码; building; id
-- column street_id: 街道代码; street; id
-- column street_name: 街道; name of the street; text
-- column compound_id: 小区编码; compound; id
-- column compound_name: 小区名称; name in the compound register; text
-- column building_no: 楼号; number in the building register; text
-- column plan_year: 计划年度; programme year of the compound; year
-- column finished_date: 实际竣工日期; actual finish as last reported, never a forecast; date
-- column sub_item_result_code: 分部验收结论; result of the acceptance of parts, NULL where there was none; code
-- column sub_item_date: 分部验收日期; its day; date
-- column sub_item_passed_date: 分部验收通过日期; its day where the result is 合格 or 整改后合格; date
-- column final_result_code: 竣工验收结论; result of the final acceptance, NULL where there was none; code
-- column final_date: 竣工验收日期; its day; date
-- column final_passed_date: 竣工验收通过日期; its day where the result is 合格 or 整改后合格; date
-- column handover_result_code: 移交验收结论; result of the hand-over, NULL where there was none; code
-- column handover_date: 移交日期; its day; date
-- column handover_passed_date: 移交通过日期; its day where the result is 合格 or 整改后合格; date
-- column handover_to: 移交单位; who takes the building over, as written; text
-- column days_from_finish_to_final: 竣工至验收天数; days from finished_date to the final acceptance passed, NULL until both are known; day
-- column acceptance_stage_code: 验收阶段; the furthest passed: NONE, SUB_ITEM, FINAL or HANDOVER; code
with

acceptances as (
    select
        building_id,
        any_value(acceptance_result_code) filter (where acceptance_type_code = 'SUB_ITEM') as sub_item_result_code,
        any_value(acceptance_date) filter (where acceptance_type_code = 'SUB_ITEM') as sub_item_date,
        any_value(passed_date) filter (where acceptance_type_code = 'SUB_ITEM') as sub_item_passed_date,
        any_value(acceptance_result_code) filter (where acceptance_type_code = 'FINAL') as final_result_code,
        any_value(acceptance_date) filter (where acceptance_type_code = 'FINAL') as final_date,
        any_value(passed_date) filter (where acceptance_type_code = 'FINAL') as final_passed_date,
        any_value(acceptance_result_code) filter (where acceptance_type_code = 'HANDOVER') as handover_result_code,
        any_value(acceptance_date) filter (where acceptance_type_code = 'HANDOVER') as handover_date,
        any_value(passed_date) filter (where acceptance_type_code = 'HANDOVER') as handover_passed_date,
        any_value(handover_to) filter (where acceptance_type_code = 'HANDOVER') as handover_to
    from core.building_acceptances_as_of($as_of)
    group by building_id
)

select
    register.building_id,
    register.street_id,
    street_names.street_name,
    register.compound_id,
    compound.compound_name,
    register.building_no,
    compound.plan_year,
    building.finished_date,
    acceptances.sub_item_result_code,
    acceptances.sub_item_date,
    acceptances.sub_item_passed_date,
    acceptances.final_result_code,
    acceptances.final_date,
    acceptances.final_passed_date,
    acceptances.handover_result_code,
    acceptances.handover_date,
    acceptances.handover_passed_date,
    acceptances.handover_to,
    date_diff('day', building.finished_date, acceptances.final_passed_date) as days_from_finish_to_final,
    case
        when acceptances.handover_passed_date is not null then 'HANDOVER'
        when acceptances.final_passed_date is not null then 'FINAL'
        when acceptances.sub_item_passed_date is not null then 'SUB_ITEM'
        else 'NONE'
    end as acceptance_stage_code
from core.building_register_as_of($as_of) as register
left join core.building_state_as_of($as_of) as building
    on building.building_id = register.building_id
left join core.compound_register_as_of($as_of) as compound
    on compound.compound_id = register.compound_id
left join acceptances
    on acceptances.building_id = register.building_id
left join core.street_names as street_names
    on street_names.street_id = register.street_id
