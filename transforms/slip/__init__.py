"""Return slips (退回单): a sender's own workbook with every faulty cell coloured and explained, and a list in front.

Pure: the original's bytes and what was found in, the marked workbook's bytes out; the same in, the same out.
"""

from __future__ import annotations

from transforms.slip.making import EXTENSIONS, Slip, make_slip
from transforms.slip.marks import Heading, Mark

__all__ = ["EXTENSIONS", "Heading", "Mark", "Slip", "make_slip"]
