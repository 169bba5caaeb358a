"""How each promise of the residents' and the headquarters' marts can be broken."""

BROKEN = {
    "opinion_handling.opinions_add_up": "update summary.opinion_handling set raised = 99",
    "opinion_handling.parts_within_raised": "update summary.opinion_handling set adopted = 99",
    "batch_progress.compounds_once": "update summary.batch_progress set compounds = 99",
    "report_timeliness.rows_within_read": "update summary.report_timeliness set rows_loaded = rows_read + 1",
    "report_timeliness.received_within_expected": "update summary.report_timeliness set missing_reports = 99",
    "data_quality.something_found": "update summary.data_quality set findings = 0",
    "acceptance_status.every_building_once": "delete from summary.acceptance_status",
}
