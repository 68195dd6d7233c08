"""A file that a browser saves and never shows."""

from __future__ import annotations

from starlette.responses import Response

_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xml": "application/xml",
    "json": "application/json",
    "zip": "application/zip",
    "toml": "application/toml",
    "html": "text/html; charset=utf-8",
    "svg": "image/svg+xml",
}


def attachment(content: str | bytes, name: str) -> Response:
    """Return a file as the answer to a request; its name is one of ours."""
    kind = _TYPES.get(name.rpartition(".")[2], "text/plain; charset=utf-8")
    return Response(content, media_type=kind, headers={"content-disposition": f'attachment; filename="{name}"'})
