"""The quantities and functions of a libsbml model."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from typing import Any

from autocrine.core import errors
from autocrine.engine.sbml import unit_text
from autocrine.engine.sbml.maths import Function
from autocrine.engine.sbml.naming import Naming
from autocrine.engine.sbml.quantity import Quantity


def each(items: Any) -> Iterator[Any]:
    """Go through a list of libsbml."""
    return (items.get(place) for place in range(items.size()))


def naming(model: Any) -> Naming:
    """Return the names of all identifiers that maths may use."""
    lists = (model.getListOfCompartments(), model.getListOfSpecies(), model.getListOfParameters())
    ids = [item.getId() for items in (*lists, model.getListOfReactions()) for item in each(items)]
    ids += [reference.getId() for reference in references(model)]
    twice = [name for name, count in Counter(ids).items() if count > 1]
    if twice or "" in ids:
        raise errors.InputError("an identifier must be declared once, and not be empty,", twice[0] if twice else "")
    return Naming(ids)


def references(model: Any) -> Iterator[Any]:
    """Go through the references to species that have an identifier which maths may use (from Level 3)."""
    if model.getLevel() < 3:
        return
    for reaction in each(model.getListOfReactions()):
        for items in (reaction.getListOfReactants(), reaction.getListOfProducts()):
            yield from (reference for reference in each(items) if reference.isSetId())


def functions(model: Any) -> dict[str, Function]:
    """Return the functions that a model defines."""
    found = {}
    for definition in each(model.getListOfFunctionDefinitions()):
        arguments = tuple(definition.getArgument(i).getName() for i in range(definition.getNumArguments()))
        found[definition.getId()] = Function(arguments, definition.getBody())
    return found


def quantities(model: Any, names: Naming) -> dict[str, Quantity]:
    """Return the quantities of a model by identifier, with what determines them."""
    found: dict[str, Quantity] = {}
    points: set[str] = set()  # without a size: what is in them has no concentration
    for item in each(model.getListOfCompartments()):
        if item.getSpatialDimensionsAsDouble() == 0 and not item.isSetSize():
            points.add(item.getId())
        size = item.getSize() if item.isSetSize() else math.nan
        unit = unit_text.of_compartment(item)
        found[item.getId()] = Quantity(names[item.getId()], "compartment", size, unit, constant=item.getConstant())
    for item in each(model.getListOfSpecies()):
        found[item.getId()] = _species(model, item, names, points)
    for item in each(model.getListOfParameters()):
        unit = unit_of(item)
        value = item.getValue() if item.isSetValue() else math.nan
        found[item.getId()] = Quantity(names[item.getId()], "parameter", value, unit, constant=item.getConstant())
    for item in references(model):
        value = item.getStoichiometry() if item.isSetStoichiometry() else math.nan
        found[item.getId()] = Quantity(names[item.getId()], "reference", value, constant=item.getConstant())
    _check_places(found)
    _determine(model, found)
    return found


def _species(model: Any, item: Any, names: Naming, points: set[str]) -> Quantity:
    given = item.isSetInitialAmount()
    value = item.getInitialAmount() if given else item.getInitialConcentration()
    conversion = item.getConversionFactor() if model.getLevel() > 2 else ""
    if not conversion and model.getLevel() > 2:
        conversion = model.getConversionFactor()
    pointlike = item.getCompartment() in points
    return Quantity(
        names[item.getId()],
        "species",
        value if given or item.isSetInitialConcentration() else math.nan,
        unit_text.of_species(item, model.getCompartment(item.getCompartment())),
        is_amount=given or pointlike,
        compartment=item.getCompartment(),
        only_substance=item.getHasOnlySubstanceUnits() or pointlike,
        boundary=item.getBoundaryCondition(),
        constant=item.getConstant(),
        conversion=conversion,
    )


def _check_places(found: dict[str, Quantity]) -> None:
    """Refuse species that are nowhere, and conversion factors that are no parameters."""
    for key, quantity in found.items():
        for what, target, kind in (
            ("the compartment", quantity.compartment, "compartment"),
            ("the conversion factor", quantity.conversion, "parameter"),
        ):
            given = bool(target) or (kind == "compartment" and quantity.kind == "species")
            if given and (target not in found or found[target].kind != kind):
                raise errors.InputError(
                    f"{what} of a species must be a {kind} of the model", target, where=f"species {key!r}"
                )


def _determine(model: Any, found: dict[str, Quantity]) -> None:
    """Note initial assignments, rules, and what events and reactions change."""
    for item in each(model.getListOfInitialAssignments()):
        if item.isSetMath():
            _of(found, item.getSymbol(), "an initial assignment").initial = item.getMath()
    for item in each(model.getListOfRules()):
        if not item.isAlgebraic() and item.isSetMath():
            _rule(_of(found, item.getVariable(), "a rule"), item)
    for event in each(model.getListOfEvents()):
        for item in each(event.getListOfEventAssignments()):
            _of(found, item.getVariable(), "an event").by_event = True
    for reaction in each(model.getListOfReactions()):
        where = f"reaction {reaction.getId()}"
        for item in (*each(reaction.getListOfReactants()), *each(reaction.getListOfProducts())):
            species = _of(found, item.getSpecies(), where)
            if species.kind != "species":
                raise errors.InputError(f"{where} must change species", item.getSpecies())
            species.by_reaction = species.by_reaction or not (species.boundary or species.constant)


def _rule(variable: Quantity, item: Any) -> None:
    if variable.assignment is not None or variable.rate is not None:
        raise errors.InputError("a quantity must have one rule", item.getVariable())
    if item.isAssignment():
        variable.assignment = item.getMath()
    else:
        variable.rate = item.getMath()


def _of(found: dict[str, Quantity], identifier: str, what: str) -> Quantity:
    if identifier not in found:
        raise errors.InputError(f"{what} must name a quantity of the model", identifier)
    return found[identifier]


def unit_of(item: Any) -> str:
    """Return the unit that a parameter declares."""
    return unit_text.of_parameter(item)
