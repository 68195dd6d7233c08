"""SED-ML in: what an archive asks to be simulated."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import libsbml
import libsedml
import numpy as np

from autocrine.core import errors
from autocrine.engine.combine.algorithm import Algorithm, algorithm_of
from autocrine.engine.combine.archive import Archive, read_archive
from autocrine.engine.combine.experiment import Experiment, Generator, Simulation, Task, Variable
from autocrine.engine.combine.target import changed_attributes, parse_target
from autocrine.engine.names import TIME, symbol
from autocrine.engine.network import Network
from autocrine.engine.sbml import Maths, read_text, source

TIME_SYMBOL = "urn:sedml:symbol:time"
_MOST_STEPS = 10_000_000


def read_experiment(path: Path | str) -> Experiment:
    """Read what a COMBINE archive describes: models, and the simulations of its SED-ML.

    Parameters
    ----------
    path : Path or str
        The archive. Of several SED-ML files the masters are read, or all if none is marked; without any, the models in
        SBML are what it holds.

    Raises
    ------
    InputError
        If the archive cannot be trusted, or something in it cannot be read.
    UnsupportedError
        If it asks for what this software does not have, with its name.

    References
    ----------
    Waltemath et al. 2011, BMC Syst Biol 5:198, doi:10.1186/1752-0509-5-198 (SED-ML).
    """
    archive = read_archive(path)
    experiment = Experiment(archive.name)
    described = archive.of_kind("sed-ml")
    chosen = [entry for entry in described if entry.master] or described
    for entry in chosen:
        prefix = f"{Path(entry.location).stem}_" if len(chosen) > 1 else ""
        _Reader(archive, entry.location, experiment, prefix).read()
    if not chosen:
        for entry in archive.of_kind("sbml"):
            experiment.models[entry.location] = _model(archive, entry.location)
    return experiment


def _model(archive: Archive, location: str) -> Callable[[], Network]:
    return lambda: read_text(archive.text(location), f"{archive.name}: {location}")


class _Reader:
    """Reads one SED-ML file of an archive into an experiment."""

    def __init__(self, archive: Archive, location: str, experiment: Experiment, prefix: str) -> None:
        self.archive, self.location, self.experiment, self.prefix = archive, location, experiment, prefix
        self.where = f"{archive.name}: {location}"

    def read(self) -> None:
        text = self.archive.text(self.location)
        source.check(text, self.where)
        document = libsedml.readSedMLFromString(text)
        for error in (document.getError(i) for i in range(document.getNumErrors())):
            if error.getSeverity() >= libsedml.LIBSEDML_SEV_ERROR:
                must = f"SED-ML must be valid: {source.sentence(error.getMessage())}"
                raise errors.InputError(must, where=f"{self.where}, line {error.getLine()}")
        models = {each.getId(): each for each in _listed(document.getListOfModels())}
        for key in models:
            self.experiment.models[self.prefix + key] = self._model(models, key)
        for each in _listed(document.getListOfSimulations()):
            self.experiment.simulations[self.prefix + each.getId()] = self._simulation(each)
        for each in _listed(document.getListOfTasks()):
            self.experiment.tasks[self.prefix + each.getId()] = self._task(each)
        for each in _listed(document.getListOfDataGenerators()):
            self.experiment.generators[self.prefix + each.getId()] = self._generator(each)
        names = {each.getId(): each.getName() for each in _listed(document.getListOfDataGenerators())}
        for each in _listed(document.getListOfOutputs()):
            self._output(each, names)

    def _model(self, models: dict[str, Any], key: str) -> Callable[[], Network]:
        """Return what reads a model once it is needed; its language and changes are looked at right now."""
        file, changes = self._origin(models, key, ())
        where = f"{self.where}, model {key!r}"

        def read() -> Network:
            text = self.archive.text(file, self.location)
            name = f"{self.archive.name}: {file}"
            source.check(text, name)
            return read_text(changed_attributes(text, changes, where), name)

        return read

    def _origin(self, models: dict[str, Any], key: str, before: tuple[str, ...]) -> tuple[str, list[tuple[str, str]]]:
        """Return the file that a model comes from, and all changes on the way."""
        model, where = models[key], f"{self.where}, model {key!r}"
        if key in before:
            raise errors.InputError("a model must not come from itself", " from ".join([*before, key]), where=where)
        if model.getLanguage() and "sbml" not in model.getLanguage().lower():
            raise errors.UnsupportedError(f"the language {model.getLanguage()}", where=where)
        changes = []
        for change in _listed(model.getListOfChanges()):
            if change.getTypeCode() != libsedml.SEDML_CHANGE_ATTRIBUTE:
                raise errors.UnsupportedError(change.getElementName(), where=where)
            parse_target(change.getTarget(), where)
            changes.append((change.getTarget(), change.getNewValue()))
        given = model.getSource()
        parent = given.removeprefix("#")
        if parent in models:
            file, earlier = self._origin(models, parent, (*before, key))
            return file, [*earlier, *changes]
        if ":" in given:
            raise errors.UnsupportedError(f"a model outside of the archive ({given})", where=where)
        return given, changes

    def _simulation(self, given: Any) -> Simulation:
        where = f"{self.where}, simulation {given.getId()!r}"
        algorithm = self._algorithm(given.getAlgorithm(), where)
        kind = given.getElementName()
        if kind == "steadyState":
            return Simulation(None, 0.0, algorithm)
        if kind == "oneStep":
            return Simulation(np.array([_positive(given.getStep(), "a step", where)]), 0.0, algorithm, last=True)
        if kind != "uniformTimeCourse":
            raise errors.UnsupportedError(kind, where=where)
        start, begin, end = given.getInitialTime(), given.getOutputStartTime(), given.getOutputEndTime()
        if not (math.isfinite(end) and start <= begin < end):
            must = "times must be finite and in the order of initial time, first and last output"
            raise errors.InputError(must, (start, begin, end), where=where)
        # the attribute called number of points counts steps in every version
        steps = given.getNumberOfPoints() if given.isSetNumberOfPoints() else given.getNumberOfSteps()
        if not 1 <= steps <= _MOST_STEPS:
            raise errors.InputError(f"the number of points must be 1 to {_MOST_STEPS:,}", steps, where=where)
        return Simulation(np.linspace(begin, end, steps + 1), start, algorithm)

    def _algorithm(self, given: Any, where: str) -> Algorithm:
        if given is None:
            return Algorithm()
        parameters = [(each.getKisaoID(), each.getValue()) for each in _listed(given.getListOfAlgorithmParameters())]
        found = algorithm_of(given.getKisaoID(), parameters, where)
        self.experiment.notes += found.notes
        return found

    def _task(self, given: Any) -> Task:
        if given.getElementName() != "task":
            raise errors.UnsupportedError(given.getElementName(), where=f"{self.where}, task {given.getId()!r}")
        return Task(self.prefix + given.getModelReference(), self.prefix + given.getSimulationReference())

    def _generator(self, given: Any) -> Generator:
        where = f"{self.where}, data generator {given.getId()!r}"
        symbols, variables, parameters = {}, {}, {}
        for place, each in enumerate(_listed(given.getListOfVariables())):
            # names of ours, since a variable may be called t
            symbols[each.getId()] = symbol(f"x{place}")
            variables[f"x{place}"] = self._variable(each, where)
        for place, each in enumerate(_listed(given.getListOfParameters())):
            symbols[each.getId()] = symbol(f"p{place}")
            parameters[f"p{place}"] = float(each.getValue())
        if given.getMath() is None:
            raise errors.InputError("a data generator must have maths", where=where)
        node = libsbml.readMathMLFromString(libsedml.writeMathMLToString(given.getMath()))
        return Generator(Maths(symbols).number(node, where), variables, parameters)

    def _variable(self, given: Any, where: str) -> Variable:
        task = self.prefix + given.getTaskReference()
        if given.isSetSymbol() and given.getSymbol():
            if given.getSymbol() != TIME_SYMBOL:
                raise errors.UnsupportedError(f"the symbol {given.getSymbol()}", where=where)
            return Variable(task, TIME)
        target = parse_target(given.getTarget(), where)
        if target.attribute or not target.identifier:
            raise errors.UnsupportedError(f"the target {given.getTarget()!r} of a variable", where=where)
        name = target.identifier
        return Variable(task, f"{TIME}_" if name == TIME else name)

    def _output(self, given: Any, names: dict[str, str]) -> None:
        kind, columns = given.getElementName(), {}
        if kind == "report":
            pairs = [(each.getLabel() or each.getId(), each.getDataReference())
                     for each in _listed(given.getListOfDataSets())]  # fmt: skip
        elif kind == "plot2D":
            keys = [key for each in _listed(given.getListOfCurves())
                    for key in (each.getXDataReference(), each.getYDataReference())]  # fmt: skip
            pairs = [(names.get(key) or key, key) for key in dict.fromkeys(keys)]
        else:
            self.experiment.notes.append(f"{self.where}: the output {given.getId()!r}, a {kind}, is left out")
            return
        for label, key in pairs:
            free, number = label, 1
            while free in columns:
                number += 1
                free = f"{label} ({number})"
            columns[free] = self.prefix + key
        self.experiment.outputs[self.prefix + given.getId()] = columns


def _listed(things: Any) -> Iterator[Any]:
    return (things.get(place) for place in range(things.size()))


def _positive(value: float, what: str, where: str) -> float:
    if not 0 < value < math.inf:
        raise errors.InputError(f"{what} must be a positive number", value, where=where)
    return value
