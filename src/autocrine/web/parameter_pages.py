"""``/parameters`` and ``/coverage``: every number of the model with its range and what it rests on."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.exceptions import HTTPException
from starlette.responses import Response

from autocrine.circuit import baseline
from autocrine.evidence import catalogue
from autocrine.web.parameter_table import all_parameters
from autocrine.web.state import State, state_of
from autocrine.web.templates import page

router = APIRouter(include_in_schema=False)
Shared = Annotated[State, Depends(state_of)]
_MEANING = {
    "read": "read in a source",
    "derived": "derived from what was read",
    "fitted": "found by the baseline fit to findings with role fit",
    "recalled": "only recalled; a wide range",
    "chosen": "chosen by us; no source",
}


@router.get("/parameters")
def parameters(basis: str = "") -> Response:
    """List all parameters, or those with one basis."""
    rows = [each for each in all_parameters().values() if basis in {"", each.basis}]
    return page("parameters.html", rows=rows, basis=basis, meaning=_MEANING)


@router.get("/parameters/{key}")
def parameter(key: str, shared: Shared) -> Response:
    """Show all evidence for and against one parameter."""
    if key not in all_parameters():
        raise HTTPException(404)
    found = catalogue.parameter_page(all_parameters(), key, shared.shelf.library)
    used = baseline.Baseline.load().findings if found.basis == "fitted" else ()
    fitted_to = [shared.shelf.library.findings[name] for name in used]
    evidence = all_parameters()[key].evidence
    return page("parameter.html", found=found, evidence=evidence, meaning=_MEANING, fitted_to=fitted_to)


@router.get("/coverage")
def coverage(shared: Shared) -> Response:
    """Report what the parameters rest on."""
    found = catalogue.coverage(all_parameters(), shared.shelf.library)
    return page("coverage.html", found=found, meaning=_MEANING)
