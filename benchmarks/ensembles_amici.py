"""AMICI: CVODES with C++ that is written and compiled for each network; it needs a C++ compiler."""

from __future__ import annotations

import hashlib
import importlib
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from ensembles_models import Case
from ensembles_sbml import sbml

#: steps before it gives up
_STEPS = 1_000_000
#: species; the well of 42 was not ready after 190 s
_LARGEST = 30
#: a name that AMICI keeps for itself
_RESERVED, _INSTEAD = "avogadro", "avogadro_number"


class Amici:
    """The peer.

    References
    ----------
    Froehlich et al. 2021, Bioinformatics 37:3676, doi:10.1093/bioinformatics/btab227.
    """

    name, module, package = "AMICI", "amici", "amici"

    def __init__(self, case: Case) -> None:
        if len(case.network.species) > _LARGEST:
            raise ValueError(f"networks above {_LARGEST} species take it minutes to write and compile")
        self._api: Any = importlib.import_module("amici.sim.sundials")
        self._case = case
        self._place = tempfile.TemporaryDirectory()
        self._model = self._imported(sbml(case.network, case.times[-1]))
        self._model.set_timepoints(list(map(float, case.times)))
        self._solver = self._model.create_solver()
        self._solver.set_max_steps(_STEPS)
        names = [_INSTEAD if each == _RESERVED else each for each in case.network.parameters]
        self._order = [names.index(each) for each in self._model.get_free_parameter_ids()]
        states = list(self._model.get_state_ids())
        self._columns = [states.index(name) for name in case.outputs]

    def _imported(self, text: str) -> Any:
        """Write, compile and load the C++ of a network."""
        text = text.replace(f'"{_RESERVED}"', f'"{_INSTEAD}"').replace(f">{_RESERVED}<", f">{_INSTEAD}<")
        importer = importlib.import_module("amici.importers.sbml")
        began = time.perf_counter()
        name = "m" + hashlib.sha256(text.encode()).hexdigest()[:12]
        place = Path(self._place.name) / name
        importer.SbmlImporter(text, from_file=False).sbml2amici(name, place)
        model = importlib.import_module("amici").import_model_module(name, place).get_model()
        print(f"AMICI wrote and compiled its C++ in {time.perf_counter() - began:.0f} s")
        return model

    def solve(self, parameters: np.ndarray, rtol: float) -> np.ndarray:
        """Return the outputs, shape (n, T, k), for parameters of shape (n, m)."""
        self._solver.set_sensitivity_order(self._api.SensitivityOrder.none)
        return np.array([each.x[:, self._columns] for each in self._results(parameters, rtol)])

    def gradient(self, parameters: np.ndarray, rtol: float, names: list[str]) -> np.ndarray:
        """Return derivatives of the outputs by parameters, shape (n, T, k, p), by forward sensitivities."""
        free = list(self._model.get_free_parameter_ids())
        self._model.set_parameter_list([free.index(name) for name in names])
        self._solver.set_sensitivity_order(self._api.SensitivityOrder.first)
        self._solver.set_sensitivity_method(self._api.SensitivityMethod.forward)
        found = [np.moveaxis(each.sx[:, :, self._columns], 1, 2) for each in self._results(parameters, rtol)]
        return np.array(found)

    def _results(self, parameters: np.ndarray, rtol: float) -> list[Any]:
        self._solver.set_relative_tolerance(rtol)
        self._solver.set_absolute_tolerance(rtol * self._case.floor)
        found = []
        for row in parameters[:, self._order]:
            self._model.set_free_parameters(row.tolist())
            found.append(self._api.run_simulation(self._model, self._solver))
        return found
