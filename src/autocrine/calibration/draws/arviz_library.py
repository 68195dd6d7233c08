"""ArviZ, imported late and without the notice that it gives once a day."""

from __future__ import annotations

import warnings
from types import ModuleType


def arviz() -> ModuleType:
    """Return ArviZ.

    Its import takes seconds, and warns of the next major version, from which our requirements keep us.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"\s*ArviZ is undergoing a major refactor", FutureWarning)
        import arviz as library
    return library
