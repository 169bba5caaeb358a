-- One organisation others name by its id: a firm of the directory, or a department by the short word minutes use.
-- 中文: 单位与部门名称
-- grain: org_id
-- reads: core.org_directory, core.code_names
-- column org_id: 单位编号; organisation or department; id
-- column org_name: 单位名称; full name by the directory, or the department's short name; text
-- column is_department: 是否部门; named by the code list of departments, not by the directory; boolean
select
    org_id,
    full_name as org_name,
    false as is_department
from core.org_directory_as_of($as_of)
union all
select
    code as org_id,
    label_zh as org_name,
    true as is_department
from core.code_names
where code_list = 'departments'
