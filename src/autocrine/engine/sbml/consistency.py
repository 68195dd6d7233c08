"""What libsbml finds odd in a document that can be read all the same, units above all."""

from __future__ import annotations

from collections import Counter

import libsbml

from autocrine.engine import libsbml_process
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


def notes(text: str, maths: Maths) -> list[str]:
    """Return what was found, with lines; of many messages of a kind the first and their number.

    Parameters
    ----------
    text : str
        The document, without submodels.
    maths : Maths
        What has written out all of its maths.

    Raises
    ------
    InputError
        If libsbml crashes at it.

    Notes
    -----
    Units of SBML need not be consistent, nor complete, so nothing of this is an error.
    """
    if maths.terms > _MOST_CHECKED or maths.largest > _LONGEST_CHECKED:
        return [f"units were not checked: {maths.terms:,} terms in all, {maths.largest:,} in one expression"]
    if maths.odd_powers > _MOST_POWERS:
        return [f"units were not checked: {maths.odd_powers} powers of composed exponents"]
    messages = libsbml_process.found(text, list(_KINDS))
    if messages is None:
        return [f"units were not checked: libsbml took more than {libsbml_process.LONGEST_CHECK_S:g} s"]
    counts: Counter[str] = Counter()
    found = []
    for category, line, message in messages:
        kind = _KINDS.get(category, "model")
        counts[kind] += 1
        if counts[kind] <= _SHOWN:
            found.append(f"{kind}, line {line}: {source.sentence(message)}")
    return found + [f"{kind}: {count - _SHOWN} more" for kind, count in counts.items() if count > _SHOWN]
