"""A network as SBML, so that other simulators solve the same equations."""

from __future__ import annotations

from typing import Any

import sympy

from autocrine.engine import Network

_MATH = '<math xmlns="http://www.w3.org/1998/Math/MathML">{}</math>'
_DOCUMENT = """<?xml version="1.0" encoding="UTF-8"?>
<sbml xmlns="http://www.sbml.org/sbml/level3/version1/core" level="3" version="1"><model id="m">
<listOfCompartments><compartment id="one" size="1" constant="true" spatialDimensions="3"/></listOfCompartments>
<listOfSpecies>{species}</listOfSpecies><listOfParameters>{parameters}</listOfParameters>
<listOfReactions>{reactions}</listOfReactions>{events}</model></sbml>"""
_SPECIES = (
    '<species id="{}" compartment="one" initialAmount="{!r}" hasOnlySubstanceUnits="true" boundaryCondition="false"'
    ' constant="false"/>'
)
_PARAMETER = '<parameter id="{}" value="{!r}" constant="true"/>'
_REACTION = '<reaction id="reaction_{}" reversible="false" fast="false">{}{}{}<kineticLaw>{}</kineticLaw></reaction>'
_REFERENCE = '<speciesReference species="{}" stoichiometry="{!r}" constant="true"/>'
_TAGS = {sympy.Add: "plus", sympy.Mul: "times", sympy.Pow: "power", sympy.log: "ln", sympy.exp: "exp"}


def sbml(network: Network, end: float) -> str:
    """Return a network without rules as SBML, with its initial values as numbers and its events up to a time.

    A turnover that changes a species by an expression becomes a reaction of its own for that species.
    """
    base = {sympy.Symbol(name, real=True): each.value for name, each in network.parameters.items()}
    if network.rules:
        raise ValueError("rules are not written")
    species = [_SPECIES.format(each.name, _number(each.initial, base)) for each in network.species]
    parameters = [_PARAMETER.format(name, each.value) for name, each in network.parameters.items()]
    happening = [each for each in network.events if _number(each.time, base) <= end]
    events = "".join(_event(each.time, each.assignments, number) for number, each in enumerate(happening))
    return _DOCUMENT.format(
        species="".join(species),
        parameters="".join(parameters),
        reactions="".join(_reactions(network)),
        events=f"<listOfEvents>{events}</listOfEvents>" if events else "",
    )


def mathml(expression: Any) -> str:
    """Return content MathML of sums, products, powers, exp, log and maxima."""
    if isinstance(expression, sympy.Symbol):
        return f"<ci>{expression.name}</ci>"
    if expression.is_number:
        return f'<cn type="real">{float(expression)!r}</cn>'
    if isinstance(expression, sympy.Max):
        return _largest([mathml(each) for each in expression.args])
    return f"<apply><{_TAGS[type(expression)]}/>{''.join(mathml(each) for each in expression.args)}</apply>"


def _largest(terms: list[str]) -> str:
    if len(terms) == 1:
        return terms[0]
    first, rest = terms[0], _largest(terms[1:])
    return (
        f"<piecewise><piece>{first}<apply><gt/>{first}{rest}</apply></piece><otherwise>{rest}</otherwise></piecewise>"
    )


def _number(value: Any, base: dict) -> float:
    return float(sympy.sympify(value).xreplace(base))


def _reactions(network: Network) -> list[str]:
    written = []
    for reaction in network.reactions:
        changes: dict[str, Any] = {name: sympy.sympify(each) for name, each in reaction.stoichiometry.items()}
        numbers = {name: float(change) for name, change in changes.items() if change.is_number}
        if numbers:
            written.append(_reaction(network, len(written), numbers, reaction.rate))
        for name, change in changes.items():
            if not change.is_number:
                written.append(_reaction(network, len(written), {name: 1.0}, change * reaction.rate))
    return written


def _reaction(network: Network, number: int, changes: dict[str, float], rate: Any) -> str:
    used = {str(each) for each in rate.free_symbols} - set(network.parameters)
    return _REACTION.format(
        number,
        _listed("Reactants", [_REFERENCE.format(name, -change) for name, change in changes.items() if change < 0]),
        _listed("Products", [_REFERENCE.format(name, change) for name, change in changes.items() if change > 0]),
        _listed("Modifiers", [f'<modifierSpeciesReference species="{each}"/>' for each in sorted(used - set(changes))]),
        _MATH.format(mathml(rate)),
    )


def _listed(kind: str, items: list[str]) -> str:
    return f"<listOf{kind}>{''.join(items)}</listOf{kind}>" if items else ""


def _event(time: Any, assignments: Any, number: int) -> str:
    clock = '<csymbol encoding="text" definitionURL="http://www.sbml.org/sbml/symbols/time">t</csymbol>'
    trigger = _MATH.format(f"<apply><geq/>{clock}{mathml(sympy.sympify(time))}</apply>")
    changes = [
        f'<eventAssignment variable="{name}">{_MATH.format(mathml(value))}</eventAssignment>'
        for name, value in assignments.items()
    ]
    return (
        f'<event id="e{number}" useValuesFromTriggerTime="true"><trigger initialValue="false" persistent="true">'
        f"{trigger}</trigger><listOfEventAssignments>{''.join(changes)}</listOfEventAssignments></event>"
    )
