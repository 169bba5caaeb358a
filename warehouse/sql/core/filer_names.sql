-- What a filer is called in reports: a street, an organisation of the directory, headquarters or the city's office.
-- 中文: 填报单位名称
-- grain: filer_id
-- reads: core.street_names, core.organisation_names
-- column filer_id: 填报单位; as in core.reports; id
-- column filer_name: 填报单位名称; its name; text
select
    street_id as filer_id,
    street_name as filer_name
from core.street_names
union all
select
    org_id,
    org_name
from core.organisation_names_as_of($as_of)
where not is_department
union all
select *
from (values ('headquarters', '区指挥部'), ('city', '市老旧小区综合整治办公室')) as offices (filer_id, filer_name)
