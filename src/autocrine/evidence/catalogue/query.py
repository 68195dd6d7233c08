"""What a person types, as a search: words, "phrases", fields, years, OR, and minus; no text can be a wrong query.

Every word goes through `words.units` before it reaches the index, so that nothing but letters and digits in quotes is
left of it; what cannot be a word is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from autocrine.evidence.catalogue.body import filter_word
from autocrine.evidence.catalogue.words import Unit, units

#: what a person may write before a colon → column of the index
COLUMNS = {
    "title": "title",
    "author": "authors",
    "authors": "authors",
    "journal": "journal",
    "abstract": "abstract",
    "note": "notes",
    "notes": "notes",
    "address": "notes",
    "claim": "claims",
    "claims": "claims",
    "pmid": "identifiers",
    "doi": "identifiers",
    "pmcid": "identifiers",
    "wos": "identifiers",
    "issn": "identifiers",
    "isbn": "identifiers",
    "id": "identifiers",
}
FILTERS = ("year", "type", "status")
#: more of a text than this is passed over: no person types it, and a search must stay quick
LONGEST, MOST = 2000, 40
_ITEM = re.compile(r'(?P<minus>-)?(?:(?P<field>[A-Za-z]+):\s*)?(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))')
_YEARS = re.compile(r"^(\d{4})?(?:(\.\.|-|–)(\d{4})?)?$")


@dataclass
class Query:
    """A search.

    Attributes
    ----------
    every : list of list of str
        Expressions of the index: of each inner list one must hold.
    never : list of str
        Expressions that must not hold.
    filters : dict of list of str
        For ``year``, ``type`` and ``status``: expressions of which one must hold.
    blank : bool
        Whether the text was blank, so that all is found; a text without one word in it finds nothing.
    """

    every: list[list[str]] = field(default_factory=list)
    never: list[str] = field(default_factory=list)
    filters: dict[str, list[str]] = field(default_factory=dict)
    blank: bool = False

    @property
    def match(self) -> str:
        """The expression that the index must match; empty where there is none."""
        return " AND ".join(f"({' OR '.join(group)})" for group in (*self.every, *self.filters.values()))

    @property
    def finds_nothing(self) -> bool:
        """Whether something was asked of which no word is left."""
        return not (self.blank or self.every or self.never or self.filters)


def parse(text: str) -> Query:
    """Read what a person typed. It never fails.

    Examples
    --------
    >>> parse('MDR1 "drug resistance" -author:smith').match
    '("abcb1") AND ("drug resistance")'
    """
    query = Query(blank=not text.strip())
    words: list[str] = []
    alternative = never = False
    for found in list(_ITEM.finditer(text[:LONGEST]))[:MOST]:
        column = (found["field"] or "").lower()
        plain = not found["minus"] and found["phrase"] is None and column not in {*COLUMNS, *FILTERS}
        if plain and not never and found[0] not in {"OR", "AND", "NOT"} and not found[0].endswith("*"):
            words.append(found[0])
            continue
        alternative = _add(query, [_quoted(unit) for unit in units(" ".join(words))], alternative)
        words = []
        if found[0] in {"OR", "AND", "NOT"}:
            alternative = found[0] == "OR" and bool(query.every)
            never = found[0] == "NOT"
        elif column in FILTERS:
            _filter(query, column, found["phrase"] or found["word"] or "")
        else:
            expressions = _expressions(found, column)
            if found["minus"] or never:
                query.never += expressions
                never = False
            else:
                alternative = _add(query, expressions, alternative)
    _add(query, [_quoted(unit) for unit in units(" ".join(words))], alternative)
    return query


def _add(query: Query, expressions: list[str], alternative: bool) -> bool:
    """Add expressions that must all hold, the first beside the last one where OR stood between; return what is open."""
    for expression in expressions:
        if alternative:
            query.every[-1].append(expression)
        else:
            query.every.append([expression])
        alternative = False
    return alternative


def _expressions(found: re.Match[str], column: str) -> list[str]:
    known = COLUMNS.get(column)
    text = found["phrase"] if found["phrase"] is not None else (found["word"] or "")
    if column and known is None:
        text = f"{found['field']} {text}"
    star = "*" if found["phrase"] is None and text.endswith("*") else ""
    every = units(text)
    if found["phrase"] is not None or star:
        every = [Unit(tuple(word for unit in every for word in unit.words))] if every else []
    return [(f"{known} : " if known else "") + _quoted(unit) + star for unit in every]


def _quoted(unit: Unit) -> str:
    return f'"{" ".join(unit.words)}"'


def _filter(query: Query, name: str, text: str) -> None:
    words = [filter_word(name, text)]
    if name == "year":
        found = _YEARS.match(text)
        words = []
        if found and (found[1] or found[3]):
            first = int(found[1] or 0)
            words = [f"year{stem}" for stem in _stems(first, int(found[3] or 9999) if found[2] else first)]
    group = query.filters.setdefault(name, [])
    # a filter of which nothing is left finds nothing, as a year that is none does
    group += [f'filters : "{word}"{"" if len(word) == 8 or name != "year" else "*"}' for word in words] or [
        '"none none none"'
    ]


def _stems(first: int, last: int) -> Iterator[str]:
    """Return the beginnings of years that together are a range: ``1998, 1999, 200`` for 1998 to 2009."""
    year = max(first, 1000)
    while year <= last:
        size = next(size for size in (1000, 100, 10, 1) if year % size == 0 and year + size - 1 <= last)
        yield str(year)[: 5 - len(str(size))]
        year += size
