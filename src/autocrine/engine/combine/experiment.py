"""Simulation experiments of SED-ML: models with changes, simulations, tasks, and the tables that come of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import sympy

from autocrine.core import errors
from autocrine.engine.combine.algorithm import Algorithm
from autocrine.engine.names import TIME, nearest
from autocrine.engine.network import Network
from autocrine.engine.python_printer import as_function
from autocrine.engine.simulation import simulate
from autocrine.engine.statements import compile_expressions
from autocrine.engine.steady_states import steady_state


@dataclass(frozen=True)
class Simulation:
    """How a model is simulated.

    Attributes
    ----------
    times : ndarray of shape (T,), or None
        Output times in the unit of the model; None for the steady state.
    start : float
        The time at which the initial values hold.
    algorithm : Algorithm
        Tolerances.
    last : bool
        Whether only the end is given, as of one step.
    """

    times: np.ndarray | None
    start: float
    algorithm: Algorithm
    last: bool = False


@dataclass(frozen=True)
class Task:
    """A simulation of a model, by their identifiers."""

    model: str
    simulation: str


@dataclass(frozen=True)
class Variable:
    """What a data generator uses: something of a task, by its name in the network; ``t`` is time."""

    task: str
    name: str


@dataclass(frozen=True)
class Generator:
    """A formula over variables, for each time.

    Attributes
    ----------
    expression : sympy.Expr
        In the names of variables and parameters.
    variables : mapping of str to Variable
        By name.
    parameters : mapping of str to float
        Constants by name.
    """

    expression: sympy.Expr
    variables: Mapping[str, Variable]
    parameters: Mapping[str, float]


@dataclass(frozen=True)
class Results:
    """What an experiment gave.

    Attributes
    ----------
    tables : dict of str to DataFrame
        One for each report and each plot, a column for each data set or axis, a row for each time.
    notes : tuple of str
        What was done in another way than it was asked for.
    """

    tables: dict[str, pd.DataFrame]
    notes: tuple[str, ...] = ()


@dataclass
class Experiment:
    """All that the SED-ML files of an archive describe.

    Attributes
    ----------
    where : str
        What it is called in messages.
    models : dict of str to callable
        Each gives a network, which is read when a task needs it.
    simulations, tasks, generators : dict
        By identifier.
    outputs : dict of str to dict of str to str
        The generator of each column of each table.
    notes : list of str
        What is done in another way, or left out.
    """

    where: str
    models: dict[str, Callable[[], Network]] = field(default_factory=dict)
    simulations: dict[str, Simulation] = field(default_factory=dict)
    tasks: dict[str, Task] = field(default_factory=dict)
    generators: dict[str, Generator] = field(default_factory=dict)
    outputs: dict[str, dict[str, str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def first_network(self) -> Network:
        """Return the network of the first model.

        Raises
        ------
        InputError
            If there is no model.
        """
        if not self.models:
            raise errors.InputError("an archive must hold a model", where=self.where)
        return next(iter(self.models.values()))()

    def run(self) -> Results:
        """Run all tasks that outputs need, and return the tables.

        Raises
        ------
        InputError
            If something that is named is not there.
        SolverError
            If a simulation fails.
        """
        if not self.outputs:
            raise errors.InputError("an archive must describe a report or a plot", where=self.where)
        run = _Run(self)
        tables = {name: run.table(name, columns) for name, columns in self.outputs.items()}
        return Results(tables, tuple(dict.fromkeys(self.notes)))


class _Run:
    """Runs each task once."""

    def __init__(self, experiment: Experiment) -> None:
        self.experiment = experiment
        self._networks: dict[str, Network] = {}
        self._courses: dict[str, dict[str, np.ndarray]] = {}

    def table(self, name: str, columns: Mapping[str, str]) -> pd.DataFrame:
        where = f"{self.experiment.where}, output {name!r}"
        found = {label: self.column(generator, where) for label, generator in columns.items()}
        longest = max((len(values) for values in found.values()), default=0)
        # tasks of different lengths in one report: the shorter columns end with NaN
        return pd.DataFrame(
            {
                label: np.pad(values, (0, longest - len(values)), constant_values=np.nan)
                for label, values in found.items()
            }
        )

    def column(self, key: str, where: str) -> np.ndarray:
        """Return the values of a data generator, one for each time."""
        generator = _named(self.experiment.generators, key, "a data generator", where)
        where = f"{self.experiment.where}, data generator {key!r}"
        values = [self.values(variable, where) for variable in generator.variables.values()]
        if len({len(each) for each in values}) > 1:
            raise errors.InputError("variables of a data generator must have one length", where=where)
        names = [*generator.variables, *generator.parameters]
        function = as_function(compile_expressions([generator.expression], names, (), {}))
        rows = np.stack(values, axis=1) if values else np.empty((1, 0))
        constants, out, column = list(generator.parameters.values()), [0.0], []
        for row in rows.tolist():
            function(0.0, [*row, *constants], (), (), out)
            column.append(out[0])
        return np.array(column)

    def values(self, variable: Variable, where: str) -> np.ndarray:
        """Return what a variable is, at each time of its task."""
        course = self.course(variable.task, where)
        if variable.name in course:
            return course[variable.name]
        task = self.experiment.tasks[variable.task]
        parameters = self.network(task.model, where).parameters
        if variable.name not in parameters:
            hint = nearest(variable.name, [*course, *parameters])
            raise errors.InputError("a variable must be of the model", variable.name, where=where, hint=hint)
        return np.full(len(course[TIME]), parameters[variable.name].value)

    def course(self, key: str, where: str) -> dict[str, np.ndarray]:
        """Return time and outputs of a task."""
        if key not in self._courses:
            task = _named(self.experiment.tasks, key, "a task", where)
            simulation = _named(self.experiment.simulations, task.simulation, "a simulation", where)
            self._courses[key] = _simulated(self.network(task.model, where), simulation)
        return self._courses[key]

    def network(self, key: str, where: str) -> Network:
        """Return the network of a model, with its changes."""
        if key not in self._networks:
            self._networks[key] = _named(self.experiment.models, key, "a model", where)()
        return self._networks[key]


def _simulated(network: Network, simulation: Simulation) -> dict[str, np.ndarray]:
    rtol, atol = simulation.algorithm.rtol, simulation.algorithm.atol
    if simulation.times is None:
        steady: Any = steady_state(network, rtol=rtol)
        return {TIME: np.array([np.inf]), **{name: steady[name] for name in steady.names}}
    found = simulate(network, simulation.times, rtol=rtol, atol=atol, start=simulation.start)
    rows = slice(-1, None) if simulation.last else slice(None)
    return {TIME: simulation.times[rows], **{name: found[name][0][rows] for name in found.names}}


def _named(things: Mapping[str, Any], key: str, what: str, where: str) -> Any:
    if key not in things:
        hint = nearest(key, things) if things else ""
        raise errors.InputError(f"{what} must be one that is described", key, where=where, hint=hint)
    return things[key]
