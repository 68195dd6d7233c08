"""The value of an expression some time ago."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import sympy

if TYPE_CHECKING:
    from autocrine.engine.event import Event


class Delay(sympy.Function):
    """``Delay(expression, tau)``: the value of an expression in species, rules, parameters and time at t - tau (h).

    Notes
    -----
    Before the start every species and parameter has its initial value, while time itself goes back: what depends on
    time alone keeps following it. A delay of zero is the present value. Where an event changed something at t - tau,
    the value after the event counts. It does not depend on what is now, so that its partial derivatives are zero.

    References
    ----------
    Hucka et al. 2019, SBML Level 3 Version 2 Core, section 3.4.6 (the symbol ``delay``), J Integr Bioinform
    16(2):20190021, doi:10.1515/jib-2019-0021.
    """

    nargs = 2

    @classmethod
    def eval(cls, *args: Any) -> Any:
        """Return what needs no memory as it is."""
        expression, tau = args
        return expression if tau.is_zero or expression.is_Number else None

    def _eval_is_real(self) -> bool | None:
        return self.args[0].is_real

    def _eval_derivative(self, s: Any) -> Any:
        return sympy.S.Zero


def any_delay(expressions: Iterable[Any], events: Iterable[Event]) -> bool:
    """Tell whether any of some expressions and events has a delay."""
    return any(map(in_expression, expressions)) or any(map(event_has_delay, events))


def event_has_delay(event: Event) -> bool:
    """Tell whether an expression of an event has a delay."""
    given = (event.time, event.trigger, event.delay, event.priority)
    return any(in_expression(each) for each in (*given, *event.assignments.values(), *event.scales.values()))


def in_expression(expression: Any) -> bool:
    """Tell whether an expression has a delay."""
    return isinstance(expression, sympy.Basic) and expression.has(Delay)
