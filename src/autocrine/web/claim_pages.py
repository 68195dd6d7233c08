"""``/library/claims``: what publications claim, what disagrees, and what each version of the model said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends
from starlette.exceptions import HTTPException
from starlette.responses import Response

from autocrine.web.state import State, state_of
from autocrine.web.templates import page

if TYPE_CHECKING:
    from autocrine.evidence import Claim
    from autocrine.evidence.library import Library

router = APIRouter(include_in_schema=False)
Shared = Annotated[State, Depends(state_of)]


@router.get("/library/claims")
def claims(shared: Shared) -> Response:
    """List all claims with their newest verdict."""
    library = shared.shelf.library
    rows = [
        {"claim": each, "last": _last(shared, each), "against": _against(library, each)}
        for each in library.claims.values()
    ]
    return page("claims.html", rows=rows)


@router.get("/library/claims/{key}")
def claim(key: str, shared: Shared) -> Response:
    """Show one claim."""
    library = shared.shelf.library
    found = library.claims.get(key)
    if found is None:
        raise HTTPException(404)
    return page(
        "claim.html",
        claim=found,
        record=library.records[found.record],
        against=_against(library, found),
        history=shared.shelf.catalogue.checks(key),
    )


def _against(library: Library, claim: Claim) -> list[Claim]:
    """Return the claims that cannot be true together with one, whichever of them names the other."""
    pairs = [pair for pair in library.disagreements() if claim in pair]
    return [two if one is claim else one for one, two in pairs]


def _last(shared: State, claim: Claim) -> str:
    history = shared.shelf.catalogue.checks(claim.id)
    return history[-1].verdict.value if history else ""
