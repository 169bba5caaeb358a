"""`xinyan nightly --plain` with the comparison's form beside our own: the same calls as the command's."""

import sys
from pathlib import Path

from flows.cli import _progress
from flows.night import begin, one_night

PACKAGES = ("schemas", "tests.benchmarks.wide_form")

if __name__ == "__main__":
    with begin(Path(sys.argv[1]), None, PACKAGES) as night, _progress("Reading") as advance:
        one_night(night, progress=advance)
