-- One inspection of a contractor's site and how it stands on the as-of day: what is left of what it found.
-- 中文: 安全质量检查及整改现状
-- grain: inspection_row_id
-- reads: core.safety_inspection
-- column inspection_row_id: 检查行; core row of the inspection; id
-- column month: 月份; month of the inspection, as its first day; month
-- column contractor_id: 受检单位; contractor inspected; id
-- column hazards_found: 发现隐患; hazards found; hazard
-- column hazards_major: 重大隐患; major ones among them; hazard
-- column hazards_fixed: 已整改隐患; of the hazards found, put right so far; hazard
-- column hazards_left: 未整改隐患; found less put right; hazard
-- column penalty_yuan: 处罚金额; fine, NULL where none is told; yuan
-- column has_accident: 是否有事故; it tells of an accident to a person; boolean
-- column is_overdue: 是否逾期未整改; hazards left, past the due date on the as-of day and not looked at again; boolean
select
    inspection.row_id as inspection_row_id,
    cast(date_trunc('month', inspection.inspection_date) as date) as month,
    inspection.contractor_id,
    coalesce(inspection.hazards_found, 0) as hazards_found,
    coalesce(inspection.hazards_major, 0) as hazards_major,
    coalesce(inspection.hazards_fixed, 0) as hazards_fixed,
    coalesce(inspection.hazards_found, 0) - coalesce(inspection.hazards_fixed, 0) as hazards_left,
    inspection.penalty_yuan,
    coalesce(inspection.accident_code <> 'NONE', false) as has_accident,
    coalesce(
        inspection.hazards_found > coalesce(inspection.hazards_fixed, 0)
        and inspection.due_date < params.today
        and coalesce(inspection.closed_date > params.today, true),
        false
    ) as is_overdue
from core.safety_inspection_as_of($as_of) as inspection
cross join (select cast(timezone('Asia/Shanghai', $as_of) as date) as today) as params
