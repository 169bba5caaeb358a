"""How each promise of the marts that hold the parties against each other can be broken."""

BROKEN = {
    "reconciliation.light_follows_parties": "update summary.reconciliation set differing_parties = []",
    "target_bounds.figure_within_bounds": "update summary.target_bounds set completed_area_high_m2 = 0",
}
