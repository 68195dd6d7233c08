"""Whether every term has the unit of its place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import sympy

from autocrine.core import errors
from autocrine.engine.composition import is_condition
from autocrine.engine.delay import Delay
from autocrine.engine.dimension import DIMENSIONLESS, Unit, equal, multiplied, shown, unit
from autocrine.engine.event import Event
from autocrine.engine.names import TIME
from autocrine.engine.reaction import Reaction
from autocrine.engine.species import Species
from autocrine.engine.whole_division import Quotient, Remainder


def check(
    units: Mapping[str, str],
    *,
    species: Iterable[Species],
    reactions: Iterable[Reaction],
    rules: Mapping[str, sympy.Expr],
    events: Sequence[Event],
    observables: Mapping[str, sympy.Expr],
    time_unit: str = "h",
) -> None:
    """Check rules, rates, events, initial values and observables.

    Parameters
    ----------
    units : mapping of str to str
        Units of species and parameters.
    time_unit : str
        The unit of time.

    Raises
    ------
    UnitError
        At the first term that does not fit, with its place and both units.
    """
    known = {name: unit(text, where=f"unit of {name}") for name, text in units.items()}
    hour = known[TIME] = unit(time_unit, where="unit of time")
    for name, rule in rules.items():
        found = _Walk(known, f"rule {name!r}").unit(rule)
        known[name] = DIMENSIONLESS if found is None else found
    for reaction in reactions:
        where = f"reaction {reaction.name!r}"
        flux = _Walk(known, where).unit(reaction.rate)
        for name, change in reaction.stoichiometry.items():
            factor = _Walk(known, where).unit(change)
            if flux is not None and factor is not None:
                must = multiplied(known[name], hour, -1)
                _require(multiplied(flux, factor), must, f"the rate of change of {name}", where, reaction.rate)
    for number, event in enumerate(events, start=1):
        _event(event, known, f"event {event.name or number!r}")
    for each in species:
        _place(each.initial, known[each.name], known, f"initial value of {each.name!r}")
    for name, expression in observables.items():
        _Walk(known, f"observable {name!r}").unit(expression)


def found_units(network: Any) -> dict[str, str]:
    """Return the units of rules, observables and rates as text, by name; of reactions behind ``"rate of "``.

    What has no unit that could be written down is left out: a term with units that do not fit, or one with a symbol as
    exponent.

    Parameters
    ----------
    network : Network
        Any network.
    """
    known = {each.name: unit(each.unit, where=f"unit of {each.name}") for each in network.species}
    known |= {name: unit(each.unit, where=f"unit of {name}") for name, each in network.parameters.items()}
    known[TIME] = unit(network.time_unit, where="unit of time")
    rates = {f"rate of {each.name}": each.rate for each in network.reactions}
    found = {}
    for name, term in {**network.rules, **network.observables, **rates}.items():
        try:
            units = _Walk(known, name).unit(term)
        except (errors.UnitError, KeyError):  # a rule without a unit leaves those that use it without one
            continue
        if units is not None:
            known[name] = units
            if all(sympy.sympify(power).is_number for power in units.values()):
                found[name] = shown(units)
    return found


def _event(event: Event, known: Mapping[str, Unit], where: str) -> None:
    _place(event.time, known[TIME], known, f"{where}, time")
    _place(event.delay, known[TIME], known, f"{where}, delay")
    if event.trigger is not None:
        _Walk(known, f"{where}, trigger").condition(event.trigger)
    if event.priority is not None:
        _Walk(known, f"{where}, priority").unit(sympy.sympify(event.priority))
    for name, value in event.assignments.items():
        _place(value, known[name], known, f"{where}, {name!r}")


def _place(value: Any, must: Unit, known: Mapping[str, Unit], where: str) -> None:
    """Check a value that is assigned; a plain number is taken in the unit of its place."""
    expression = sympy.sympify(value)
    if not expression.is_number:
        found = _Walk(known, where).unit(expression)
        if found is not None:
            _require(found, must, "the value assigned", where, expression)


def _require(found: Unit, must: Unit, what: str, where: str, expression: Any) -> None:
    if not equal(found, must):
        text = str(expression)
        text = text if len(text) <= 120 else text[:117] + "..."
        hint = "a factor that converts one into the other"
        raise errors.UnitError(
            f"{what}: the unit of {text} must be {shown(must)}", shown(found), where=where, hint=hint
        )


class _Walk:
    """Finds the unit of an expression; None is the unit of zero, infinity and NaN, which fit everywhere."""

    def __init__(self, known: Mapping[str, Unit], where: str) -> None:
        self._known, self._where = known, where
        self._methods: dict[Any, Callable[[Any], Unit | None]] = {
            sympy.Mul: self._product,
            sympy.Pow: self._power,
            sympy.Piecewise: self._choice,
            (sympy.Add, sympy.Max, sympy.Min, sympy.Abs, sympy.Mod, Remainder): lambda each: self._common(each.args),
            (Quotient, sympy.atan2): self._share,
            Delay: self._delayed,
            (sympy.sign, sympy.Heaviside): self._side,
        }

    def unit(self, expression: Any) -> Unit | None:
        """Return the unit of an expression, or refuse it."""
        if isinstance(expression, sympy.Symbol):
            return self._known[expression.name]
        if expression.is_number:
            nowhere = expression in (sympy.nan, sympy.zoo)
            return None if expression.is_zero or expression.is_infinite or nowhere else DIMENSIONLESS
        for kind, method in self._methods.items():
            if isinstance(expression, kind):
                return method(expression)
        # exp, log, tanh, floor and the like count
        for argument in expression.args:
            self._plain(argument, f"the argument of {expression.func.__name__}")
        return DIMENSIONLESS

    def _choice(self, expression: Any) -> Unit | None:
        for _, condition in expression.args:
            self.condition(condition)
        return self._common([value for value, _ in expression.args])

    def _side(self, expression: Any) -> Unit:
        self.unit(expression.args[0])
        return DIMENSIONLESS

    def _share(self, expression: Any) -> Unit:
        self._common(expression.args)
        return DIMENSIONLESS

    def _delayed(self, expression: Any) -> Unit | None:
        value, lag = expression.args
        found = None if lag.is_number else self.unit(lag)
        if found is not None:
            _require(found, self._known[TIME], "a delay", self._where, lag)
        return self.unit(value)

    def _product(self, expression: Any) -> Unit | None:
        product: Unit = DIMENSIONLESS
        zero = False
        for factor in expression.args:
            found = self.unit(factor)
            zero |= found is None
            product = product if found is None else multiplied(product, found)
        return None if zero else product

    def _power(self, expression: Any) -> Unit | None:
        base, exponent = expression.as_base_exp()
        self._plain(exponent, "an exponent")
        found = self.unit(base)
        if found is None or equal(found, DIMENSIONLESS):
            return found
        # a symbolic exponent stays one: in x**n/(K**n + x**n) the units cancel
        power = float(exponent) if exponent.is_number else exponent
        return multiplied(DIMENSIONLESS, found, power)

    def _plain(self, expression: Any, what: str) -> None:
        found = self.unit(expression)
        if found is not None:
            _require(found, DIMENSIONLESS, what, self._where, expression)

    def _common(self, terms: Iterable[Any]) -> Unit | None:
        first: Unit | None = None
        for term in terms:
            found = self.unit(term)
            if first is None:
                first = found
            elif found is not None:
                _require(found, first, "terms added or compared", self._where, term)
        return first

    def condition(self, condition: Any) -> None:
        """Check that what a condition compares has one unit."""
        relational = isinstance(condition, sympy.core.relational.Relational)
        if relational and not any(is_condition(each) for each in condition.args):
            self._common(condition.args)
        else:
            for argument in condition.args:
                self.condition(argument)
