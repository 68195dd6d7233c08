"""What libsbml finds odd in a document that can be read all the same, units above all."""

from __future__ import annotations

from collections import Counter
from typing import Any

import libsbml

from autocrine.engine.sbml import source

#: reactions and rules beyond which the checks, some of which compare each with each, are left out
_MOST_CHECKED = 5_000
#: of each kind of message so many are shown
_SHOWN = 3
_KINDS = {libsbml.LIBSBML_CAT_UNITS_CONSISTENCY: "units", libsbml.LIBSBML_CAT_MATHML_CONSISTENCY: "maths"}


def notes(document: Any) -> list[str]:
    """Return what was found, with lines; of many messages of a kind the first and their number.

    Units of SBML need not be consistent, nor complete, so nothing of this is an error.
    """
    model = document.getModel()
    if model.getNumReactions() + model.getNumRules() > _MOST_CHECKED:
        return [f"units were not checked: more than {_MOST_CHECKED} reactions and rules"]
    document.checkConsistency()
    counts: Counter[str] = Counter()
    found = []
    for place in range(document.getNumErrors()):
        trouble = document.getError(place)
        if trouble.getSeverity() < libsbml.LIBSBML_SEV_WARNING:
            continue
        kind = _KINDS.get(trouble.getCategory(), "model")
        counts[kind] += 1
        if counts[kind] <= _SHOWN:
            found.append(f"{kind}, line {trouble.getLine()}: {source.sentence(trouble.getMessage())}")
    more = [f"{kind}: {count - _SHOWN} more" for kind, count in counts.items() if count > _SHOWN]
    document.getErrorLog().clearLog()
    return found + more
