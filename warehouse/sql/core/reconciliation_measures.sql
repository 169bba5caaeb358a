-- One measure that parties are compared by.
-- 中文: 对账指标
-- grain: measure_code
-- column measure_code: 指标代码; task_area, or started_ or completed_ with buildings, area or households; code
-- column measure_label_zh: 指标; the same in Chinese; text
-- column unit_code: 单位; m2, building or household; code
-- column stage: 阶段; task, started or completed; text
-- column kind: 类别; area, buildings or households; text
select *
from (
    values
        ('task_area', '任务面积', 'm2', 'task', 'area'),
        ('started_buildings', '累计开工栋数', 'building', 'started', 'buildings'),
        ('started_area', '累计开工面积', 'm2', 'started', 'area'),
        ('started_households', '累计开工户数', 'household', 'started', 'households'),
        ('completed_buildings', '累计完成栋数', 'building', 'completed', 'buildings'),
        ('completed_area', '累计完成面积', 'm2', 'completed', 'area'),
        ('completed_households', '累计完成户数', 'household', 'completed', 'households')
) as measures (measure_code, measure_label_zh, unit_code, stage, kind)
