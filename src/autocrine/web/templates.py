"""The pages of the application: everything that a page shows is escaped, for a record is hostile text."""

from __future__ import annotations

import functools
import math
from typing import Any
from urllib.parse import quote, urlsplit

import jinja2
from starlette.responses import HTMLResponse


@functools.cache
def templates() -> jinja2.Environment:
    """Return the templates; an unknown name in one of them is an error."""
    surroundings = jinja2.Environment(
        loader=jinja2.PackageLoader("autocrine", "web/pages"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    surroundings.filters |= {"short": short, "segment": segment, "leave": leaving}
    return surroundings


def page(name: str, *, status: int = 200, headers: dict[str, str] | None = None, **values: Any) -> HTMLResponse:
    """Return a page as the answer to a request."""
    return HTMLResponse(templates().get_template(name).render(**values), status, headers)


def short(value: float | None) -> str:
    """Return a number with four digits; words where there is none."""
    if value is None or math.isnan(value):
        return "none"
    return "open" if math.isinf(value) else f"{value:.4g}"


def segment(text: str) -> str:
    """Return a key as one part of an address."""
    return quote(text, safe="")


def leaving(address: str) -> str:
    """Return the address of the notice before an external page; empty for what is no web address."""
    return f"/leave?to={quote(address, safe='')}" if host_of(address) else ""


def host_of(address: str) -> str:
    """Return the host of an external web address; empty for anything else."""
    try:
        parts = urlsplit(address.strip())
        host = parts.hostname or ""
    except ValueError:
        return ""
    is_plain = all(32 < ord(sign) < 127 for sign in address.strip()) and "@" not in parts.netloc
    return host if parts.scheme in {"http", "https"} and is_plain else ""
