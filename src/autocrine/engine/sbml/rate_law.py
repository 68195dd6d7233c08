"""What kind of rate law a rate is, as far as its form alone tells."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sympy

from autocrine.engine.names import symbol
from autocrine.engine.reaction import Reaction

#: mass action, continuous scheme, by the order in each reactant
_IRREVERSIBLE = {(): 47, (1,): 49, (2,): 52, (1, 1): 54}
_MASS_ACTION, _REVERSIBLE, _MICHAELIS, _HILL = 163, 42, 29, 192
#: a rate with more terms is no law with a name
_LONGEST = 200


def sbo_term(reaction: Reaction, moving: Iterable[str]) -> int | None:
    """Return the number of the term of the Systems Biology Ontology, or None where the form is none of these.

    Parameters
    ----------
    moving : iterable of str
        Names of what may change in time: species, rules, time, and parameters that events set.

    Notes
    -----
    Known are mass action, irreversible by order (SBO:0000047, 49, 52, 54, 163) and reversible (42), the law of
    Michaelis and Menten of the only reactant (29), and the Hill law of any one species (192).

    References
    ----------
    Courtot et al. 2011, Mol Syst Biol 7:543, doi:10.1038/msb.2011.77.
    """
    rate: Any = reaction.rate
    changes = {name: sympy.sympify(n) for name, n in reaction.stoichiometry.items()}
    if not all(n.is_Integer for n in changes.values()) or rate.count_ops() > _LONGEST:
        return None
    variable = {symbol(name) for name in moving}
    taken = {symbol(name): -n for name, n in changes.items() if n < 0}
    made = {symbol(name): n for name, n in changes.items() if n > 0}
    if _is_share_of(rate, taken, variable):
        return _IRREVERSIBLE.get(tuple(sorted(int(n) for n in taken.values())), _MASS_ACTION)
    if _is_reversible(rate, taken, made, variable):
        return _REVERSIBLE
    return _saturation(rate, taken, variable)


def _is_share_of(rate: Any, powers: dict[Any, Any], variable: set[Any]) -> bool:
    """Tell whether a rate is a constant times these powers."""
    rest = sympy.Mul(rate, *(each ** (-n) for each, n in powers.items()))
    return not rest.free_symbols & variable


def _is_reversible(rate: Any, taken: dict[Any, Any], made: dict[Any, Any], variable: set[Any]) -> bool:
    terms = sympy.Add.make_args(sympy.expand_mul(rate))
    if len(terms) != 2 or not taken or not made:
        return False
    backward = [term for term in terms if term.could_extract_minus_sign()]
    forward = [term for term in terms if not term.could_extract_minus_sign()]
    return (
        len(backward) == 1 and _is_share_of(forward[0], taken, variable) and _is_share_of(backward[0], made, variable)
    )


def _saturation(rate: Any, taken: dict[Any, Any], variable: set[Any]) -> int | None:
    """Recognise V x^n / (a + b x^n)."""
    above, below = sympy.fraction(sympy.together(rate))
    inside = above.free_symbols & variable
    if len(inside) != 1 or below.free_symbols & variable != inside:
        return None
    x = inside.pop()
    power = _power_of(above, x)
    terms = sympy.Add.make_args(sympy.expand_mul(below))
    fixed = [term for term in terms if x not in term.free_symbols]
    moved = [term for term in terms if x in term.free_symbols]
    if power is None or not fixed or not moved or any(_power_of(term, x) != power for term in moved):
        return None
    if power == 1:
        return _MICHAELIS if taken == {x: 1} else None
    return _HILL


def _power_of(term: Any, x: Any) -> Any:
    """Return n where a term is a constant times x^n, else None."""
    powers = [factor.as_base_exp() for factor in sympy.Mul.make_args(term) if x in factor.free_symbols]
    if len(powers) != 1 or powers[0][0] != x or x in powers[0][1].free_symbols:
        return None
    return powers[0][1]
