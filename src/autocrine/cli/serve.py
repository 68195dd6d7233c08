"""``autocrine serve``: the web application on this machine."""

from __future__ import annotations

import contextlib
import ipaddress
import webbrowser
from pathlib import Path

import click

from autocrine.core import errors


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, show_default="one that is free", help="Port.")
@click.option("--no-browser", is_flag=True, help="Print the address only.")
@click.option("--data", type=click.Path(path_type=Path), help="Directory of studies, uploads and jobs.")
@click.option("--library", type=click.Path(path_type=Path), help="Catalogue of publications [in the data directory].")
def command(host: str, port: int, no_browser: bool, data: Path | None, library: Path | None) -> None:
    """Run experiments and read the evidence in a browser.

    The server listens on this machine only and answers who opens the printed address. Ctrl-C ends it; jobs that were
    running go on, or can be started again, when it is started next.
    """
    from autocrine import web

    _check_host(host)

    def ready(address: str) -> None:
        click.echo(address)
        if not no_browser:
            webbrowser.open(address)

    settings = web.Settings(host=host, port=port) if data is None else web.Settings(data, host, port)
    with contextlib.suppress(KeyboardInterrupt):  # how a server ends
        web.serve(settings, library_file=library, ready=ready)


def _check_host(host: str) -> None:
    """Refuse what is no single address; say what it means to listen beyond this machine."""
    if host == "localhost":
        return
    try:
        address = ipaddress.ip_address(host)
    except ValueError as error:
        raise errors.InputError("--host must be an address of this machine", host, hint="127.0.0.1") from error
    if address.is_unspecified:
        must = "--host must be one address, since the header Host is compared with it"
        raise errors.InputError(must, host, hint="the address by which others reach this machine")
    if not address.is_loopback:
        click.echo("the server can be reached from other machines, and what it sends is not encrypted", err=True)
