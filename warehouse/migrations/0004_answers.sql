-- The sender's side: which file answers which, what was given back, what is still open.

alter table ops.files add column slip_number VARCHAR;
comment on column ops.files.slip_number is '所附退回编号 | Number of the return slip whose list the file carries';

create table ops.answers (
    file_id VARCHAR,
    answered_file_id VARCHAR,
    how VARCHAR,
    known_from TIMESTAMPTZ
);
comment on table ops.answers is '每个更正件与其所更正文件一行 | One row per file and the earlier file it answers: a corrected copy';
comment on column ops.answers.file_id is '文件编号 | The later file';
comment on column ops.answers.answered_file_id is '被更正文件编号 | The earlier file';
comment on column ops.answers.how is '依据 | slip: it carries the list of the slip; report: a later version of a report; name: the same name';
comment on column ops.answers.known_from is '入账时点 | Instant at which the later file was played';

create table ops.slips (
    file_id VARCHAR,
    path VARCHAR,
    findings BIGINT,
    marked_cells BIGINT,
    remark VARCHAR,
    run_id VARCHAR
);
comment on table ops.slips is '每份退回单一行 | One row per return slip made';
comment on column ops.slips.file_id is '文件编号 | File it is about';
comment on column ops.slips.path is '退回单位置 | Where it lies below returned/';
comment on column ops.slips.findings is '问题数 | Findings listed on it';
comment on column ops.slips.marked_cells is '标色单元格数 | Cells marked on it';
comment on column ops.slips.remark is '说明 | What could not be kept of the original';
comment on column ops.slips.run_id is '运行编号 | Run that made it';

create table ops.open_findings (
    finding_id VARCHAR,
    code VARCHAR,
    severity VARCHAR,
    form_code VARCHAR,
    filer_id VARCHAR,
    street_id VARCHAR,
    period VARCHAR,
    file_id VARCHAR,
    file VARCHAR,
    submission_id VARCHAR,
    sheet VARCHAR,
    address VARCHAR,
    column_name VARCHAR,
    found VARCHAR,
    expected VARCHAR,
    action VARCHAR,
    known_from TIMESTAMPTZ,
    age_days BIGINT
);
comment on table ops.open_findings is '每条未了结的问题一行 | One row per finding that still stands (R, Q or W), with its age as of the newest instant';
comment on column ops.open_findings.finding_id is '发现编号 | From content: reason and place';
comment on column ops.open_findings.code is '原因代码 | Reason, E01 and on';
comment on column ops.open_findings.severity is '程度 | R refused, Q quarantined, W warning';
comment on column ops.open_findings.form_code is '表号 | Form';
comment on column ops.open_findings.filer_id is '填报单位编号 | Who can correct it';
comment on column ops.open_findings.street_id is '街道编号 | Street the report is about';
comment on column ops.open_findings.period is '报告期 | Period the report is about';
comment on column ops.open_findings.file_id is '文件编号 | File';
comment on column ops.open_findings.file is '文件 | Path as received';
comment on column ops.open_findings.submission_id is '报送编号 | Report';
comment on column ops.open_findings.sheet is '工作表 | Sheet';
comment on column ops.open_findings.address is '单元格 | Cell or range';
comment on column ops.open_findings.column_name is '列名 | Canonical column';
comment on column ops.open_findings.found is '发现 | What was found, in Chinese, for the sender';
comment on column ops.open_findings.expected is '应为 | What was expected, in Chinese';
comment on column ops.open_findings.action is '处理 | What the sender should do, in Chinese';
comment on column ops.open_findings.known_from is '入账时点 | Since when it stands';
comment on column ops.open_findings.age_days is '已过天数 | Days from then to the newest instant';
