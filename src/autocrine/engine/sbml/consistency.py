"""What libsbml finds odd in a document that can be read all the same, units above all."""

from __future__ import annotations

from collections import Counter
from typing import Any

import libsbml

from autocrine.engine.sbml import source

#: terms beyond which the checks are left out: they write out functions too, slowly, and compare each with each
_MOST_CHECKED = 50_000
#: of each kind of message so many are shown
_SHOWN = 3
_KINDS = {libsbml.LIBSBML_CAT_UNITS_CONSISTENCY: "units", libsbml.LIBSBML_CAT_MATHML_CONSISTENCY: "maths"}


def notes(document: Any, terms: int) -> list[str]:
    """Return what was found, with lines; of many messages of a kind the first and their number.

    Parameters
    ----------
    document : libsbml.SBMLDocument
        The document.
    terms : int
        How large its maths is with all functions written out.

    Notes
    -----

    Units of SBML need not be consistent, nor complete, so nothing of this is an error.
    """
    if terms > _MOST_CHECKED:
        return [f"units were not checked: more than {_MOST_CHECKED:,} terms"]
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
