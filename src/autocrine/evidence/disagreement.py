"""Where two claims do not go together: a link of its own, with what it is about and what may explain it."""

from __future__ import annotations

from dataclasses import dataclass

from autocrine.core import Document
from autocrine.evidence.entry import Entry

_KEYS = ("one", "other", "about", "explained", "curator")


@dataclass(frozen=True)
class Disagreement:
    """Two claims that do not go together.

    Attributes
    ----------
    key : str
        Its key.
    one, other : str
        Keys of the claims.
    about : str
        On what they disagree, in our own words.
    explained : str
        What may explain it, such as other cells; empty where nothing is known.
    curator : str
        Who wrote it down.
    at : str
        When (UTC), for one of a person's own; empty for those of the package.
    """

    key: str
    one: str
    other: str
    about: str
    explained: str = ""
    curator: str = ""
    at: str = ""

    @classmethod
    def from_document(cls, key: str, document: Document) -> Disagreement:
        """Read one table of ``disagreements.toml``.

        Raises
        ------
        InputError
            If a key is unknown, a claim disagrees with itself, or it does not say what about.
        """
        entry = Entry(document, _KEYS)
        found = cls(
            key=key,
            one=entry.text("one", None),
            other=entry.text("other", None),
            about=entry.text("about", None),
            explained=entry.text("explained"),
            curator=entry.text("curator"),
        )
        entry.must(found.one != found.other, "other", "a claim must not disagree with itself", found.one)
        entry.must(bool(found.about.strip()), "about", "a disagreement must say what it is about")
        return found

    def partner(self, claim: str) -> str:
        """Return the key of the other claim."""
        return self.other if claim == self.one else self.one
