"""What an SBML model gives a value to: compartments, species, parameters and references to species."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["compartment", "species", "parameter", "reference"]


@dataclass
class Quantity:
    """A quantity of an SBML model and what determines it.

    Attributes
    ----------
    name : str
        Its name in the network.
    kind : str
        One of ``compartment``, ``species``, ``parameter``, ``reference`` (a stoichiometry with an identifier).
    value : float
        Its value at the start: size, value, stoichiometry, initial concentration or amount; NaN where none is given.
    unit : str
        Its unit.
    initial, assignment, rate : libsbml.ASTNode, optional
        The maths of its initial assignment, assignment rule and rate rule.
    is_amount : bool
        For species: whether ``value`` is an amount.
    compartment : str
        For species: the identifier of the compartment.
    only_substance : bool
        For species: whether its identifier means the amount in maths.
    boundary : bool
        For species: whether reactions leave it alone.
    conversion : str
        For species: the identifier of the parameter that converts extent to its substance.
    by_event, by_reaction : bool
        Whether events assign it, or reactions change it.
    determined : sympy.Expr, optional
        What an algebraic rule makes it.
    """

    name: str
    kind: Kind
    value: float = math.nan
    unit: str = "1"
    initial: Any = None
    assignment: Any = None
    rate: Any = None
    is_amount: bool = False
    compartment: str = ""
    only_substance: bool = True
    boundary: bool = False
    constant: bool = False
    conversion: str = ""
    by_event: bool = False
    by_reaction: bool = False
    determined: Any = None

    @property
    def is_assigned(self) -> bool:
        """Whether a rule gives its value at all times."""
        return self.assignment is not None or self.determined is not None

    @property
    def changes(self) -> bool:
        """Whether it may change in time."""
        return self.is_assigned or self.rate is not None or self.by_event or self.by_reaction
