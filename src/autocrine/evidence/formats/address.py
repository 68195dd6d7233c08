"""The addresses of authors: run together in print, taken apart where that is possible, the raw text kept."""

from __future__ import annotations

import re
from collections.abc import Collection, Set
from dataclasses import dataclass, replace

from autocrine.evidence.formats import names
from autocrine.evidence.record import Record

_REPRINT = re.compile(r"\s*\((?:reprint|corresponding) author\)\s*,?", re.IGNORECASE)
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
#: where one address ends and another begins: before "[", after a full stop or semicolon, or after a country
_SEAM = re.compile(
    r"(?<=[^\s\[;,])[.;]?\s+(?=\[)"
    r"|(?<=[A-Za-z0-9)\]]{2})[.;]\s+(?=[A-Z\[])"
    r"|(?<=\bUSA)\s+(?=[A-Z\[])|(?<=\b(?:Japan|China|Italy|Spain))\s+(?=[A-Z\[])"
    r"|(?<=\b(?:France|Canada|Taiwan|Israel))\s+(?=[A-Z\[])|(?<=\b(?:Germany|England))\s+(?=[A-Z\[])"
)
_STATE = re.compile(r"^[A-Z]{2}(?:\s+\d{5}(?:-\d{4})?)?\s+(USA)\.?$")


@dataclass(frozen=True)
class Address:
    """One address.

    Attributes
    ----------
    raw : str
        As printed.
    people : tuple of str
        The authors that it names, with full given names where it has them.
    institution, place, country : str
        Its first part, the part before the last, the last; empty where the text has fewer parts.
    reprint : bool
        Whether it is that of the author who answers for reprints.
    email : str
        If it has one.
    """

    raw: str
    people: tuple[str, ...]
    institution: str
    place: str
    country: str
    reprint: bool
    email: str


def parse_addresses(text: str, authors: Collection[str] = ()) -> tuple[Address, ...]:
    """Take a text of addresses apart: ``[Name; Name] Institution, ..., Country``, without or with half the brackets.

    Parameters
    ----------
    text : str
        As printed.
    authors : collection of str
        The authors of the record. An address that begins with the name of one, as the last one often does, is that of
        the author who answers for reprints.

    Examples
    --------
    >>> parse_addresses("Conze, Dietrich; Weiss, Linda] Univ Vermont, Burlington, VT 05405 USA")[0].people
    ('Conze, Dietrich', 'Weiss, Linda')
    """
    protected = re.sub(r"\[[^\]]*\]", lambda found: re.sub(r"[.;]\s", lambda sign: sign[0][0] + "\x00", found[0]), text)
    lost = re.match(r"[^\[\]]*\]", protected)
    if lost:
        protected = re.sub(r"[.;]\s", lambda sign: sign[0][0] + "\x00", lost[0]) + protected[lost.end() :]
    pieces = [piece.replace("\x00", " ").strip() for piece in _SEAM.split(protected)]
    known = {_initialled(name) for name in authors}
    return tuple(_address(piece, known) for piece in pieces if piece)


def addresses_of(record: Record) -> tuple[Address, ...]:
    """Return all addresses of a record, those run together taken apart."""
    authors = [author.name for author in record.authors]
    return tuple(each for text in record.author_address for each in parse_addresses(text, authors))


def _initialled(name: str) -> tuple[str, str]:
    """Return family name and initials, so that a name is the same in every print."""
    family, given = names.parts(name)
    return family.casefold(), "".join(part[0] for part in re.split(r"[\s.-]+", given) if part).casefold()


def _address(raw: str, known: Set[tuple[str, str]] = frozenset()) -> Address:
    first, comma, rest = raw.partition(",")
    if comma and _initialled(names.inverted(first)) in known:
        marked = f"{first} (reprint author), {rest.strip()}"
        return replace(_address(marked), raw=raw)
    reprint = bool(_REPRINT.search(raw))
    people, text = "", raw
    found = re.match(r"\[?([^\[\]]*)\]\s*(.*)$", raw, re.DOTALL)
    if found:
        people, text = found[1], found[2]
    elif reprint:
        people, text = _REPRINT.split(raw, maxsplit=1)
    email = _EMAIL.search(text)
    text = _EMAIL.sub("", text).rstrip(" ,;.")
    text = re.sub(r"(?:e-?mail|electronic address):?\s*$", "", text, flags=re.IGNORECASE).rstrip(" ,;.")
    parts = [part.strip() for part in text.split(",") if part.strip()]
    country = parts[-1] if len(parts) > 1 else ""
    state = _STATE.match(country)
    return Address(
        raw=raw,
        people=tuple(name.strip() for name in re.split(r";", _REPRINT.sub("", people)) if name.strip()),
        institution=parts[0] if parts else "",
        place=parts[-2] if len(parts) > 2 else "",
        country=state[1] if state else country,
        reprint=reprint,
        email=email[0] if email else "",
    )


def full_names(record: Record) -> dict[str, str]:
    """Return, for authors printed with initials, the full name that one of the addresses gives: printed to full.

    A name is taken only where family name and first initial agree with exactly one full name.
    """
    people = {who for each in addresses_of(record) for who in each.people}
    found = {}
    for author in record.authors:
        family, given = names.parts(author.name)
        same = [
            name
            for name in sorted(people)
            if names.parts(name)[0].casefold() == family.casefold()
            and names.parts(name)[1][:1].casefold() == given[:1].casefold()
            and len(names.parts(name)[1].split(" ")[0].rstrip(".")) > 1
            and not re.fullmatch(r"[A-Z.\s]{1,6}", names.parts(name)[1])
        ]
        if given and len(same) == 1:
            found[author.name] = same[0]
    return found
