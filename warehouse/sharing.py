"""A release for many analysts at once: DuckDB's own client/server protocol, read-only, behind a token.

The protocol is DuckDB's extension `quack`, over HTTP by `httpfs`. Neither is in the Python package and nothing here
downloads one: who wants a server installs both for this version of DuckDB (`install quack`, or a package's file).
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import duckdb

from warehouse.connection import ZONE
from warehouse.errors import WarehouseError

EXTENSIONS = ("httpfs", "quack")

_ASKS = """
    create or replace macro main.xinyan_asks(session_id, asked) as
        regexp_matches(lower(asked), '^\\s*\\(*\\s*(from|select|with|values|explain|describe|summarize|show|pivot)\\b')
        and not contains(rtrim(asked, '; \n'), ';')
        and not contains(lower(asked), 'quack')
"""
"""Every text of a client is shown to this before it runs: one question, and none to the server itself."""


class Server:
    """One release, served until it is closed: a copy of its own, so that nobody holds the file and a macro fits in."""

    def __init__(self, path: Path, host: str, port: int, token: str) -> None:
        self._uri = f"quack:{host}:{port}"
        self._folder = tempfile.TemporaryDirectory(prefix="xinyan-share-")
        copy = Path(self._folder.name) / "release.duckdb"
        shutil.copyfile(path, copy)
        with duckdb.connect(str(copy)) as own:
            own.execute(_ASKS)
        # The release is the database the server begins with: names inside its macros resolve in that.
        self._connection = duckdb.connect(str(copy), read_only=True, config={"autoinstall_known_extensions": False})
        try:
            self._begin(host, token)
        except duckdb.Error as error:
            self._connection.close()
            self._folder.cleanup()
            raise WarehouseError(
                f"share {path.name} at {self._uri}",
                f"DuckDB {duckdb.__version__}: {str(error).strip().splitlines()[0]}",
                f"its extensions {' and '.join(EXTENSIONS)}, and a free port",
                "Install them for this version, as in: duckdb.sql('install quack'). Nothing is downloaded here.",
            ) from error

    def _begin(self, host: str, token: str) -> None:
        for name in EXTENSIONS:
            self._connection.execute(f"load {name}")
        self._connection.execute(f"set global TimeZone = '{ZONE}'")
        self._connection.execute("set enable_external_access = false")
        self._connection.execute("set global quack_authorization_function = 'xinyan_asks'")
        self._connection.execute(
            "call quack_serve($uri, token := $token, allow_other_hostname := $other)",
            {"uri": self._uri, "token": token, "other": host not in ("localhost", "127.0.0.1")},
        )

    def close(self) -> None:
        """Stop listening, and remove the copy."""
        self._connection.execute("call quack_stop($uri)", {"uri": self._uri})
        self._connection.close()
        self._folder.cleanup()
