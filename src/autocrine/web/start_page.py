"""``/``, ``/experiment`` and ``/leave``: where a person begins, runs experiments, and goes away."""

from __future__ import annotations

import functools
import json
from importlib.resources import files
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.exceptions import HTTPException
from starlette.responses import Response

from autocrine.studies import interactive
from autocrine.web.state import State, state_of
from autocrine.web.templates import host_of, page

router = APIRouter(include_in_schema=False)
Shared = Annotated[State, Depends(state_of)]


@router.get("/")
def start(shared: Shared) -> Response:
    """Show what is here."""
    library = shared.shelf.library
    counts = {"records": len(library.records), "facts": len(library.facts), "claims": len(library.claims)}
    return page("start.html", counts=counts, studies=interactive.built_in_studies())


@router.get("/experiment")
def experiment() -> Response:
    """Show the shell of the application, or how to build it."""
    return page("experiment.html", built=built_files())


@router.get("/leave")
def leave(to: str = "") -> Response:
    """Ask before an external page is opened."""
    host = host_of(to)
    if not host:
        raise HTTPException(404)
    return page("leave.html", host=host, to=to.strip())


def built_files() -> dict[str, list[str]] | None:
    """Return scripts and styles of the built application; None in a checkout where it was not built."""
    static = files("autocrine.web") / "static" / "app"
    for place in (static / ".vite" / "manifest.json", static / "manifest.json"):
        if place.is_file():
            return _entry(place.read_text(encoding="utf-8"))
    return None


@functools.lru_cache(maxsize=4)
def _entry(text: str) -> dict[str, list[str]]:
    manifest: dict[str, dict[str, Any]] = json.loads(text)
    entry = next(row for row in manifest.values() if row.get("isEntry"))
    styles = list(entry.get("css", []))
    for name in entry.get("imports", []):
        styles += manifest[name].get("css", [])
    preload = [manifest[name]["file"] for name in entry.get("imports", [])]
    return {
        "scripts": [f"/static/app/{entry['file']}"],
        "styles": [f"/static/app/{name}" for name in styles],
        "preload": [f"/static/app/{name}" for name in preload],
    }
