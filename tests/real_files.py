"""Where the shared real workbooks lie: beside the project, or where XINYAN_SHARED says. Tests skip without them."""

import os
from pathlib import Path


def _find() -> Path:
    named = os.environ.get("XINYAN_SHARED")
    places = [Path(named)] if named else [parent / "shared" for parent in Path(__file__).resolve().parents[1:4]]
    return next((place / "real" for place in places if (place / "real").is_dir()), places[0] / "real")


REAL = _find()
