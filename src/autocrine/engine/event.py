"""Something done to the system at a fixed time: a dose, a wash, a change of medium."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sympy


@dataclass(frozen=True)
class Event:
    """Something done at a fixed time.

    Attributes
    ----------
    time : float or sympy.Expr
        When it happens (h); an expression may use parameters and is evaluated once, at the start of the trajectory. At
        an infinite time it never happens.
    assignments : mapping of str to number or sympy.Expr
        New values of species or parameters, from the state just before the event; all are evaluated before any is set.
    name : str
        What it is called in reports and messages.

    Notes
    -----
    Several events at one time happen one after the other, in the order in which they are given: first those of the
    network, then those of the call of `simulate`.
    """

    time: float | sympy.Expr
    assignments: Mapping[str, float | sympy.Expr]
    name: str = ""
