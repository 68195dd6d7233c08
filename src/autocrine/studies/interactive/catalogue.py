"""The studies that can be run while a person waits: those that come with Autocrine, and a person's own."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from autocrine.core import Document, errors
from autocrine.studies.design import Design, published_design, read_design

#: more text than this is no description of a study
LONGEST_TEXT = 200_000


@dataclass(frozen=True)
class Offered:
    """A study that can be chosen: its key, its title, and what it asks."""

    key: str
    title: str
    question: str


_BUILT_IN = (
    Offered(
        "conze2001",
        "Autocrine IL-6 and multidrug resistance of breast cancer cells",
        "Does IL-6 that cells make for themselves make them resistant, and what reverses it?",
    ),
)


def built_in_studies() -> tuple[Offered, ...]:
    """Return the studies that come with Autocrine and have wells of their own."""
    return _BUILT_IN


@functools.lru_cache(maxsize=4)
def built_in_design(key: str) -> Design:
    """Return the design of a built-in study.

    Raises
    ------
    errors.InputError
        If there is none of this key.
    """
    known = [each.key for each in _BUILT_IN]
    if key not in known:
        raise errors.InputError("the study must be one that is known", key, hint=", ".join(known))
    return published_design(key)


def own_design(text: str) -> Design:
    """Read a person's own study from TOML text.

    Raises
    ------
    errors.InputError
        If it is too long, or cannot be used: line and key are named.
    """
    if len(text) > LONGEST_TEXT:
        raise errors.InputError(f"a study must have at most {LONGEST_TEXT} characters", len(text))
    return read_design(Document.parse(text, "your study"))
