"""SED-ML in: what an archive asks to be simulated."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path

import libsbml
import numpy as np

from autocrine.core import errors
from autocrine.engine.combine.algorithm import Algorithm, algorithm_of
from autocrine.engine.combine.archive import Archive, read_archive
from autocrine.engine.combine.element import Element, read_element
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
        text, into = self.archive.text(self.location), self.experiment
        source.check_xml(text, self.where)
        root = read_element(text, self.where)
        if root.name != "sedML":
            raise errors.InputError("SED-ML must begin with the element sedML", root.name, where=self.where)
        models = {each.must("id"): each for each in root.listed("listOfModels")}
        for key in models:
            into.models[self.prefix + key] = self._model(models, key)
        for each in root.listed("listOfSimulations"):
            into.simulations[self.prefix + each.must("id")] = self._simulation(each)
        for each in root.listed("listOfTasks"):
            into.tasks[self.prefix + each.must("id")] = self._task(each)
        names = {}
        for each in root.listed("listOfDataGenerators"):
            names[each.must("id")] = each.get("name") or each.get("id")
            into.generators[self.prefix + each.get("id")] = self._generator(each)
        for each in root.listed("listOfOutputs"):
            self._output(each, names)

    def _model(self, models: Mapping[str, Element], key: str) -> Callable[[], Network]:
        """Return what reads a model once it is needed; its language and changes are looked at right now."""
        file, changes = self._origin(models, key, ())
        where = models[key].where

        def read() -> Network:
            text = self.archive.text(file, self.location)
            name = f"{self.archive.name}: {file}"
            source.check(text, name)
            return read_text(changed_attributes(text, changes, where), name)

        return read

    def _origin(
        self, models: Mapping[str, Element], key: str, before: tuple[str, ...]
    ) -> tuple[str, list[tuple[str, str]]]:
        """Return the file that a model comes from, and all changes on the way."""
        model, where = models[key], models[key].where
        if key in before:
            raise errors.InputError("a model must not come from itself", " from ".join([*before, key]), where=where)
        language = model.get("language")
        if language and "sbml" not in language.lower():
            raise errors.UnsupportedError(f"the language {language}", where=where)
        changes = []
        for change in model.listed("listOfChanges"):
            if change.name != "changeAttribute":
                raise errors.UnsupportedError(change.name, where=where)
            parse_target(change.must("target"), where)
            changes.append((change.get("target"), change.get("newValue")))
        given = model.must("source")
        parent = given.removeprefix("#")
        if parent in models:
            file, earlier = self._origin(models, parent, (*before, key))
            return file, [*earlier, *changes]
        if ":" in given:
            raise errors.UnsupportedError(f"a model outside of the archive ({given})", where=where)
        return given, changes

    def _simulation(self, given: Element) -> Simulation:
        where, algorithm = given.where, self._algorithm(given)
        if given.name == "steadyState":
            return Simulation(None, 0.0, algorithm)
        if given.name == "oneStep":
            step = given.number("step")
            if not 0 < step < math.inf:
                raise errors.InputError("a step must be a positive number", step, where=where)
            return Simulation(np.array([step]), 0.0, algorithm, last=True)
        if given.name != "uniformTimeCourse":
            raise errors.UnsupportedError(given.name, where=where)
        start, begin, end = (given.number(f"{name}Time") for name in ("initial", "outputStart", "outputEnd"))
        if not (-math.inf < start <= begin < end < math.inf):
            must = "times must be finite and in the order of initial time, first and last output"
            raise errors.InputError(must, (start, begin, end), where=where)
        # the attribute that versions 1 to 3 call number of points counts steps too
        steps = given.number("numberOfSteps" if given.get("numberOfSteps") else "numberOfPoints")
        if not (1 <= steps <= _MOST_STEPS and steps == int(steps)):
            raise errors.InputError(f"the number of points must be 1 to {_MOST_STEPS:,}", steps, where=where)
        return Simulation(np.linspace(begin, end, int(steps) + 1), start, algorithm)

    def _algorithm(self, given: Element) -> Algorithm:
        for each in given.children("algorithm"):
            parameters = [(one.get("kisaoID"), one.get("value")) for one in each.listed("listOfAlgorithmParameters")]
            found = algorithm_of(each.get("kisaoID"), parameters, given.where)
            self.experiment.notes += found.notes
            return found
        return Algorithm()

    def _task(self, given: Element) -> Task:
        if given.name != "task":
            raise errors.UnsupportedError(given.name, where=given.where)
        return Task(self.prefix + given.must("modelReference"), self.prefix + given.must("simulationReference"))

    def _generator(self, given: Element) -> Generator:
        where, symbols, variables, parameters = given.where, {}, {}, {}
        for place, each in enumerate(given.listed("listOfVariables")):
            # names of ours, since a variable may be called t
            symbols[each.must("id")] = symbol(f"x{place}")
            variables[f"x{place}"] = self._variable(each, where)
        for place, each in enumerate(given.listed("listOfParameters")):
            symbols[each.must("id")] = symbol(f"p{place}")
            parameters[f"p{place}"] = each.number("value")
        node = libsbml.readMathMLFromString(given.mathml()) if given.mathml() else None
        if node is None:
            raise errors.InputError("a data generator must have maths", where=where)
        return Generator(Maths(symbols).number(node, where), variables, parameters)

    def _variable(self, given: Element, where: str) -> Variable:
        task, wanted = self.prefix + given.must("taskReference"), given.get("symbol")
        if wanted:
            if wanted != TIME_SYMBOL:
                raise errors.UnsupportedError(f"the symbol {wanted}", where=where)
            return Variable(task, TIME)
        target = parse_target(given.must("target"), where)
        if target.attribute or not target.identifier:
            raise errors.UnsupportedError(f"the target {given.get('target')!r} of a variable", where=where)
        # what a file calls t is t_ in the network
        return Variable(task, f"{TIME}_" if target.identifier == TIME else target.identifier)

    def _output(self, given: Element, names: Mapping[str, str]) -> None:
        columns: dict[str, str] = {}
        if given.name == "report":
            sets = given.listed("listOfDataSets")
            pairs = [(each.get("label") or each.get("id"), each.must("dataReference")) for each in sets]
        elif given.name == "plot2D":
            curves = given.listed("listOfCurves")
            keys = [each.must(f"{axis}DataReference") for each in curves for axis in "xy"]
            pairs = [(names.get(key, key), key) for key in dict.fromkeys(keys)]
        else:
            self.experiment.notes.append(f"{given.where} is left out")
            return
        for label, key in pairs:
            free, number = label, 1
            while free in columns:
                number += 1
                free = f"{label} ({number})"
            columns[free] = self.prefix + key
        self.experiment.outputs[self.prefix + given.must("id")] = columns
