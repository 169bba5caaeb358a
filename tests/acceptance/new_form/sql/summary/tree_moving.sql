-- The trees of one street in one month: how many stand in the way, and how many were moved.
-- 中文: 树木移植进度
-- grain: report_month, street_id
-- reads: core.tree_ledger, core.street_names
-- check fail moved_within_found: trees_moved <= trees_found
-- column report_month: 报告期; month reported; month
-- column street_id: 街道代码; street; id
-- column street_name: 街道; name of the street; text
-- column trees_found: 现有树木; trees in the way of the works; tree
-- column trees_moved: 已移植; trees moved so far; tree
-- column moved_ratio: 移植率; trees_moved / trees_found; ratio
select
    tree.report_month,
    tree.street_id,
    street_names.street_name,
    cast(sum(tree.trees_found) as bigint) as trees_found,
    cast(sum(tree.trees_moved) as bigint) as trees_moved,
    cast(sum(tree.trees_moved) / nullif(sum(tree.trees_found), 0) as decimal(28, 10)) as moved_ratio
from core.tree_ledger_as_of($as_of) as tree
left join core.street_names as street_names
    on street_names.street_id = tree.street_id
group by tree.report_month, tree.street_id, street_names.street_name
