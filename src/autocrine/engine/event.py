"""Something done to the system, such as a dose or a wash, at a fixed time or when a condition becomes true."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from autocrine.core import errors
from autocrine.engine.names import symbol

if TYPE_CHECKING:
    import sympy


@dataclass(frozen=True)
class Event:
    """Something done at a fixed time, or when a trigger becomes true.

    Attributes
    ----------
    time : float or sympy.Expr
        When it happens (h); an expression may use parameters and is evaluated once, at the start of the trajectory. At
        an infinite time it never happens.
    assignments : mapping of str to number or sympy.Expr
        New values of species or parameters; all are evaluated before any is set.
    name : str
        What it is called in reports and messages.
    trigger : sympy.Expr or sympy Boolean, optional
        Instead of a time: a condition on species, parameters, rules and time; the event is triggered whenever it turns
        from false to true. A number counts as true while it is positive, so that an expression triggers as it rises
        through zero.
    delay : float or sympy.Expr
        Time (h) from triggering to execution, evaluated when it is triggered.
    priority : float or sympy.Expr, optional
        Of several executions due at one time the one with the highest priority comes first; without one it is 0. It
        is evaluated when they are due, and again after each execution.
    persistent : bool
        Whether an event that was triggered is executed even if its trigger turns false before.
    initial : bool
        What the trigger counts as just before the start: if False and the trigger is true at the start, it is triggered
        there.
    use_trigger_time_values : bool
        Whether the new values are those at triggering; otherwise they are those just before execution.
    scales : mapping of str to sympy.Expr, optional
        What new values of some species are multiplied with, in any case just before execution: the volume where the
        species is an amount and the new value a concentration.

    Notes
    -----
    What only has a time happens at the very beginning of it, before any trigger is looked at.
    Executions due at one time happen one after the other. Those of equal priority are executed in an order that is
    drawn, always the same for the same times; those without priority in the order in which the events are given: first
    those of the network, then those of the call of `simulate`. After each the triggers are looked at
    again; what they trigger without delay takes its place among what is due, and what is no longer true and not
    persistent is struck off.

    A trigger is looked at after each step and at three times within it. A condition that turns true and false again
    between two of them is not seen unless it is made of comparisons that turn one after the other, and neither is one
    that touches its threshold without passing it; conditions that are linear in time (``t >= 5``) are never missed, and
    found to the last bit. In a simulation by chance a trigger is looked at after each turnover, and none is missed.

    References
    ----------
    Hucka et al. 2019, SBML Level 3 Version 2 Core, section 4.11, J Integr Bioinform 16(2):20190021,
    doi:10.1515/jib-2019-0021. There the values at triggering are called ``useValuesFromTriggerTime``, the value before
    the start ``initialValue``; the order of equal priorities is random, and that of events without priority left open.
    """

    time: float | sympy.Expr = math.inf
    assignments: Mapping[str, float | sympy.Expr] = field(default_factory=dict)
    name: str = ""
    trigger: Any = None
    delay: float | sympy.Expr = 0.0
    priority: float | sympy.Expr | None = None
    persistent: bool = True
    initial: bool = True
    use_trigger_time_values: bool = False
    scales: Mapping[str, sympy.Expr] = field(default_factory=dict)

    @staticmethod
    def doses(table: Any) -> list[Event]:
        """Return the events of a dosing table.

        Parameters
        ----------
        table : pandas.DataFrame, sequence of mappings, or mapping of str to columns
            Columns ``time_h``, ``species`` and ``amount`` (added to the level, in its unit; a number or an expression),
            and, where a dose is repeated, ``every_h`` and ``count`` (how many doses altogether).

        Returns
        -------
        list of Event
            One for each dose, in the order of the table.

        Raises
        ------
        InputError
            If a column is missing or unknown, or a value cannot be used, with its row.
        """
        from autocrine.engine.dosing import doses

        return [
            Event(dose.time_h, {dose.species: symbol(dose.species) + dose.amount}, dose.name) for dose in doses(table)
        ]

    @property
    def is_plain(self) -> bool:
        """Whether it only has a time: such events are known before the integration starts."""
        marks = self.trigger is None and self.priority is None and not self.use_trigger_time_values
        return marks and self.delay == 0 and not self.scales

    def in_expressions(self) -> Event:
        """Return the event with all its numbers as expressions, for those who look into them."""
        import sympy

        def all_of(given: Mapping[str, Any]) -> dict[str, Any]:
            return {name: sympy.sympify(each) for name, each in given.items()}

        return replace(
            self,
            time=sympy.sympify(self.time),
            assignments=all_of(self.assignments),
            delay=sympy.sympify(self.delay),
            priority=None if self.priority is None else sympy.sympify(self.priority),
            scales=all_of(self.scales),
        )

    def checked_marks(self, where: str) -> None:
        """Refuse what is neither true nor false, and both a time and a trigger.

        Raises
        ------
        InputError
            If it has both a time and a trigger, or a mark that is not a bool.
        """
        if self.trigger is not None and self.time not in (math.inf, -math.inf):
            raise errors.InputError("an event must have a time or a trigger, not both,", self.time, where=where)
        for mark in ("persistent", "initial", "use_trigger_time_values"):
            value = getattr(self, mark)
            if not isinstance(value, bool):
                raise errors.InputError(f"{mark} must be True or False", value, where=where)
