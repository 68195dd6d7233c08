"""Explain the plates of a laboratory: what makes a line resistant, and how sure that is.

The way is: files → `read_laboratory` (or `synthetic`) → `Laboratory` → `explain` → run directory. Inside,
`causes` turns draws of the posterior into parameters of wells, `emulator` simulates them, `training` and
`inference` draw, `attribution` switches causes off.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from autocrine.studies.explain.effort import QUICK, Effort
    from autocrine.studies.explain.explanation import explain_laboratory
    from autocrine.studies.explain.reading import Files, read_laboratory
    from autocrine.studies.explain.run import explain

#: imported when first asked for: samplers and tables take seconds
_LATE = {
    "QUICK": "effort",
    "Effort": "effort",
    "Files": "reading",
    "explain": "run",
    "explain_laboratory": "explanation",
    "read_laboratory": "reading",
}

__all__ = ["QUICK", "Effort", "Files", "explain", "explain_laboratory", "read_laboratory"]


def __getattr__(name: str) -> Any:
    """Import what is heavy when it is first asked for."""
    if name not in _LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"autocrine.studies.explain.{_LATE[name]}"), name)
