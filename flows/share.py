"""`xinyan share`: the newest release for analysts of other machines, through one address."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable

from flows.errors import UserError
from flows.home import Home
from warehouse import release
from warehouse.sharing import Server

_LOOK_SECONDS = 30
_SHORTEST = 12


def run(home: Home, host: str, port: int, token: str, say: Callable[[str], None]) -> None:
    """Serve until stopped, each release from when it is there; clients ask again where one took its place."""
    if token and len(token) < _SHORTEST:
        raise UserError("XINYAN_TOKEN", f"{len(token)} characters", f"at least {_SHORTEST}", "Set a longer one.")
    if not token:
        token = secrets.token_urlsafe(24)
        say(f"Token, for this run (set XINYAN_TOKEN to keep one): {token}")
    server, served = None, 0
    try:
        while True:
            newest = release.newest(home.releases)
            if newest is None:
                raise UserError(f"share {home.root}", "no release yet", "a release", "Run `xinyan nightly` first.")
            if newest.release_no != served:
                if server is not None:
                    server.close()
                server = Server(home.releases / newest.file_name, host, port, token)
                served = newest.release_no
                say(f"Release {served} at quack:{host}:{port}, read-only. Stop with Ctrl-C.")
            time.sleep(_LOOK_SECONDS)
    except KeyboardInterrupt:
        say("Stopped.")
    finally:
        if server is not None:
            server.close()
