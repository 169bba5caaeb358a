-- The figures of tables in which a total and its rows disagree, and the cells that could explain it.

alter table ops.findings add column suspects VARCHAR;
comment on column ops.findings.suspects is '可疑单元格 | Cells that could explain a total that disagrees, the likeliest first, as JSON: address, row_number, written, likely, slip, checks, accused';

create table ops.control_cells (
    submission_id VARCHAR,
    file_id VARCHAR,
    form_code VARCHAR,
    street_id VARCHAR,
    period_date DATE,
    sheet_index BIGINT,
    sheet_name VARCHAR,
    block BIGINT,
    row_number BIGINT,
    is_total BOOLEAN,
    label VARCHAR,
    members BIGINT[],
    compound_name VARCHAR,
    building_no VARCHAR,
    programme_type_code VARCHAR,
    column_name VARCHAR,
    address VARCHAR,
    value DECIMAL(18,4),
    factor DECIMAL(18,6),
    resolution DECIMAL(18,6)
);
comment on table ops.control_cells is '合计不符的表中的每个数；仅内部 | One row per figure of a table in which a total and its rows disagree; private';
comment on column ops.control_cells.submission_id is '报送编号 | Report, refused ones too';
comment on column ops.control_cells.file_id is '文件编号 | File';
comment on column ops.control_cells.form_code is '表号 | Form';
comment on column ops.control_cells.street_id is '街道编号 | Street of the report';
comment on column ops.control_cells.period_date is '报告期 | First day of the period';
comment on column ops.control_cells.sheet_index is '工作表序号 | Position in the workbook, from 1';
comment on column ops.control_cells.sheet_name is '工作表名 | Name of the sheet';
comment on column ops.control_cells.block is '区块 | Table on the sheet, from 1';
comment on column ops.control_cells.row_number is '行号 | Row on the sheet';
comment on column ops.control_cells.is_total is '是否合计行 | Whether it stands in a total row';
comment on column ops.control_cells.label is '合计标签 | Label of the total row';
comment on column ops.control_cells.members is '所含行 | Rows the total adds up';
comment on column ops.control_cells.compound_name is '小区名称 | As written, normalised';
comment on column ops.control_cells.building_no is '楼号 | As written, normalised';
comment on column ops.control_cells.programme_type_code is '改造类型 | Programme type of the row';
comment on column ops.control_cells.column_name is '列名 | Canonical column';
comment on column ops.control_cells.address is '单元格 | Cell';
comment on column ops.control_cells.value is '数值 | Figure, in the canonical unit';
comment on column ops.control_cells.factor is '换算系数 | Multiplier to the canonical unit';
comment on column ops.control_cells.resolution is '分辨率 | One unit of the last decimal, in the canonical unit';
