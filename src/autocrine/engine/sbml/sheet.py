"""An SBML model as equations: which quantities are constants, states and rules, and what changes the states."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import sympy

from autocrine.core import errors
from autocrine.engine.names import TIME, symbol
from autocrine.engine.sbml import algebraic, inventory, unit_text
from autocrine.engine.sbml.inventory import each
from autocrine.engine.sbml.maths import Maths, exact
from autocrine.engine.sbml.quantity import Quantity


@dataclass
class Process:
    """What changes states together: a reaction of the file, or the rate rule of one quantity."""

    name: str
    rate: Any
    changes: dict[str, Any] = field(default_factory=dict)
    is_fast: bool = False


class Sheet:
    """The equations of a model.

    Parameters
    ----------
    document : libsbml.SBMLDocument
        A document without submodels.
    text : str
        The same as text.

    Attributes
    ----------
    notes : list of str
        What was noticed while it was read.
    quantities : dict of str to Quantity
        By identifier.
    document, text : libsbml.SBMLDocument and str
        The document.
    states : dict of str to str
        The state variable that stands for a quantity, by identifier: the quantity itself, or the amount of a species
        whose concentration also follows the size of its compartment.
    unset : dict of str to str
        Those of them that have no value until an event sets one. A state must be a number, so they are parameters that
        are NaN at first.
    rules : dict of str to sympy.Expr
        What holds at all times, in no order: assignment rules, concentrations, rates of reactions and derivatives.
    processes : list of Process
        What changes the states.

    Notes
    -----
    A species in a compartment of constant size is a state in the unit that SBML gives its identifier. Where the size
    changes, reactions and events keep amounts and not concentrations (SBML Level 3 Version 2, section 4.6.5), so there
    the amount is the state and the concentration a rule.
    """

    def __init__(self, document: Any, text: str) -> None:
        self.text, self.document = text, document  # the model lives as long as its document
        self.model = model = document.getModel()
        self.names = inventory.naming(model)
        self.quantities = inventory.quantities(model, self.names)
        self.time_unit = unit_text.of_time(model)
        self._wanted_rates: dict[str, str] = {}
        symbols = {key: symbol(quantity.name) for key, quantity in self.quantities.items()}
        symbols |= {item.getId(): symbol(self.names[item.getId()]) for item in each(model.getListOfReactions())}
        self.maths = Maths(symbols, inventory.functions(model), rate_of=self._rate_symbol)
        self.locals: dict[str, tuple[float, str]] = {}
        self.rules: dict[str, Any] = {}
        self._solve_algebraic_rules()
        self.states = {key: self._state(key) for key, quantity in self.quantities.items() if self.is_state(quantity)}
        self.unset = {key: state for key, state in self.states.items() if self._is_unset(self.quantities[key])}
        self.processes = [*self._reactions(), *self._rate_rules()]
        self._write_rules()
        #: what initial assignments give, by identifier
        self.assigned = {
            key: self.maths.number(quantity.initial, f"initial assignment of {key!r}")
            for key, quantity in self.quantities.items()
            if quantity.initial is not None
        }

    def _solve_algebraic_rules(self) -> None:
        """Find what algebraic rules determine: quantities that may vary, and that nothing else gives a value."""
        items = [item for item in each(self.model.getListOfRules()) if item.isAlgebraic() and item.isSetMath()]
        if not items:
            return
        equations = [self.maths.number(item.getMath(), "algebraic rule") for item in items]
        loose = [q for q in self.quantities.values() if not (q.constant or q.is_assigned or q.rate or q.by_reaction)]
        loose.sort(key=lambda quantity: quantity.by_event)  # what events set is rather given than determined
        rules = {
            symbol(quantity.name): self.maths.number(quantity.assignment, f"assignment rule of {key!r}")
            for key, quantity in self.quantities.items()
            if quantity.assignment is not None
        }
        found = algebraic.solved(equations, [symbol(quantity.name) for quantity in loose], rules, self._guess)
        for quantity in loose:
            quantity.determined = found.get(symbol(quantity.name))

    def _guess(self, expression: Any) -> Any:
        """Return an expression with the values that the file gives, as a number."""
        values = {symbol(quantity.name): exact(quantity.value) for quantity in self.quantities.values()}
        number = expression.xreplace(values | {symbol(TIME): sympy.S.Zero})
        return complex(number) if not number.free_symbols else float("nan")

    def is_state(self, quantity: Quantity) -> bool:
        """Tell whether something other than a rule gives a quantity its value in time.

        A species that nothing changes is a state too: what a model calls a species is found among its species.
        """
        if quantity.is_assigned:
            return False
        return quantity.changes or quantity.kind == "species"

    def follows_volume(self, quantity: Quantity) -> bool:
        """Tell whether the concentration of a species changes with the size of its compartment."""
        if quantity.kind != "species" or quantity.only_substance:
            return False
        return self.quantities[quantity.compartment].changes

    def volume(self, quantity: Quantity) -> Any:
        """Return the size of the compartment of a species."""
        return symbol(self.quantities[quantity.compartment].name)

    @staticmethod
    def _is_unset(quantity: Quantity) -> bool:
        """Tell whether a quantity has no value until an event gives it one."""
        moves = quantity.rate is not None or quantity.by_reaction
        return quantity.initial is None and math.isnan(quantity.value) and not moves

    def _state(self, key: str) -> str:
        quantity = self.quantities[key]
        if self._is_unset(quantity):
            return self.names.free(f"value_of_{key}")
        return self.names.free(f"amount_{key}") if self.follows_volume(quantity) else quantity.name

    def _reactions(self) -> Iterator[Process]:
        for item in each(self.model.getListOfReactions()):
            where = f"reaction {item.getId()!r}"
            law = item.getKineticLaw()
            rate = sympy.S.Zero
            if law is not None and law.isSetMath():
                rate = self.maths.number(law.getMath(), where, self._local_parameters(item.getId(), law))
            self.rules[self.names[item.getId()]] = rate
            process = Process(item.getId(), rate, is_fast=item.isSetFast() and item.getFast())
            for items, sign in ((item.getListOfReactants(), -1), (item.getListOfProducts(), 1)):
                for reference in each(items):
                    self._add_change(process, reference, sign, where)
            yield process

    def _local_parameters(self, reaction: str, law: Any) -> dict[str, Any]:
        level = law.getLevel()
        found = {}
        for item in each(law.getListOfLocalParameters() if level > 2 else law.getListOfParameters()):
            name = self.names.free(f"{reaction}__{item.getId()}")
            value = item.getValue() if item.isSetValue() else float("nan")
            self.locals[name] = value, inventory.unit_of(item)
            found[item.getId()] = symbol(name)
        return found

    def _add_change(self, process: Process, reference: Any, sign: int, where: str) -> None:
        key = reference.getSpecies()
        quantity = self.quantities[key]
        if not quantity.by_reaction or quantity.is_assigned or quantity.rate is not None:
            return
        change = sign * self._stoichiometry(reference, where)
        if quantity.conversion:
            change *= symbol(self.names[quantity.conversion])
        if not quantity.only_substance and not self.follows_volume(quantity):
            change /= self.volume(quantity)
        state = self.states[key]
        process.changes[state] = process.changes.get(state, sympy.S.Zero) + change

    def _stoichiometry(self, reference: Any, where: str) -> Any:
        if reference.getLevel() > 2 and reference.isSetId():
            return symbol(self.names[reference.getId()])
        if reference.getLevel() < 3 and reference.isSetStoichiometryMath():
            return self.maths.number(reference.getStoichiometryMath().getMath(), where)
        if reference.getLevel() > 2 and not reference.isSetStoichiometry():
            return sympy.nan
        return exact(reference.getStoichiometry() / reference.getDenominator())

    def _rate_rules(self) -> Iterator[Process]:
        for key, quantity in self.quantities.items():
            if quantity.rate is None:
                continue
            rate = self.maths.number(quantity.rate, f"rate rule of {key!r}")
            if self.follows_volume(quantity):  # of a concentration, while the state is the amount
                size = self.quantities[quantity.compartment]
                growth = sympy.S.Zero if not size.changes else self._rate_symbol(quantity.compartment)
                rate = rate * self.volume(quantity) + symbol(quantity.name) * growth
            yield Process(f"rate of {key}", rate, {self.states[key]: sympy.S.One})

    def _write_rules(self) -> None:
        for key, quantity in self.quantities.items():
            if quantity.assignment is not None:
                self.rules[quantity.name] = self.maths.number(quantity.assignment, f"assignment rule of {key!r}")
            elif quantity.determined is not None:
                self.rules[quantity.name] = quantity.determined
            elif key in self.states and self.states[key] != quantity.name:
                size = self.volume(quantity) if self.follows_volume(quantity) else sympy.S.One
                self.rules[quantity.name] = symbol(self.states[key]) / size

    def _rate_symbol(self, key: str) -> Any:
        """Return the symbol of the time derivative of a quantity; its rule is written later."""
        if key not in self.names:
            raise errors.InputError("rateOf must be asked of an identifier of the model", key)
        if key not in self._wanted_rates:
            self._wanted_rates[key] = self.names.free(f"rate_of_{key}")
        return symbol(self._wanted_rates[key])

    @property
    def wanted_rates(self) -> dict[str, str]:
        """The names of the time derivatives that maths uses, by identifier."""
        return self._wanted_rates
