-- The layers, and the tables of ops: files, reports, cells, findings, checks, releases.
-- No primary keys, indexes or sequences: they cost 23 % of the file and make merging 4 to 7 times slower; checks hold the keys.
-- Columns of sheets, cells, columns, controls, findings and quarantine are those of schemas/frames.py and what is added here.

create schema landed;
create schema ops;
create schema core;
create schema summary;

create table ops.schema_version (
    version INTEGER,
    name VARCHAR,
    applied_at TIMESTAMPTZ
);
comment on table ops.schema_version is '每次结构升级一行 | One row per migration applied';
comment on column ops.schema_version.version is '结构版本 | Number of the migration';
comment on column ops.schema_version.name is '升级名称 | Its name';
comment on column ops.schema_version.applied_at is '执行时间 | When it was applied';

create table ops.runs (
    run_id VARCHAR,
    kind VARCHAR,
    started_at TIMESTAMPTZ,
    finished_at TIMESTAMPTZ,
    first_instant TIMESTAMPTZ,
    last_instant TIMESTAMPTZ,
    files BIGINT,
    submissions BIGINT,
    rows_read BIGINT,
    rows_accepted BIGINT,
    rows_quarantined BIGINT,
    state_digest VARCHAR,
    history_digest VARCHAR,
    outcome VARCHAR,
    code_version VARCHAR,
    note VARCHAR
);
comment on table ops.runs is '每次运行一行 | One row per run that changed or checked the warehouse';
comment on column ops.runs.run_id is '运行编号 | Run; files, checks and releases refer to it';
comment on column ops.runs.kind is '运行类型 | nightly, backfill, undo or rebuild';
comment on column ops.runs.started_at is '开始时间 | When it began';
comment on column ops.runs.finished_at is '结束时间 | When its transaction was written';
comment on column ops.runs.first_instant is '最早入账时点 | First instant it played';
comment on column ops.runs.last_instant is '最晚入账时点 | Last instant it played';
comment on column ops.runs.files is '新收文件数 | Files taken in';
comment on column ops.runs.submissions is '报送件数 | Reports found in them';
comment on column ops.runs.rows_read is '读取行数 | Rows read';
comment on column ops.runs.rows_accepted is '接收行数 | Rows accepted';
comment on column ops.runs.rows_quarantined is '待核行数 | Rows waiting in quarantine';
comment on column ops.runs.state_digest is '现状摘要 | Digest of what is known now, after the run';
comment on column ops.runs.history_digest is '历史摘要 | Digest of everything ever known, after the run';
comment on column ops.runs.outcome is '结果 | completed or failed';
comment on column ops.runs.code_version is '程序版本 | Version of the program';
comment on column ops.runs.note is '说明 | What the run was for';

create table ops.files (
    file_id VARCHAR,
    file_name VARCHAR,
    path VARCHAR,
    received_at TIMESTAMPTZ,
    known_from TIMESTAMPTZ,
    bytes BIGINT,
    format VARCHAR,
    outcome VARCHAR,
    sheets BIGINT,
    non_empty_cells BIGINT,
    submissions BIGINT,
    run_id VARCHAR
);
comment on table ops.files is '每个收到的文件（按内容）一行 | One row per file by content';
comment on column ops.files.file_id is '文件编号 | sha256 of the bytes';
comment on column ops.files.file_name is '文件名 | Name it first came under';
comment on column ops.files.path is '收件路径 | Path below the inbox it first came under';
comment on column ops.files.received_at is '收件时间 | When it was first received';
comment on column ops.files.known_from is '入账时点 | Instant at which it was played';
comment on column ops.files.bytes is '字节数 | Size; bytes';
comment on column ops.files.format is '文件格式 | Format found in the bytes, not in the name';
comment on column ops.files.outcome is '结果 | read or refused';
comment on column ops.files.sheets is '工作表数 | Sheets of every visibility';
comment on column ops.files.non_empty_cells is '非空单元格数 | Non-empty cells of all sheets';
comment on column ops.files.submissions is '报送件数 | Reports found';
comment on column ops.files.run_id is '运行编号 | Run that took it in';

create table ops.receipts (
    path VARCHAR,
    file_id VARCHAR,
    received_at TIMESTAMPTZ,
    bytes BIGINT,
    is_duplicate BOOLEAN,
    run_id VARCHAR
);
comment on table ops.receipts is '每次收到（路径和内容）一行 | One row per path and content received; the same bytes can come under several paths';
comment on column ops.receipts.path is '收件路径 | Path below the inbox';
comment on column ops.receipts.file_id is '文件编号 | sha256 of the bytes';
comment on column ops.receipts.received_at is '收件时间 | When it was received';
comment on column ops.receipts.bytes is '字节数 | Size; bytes';
comment on column ops.receipts.is_duplicate is '是否重复 | Whether the same bytes had come before';
comment on column ops.receipts.run_id is '运行编号 | Run that took it in';

create table ops.submissions (
    submission_id VARCHAR,
    file_id VARCHAR,
    form_code VARCHAR,
    entity VARCHAR,
    filer_text VARCHAR,
    filer_candidates VARCHAR[],
    street_id VARCHAR,
    period VARCHAR,
    edition BIGINT,
    period_date DATE,
    version_rank BIGINT,
    is_supplement BOOLEAN,
    title VARCHAR,
    filer_address VARCHAR,
    period_address VARCHAR,
    street_address VARCHAR,
    sheet_names VARCHAR[],
    rows_read BIGINT,
    cells_data BIGINT,
    outcome VARCHAR,
    received_at TIMESTAMPTZ,
    known_from TIMESTAMPTZ,
    file_name VARCHAR,
    filer_id VARCHAR,
    report_version BIGINT,
    is_effective BOOLEAN,
    rows_accepted BIGINT,
    rows_quarantined BIGINT,
    run_id VARCHAR
);
comment on table ops.submissions is '每份报送（一个文件中的一份报表）一行 | One row per report found in a file';
comment on column ops.submissions.submission_id is '报送编号 | From the file''s content and the report''s identity';
comment on column ops.submissions.file_id is '文件编号 | File it stands in';
comment on column ops.submissions.form_code is '表号 | Form, F01 to F22';
comment on column ops.submissions.entity is '表名 | Core table its rows go to';
comment on column ops.submissions.filer_text is '填报单位（原文） | Filer as written';
comment on column ops.submissions.filer_candidates is '填报单位候选 | Normalised texts that may name the filer, best first';
comment on column ops.submissions.street_id is '街道编号 | Street the report is about, where the form has one';
comment on column ops.submissions.period is '报告期 | 2013-12 for months, 2013 for years, empty where the form has none';
comment on column ops.submissions.edition is '版次 | Number of the edition inside the period, such as F01''s adjustment; 0 where there is none';
comment on column ops.submissions.period_date is '报告期首日 | First day of the period';
comment on column ops.submissions.version_rank is '版本字样等级 | 0 none, 1 (1), 2 修改 or 更正, 3 最终版 or 定稿';
comment on column ops.submissions.is_supplement is '是否补报 | Adds rows to the report instead of replacing it';
comment on column ops.submissions.title is '标题 | Title line as written';
comment on column ops.submissions.filer_address is '填报单位位置 | Cell the filer was read from';
comment on column ops.submissions.period_address is '报告期位置 | Cell the period was read from';
comment on column ops.submissions.street_address is '街道位置 | Cell the street was read from';
comment on column ops.submissions.sheet_names is '工作表 | Sheets the report stands on';
comment on column ops.submissions.rows_read is '读取行数 | Data rows read';
comment on column ops.submissions.cells_data is '数据单元格数 | Cells read as data';
comment on column ops.submissions.outcome is '结果 | read or refused';
comment on column ops.submissions.received_at is '收件时间 | When the file was received';
comment on column ops.submissions.known_from is '入账时点 | Instant at which it was played';
comment on column ops.submissions.file_name is '文件名 | Name the file first came under';
comment on column ops.submissions.filer_id is '填报单位编号 | Filer as resolved';
comment on column ops.submissions.report_version is '报表版次 | 1 for the first version of the report received, then one more each';
comment on column ops.submissions.is_effective is '是否有效 | Whether it is the version that counts now';
comment on column ops.submissions.rows_accepted is '接收行数 | Rows accepted when it was last the version that counts';
comment on column ops.submissions.rows_quarantined is '待核行数 | Rows in quarantine when it was last the version that counts';
comment on column ops.submissions.run_id is '运行编号 | Run that loaded it';

create table ops.sheets (
    file_id VARCHAR,
    sheet_index BIGINT,
    sheet_name VARCHAR,
    visibility VARCHAR,
    non_empty_cells BIGINT,
    outcome VARCHAR,
    form_code VARCHAR,
    layout_id VARCHAR
);
comment on table ops.sheets is '每个工作表一行 | One row per sheet of a file, hidden ones too';
comment on column ops.sheets.file_id is '文件编号 | File';
comment on column ops.sheets.sheet_index is '工作表序号 | Position in the workbook, from 1';
comment on column ops.sheets.sheet_name is '工作表名 | Name of the sheet';
comment on column ops.sheets.visibility is '可见性 | visible, hidden or very hidden';
comment on column ops.sheets.non_empty_cells is '非空单元格数 | Cells with a value or formula whose text is not blank';
comment on column ops.sheets.outcome is '结果 | read, ignored, refused or empty';
comment on column ops.sheets.form_code is '表号 | Form the sheet was read as';
comment on column ops.sheets.layout_id is '版式 | Layout it was read with';

create table ops.cells (
    file_id VARCHAR,
    sheet_index BIGINT,
    sheet_name VARCHAR,
    cell_class VARCHAR,
    cell_range VARCHAR,
    cells BIGINT,
    reason VARCHAR
);
comment on table ops.cells is '每个同类单元格区域一行 | One row per rectangle of cells of one class; rectangles of a sheet never overlap';
comment on column ops.cells.file_id is '文件编号 | File';
comment on column ops.cells.sheet_index is '工作表序号 | Position in the workbook, from 1';
comment on column ops.cells.sheet_name is '工作表名 | Name of the sheet';
comment on column ops.cells.cell_class is '单元格类别 | data, header, title, unit, sign_off, control_total, ignored or rejected';
comment on column ops.cells.cell_range is '区域 | Range in A1 notation';
comment on column ops.cells.cells is '非空单元格数 | Non-empty cells in the range';
comment on column ops.cells.reason is '原因 | Why they were ignored or rejected';

create table ops.columns (
    submission_id VARCHAR,
    file_id VARCHAR,
    sheet_index BIGINT,
    block BIGINT,
    column_name VARCHAR,
    column_letter VARCHAR,
    header VARCHAR,
    unit VARCHAR,
    factor DECIMAL(18,6),
    decimals BIGINT,
    resolution DECIMAL(18,6)
);
comment on table ops.columns is '每个识别出的列一行 | One row per column located in a block of a sheet';
comment on column ops.columns.submission_id is '报送编号 | Report';
comment on column ops.columns.file_id is '文件编号 | File';
comment on column ops.columns.sheet_index is '工作表序号 | Position in the workbook, from 1';
comment on column ops.columns.block is '区块 | Table on the sheet, from 1';
comment on column ops.columns.column_name is '列名 | Canonical column';
comment on column ops.columns.column_letter is '列标 | Column letter on the sheet';
comment on column ops.columns.header is '表头 | Header path as written, joined by ·';
comment on column ops.columns.unit is '单位 | Unit the numbers were written in';
comment on column ops.columns.factor is '换算系数 | Multiplier to the canonical unit';
comment on column ops.columns.decimals is '小数位数 | Most decimals seen in the column as written';
comment on column ops.columns.resolution is '分辨率 | One unit of the last decimal, in the canonical unit';

create table ops.controls (
    submission_id VARCHAR,
    file_id VARCHAR,
    sheet_index BIGINT,
    sheet_name VARCHAR,
    row_number BIGINT,
    label VARCHAR,
    column_name VARCHAR,
    address VARCHAR,
    value DECIMAL(18,4),
    rows_sum DECIMAL(18,4),
    tolerance DECIMAL(18,4),
    agrees BOOLEAN
);
comment on table ops.controls is '每个合计数一行 | One row per figure of a total row, beside what its rows give';
comment on column ops.controls.submission_id is '报送编号 | Report';
comment on column ops.controls.file_id is '文件编号 | File';
comment on column ops.controls.sheet_index is '工作表序号 | Position in the workbook, from 1';
comment on column ops.controls.sheet_name is '工作表名 | Name of the sheet';
comment on column ops.controls.row_number is '行号 | Row on the sheet';
comment on column ops.controls.label is '合计标签 | Label of the total row, empty where it has none';
comment on column ops.controls.column_name is '列名 | Canonical column';
comment on column ops.controls.address is '单元格 | Cell of the figure';
comment on column ops.controls.value is '合计数 | Figure as reported, in the canonical unit';
comment on column ops.controls.rows_sum is '明细之和 | Sum of its rows';
comment on column ops.controls.tolerance is '容差 | Largest difference that rounding explains';
comment on column ops.controls.agrees is '是否相符 | Whether the two agree within the tolerance';

create table ops.findings (
    finding_id VARCHAR,
    code VARCHAR,
    severity VARCHAR,
    form_code VARCHAR,
    file_id VARCHAR,
    file VARCHAR,
    submission_id VARCHAR,
    sheet VARCHAR,
    address VARCHAR,
    column_name VARCHAR,
    found VARCHAR,
    expected VARCHAR,
    action VARCHAR,
    row_id VARCHAR,
    origin VARCHAR,
    known_from TIMESTAMPTZ,
    known_to TIMESTAMPTZ
);
comment on table ops.findings is '每条发现一行 | One row per finding and interval in which it held';
comment on column ops.findings.finding_id is '发现编号 | From content: reason and place';
comment on column ops.findings.code is '原因代码 | Reason, E01 and on';
comment on column ops.findings.severity is '程度 | R refused, Q quarantined, W warning, F fixed';
comment on column ops.findings.form_code is '表号 | Form';
comment on column ops.findings.file_id is '文件编号 | File';
comment on column ops.findings.file is '文件 | Path as received';
comment on column ops.findings.submission_id is '报送编号 | Report';
comment on column ops.findings.sheet is '工作表 | Sheet';
comment on column ops.findings.address is '单元格 | Cell or range';
comment on column ops.findings.column_name is '列名 | Canonical column';
comment on column ops.findings.found is '发现 | What was found, in Chinese, for the sender';
comment on column ops.findings.expected is '应为 | What was expected, in Chinese';
comment on column ops.findings.action is '处理 | What the sender should do, in Chinese';
comment on column ops.findings.row_id is '行编号 | Row, where one is meant';
comment on column ops.findings.origin is '来源 | reading: true of the file for ever; judgement: true as long as nothing heals it';
comment on column ops.findings.known_from is '入账时点 | Known from this instant';
comment on column ops.findings.known_to is '失效时点 | Until this instant; empty while it holds';

create table ops.quarantine (
    row_id VARCHAR,
    entity VARCHAR,
    submission_id VARCHAR,
    file_id VARCHAR,
    sheet_name VARCHAR,
    row_number BIGINT,
    code VARCHAR,
    column_name VARCHAR,
    address VARCHAR,
    found VARCHAR,
    expected VARCHAR,
    suggestion VARCHAR,
    known_from TIMESTAMPTZ,
    known_to TIMESTAMPTZ
);
comment on table ops.quarantine is '每个待核行的每条原因一行 | One row per row and reason it waits for, and interval';
comment on column ops.quarantine.row_id is '行编号 | Row';
comment on column ops.quarantine.entity is '表名 | Core table the row would go to';
comment on column ops.quarantine.submission_id is '报送编号 | Report';
comment on column ops.quarantine.file_id is '文件编号 | File';
comment on column ops.quarantine.sheet_name is '工作表名 | Sheet';
comment on column ops.quarantine.row_number is '行号 | Row on the sheet';
comment on column ops.quarantine.code is '原因代码 | Reason';
comment on column ops.quarantine.column_name is '列名 | Canonical column';
comment on column ops.quarantine.address is '单元格 | Cell';
comment on column ops.quarantine.found is '发现 | What was found, in Chinese';
comment on column ops.quarantine.expected is '应为 | What was expected, in Chinese';
comment on column ops.quarantine.suggestion is '建议 | What it may be; never applied by itself';
comment on column ops.quarantine.known_from is '入账时点 | Known from this instant';
comment on column ops.quarantine.known_to is '失效时点 | Until this instant; empty while it waits';

create table ops.checks (
    run_id VARCHAR,
    check_name VARCHAR,
    object_name VARCHAR,
    severity VARCHAR,
    outcome VARCHAR,
    failing_rows BIGINT,
    examples VARCHAR,
    checked_at TIMESTAMPTZ
);
comment on table ops.checks is '每次运行的每项检查一行 | One row per check and run';
comment on column ops.checks.run_id is '运行编号 | Run';
comment on column ops.checks.check_name is '检查 | What is checked';
comment on column ops.checks.object_name is '对象 | Table it is about';
comment on column ops.checks.severity is '程度 | fail: our own promise, no release without it; warn: what senders can cause';
comment on column ops.checks.outcome is '结果 | passed or failed';
comment on column ops.checks.failing_rows is '不合格行数 | Rows that break it';
comment on column ops.checks.examples is '示例 | Keys of the first of them';
comment on column ops.checks.checked_at is '检查时间 | When';

create table ops.releases (
    release_no BIGINT,
    run_id VARCHAR,
    made_at TIMESTAMPTZ,
    newest_instant TIMESTAMPTZ,
    state_digest VARCHAR,
    history_digest VARCHAR,
    findings_digest VARCHAR,
    content_digest VARCHAR,
    rows_known BIGINT,
    duckdb_version VARCHAR,
    note VARCHAR
);
comment on table ops.releases is '每次发布一行 | One row per release';
comment on column ops.releases.release_no is '发布号 | Number of the release; the file is NNNNNN.duckdb';
comment on column ops.releases.run_id is '运行编号 | Run it was made after';
comment on column ops.releases.made_at is '发布时间 | When it was made';
comment on column ops.releases.newest_instant is '最新入账时点 | Newest instant anything in it is known from; the plain summaries are as of it';
comment on column ops.releases.state_digest is '现状摘要 | Digest of what is known now';
comment on column ops.releases.history_digest is '历史摘要 | Digest of everything ever known';
comment on column ops.releases.findings_digest is '发现摘要 | Digest of open findings and quarantine';
comment on column ops.releases.content_digest is '文件摘要 | Digest of core and summary as published, recomputable from the file';
comment on column ops.releases.rows_known is '有效行数 | Core rows known now';
comment on column ops.releases.duckdb_version is '引擎版本 | Version of DuckDB that wrote the file';
comment on column ops.releases.note is '说明 | What changed';

create table ops.freshness (
    entity VARCHAR,
    form_code VARCHAR,
    title_zh VARCHAR,
    newest_period VARCHAR,
    newest_received_at TIMESTAMPTZ,
    newest_known_from TIMESTAMPTZ,
    rows_known BIGINT,
    rows_waiting BIGINT
);
comment on table ops.freshness is '每个表一行 | One row per core table: how recent it is';
comment on column ops.freshness.entity is '表名 | Core table';
comment on column ops.freshness.form_code is '表号 | Form';
comment on column ops.freshness.title_zh is '表题 | Title of the form';
comment on column ops.freshness.newest_period is '最新报告期 | Newest period of an effective report';
comment on column ops.freshness.newest_received_at is '最近收件时间 | When its newest file was received';
comment on column ops.freshness.newest_known_from is '最近入账时点 | Newest instant a row is known from';
comment on column ops.freshness.rows_known is '有效行数 | Rows known now';
comment on column ops.freshness.rows_waiting is '待核行数 | Rows in quarantine now';
