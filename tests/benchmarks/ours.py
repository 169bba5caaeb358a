"""`xinyan nightly --plain` with the comparison's form beside our own: the same calls as the command's.

Prints the processor seconds of each step, and of the reading processes.
"""

import json
import resource
import sys
import time
from pathlib import Path

from flows import steps
from flows.cli import _progress
from flows.isolation import end_readers
from flows.night import Steps, begin, one_night

PACKAGES = ("schemas", "tests.benchmarks.wide_form")


def timed(name, taken):
    """A step that notes what it takes."""
    verb = getattr(steps, name)

    def run(*arguments):
        begun = time.process_time()
        told = verb(*arguments)
        taken[name] = taken.get(name, 0) + time.process_time() - begun
        return told

    return run


def main():
    """One night, then what it was made of."""
    taken = {"start": time.process_time()}
    verbs = Steps(*(timed(name, taken) for name in ("take_in", "read", "load", "release", "give_back")))
    with begin(Path(sys.argv[1]), None, PACKAGES) as night, _progress("Reading") as advance:
        one_night(night, verbs, advance)
    end_readers()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    taken["reading processes"] = used.ru_utime + used.ru_stime
    print(json.dumps({name: round(seconds, 2) for name, seconds in taken.items()}))


if __name__ == "__main__":
    main()
