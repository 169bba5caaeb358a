-- What a waiting row says: who says it, of what, and which areas would count if it held.

alter table ops.quarantine add column filer_id VARCHAR;
alter table ops.quarantine add column street_id VARCHAR;
alter table ops.quarantine add column building_id VARCHAR;
alter table ops.quarantine add column report_month DATE;
alter table ops.quarantine add column started_area_m2 DECIMAL(14,2);
alter table ops.quarantine add column completed_area_m2 DECIMAL(14,2);
comment on column ops.quarantine.filer_id is '填报单位编号 | Filer of the report, as resolved';
comment on column ops.quarantine.street_id is '街道编号 | Street the row is about';
comment on column ops.quarantine.building_id is '楼栋编号 | Building the row is about; empty where its reason puts that in doubt';
comment on column ops.quarantine.report_month is '报告期 | First day of the report''s period';
comment on column ops.quarantine.started_area_m2 is '所报开工面积 | Area the row says is started; m2';
comment on column ops.quarantine.completed_area_m2 is '所报完成面积 | Area the row says is completed; m2';
