"""Algorithms of SED-ML by their terms of KiSAO: which of them mean the method of this engine."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

from autocrine.core import errors

#: what the engine uses: a Rosenbrock method
ROSENBROCK, RELATIVE, ABSOLUTE = "KISAO:0000033", "KISAO:0000209", "KISAO:0000211"
#: methods for ordinary differential equations and their steady states; the same courses come from any of them within
#: its tolerance
_EQUATIONS = {19, 20, 30, 31, 32, 33, 64, 71, 86, 87, 88, 89, 90, 91, 93, 94, 232, 233, 234, 261, 276, 279, 280, 281}
_EQUATIONS |= {282, 283, 288, 289, 290, 296, 297, 299, *range(301, 306), 309, 318, 321, 355, 356, 364, 365, 377}
_EQUATIONS |= {378, 379, 380, 381, 382, 383, 384, *range(407, 414), 432, 433, 434, 435, 436, 475, 496, 535, 536, 537}
_EQUATIONS |= {544, 560, 568, 569}
#: methods that mean something else: by chance, of rules, of flux balances, of logic, in space, of stochastic equations
_OTHERS = {3, 15, 17, 21, 22, 27, 28, 29, 38, 39, 40, 45, 46, 48, 51, 56, 57, 58, 68, 74, 75, 76, 81, 82, 84, 95, 231}
_OTHERS |= {241, 263, 264, 273, 274, 278, 285, 286, 287, 306, 307, 308, 310, 315, 316, 317, 319, 320, 323, 324, 329}
_OTHERS |= {330, 331, 333, 334, 335, 336, *range(337, 346), 348, 349, 350, 351, 352, 362, 363, 437, 448, 449, 450, 491}
_OTHERS |= {499, 500, 501, 502, 524, 526, 527, 528, 554, 561, 562, 563, 564, 566}


@dataclass(frozen=True)
class Algorithm:
    """How a simulation is to be computed.

    Attributes
    ----------
    rtol, atol : float
        Tolerances.
    notes : tuple of str
        What was asked for and is done in another way.
    """

    rtol: float = 1e-7
    atol: float = 1e-9
    notes: tuple[str, ...] = ()


def algorithm_of(term: str, parameters: Iterable[tuple[str, str]], where: str) -> Algorithm:
    """Return what a term and its parameters mean here.

    Parameters
    ----------
    term : str
        E.g. ``"KISAO:0000019"``; empty where none is given.
    parameters : iterable of (str, str)
        Terms of parameters and their values.

    Raises
    ------
    InputError
        If a tolerance is no positive number.
    UnsupportedError
        If the algorithm is none for ordinary differential equations.

    References
    ----------
    Courtot et al. 2011, Mol Syst Biol 7:543, doi:10.1038/msb.2011.77 (KiSAO).
    """
    number = _number(term)
    if number in _OTHERS:
        raise errors.UnsupportedError(
            f"the algorithm {term}, which does not solve differential equations,", where=where
        )
    notes = []
    if number is not None and number not in _EQUATIONS:
        notes.append(f"{where}: the algorithm {term} is not known; differential equations are solved instead")
    given = {RELATIVE: Algorithm.rtol, ABSOLUTE: Algorithm.atol}
    for name, text in parameters:
        key = f"KISAO:{number:07d}" if (number := _number(name)) is not None else name
        if key in given:
            given[key] = _tolerance(key, text, where)
    return Algorithm(given[RELATIVE], given[ABSOLUTE], tuple(notes))


def _number(term: str) -> int | None:
    found = re.fullmatch(r"KISAO[:_](\d{1,9})", term.strip())
    return int(found[1]) if found else None


def _tolerance(name: str, text: str, where: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf:
        raise errors.InputError(f"a tolerance ({name}) must be a positive number", text, where=where)
    # what is wider than this is meant for methods that do not control their error by it
    return min(value, 1e-3)
