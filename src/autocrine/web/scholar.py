"""A record as machines read it: JSON-LD of schema.org, and the citation tags that search engines of papers know."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

if TYPE_CHECKING:
    from autocrine.evidence.record import Record

_ADDRESSES = {
    "PMID": "https://pubmed.ncbi.nlm.nih.gov/{}/",
    "PMCID": "https://pmc.ncbi.nlm.nih.gov/articles/{}/",
    "DOI": "https://doi.org/{}",
}
_PAGES = re.compile(r"\s*([A-Za-z]*\d+)\s*(?:[-–]\s*([A-Za-z]*\d+))?")


def address_of(scheme: str, value: str) -> str:
    """Return the web address behind an identifier; empty where its scheme has none."""
    return _ADDRESSES[scheme].format(value.strip()) if scheme in _ADDRESSES else ""


def citation_tags(record: Record) -> list[tuple[str, str]]:
    """Return name and content of the ``citation_`` tags of a record."""
    pages = _PAGES.match(record.pages)
    values = {each.scheme: each.value for each in record.sources}
    authors = [("citation_author", who.name) for who in record.authors if who.role != "editor"]
    tags = [
        ("citation_title", record.title),
        *authors,
        ("citation_publication_date", str(record.year or "")),
        ("citation_journal_title", record.journal),
        ("citation_volume", record.volume),
        ("citation_issue", record.issue),
        ("citation_firstpage", pages[1] if pages else ""),
        ("citation_lastpage", (pages[2] or "") if pages else ""),
        ("citation_publisher", record.publisher),
        *((f"citation_{name.lower()}", values.get(name, "")) for name in ("DOI", "PMID", "ISSN", "ISBN")),
    ]
    return [(name, content) for name, content in tags if content]


def linked_data(record: Record) -> Markup:
    """Return JSON-LD of a record, written so that no field of it can end the script around it."""
    told: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "ScholarlyArticle",
        "identifier": [{"@type": "PropertyValue", "propertyID": s.scheme, "value": s.value} for s in record.sources],
        "name": record.title,
        "headline": record.title,
        "author": [_person(who.name, who.role) for who in record.authors if who.role != "editor"],
        "editor": [_person(who.name, who.role) for who in record.authors if who.role == "editor"],
        "datePublished": str(record.year or ""),
        "pagination": record.pages,
        "sameAs": [url for s in record.sources if (url := address_of(s.scheme, s.value))],
        "genre": record.type,
        "abstract": record.abstract,
    }
    if record.journal:
        told["isPartOf"] = {
            "@type": "PublicationIssue",
            "issueNumber": record.issue,
            "isPartOf": {
                "@type": "PublicationVolume",
                "volumeNumber": record.volume,
                "isPartOf": {"@type": "Periodical", "name": record.journal},
            },
        }
    text = json.dumps({key: value for key, value in told.items() if value}, ensure_ascii=True)
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)  # noqa: S704 - letters, and no sign that HTML knows


def _person(name: str, role: str) -> dict[str, str]:
    return {"@type": "Organization" if role == "group" else "Person", "name": name}
