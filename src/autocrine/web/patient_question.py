"""What is asked of uploaded patients, from the names of columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autocrine import prognosis
from autocrine.core import errors

_COLUMNS = ("time", "event", "marker", "treatment", "response", "identity", "time_unit", "origin")


def question_of(options: Mapping[str, Any]) -> prognosis.Question:
    """Return what is asked of patients, from the names of columns."""
    named: dict[str, Any] = {name: str(options.get(name, "")).strip() for name in _COLUMNS}
    adjust = tuple(each.strip() for each in str(options.get("adjust", "")).split(",") if each.strip())
    missing = [name for name in ("time", "event", "marker") if not named[name]]
    if missing:
        raise errors.InputError(f"the columns {', '.join(missing)} must be named", "")
    return prognosis.Question(**named, adjust=adjust)
