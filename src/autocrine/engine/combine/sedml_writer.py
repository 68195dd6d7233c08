"""SED-ML out: time courses of one model under different values, with reports and plots."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import libsedml

from autocrine.core import errors
from autocrine.engine.combine.algorithm import RELATIVE, ROSENBROCK
from autocrine.engine.combine.sedml_reader import TIME_SYMBOL
from autocrine.engine.names import nearest
from autocrine.engine.network import Network
from autocrine.engine.sbml import in_one_litre

_LANGUAGE = "urn:sedml:language:sbml.level-3.version-2"
_MODEL = "/sbml:sbml/sbml:model"
#: curves in one plot, more of which nobody tells apart
_MOST_CURVES = 12


@dataclass(frozen=True)
class Course:
    """One time course of a model.

    Attributes
    ----------
    name : str
        What it is called, any text.
    values : mapping of str to float
        Other values of parameters, and other initial values of species.
    end : float
        Last output time, in the unit of the model.
    steps : int
        Intervals between output times.
    """

    name: str
    values: Mapping[str, float] = field(default_factory=dict)
    end: float = 100.0
    steps: int = 100


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
    document = libsedml.SedDocument(1, 3)
    namespaces = document.getNamespaces()
    namespaces.add("http://www.sbml.org/sbml/level3/version2/core", "sbml")
    for number, course in enumerate(courses, start=1):
        _model(document, network, course, number, identifiers).setSource(model_file)
        _task(document, course, number)
        _outputs(document, course, number, outputs, identifiers, {each.name for each in network.species})
    return libsedml.writeSedMLToString(document)


def _model(
    document: libsedml.SedDocument, network: Network, course: Course, number: int, identifiers: Mapping[str, str]
) -> libsedml.SedModel:
    """Write and return the model of one course: that of the file with its changes."""
    model = document.createModel()
    model.setId(f"model{number}")
    model.setName(course.name)
    model.setLanguage(_LANGUAGE)
    for name, value in course.values.items():
        change = model.createChangeAttribute()
        change.setTarget(_value_of(network, name, identifiers, course.name))
        change.setNewValue(repr(float(value)))
    return model


def _task(document: libsedml.SedDocument, course: Course, number: int) -> None:
    """Write simulation and task of one course."""
    simulation = document.createUniformTimeCourse()
    simulation.setId(f"simulation{number}")
    simulation.setInitialTime(0.0)
    simulation.setOutputStartTime(0.0)
    simulation.setOutputEndTime(course.end)
    simulation.setNumberOfPoints(course.steps)
    algorithm = simulation.createAlgorithm()
    algorithm.setKisaoID(ROSENBROCK)
    tolerance = algorithm.createAlgorithmParameter()
    tolerance.setKisaoID(RELATIVE)
    tolerance.setValue("1e-7")
    task = document.createTask()
    task.setId(f"task{number}")
    task.setName(course.name)
    task.setModelReference(f"model{number}")
    task.setSimulationReference(f"simulation{number}")


def _value_of(network: Network, name: str, identifiers: Mapping[str, str], course: str) -> str:
    """Return the target of a parameter or of an initial value."""
    where = f"course {course!r}"
    if name in network.parameters:
        return f"{_element('Parameter', identifiers[name])}/@value"
    species = {each.name: each for each in network.species}
    if name not in species:
        hint = nearest(name, [*network.parameters, *species])
        raise errors.InputError("a course must change parameters or species", name, where=where, hint=hint)
    initial = species[name].initial
    if hasattr(initial, "free_symbols") and initial.free_symbols:
        must = f"the initial value of {name} must not be computed from parameters where a course changes it"
        raise errors.InputError(must, str(initial), where=where)
    kind = "Concentration" if in_one_litre(species[name].unit) else "Amount"
    return f"{_element('Species', identifiers[name])}/@initial{kind}"


def _element(kind: str, identifier: str) -> str:
    listed = f"listOf{kind}" if kind == "Species" else f"listOf{kind}s"
    return f"{_MODEL}/sbml:{listed}/sbml:{kind.lower()}[@id='{identifier}']"


def _outputs(  # noqa: PLR0917 - what a report is made of
    document: libsedml.SedDocument,
    course: Course,
    number: int,
    outputs: Sequence[str],
    identifiers: Mapping[str, str],
    species: Iterable[str],
) -> None:
    """Write data generators, report and plot of one course."""
    kinds = {name: "Species" if name in set(species) else "Parameter" for name in outputs}
    targets = {name: _element(kinds[name], identifiers[name]) for name in outputs}
    for place, (name, target) in enumerate([("time", ""), *targets.items()]):
        key = f"data{number}_{place}"
        generator = document.createDataGenerator()
        generator.setId(key)
        generator.setName(name)
        variable = generator.createVariable()
        variable.setId(f"{key}_value")
        variable.setTaskReference(f"task{number}")
        if target:
            variable.setTarget(target)
        else:
            variable.setSymbol(TIME_SYMBOL)
        generator.setMath(libsedml.parseFormula(f"{key}_value"))
    report = document.createReport()
    report.setId(f"report{number}")
    report.setName(course.name)
    for place, name in enumerate(["time", *outputs]):
        data = report.createDataSet()
        data.setId(f"set{number}_{place}")
        data.setLabel(name)
        data.setDataReference(f"data{number}_{place}")
    plot = document.createPlot2D()
    plot.setId(f"plot{number}")
    plot.setName(course.name)
    for place in range(1, min(len(outputs), _MOST_CURVES) + 1):
        curve = plot.createCurve()
        curve.setId(f"curve{number}_{place}")
        curve.setLogX(False)
        curve.setLogY(False)
        curve.setXDataReference(f"data{number}_0")
        curve.setYDataReference(f"data{number}_{place}")
