"""A server on this machine: it listens, says its address, and ends with Ctrl-C."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from autocrine.core import errors
from autocrine.web.app import create_app
from autocrine.web.settings import Settings


def serve(
    settings: Settings, *, library_file: Path | None = None, ready: Callable[[str], None] = lambda _address: None
) -> None:
    """Serve until interrupted.

    Parameters
    ----------
    settings : Settings
        A port of 0 takes one that is free.
    library_file : Path, optional
        See `create_app`.
    ready : callable
        Called with the address, token included, when the server listens.

    Raises
    ------
    errors.InputError
        If the address cannot be taken.
    """
    import uvicorn

    listening = _listen(settings)
    with listening:
        settings = replace(settings, port=listening.getsockname()[1])
        app = create_app(settings, library_file=library_file)
        config = uvicorn.Config(
            app, log_level="warning", access_log=False, server_header=False, proxy_headers=False, lifespan="on",
            timeout_graceful_shutdown=3,
        )  # fmt: skip
        ready(f"{settings.address}/?token={app.state.autocrine.session.token}")
        uvicorn.Server(config).run(sockets=[listening])


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    # asyncio sends small packets at once only where the protocol is named; otherwise a frame waits 40 ms for its header
    found = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind((settings.host, settings.port))
        found.listen(128)
    except (OSError, OverflowError) as error:
        found.close()
        raise errors.InputError(
            f"the server must be able to listen ({getattr(error, 'strerror', None) or error})",
            f"{settings.host}:{settings.port}",
            hint="--port 0 for one that is free",
        ) from error
    return found
