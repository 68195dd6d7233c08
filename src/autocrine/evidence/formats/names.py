"""The name of an author in its two orders: ``Conze, D`` as the library keeps it, ``Conze D`` as PubMed prints it."""

from __future__ import annotations

import re

_INITIALS = re.compile(r"(.+?)\s+([A-Z]{1,4}(?:[.\s-]*[A-Z])*\.?)(?:\s+(Jr|Sr|2nd|3rd|II|III|IV)\.?)?$")


def parts(name: str) -> tuple[str, str]:
    """Return family and given names; a name without either order (a group) is all family.

    Examples
    --------
    >>> parts("Conze D"), parts("Conze, Dietrich"), parts("Dietrich Conze")
    (('Conze', 'D'), ('Conze', 'Dietrich'), ('Dietrich Conze', ''))
    """
    if "," in name:
        family, given = name.split(",", 1)
        return family.strip(), given.strip()
    found = _INITIALS.match(name.strip())
    if found is None:
        return name.strip(), ""
    suffix = f", {found[3]}" if found[3] else ""
    return found[1], found[2] + suffix


def inverted(name: str) -> str:
    """Return a name as ``Family, Given``; a name without given names unchanged."""
    family, given = parts(name)
    return f"{family}, {given}" if given else family


def as_printed(name: str) -> str:
    """Return a name as PubMed prints it: family name and initials."""
    family, given = parts(name)
    given, _, suffix = given.partition(",")
    if re.fullmatch(r"[A-Z]{1,4}", given):
        initials = given
    else:
        initials = "".join(word[0] for word in re.split(r"[\s.\-]+", given) if word and word[0].isupper())
    return " ".join(part for part in (family, initials, suffix.strip()) if part)
