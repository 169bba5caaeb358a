"""Two forms that are no part of the programme: the proof that a form is data. Same shape as `schemas`."""
