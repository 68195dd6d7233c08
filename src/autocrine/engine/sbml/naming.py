"""Names of the network for identifiers of a file."""

from __future__ import annotations

from collections.abc import Iterable

from autocrine.engine.names import TIME


class Naming:
    """Names that are taken, and free ones for what a file leaves unnamed.

    Parameters
    ----------
    identifiers : iterable of str
        The identifiers of the file. They keep their names but for ``t``, which is time in every network.
    """

    def __init__(self, identifiers: Iterable[str]) -> None:
        ids = list(identifiers)
        self._taken = {TIME, *ids}
        self._names = {each: self.free(each) if each == TIME else each for each in ids}

    def __getitem__(self, identifier: str) -> str:
        """Return the name of an identifier of the file."""
        return self._names[identifier]

    def __contains__(self, identifier: object) -> bool:
        return identifier in self._names

    def free(self, wish: str) -> str:
        """Return a name that nothing else has, like the one that is wished for, and take it."""
        name = wish
        while name in self._taken:
            name += "_"
        self._taken.add(name)
        return name
