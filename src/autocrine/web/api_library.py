"""``/api/library``: the evidence for programs; only approved records are public."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from autocrine.core import errors
from autocrine.web.state import State, state_of

router = APIRouter(prefix="/api/library", tags=["evidence"])
Shared = Annotated[State, Depends(state_of)]


class FoundRecord(BaseModel):
    """A record in a list."""

    key: str
    title: str
    citation: str
    year: int | None
    type: str


class SearchAnswer(BaseModel):
    """What a search found."""

    text: str
    count: int
    records: list[FoundRecord]
    facets: dict[str, dict[str, int]]


class RecordAnswer(BaseModel):
    """What an address answers with."""

    state: str
    address: str
    record: dict[str, Any] | None


@router.get("/search")
def search(
    shared: Shared,
    q: Annotated[str, Query(max_length=2000)] = "",
    page: Annotated[int, Query(ge=1, le=10**6)] = 1,
) -> SearchAnswer:
    """Find approved records, the nearest first."""
    found = shared.shelf.catalogue.search(q, page, 20, public=True)
    rows = [
        FoundRecord(key=each.key, title=each.title, citation=each.short, year=each.year, type=each.type)
        for each in found.records
    ]
    facets = {name: dict(counts) for name, counts in shared.shelf.catalogue.facets(q, public=True).items()}
    return SearchAnswer(text=q, count=found.count, records=rows, facets=facets)


@router.get("/records/{key}")
def record(key: str, shared: Shared) -> RecordAnswer:
    """Return a record; one that was merged, withdrawn or is not approved says so."""
    try:
        answer = shared.shelf.catalogue.answer(key)
    except errors.InputError as error:
        raise HTTPException(404) from error
    told = None if answer.record is None else dataclasses.asdict(answer.record)
    return RecordAnswer(state=answer.state, address=answer.address, record=told)


@router.get("/claims")
def claims(shared: Shared) -> list[dict[str, Any]]:
    """Return all claims with every verdict on them."""
    return [
        {
            **dataclasses.asdict(each),
            "checks": [dataclasses.asdict(one) for one in shared.shelf.catalogue.checks(each.id)],
        }
        for each in shared.shelf.library.claims.values()
    ]
