"""The catalogue of publications, one connection for each thread that asks."""

from __future__ import annotations

import threading
from pathlib import Path

from autocrine.evidence import catalogue, load_library


class Shelf:
    """The catalogue of publications and the library that comes with Autocrine.

    Parameters
    ----------
    path : Path or None
        File of the catalogue; in memory where there is none.
    """

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.library = load_library()
        self._own = threading.local()

    @property
    def catalogue(self) -> catalogue.Catalogue:
        """The catalogue, opened for this thread: SQLite wants each of its connections in one thread."""
        found = getattr(self._own, "catalogue", None)
        if found is None:
            if self.path is not None:
                self.path.parent.mkdir(parents=True, exist_ok=True)
            found = self._own.catalogue = catalogue.Catalogue(self.path, self.library)
        return found
