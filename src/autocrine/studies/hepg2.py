"""IL-6 signalling as it was measured in HepG2 cells, and the isolated cell: the findings named ``baseline``."""

from __future__ import annotations

import numpy as np

from autocrine.assay import Bench, readout
from autocrine.circuit import cell
from autocrine.engine import simulate, steady_state
from autocrine.studies.published import Predictions, PublishedStudy

#: doses of the experiment, ng/ml, without the zero (Zeilfelder 2025, facts P030)
DOSES_NG_ML = np.array([1.0, 2.5, 5.0, 10.0, 20.0, 40.0])
#: density of a tumour and local loss of IL-6 in tissue (facts P122, P013)
_TUMOUR_CELLS_PER_ML, _LOCAL_LOSS_1_H = 1e8, 1.0
_MOLECULES_PER_NMOL = 6.02214076e14
#: times at which receptors were counted under cycloheximide, h (fact P031)
COUNTED_H = np.array([0.0, 1.0, 2.0, 3.0, 4.0, 6.0, 8.0])

FINDINGS = (
    "baseline-pstat3-ec50",
    "baseline-gp130-half-life",
    "baseline-socs3-mrna-half-life",
    "baseline-socs3-half-life",
    "baseline-isolated-cell",
    "baseline-tumour-density",
)


def predict(bench: Bench) -> Predictions:
    """Return half-maximal IL-6 for pSTAT3, half-lives, and the IL-6 that an isolated cell sees of itself."""
    values = {**bench.overrides.cell, **bench.line("hepg2").values}
    rest = {name: levels[0] for name, levels in _resting(values).items()}
    active = _stimulated(values, rest)
    return {
        "baseline-pstat3-ec50": _half_maximum(values, rest),
        "baseline-gp130-half-life": _half_life(values, rest, "sirna_il6st", "il6st", COUNTED_H),
        "baseline-socs3-mrna-half-life": 60 * _half_life(values, active, "sirna_socs3", "socs3_mrna", COUNTED_H / 8),
        "baseline-socs3-half-life": 60 * _protein_half_life(values, active),
        "baseline-isolated-cell": _isolated(bench),
        "baseline-tumour-density": _tumour(bench),
    }


def _resting(values: dict[str, float]) -> dict[str, np.ndarray]:
    network = cell.cell_network()
    state = steady_state(network, _known(values))
    return {species.name: np.atleast_1d(state[species.name]) for species in network.species}


def _stimulated(values: dict[str, float], rest: dict[str, float]) -> dict[str, float]:
    """Return the state an hour after 10 ng/ml IL-6."""
    outside = {"il6_at_cell": 10.0 / readout.NG_PER_ML_PER_NM}
    result = simulate(cell.cell_network(), [0.0, 1.0], {**_known(values), **outside}, initial=rest)
    return {name: float(result[name][0, -1]) for name in rest}


def _half_maximum(values: dict[str, float], rest: dict[str, float]) -> float:
    """Return the half-maximum of a hyperbola through pSTAT3 at 20 min, as it was fitted to the measurement."""
    doses = np.concatenate([[0.0], DOSES_NG_ML])
    outside = {"il6_at_cell": doses / readout.NG_PER_ML_PER_NM}
    initial = {name: np.full(doses.size, level) for name, level in rest.items()}
    result = simulate(cell.cell_network(), [0.0, 1 / 3], {**_known(values), **outside}, initial=initial)
    pstat3 = (result["pstat3"] + result["pstat3_nuclear"])[:, -1]
    return _hyperbola(doses[1:], pstat3[1:] - pstat3[0])


def _hyperbola(dose: np.ndarray, response: np.ndarray) -> float:
    """Return K of ``response = A dose/(K + dose)``, by least squares over K with A solved exactly."""
    from scipy.optimize import minimize_scalar

    def loss(log_k: float) -> float:
        shape = dose / (np.exp(log_k) + dose)
        return float(np.sum((response - shape * (shape @ response) / (shape @ shape)) ** 2) / np.sum(response**2))

    found = minimize_scalar(loss, bounds=(np.log(1e-3), np.log(1e3)), method="bounded", options={"xatol": 1e-8})
    return float(np.exp(found.x))


def _half_life(values: dict, start: dict, block: str, species: str, times_h: np.ndarray) -> float:
    """Return the half-life of a species after its synthesis stops, by a straight line through its logarithm."""
    result = simulate(cell.cell_network(), times_h, {**_known(values), block: 1.0}, initial=start, outputs=[species])
    slope = np.polyfit(times_h, np.log(result[species][0]), 1)[0]
    return float(-np.log(2) / slope)


def _protein_half_life(values: dict[str, float], active: dict[str, float]) -> float:
    """Return the half-life of SOCS3 protein when translation stops."""
    stopped = {**_known(values), "k_socs3_translation": 0.0}
    times = COUNTED_H / 16
    result = simulate(cell.cell_network(), times, stopped, initial=active, outputs=["socs3"])
    return float(-np.log(2) / np.polyfit(times, np.log(result["socs3"][0]), 1)[0])


def _isolated(bench: Bench) -> float:
    """Return the IL-6 at the surface of one transfected cell that is alone, ng/ml."""
    return bench.own_il6_nM("u2os_il6") * readout.NG_PER_ML_PER_NM


def _tumour(bench: Bench) -> float:
    """Return the IL-6 of a region in which every cell secretes: secretion times density over local loss, ng/ml.

    The density of 1e8 cells/ml and the loss of 1/h are those of the derivation (facts P122, P013).
    """
    molecules_per_ml_h = bench.secretion("u2os_il6") * _TUMOUR_CELLS_PER_ML
    return molecules_per_ml_h / _LOCAL_LOSS_1_H / _MOLECULES_PER_NMOL * 1e3 * readout.NG_PER_ML_PER_NM


def _known(values: dict[str, float]) -> dict[str, float]:
    return {name: value for name, value in values.items() if name in cell.cell_parameters()}


STUDY = PublishedStudy(
    "baseline",
    "IL-6 signalling measured in HepG2; the isolated cell",
    ((FINDINGS, predict),),
)
