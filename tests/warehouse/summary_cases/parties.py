"""How each promise of the marts that hold the parties against each other can be broken."""

BROKEN = {
    "reconciliation.light_follows_parties": "update summary.reconciliation set differing_parties = []",
}
