"""SED-ML out: time courses of one model under different values, with reports and plots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sympy

from autocrine.core import errors
from autocrine.engine.combine.algorithm import RELATIVE, ROSENBROCK
from autocrine.engine.combine.element import MATHML, written
from autocrine.engine.combine.sedml_reader import TIME_SYMBOL
from autocrine.engine.course import Course
from autocrine.engine.names import nearest
from autocrine.engine.network import Network
from autocrine.engine.sbml import in_one_litre

_LANGUAGE = "urn:sedml:language:sbml.level-3.version-2"
_SPACE = "http://sed-ml.org/sed-ml/level1/version3"
_SBML = "http://www.sbml.org/sbml/level3/version2/core"
_PARTS = ("Models", "Simulations", "Tasks", "DataGenerators", "Outputs")
_MODEL = "/sbml:sbml/sbml:model"
#: curves in one plot, more of which nobody tells apart
_MOST_CURVES = 12


def sedml_text(
    network: Network, model_file: str, courses: Sequence[Course], outputs: Sequence[str], identifiers: Mapping[str, str]
) -> str:
    """Return SED-ML, Level 1 Version 3, that simulates courses of a model.

    Parameters
    ----------
    model_file : str
        The file of the model, relative to that of the SED-ML.
    outputs : sequence of str
        Species, rules and observables that the reports give.
    identifiers : mapping of str to str
        The identifier in the model of each name.

    Raises
    ------
    InputError
        If a course changes what the model does not have, or what its initial values are computed from other ones.
    """
    species = {each.name for each in network.species}
    targets = {name: _element("Species" if name in species else "Parameter", identifiers[name]) for name in outputs}
    parts: dict[str, list[str]] = {name: [] for name in _PARTS}
    for number, course in enumerate(courses, start=1):
        parts["Models"].append(_model(network, model_file, course, number, identifiers))
        parts["Simulations"].append(_simulation(course, number))
        task = {"modelReference": f"model{number}", "simulationReference": f"simulation{number}"}
        parts["Tasks"].append(written("task", {"id": f"task{number}", "name": course.name, **task}))
        parts["DataGenerators"] += _generators(targets, number)
        parts["Outputs"] += [_report(course, number, outputs), _plot(course, number, len(outputs))]
    lists = (written(f"listOf{name}", {}, *found) for name, found in parts.items())
    about = {"xmlns": _SPACE, "xmlns:sbml": _SBML, "level": 1, "version": 3}
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + written("sedML", about, *lists)


def _model(network: Network, file: str, course: Course, number: int, identifiers: Mapping[str, str]) -> str:
    """Return the model of one course: that of the file with its changes."""
    changes = [
        written(
            "changeAttribute",
            {"target": _value_of(network, name, identifiers, course.name), "newValue": repr(float(value))},
        )
        for name, value in course.values.items()
    ]
    about = {"id": f"model{number}", "name": course.name, "language": _LANGUAGE, "source": file}
    return written("model", about, *([written("listOfChanges", {}, *changes)] if changes else []))


def _simulation(course: Course, number: int) -> str:
    tolerance = written("algorithmParameter", {"kisaoID": RELATIVE, "value": "1e-7"})
    algorithm = written("algorithm", {"kisaoID": ROSENBROCK}, written("listOfAlgorithmParameters", {}, tolerance))
    times = {"initialTime": 0, "outputStartTime": 0, "outputEndTime": course.end, "numberOfPoints": course.steps}
    return written("uniformTimeCourse", {"id": f"simulation{number}", **times}, algorithm)


def _value_of(network: Network, name: str, identifiers: Mapping[str, str], course: str) -> str:
    """Return the target of a parameter or of an initial value."""
    where = f"course {course!r}"
    if name in network.parameters:
        return f"{_element('Parameter', identifiers[name])}/@value"
    species = {each.name: each for each in network.species}
    if name not in species:
        hint = nearest(name, [*network.parameters, *species])
        raise errors.InputError("a course must change parameters or species", name, where=where, hint=hint)
    initial = sympy.sympify(species[name].initial)
    if initial.free_symbols:
        must = f"the initial value of {name} must not be computed from parameters where a course changes it"
        raise errors.InputError(must, str(initial), where=where)
    kind = "Concentration" if in_one_litre(species[name].unit) else "Amount"
    return f"{_element('Species', identifiers[name])}/@initial{kind}"


def _element(kind: str, identifier: str) -> str:
    listed = f"listOf{kind}" if kind == "Species" else f"listOf{kind}s"
    return f"{_MODEL}/sbml:{listed}/sbml:{kind.lower()}[@id='{identifier}']"


def _generators(targets: Mapping[str, str], number: int) -> list[str]:
    """Return the data generators of one course: time, and each output as it is."""
    found = []
    for place, (name, target) in enumerate([("time", ""), *targets.items()]):
        key = f"data{number}_{place}"
        source = {"target": target} if target else {"symbol": TIME_SYMBOL}
        variable = written("variable", {"id": f"{key}_value", **source, "taskReference": f"task{number}"})
        maths = written("math", {"xmlns": MATHML}, f"<ci>{key}_value</ci>")
        inside = (maths, written("listOfVariables", {}, variable))
        found.append(written("dataGenerator", {"id": key, "name": name}, *inside))
    return found


def _report(course: Course, number: int, outputs: Sequence[str]) -> str:
    sets = [
        written("dataSet", {"id": f"set{number}_{place}", "label": name, "dataReference": f"data{number}_{place}"})
        for place, name in enumerate(["time", *outputs])
    ]
    return written("report", {"id": f"report{number}", "name": course.name}, written("listOfDataSets", {}, *sets))


def _plot(course: Course, number: int, count: int) -> str:
    flat = {"logX": "false", "logY": "false", "xDataReference": f"data{number}_0"}
    curves = [
        written("curve", {"id": f"curve{number}_{place}", **flat, "yDataReference": f"data{number}_{place}"})
        for place in range(1, min(count, _MOST_CURVES) + 1)
    ]
    inside = [written("listOfCurves", {}, *curves)] if curves else []
    return written("plot2D", {"id": f"plot{number}", "name": course.name}, *inside)
