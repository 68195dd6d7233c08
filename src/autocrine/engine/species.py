"""A quantity that reactions change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sympy


@dataclass(frozen=True)
class Species:
    """A quantity that reactions change.

    Attributes
    ----------
    name : str
        Its name in the equations, an identifier.
    unit : str
        Its unit as text, e.g. ``"nM"`` or ``"molecule/cell"``.
    initial : float or sympy.Expr
        Its value at the start, in ``unit``; an expression may use parameters, and rules that follow from them alone.
    """

    name: str
    unit: str
    initial: float | sympy.Expr = 0.0
