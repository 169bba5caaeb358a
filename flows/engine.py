"""How Prefect is set before it is imported: offline, no telemetry, patient with its own temporary server.

Environment variables win, so a configured server or profile is used as it is.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path

from flows.home import Home

_DEFAULTS = {
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_CLOUD_ENABLE_ORCHESTRATION_TELEMETRY": "false",
    "PREFECT_TELEMETRY_ENABLE_RESOURCE_METRICS": "false",
    "DO_NOT_TRACK": "1",
    # A temporary server takes 10-40 s to start; Prefect's own limit of 20 s fails under load (2026-11, 3.8.8).
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
    "PREFECT_SERVER_EPHEMERAL_ENABLED": "true",
}


def prepare(home: Home) -> None:
    """Set what Prefect reads at import. Call before the first import of `flows.nightly`."""
    for name, value in _DEFAULTS.items():
        os.environ.setdefault(name, value)
    if "PREFECT_HOME" not in os.environ and not (Path.home() / ".prefect" / "profiles.toml").exists():
        # Nothing configured: keep Prefect's own files in the home, so that removing the home removes them too.
        os.environ["PREFECT_HOME"] = str(home.staging / "prefect")


def spare_the_terminal() -> None:
    """Keep tracebacks out of the terminal; the Prefect UI and its database keep them. Call after importing Prefect."""
    for handler in logging.getLogger().handlers:
        handler.addFilter(_without_traceback)


def _without_traceback(record: logging.LogRecord) -> bool:
    """The handlers of the root logger come last, so that nobody after them misses it."""
    record.exc_info, record.exc_text = None, None
    return True
