"""A named process with its stoichiometry and its rate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sympy


@dataclass(frozen=True)
class Reaction:
    """A named process.

    Attributes
    ----------
    name : str
        What it is called in reports and messages; any text.
    stoichiometry : mapping of str to number or sympy.Expr
        Change of each species per turnover; an expression may convert units (a volume, a number of cells).
    rate : sympy.Expr
        Turnovers per hour: stoichiometry times rate has the unit of the species per hour.
    """

    name: str
    stoichiometry: Mapping[str, float | sympy.Expr]
    rate: sympy.Expr
