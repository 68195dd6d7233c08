"""Other simulators of the same trajectories, as far as they are installed.

Each is made of a case and solves parameters of shape (n, m) at a relative tolerance, giving shape (n, T, k).
"""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
from typing import Any, Protocol

import numpy as np

from ensembles_models import Case
from ensembles_sbml import sbml

#: steps between two outputs before a peer gives up
_STEPS = 100_000


class Peer(Protocol):
    """A simulator that is ready to solve a case."""

    def solve(self, parameters: np.ndarray, rtol: float) -> np.ndarray:
        """Return the outputs, shape (n, T, k), for parameters of shape (n, m)."""
        ...


class RoadRunner:
    """libRoadRunner: CVODE with code that LLVM compiles.

    References
    ----------
    Welsh et al. 2023, Bioinformatics 39:btac770, doi:10.1093/bioinformatics/btac770.
    """

    name, module, package = "libRoadRunner", "roadrunner", "libroadrunner"

    def __init__(self, case: Case) -> None:
        module = importlib.import_module("roadrunner")
        module.Logger.setLevel(module.Logger.LOG_ERROR)
        self._case = case
        self._runner = module.RoadRunner(sbml(case.network, case.times[-1]))
        self._runner.timeCourseSelections = case.outputs
        names = list(self._runner.model.getGlobalParameterIds())
        self._order = [list(case.network.parameters).index(name) for name in names]

    def solve(self, parameters: np.ndarray, rtol: float) -> np.ndarray:
        """Return the outputs, shape (n, T, k), for parameters of shape (n, m)."""
        runner, times = self._runner, self._case.times
        runner.integrator.relative_tolerance = rtol
        runner.integrator.absolute_tolerance = rtol * self._case.floor
        runner.integrator.maximum_num_steps = _STEPS
        found = []
        for row in parameters[:, self._order]:
            runner.reset()
            runner.model.setGlobalParameterValues(row)
            found.append(np.array(runner.simulate(float(times[0]), float(times[-1]), len(times))))
        return np.array(found)


class Copasi:
    """COPASI: LSODA on bytecode.

    References
    ----------
    Hoops et al. 2006, Bioinformatics 22:3067, doi:10.1093/bioinformatics/btl485.
    """

    name, module, package = "COPASI", "COPASI", "python-copasi"

    def __init__(self, case: Case) -> None:
        self._api: Any = importlib.import_module("COPASI")
        self._case = case
        self._data = self._api.CRootContainer.addDatamodel()
        if not self._data.importSBMLFromString(sbml(case.network, case.times[-1])):
            raise RuntimeError("COPASI does not read the network")
        self._model = self._data.getModel()
        values = {each.getSBMLId(): each for each in self._model.getModelValues()}
        self._values = [values[name] for name in case.network.parameters]
        self._task = self._data.getTask("Time-Course")
        self._task.setMethodType(self._api.CTaskEnum.Method_deterministic)
        problem = self._task.getProblem()
        problem.setStepNumber(len(case.times) - 1)
        problem.setDuration(float(case.times[-1]))
        problem.setTimeSeriesRequested(True)

    def solve(self, parameters: np.ndarray, rtol: float) -> np.ndarray:
        """Return the outputs, shape (n, T, k), for parameters of shape (n, m)."""
        method = self._task.getMethod()
        method.getParameter("Relative Tolerance").setDblValue(rtol)
        method.getParameter("Absolute Tolerance").setDblValue(rtol * self._case.floor)
        method.getParameter("Max Internal Steps").setUIntValue(_STEPS)
        return np.array([self._one(row) for row in parameters])

    def _one(self, row: np.ndarray) -> np.ndarray:
        changed = self._api.ObjectStdVector()
        for value, number in zip(self._values, row, strict=True):
            value.setInitialValue(float(number))
            changed.append(value.getInitialValueReference())
        self._model.updateInitialValues(changed)
        if not self._task.processWithOutputFlags(True, self._api.CCopasiTask.ONLY_TIME_SERIES):
            raise RuntimeError(self._api.CCopasiMessage.getAllMessageText())
        series = self._task.getTimeSeries()
        titles = {series.getTitle(i): i for i in range(series.getNumVariables())}
        columns = [titles[name] for name in self._case.outputs]
        return np.array(
            [[series.getConcentrationData(k, i) for i in columns] for k in _last(series, len(self._case.times))]
        )


def _last(series: Any, count: int) -> range:
    """Return the rows of a time series; COPASI may show an event twice."""
    return range(series.getRecordedSteps() - count, series.getRecordedSteps())
