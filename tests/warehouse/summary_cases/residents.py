"""How each promise of the residents' and the headquarters' marts can be broken."""

BROKEN = {
    "opinion_handling.opinions_add_up": "update summary.opinion_handling set raised = 99",
    "opinion_handling.parts_within_raised": "update summary.opinion_handling set adopted = 99",
    "batch_progress.compounds_once": "update summary.batch_progress set compounds = 99",
    "acceptance_status.every_building_once": "delete from summary.acceptance_status",
}
