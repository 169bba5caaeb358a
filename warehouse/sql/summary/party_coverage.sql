-- One project and one of the four duties at the front line: who is posted there, and whether the key posts are held (M15).
-- 中文: 联合党支部一线派驻情况
-- grain: compound_id, project, frontline_code
-- reads: core.project_postings, core.compound_register, core.street_names, core.code_names
-- check fail every_posting_has_a_project: select posting.row_id from core.party_posting as posting where posting.known_to is null and not exists (from summary.party_coverage as coverage where coverage.compound_id = posting.compound_id or (coverage.compound_id is null and coverage.project = posting.project))
-- check fail covered_within_required: key_posts_covered <= key_posts_required and duty_members <= members and members <= total_members
-- check warn project_without_members: select distinct compound_id, project from summary.party_coverage where members = 0
-- column compound_id: 小区编码; compound that is the project, NULL where its name is not in the register; id
-- column project: 派驻项目; name of the compound in the register, else the project as written; text
-- column street_id: 街道代码; street of the project; id
-- column street_name: 街道; name of the street; text
-- column plan_year: 计划年度; programme year of the compound; year
-- column frontline_code: 一线职责; duty at the front line, each of the four for every project, and NULL for members without one; code
-- column duty_members: 履职人数; people posted to the project with this duty up to the as-of day, each once; person
-- column members: 派驻人数; people posted to the project up to the as-of day, each once, whatever their duty; person
-- column serving_members: 在岗人数; of these, not yet left on the as-of day; person
-- column key_posts_required: 应设关键岗位数; key posts a project must fill: every post of the code list (项目经理, 安全员, 质检员, 群众工作, 协调员); post
-- column key_posts_covered: 已覆盖关键岗位数; of these, held by someone up to the as-of day; post
-- column key_posts_serving: 在岗关键岗位数; of these, held by someone on the as-of day; post
-- column key_post_ratio: 关键岗位覆盖率; key_posts_covered / key_posts_required; ratio
-- column total_members: 全区派驻人数; people posted to any project, each once across projects, the same in every row; person
-- column total_duty_members: 全区履职人数; people with this duty at any project, each once, the same in every row of the duty; person
-- column total_projects: 项目总数; projects in all, the same in every row; project
-- column total_projects_without_members: 无派驻人员项目数; projects nobody was posted to, the same in every row; project
with

postings as (
    select *
    from core.project_postings_as_of($as_of)
),

-- Every compound of the programme is a project, also one that nobody was posted to.
projects as (
    select
        compound_id,
        compound_name as project,
        street_id,
        plan_year
    from core.compound_register_as_of($as_of)
    where plan_year is not null
    union
    select
        compound_id,
        project,
        any_value(street_id) as street_id,
        any_value(plan_year) as plan_year
    from postings
    group by compound_id, project
),

duties as (
    select code as frontline_code
    from core.code_names
    where code_list = 'frontlines'
),

asked as (
    select
        projects.*,
        duties.frontline_code
    from projects
    cross join duties
    union all
    select distinct
        compound_id,
        project,
        street_id,
        plan_year,
        cast(null as varchar) as frontline_code
    from postings
    where frontline_code is null
),

required_posts as (
    select count(*) as key_posts_required
    from core.code_names
    where code_list = 'posts'
),

of_project as (
    select
        compound_id,
        project,
        count(distinct person_key) as members,
        count(distinct person_key) filter (where is_serving) as serving_members,
        count(distinct post_code) as key_posts_covered,
        count(distinct post_code) filter (where is_serving) as key_posts_serving
    from postings
    group by compound_id, project
),

of_duty as (
    select
        compound_id,
        project,
        frontline_code,
        count(distinct person_key) as duty_members
    from postings
    group by compound_id, project, frontline_code
),

district as (
    select count(distinct person_key) as total_members
    from postings
),

district_duty as (
    select
        frontline_code,
        count(distinct person_key) as total_duty_members
    from postings
    group by frontline_code
),

all_projects as (
    select
        count(*) as total_projects,
        count(*) filter (where of_project.members is null) as total_projects_without_members
    from projects
    left join of_project
        on of_project.compound_id is not distinct from projects.compound_id
        and of_project.project = projects.project
)

select
    asked.compound_id,
    asked.project,
    asked.street_id,
    street_names.street_name,
    asked.plan_year,
    asked.frontline_code,
    coalesce(of_duty.duty_members, 0) as duty_members,
    coalesce(of_project.members, 0) as members,
    coalesce(of_project.serving_members, 0) as serving_members,
    required_posts.key_posts_required,
    coalesce(of_project.key_posts_covered, 0) as key_posts_covered,
    coalesce(of_project.key_posts_serving, 0) as key_posts_serving,
    cast(coalesce(of_project.key_posts_covered, 0) / nullif(required_posts.key_posts_required, 0) as decimal(28, 10))
        as key_post_ratio,
    district.total_members,
    coalesce(district_duty.total_duty_members, 0) as total_duty_members,
    all_projects.total_projects,
    all_projects.total_projects_without_members
from asked
cross join required_posts
cross join district
cross join all_projects
left join of_project
    on of_project.compound_id is not distinct from asked.compound_id
    and of_project.project = asked.project
left join of_duty
    on of_duty.compound_id is not distinct from asked.compound_id
    and of_duty.project = asked.project
    and of_duty.frontline_code is not distinct from asked.frontline_code
left join district_duty
    on district_duty.frontline_code is not distinct from asked.frontline_code
left join core.street_names as street_names
    on street_names.street_id = asked.street_id
