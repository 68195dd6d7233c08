"""Which file the catalogue is in: the one that is named, that of the environment, or ``library.sqlite`` here."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from autocrine.evidence import catalogue

_VARIABLE = "AUTOCRINE_LIBRARY"
_HERE = Path("library.sqlite")
LIBRARY = click.option(
    "--library",
    "library_file",
    type=click.Path(path_type=Path),
    help=f"File of the catalogue [{_VARIABLE}, else {_HERE} where it exists].",
)


class _Opened:
    """Opens the catalogue of a command; without a file the built-in library alone, in memory."""

    @contextmanager
    def __call__(self, given: Path | None, *, new: bool = False) -> Iterator[catalogue.Catalogue]:
        path = self.file(given, new=new)
        with catalogue.Catalogue(path) as found:
            yield found

    @staticmethod
    def file(given: Path | None, *, new: bool = False) -> Path | None:
        """Return the file; None where no file is named and none is here, unless it shall be made."""
        if given is not None:
            return given
        if os.environ.get(_VARIABLE):
            return Path(os.environ[_VARIABLE])
        return _HERE if new or _HERE.exists() else None


opened = _Opened()
