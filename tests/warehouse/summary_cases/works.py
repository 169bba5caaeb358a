"""How each promise of the marts about contractors, materials, issues, safety, postings and pilots can be broken."""

BROKEN = {
    "contractor_performance.contractors_add_up": "update summary.contractor_performance set started_area_m2 = 999",
    "contractor_performance.parts_within_finished": "update summary.contractor_performance set on_time_buildings = 9",
    "material_selection.every_event_once": "update summary.material_selection set events = 9",
    "material_selection.parts_within_events": "update summary.material_selection set selections = 9",
    "tenders.every_lot_once": "delete from summary.tenders",
    "tenders.saving_exactly_where_prices": "update summary.tenders set saving_ratio = null",
    "issue_board.every_issue_once": "delete from summary.issue_board",
    "issue_board.open_or_closed": "update summary.issue_board set overdue_issues = 9",
    "safety.every_inspection_once": "delete from summary.safety",
    "safety.overdue_within_found": "update summary.safety set overdue_hazards = 9",
    "party_coverage.every_posting_has_a_project": "delete from summary.party_coverage",
    "party_coverage.covered_within_required": "update summary.party_coverage set key_posts_covered = 9",
    "pilots.every_pilot_once": "delete from summary.pilots",
    "pilots.parts_within_rolled_out": "update summary.pilots set rolled_out_finished_compounds = 9",
    "coordination.raised_add_up": "delete from summary.coordination where issues_raised > 0",
    "coordination.something_happened": "update summary.coordination set meetings_attended = 0, issues_raised = 0,"
    " issues_closed = 0, issues_fallen_due = 0, issues_overdue = 0",
    "coordination.overdue_within_due": "update summary.coordination set issues_overdue = 9",
}
