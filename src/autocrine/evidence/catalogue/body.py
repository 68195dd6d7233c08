"""A record as text in the catalogue, and its words in the index."""

from __future__ import annotations

import dataclasses
import hashlib
import json

from autocrine.evidence.catalogue.words import normal
from autocrine.evidence.record import Author, ExternalSource, Record


def packed(record: Record) -> str:
    """Return a record as JSON."""
    values = vars(record) | {"authors": [vars(who) for who in record.authors]}
    values |= {"sources": [vars(source) for source in record.sources]}
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))


def unpacked(body: str, address: str, workflow: str) -> Record:
    """Return the record of a text, with its address and its state in the workflow as they are now."""
    values = json.loads(body)
    for name in ("author_address", "notes", "recalled_fields"):
        values[name] = tuple(values[name])
    values["authors"] = tuple(Author(**who) for who in values["authors"])
    values["sources"] = tuple(ExternalSource(**source) for source in values["sources"])
    values["raw"] = tuple((tag, text) for tag, text in values["raw"])
    return Record(**values | {"key": address, "workflow": workflow})


def digest(record: Record) -> str:
    """Return what is equal for two imports of the same text: a short hash of all but address and workflow."""
    same = dataclasses.replace(record, key="", workflow="draft")
    return hashlib.sha256(packed(same).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def words(record: Record, workflow: str, claims: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Return the words of a record, one text for each column of the index."""
    return (
        normal(record.title),
        # a stop between two names, so that no phrase goes over from one to the next
        " stop ".join(normal(who.name) for who in record.authors),
        normal(record.journal),
        normal(record.abstract),
        normal(" | ".join((*record.notes, *record.author_address, record.publisher, record.place))),
        normal(" | ".join((record.key, str(record.year or ""), *(source.value for source in record.sources)))),
        normal(" | ".join(claims)),
        " ".join(
            (
                filter_word("year", str(record.year or "none")),
                filter_word("type", record.type),
                filter_word("status", workflow),
            )
        ),
    )


def filter_word(name: str, value: str) -> str:
    """Return the word under which a value is filtered, such as ``typejournalarticle``."""
    return name + "".join(sign for sign in value.casefold() if sign.isalnum())
