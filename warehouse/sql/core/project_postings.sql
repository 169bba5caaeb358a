-- One posting to a project that has begun by the as-of day.
-- 中文: 一线派驻情况（每人每项目每岗一行）
-- grain: posting_row_id
-- reads: core.party_posting, core.compound_register
-- column posting_row_id: 派驻行; core row of the posting; id
-- column compound_id: 小区; compound that is the project, NULL where its name is not in the register; id
-- column project: 派驻项目; name of the compound in the register, else the project as written; text
-- column street_id: 街道; street of the project; id
-- column plan_year: 计划年度; programme year of the compound; year
-- column person_key: 人员; keyed hash of the person; id
-- column post_code: 岗位; post; code
-- column frontline_code: 一线职责; duty at the front line; code
-- column is_serving: 是否在岗; not yet left on the as-of day; boolean
select
    posting.row_id as posting_row_id,
    posting.compound_id,
    coalesce(compound.compound_name, posting.project) as project,
    coalesce(compound.street_id, posting.street_id) as street_id,
    compound.plan_year,
    posting.person_key,
    posting.post_code,
    posting.frontline_code,
    coalesce(posting.end_date >= params.today, true) as is_serving
from core.party_posting_as_of($as_of) as posting
cross join (select cast(timezone('Asia/Shanghai', $as_of) as date) as today) as params
left join core.compound_register_as_of($as_of) as compound
    on compound.compound_id = posting.compound_id
where posting.start_date <= params.today
