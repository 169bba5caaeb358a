"""Which cell is wrong: totals as checksums, last month, the register and other parties as witnesses. Pure."""

from transforms.reconcile.findings import effective_cells, suspect_findings
from transforms.reconcile.suspects import Cell, Dispute, Suspect, disputes
from transforms.reconcile.witnesses import Witness, Witnesses

__all__ = ["Cell", "Dispute", "Suspect", "Witness", "Witnesses", "disputes", "effective_cells", "suspect_findings"]
