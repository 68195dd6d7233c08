"""What libsbml finds odd in a document that can be read all the same, units above all."""

from __future__ import annotations

from collections import Counter
from typing import Any

import libsbml

from autocrine.engine.sbml import source
from autocrine.engine.sbml.maths import Maths

#: terms, in all and in one expression, beyond which the checks are left out: they write out functions too, and the
#: time for an expression grows with the third power of its length (measured: 0.9 s for 1,200 terms, 5.8 s for 2,400)
_MOST_CHECKED, _LONGEST_CHECKED = 20_000, 1_000
#: powers of composed exponents beyond which they are left out: each such power of another, be it by way of rules,
#: doubles the time that libsbml 5.20 takes to find units (28 of them: more than 3 s)
_MOST_POWERS = 12
#: of each kind of message so many are shown
_SHOWN = 3
#: what is looked at; the general checks take a time that grows with the third power of the number of rules
_KINDS = {
    libsbml.LIBSBML_CAT_UNITS_CONSISTENCY: "units",
    libsbml.LIBSBML_CAT_MATHML_CONSISTENCY: "maths",
    libsbml.LIBSBML_CAT_IDENTIFIER_CONSISTENCY: "identifiers",
    libsbml.LIBSBML_CAT_OVERDETERMINED_MODEL: "model",
}
_LEFT_OUT = (
    libsbml.LIBSBML_CAT_GENERAL_CONSISTENCY,
    libsbml.LIBSBML_CAT_SBO_CONSISTENCY,
    libsbml.LIBSBML_CAT_MODELING_PRACTICE,
)


def notes(document: Any, maths: Maths) -> list[str]:
    """Return what was found, with lines; of many messages of a kind the first and their number.

    Parameters
    ----------
    document : libsbml.SBMLDocument
        The document.
    maths : Maths
        What has written out all of its maths.

    Notes
    -----
    Units of SBML need not be consistent, nor complete, so nothing of this is an error.
    """
    if maths.terms > _MOST_CHECKED or maths.largest > _LONGEST_CHECKED:
        return [f"units were not checked: {maths.terms:,} terms in all, {maths.largest:,} in one expression"]
    if maths.odd_powers > _MOST_POWERS:
        return [f"units were not checked: {maths.odd_powers} powers of composed exponents"]
    for category in (*_KINDS, *_LEFT_OUT):
        document.setConsistencyChecks(category, category in _KINDS)
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
