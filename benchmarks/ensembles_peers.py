"""Other simulators of the same trajectories, if they are installed."""

from __future__ import annotations

import importlib
import importlib.util
from typing import Any

import numpy as np
import sympy

from autocrine.engine import Network

_MATH = '<math xmlns="http://www.w3.org/1998/Math/MathML">{}</math>'
_DOCUMENT = """<?xml version="1.0" encoding="UTF-8"?>
<sbml xmlns="http://www.sbml.org/sbml/level3/version1/core" level="3" version="1"><model id="m">
<listOfCompartments><compartment id="one" size="1" constant="true" spatialDimensions="3"/></listOfCompartments>
<listOfSpecies>{species}</listOfSpecies><listOfParameters>{parameters}</listOfParameters>
<listOfReactions>{reactions}</listOfReactions><listOfEvents>{events}</listOfEvents></model></sbml>"""
_SPECIES = (
    '<species id="{}" compartment="one" initialAmount="{}" hasOnlySubstanceUnits="true" boundaryCondition="false"'
    ' constant="false"/>'
)
_REACTION = (
    '<reaction id="r{}" reversible="false" fast="false"><listOfReactants>{}</listOfReactants>'
    "<listOfProducts>{}</listOfProducts><listOfModifiers>{}</listOfModifiers>"
    "<kineticLaw>{}</kineticLaw></reaction>"
)
_REFERENCE = '<speciesReference species="{}" stoichiometry="{}" constant="true"/>'


def sbml(network: Network) -> str:
    """Return a network with numbers as stoichiometry and initial values, and no rules, as SBML."""
    species = [_SPECIES.format(each.name, float(each.initial)) for each in network.species]
    parameters = [
        f'<parameter id="{name}" value="{each.value!r}" constant="true"/>' for name, each in network.parameters.items()
    ]
    return _DOCUMENT.format(
        species="".join(species),
        parameters="".join(parameters),
        reactions="".join(_reaction(network, number) for number in range(len(network.reactions))),
        events="".join(_event(each.time, each.assignments, number) for number, each in enumerate(network.events)),
    )


def mathml(expression: Any) -> str:
    """Return content MathML of sums, products and powers."""
    if isinstance(expression, sympy.Symbol):
        return f"<ci>{expression.name}</ci>"
    if expression.is_number:
        return f'<cn type="real">{float(expression)!r}</cn>'
    kinds = {sympy.Add: "plus", sympy.Mul: "times", sympy.Pow: "power"}
    return f"<apply><{kinds[type(expression)]}/>{''.join(mathml(each) for each in expression.args)}</apply>"


def _reaction(network: Network, number: int) -> str:
    reaction = network.reactions[number]
    changes = {name: float(change) for name, change in reaction.stoichiometry.items()}
    used = {str(each) for each in reaction.rate.free_symbols} - set(network.parameters)
    return _REACTION.format(
        number,
        "".join(_REFERENCE.format(name, -change) for name, change in changes.items() if change < 0),
        "".join(_REFERENCE.format(name, change) for name, change in changes.items() if change > 0),
        "".join(f'<modifierSpeciesReference species="{name}"/>' for name in sorted(used - set(changes))),
        _MATH.format(mathml(reaction.rate)),
    )


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


class RoadRunner:
    """libRoadRunner: CVODE with code that LLVM compiles.

    References
    ----------
    Welsh et al. 2023, Bioinformatics 39:btac770, doi:10.1093/bioinformatics/btac770.
    """

    name = "libRoadRunner"

    def __init__(self, network: Network, times: np.ndarray, outputs: list[str]) -> None:
        module = importlib.import_module("roadrunner")
        module.Logger.setLevel(module.Logger.LOG_ERROR)
        self._runner = module.RoadRunner(sbml(network))
        self._runner.timeCourseSelections = outputs
        self._times = times
        names = list(self._runner.model.getGlobalParameterIds())
        self._order = [list(network.parameters).index(name) for name in names]

    @staticmethod
    def installed() -> bool:
        """Tell whether it can be imported."""
        return importlib.util.find_spec("roadrunner") is not None

    def solve(self, parameters: np.ndarray, rtol: float) -> np.ndarray:
        """Return the outputs, shape (n, T, k), for parameters of shape (n, m)."""
        runner = self._runner
        runner.integrator.relative_tolerance = rtol
        runner.integrator.absolute_tolerance = rtol * 1e-3
        found = []
        for row in parameters[:, self._order]:
            runner.reset()
            runner.model.setGlobalParameterValues(row)
            result = runner.simulate(float(self._times[0]), float(self._times[-1]), len(self._times))
            found.append(np.array(result))
        return np.array(found)
