-- The cells behind each figure of summary.party_coverage. Persons are counted by key; their names stand nowhere here.
-- figure plan_year: value of compound_register.plan_year by compound_row_id from projects
-- figure duty_members: count person_key of party_posting.frontline_code by posting_row_id where is_duty
-- figure members: count person_key of party_posting.project by posting_row_id
-- figure serving_members: count person_key of party_posting.end_date by posting_row_id where is_serving
--   because party_posting.project by posting_row_id
-- figure key_posts_required: count code of code_names.code by code_row_id from posts
-- figure key_posts_covered: count post_code of party_posting.post_code by posting_row_id where post_code is not null
-- figure key_posts_serving: count post_code of party_posting.post_code by posting_row_id
--   where post_code is not null and is_serving because party_posting.end_date by posting_row_id
-- figure key_post_ratio: key_posts_covered / key_posts_required
-- figure total_members: count person_key of party_posting.project by posting_row_id from everywhere
-- figure total_duty_members: count person_key of party_posting.frontline_code by posting_row_id from everywhere
--   where is_duty
-- figure total_projects: count project_key of compound_register.compound_name by compound_row_id from all_projects
--   where plan_year is not null
-- figure total_projects: count project_key of party_posting.project by posting_row_id from all_projects
-- figure total_projects_without_members: count project_key of compound_register.compound_name by compound_row_id
--   from all_projects where plan_year is not null and posting_row_id is null
with

-- The rows of the summary: each project with each duty.
duties as (
    select
        compound_id,
        project,
        frontline_code
    from summary.party_coverage_as_of($as_of)
),

postings as (
    select *
    from core.project_postings_as_of($as_of)
),

compounds as (
    select
        compound_id,
        compound_name,
        plan_year,
        row_id as compound_row_id
    from core.compound_register_as_of($as_of)
),

projects as (
    select
        duties.*,
        compounds.compound_row_id
    from duties
    inner join compounds
        on compounds.compound_id = duties.compound_id
),

of_project as (
    select
        duties.*,
        posting.* exclude (compound_id, project, frontline_code),
        posting.frontline_code is not distinct from duties.frontline_code as is_duty
    from duties
    inner join postings as posting
        on posting.compound_id is not distinct from duties.compound_id
        and posting.project = duties.project
),

everywhere as (
    select
        duties.*,
        posting.* exclude (compound_id, project, frontline_code),
        posting.frontline_code is not distinct from duties.frontline_code as is_duty
    from duties
    cross join postings as posting
),

posts as (
    select
        duties.*,
        names.code,
        concat(names.code_list, ' ', names.code) as code_row_id
    from duties
    cross join core.code_names as names
    where names.code_list = 'posts'
),

all_projects as (
    select
        duties.*,
        coalesce(posting.compound_id, compounds.compound_id, posting.project) as project_key,
        compounds.plan_year,
        compounds.compound_row_id,
        posting.posting_row_id
    from duties
    cross join (
        compounds
        full outer join postings as posting
            on posting.compound_id = compounds.compound_id
    )
)

from of_project
