"""``/library``: records of publications, found by words and facets, shown field by field, and exported."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from autocrine.core import errors
from autocrine.evidence import catalogue
from autocrine.web.attachment import attachment
from autocrine.web.csv_table import csv_text
from autocrine.web.scholar import address_of, citation_tags, linked_data
from autocrine.web.state import State, state_of
from autocrine.web.templates import page

router = APIRouter(include_in_schema=False)
Shared = Annotated[State, Depends(state_of)]
Text = Annotated[str, Query(max_length=2000)]
_SIZE, _FACETS_SHOWN = 20, 8
#: facet → word of the search that filters by it
_FILTERS = {"year": "year", "type": "type", "journal": "journal"}
#: an abstract longer than this is folded
_FOLDED = 300
_SUFFIX = {"ris": "ris", "bibtex": "bib", "nbib": "nbib", "pubmed-xml": "xml", "csl-json": "json", "page": "txt"}


@router.get("/library")
def search(shared: Shared, q: Text = "", at: Annotated[int, Query(ge=1, le=10**6, alias="page")] = 1) -> Response:
    """Search the approved records."""
    found = shared.shelf.catalogue.search(q, at, _SIZE, public=True)
    counted = shared.shelf.catalogue.facets(q, public=True)
    facets = {
        name: [
            (value, count, _narrowed(q, name, value)) for value, count in list(counted[name].items())[:_FACETS_SHOWN]
        ]
        for name in _FILTERS
    }
    pages = max(1, -(-found.count // _SIZE))
    steps = {each: "/library?" + urlencode({"q": q, "page": each}) for each in (at - 1, at + 1) if 1 <= each <= pages}
    return page(
        "library.html", q=q, found=found, facets=facets, at=at, pages=pages, steps=steps,
        formats=list(catalogue.FORMATS), styles=list(catalogue.STYLES),
    )  # fmt: skip


def _narrowed(text: str, facet: str, value: str) -> str:
    """Return the address of a search narrowed to one value of a facet."""
    return "/library?" + urlencode({"q": f'{text} {_FILTERS[facet]}:"{value.replace(chr(34), " ")}"'.strip()})


@router.get("/library/export")
def export(shared: Shared, q: Text = "", kind: Annotated[str, Query(alias="format")] = "bibtex") -> Response:
    """Send all records of a search in one format, or as citations in one style."""
    records = shared.shelf.catalogue.search(q, 1, 0, public=True).records
    if kind in catalogue.FORMATS:
        return attachment(catalogue.write_records(records, kind), f"records.{_SUFFIX.get(kind, 'txt')}")
    if kind in catalogue.STYLES:
        return attachment("\n".join(catalogue.cite(records, kind)) + "\n", f"citations-{kind}.txt")
    if kind == "csv":
        names = ("key", "title", "year", "journal", "volume", "issue", "pages", "type")
        rows = [[str(getattr(record, name) or "") for name in names] for record in records]
        return attachment(csv_text(names, rows), "records.csv")
    known = ", ".join((*catalogue.FORMATS, *catalogue.STYLES, "csv"))
    raise errors.InputError("the format must be one that is known", kind, hint=known)


@router.get("/library/records/{key}")
def record(key: str, shared: Shared) -> Response:
    """Show a record; an address that was ever given answers for ever."""
    try:
        answer = shared.shelf.catalogue.answer(key)
    except errors.InputError as error:
        raise HTTPException(404) from error
    if answer.state == "moved":
        return RedirectResponse(f"/library/records/{answer.address}?from={key}", 307)
    if answer.record is None:
        gone = answer.state == "withdrawn"
        return page("record_absent.html", status=410 if gone else 404, address=answer.address, withdrawn=gone)
    found, library = answer.record, shared.shelf.library
    return page(
        "record.html",
        record=found,
        tags=citation_tags(found),
        linked=linked_data(found),
        sources=[(each, address_of(each.scheme, each.value)) for each in found.sources],
        history=shared.shelf.catalogue.history(answer.address),
        claims=library.claims_of(found.key) if found.key in library.records else (),
        findings=library.findings_of(found.key),
        facts=library.facts_of(found.key),
        folded=_FOLDED,
    )
