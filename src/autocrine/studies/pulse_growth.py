"""Growth under pulses of doxorubicin: predicted for pulses that were not fitted, against curves that know no kinetics.

The counts are those of McKenna et al. 2017, Sci Rep 7:5725, doi:10.1038/s41598-017-05902-z; they are read in place.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import least_squares
from scipy.special import expit
from scipy.stats import spearmanr

from autocrine.core import Parameters, errors
from autocrine.engine import Event, Names, Network, Reaction, Species, simulate

Array = NDArray[np.float64]

#: chosen, before any fit: errors are also given for this part, in which controls are not yet starving
FIRST_H = 240.0
#: chosen: from this p value on, growth since the first image is taken to depend on the dose
_DEPENDS = 1e-3
#: chosen: a deviation of log2 counts from which on it counts by its size and no longer by its square
_ODD = 0.5
_COLUMNS = ("experiment", "cell_line", "time_h", "well", "nuclei_count", "doxorubicin_nM", "exposure_h")
#: start and bounds of the parameters, all positive
_PARAMETERS = {
    "division": (0.03, 0.005, 0.08, "1/h"),
    "capacity": (20.0, 2.0, 500.0, "1"),
    "loss": (0.01, 1e-4, 0.3, "1/h"),
    "half": (500.0, 5.0, 5e4, "nM"),
    "steep": (1.5, 0.5, 6.0, "1"),
    "delay": (0.02, 1e-3, 0.5, "1/h"),
    "death": (0.01, 1e-5, 0.1, "1/h"),
}


@dataclass(frozen=True)
class PulseCounts:
    """Mean counts of equal wells of one set of experiments, from the addition of the drug on.

    Attributes
    ----------
    name : str
        The set.
    dose_nM, exposure_h : ndarray, shape (n,)
        The pulse of each condition.
    time_h : list of ndarray
        Times since the drug was added, of each condition.
    growth : list of ndarray
        log2 of counts (one cell added) over that at the addition.
    error : list of ndarray
        Standard error of ``growth``, from the wells.
    start : ndarray, shape (n,)
        Count at the addition.
    """

    name: str
    dose_nM: Array
    exposure_h: Array
    time_h: list[Array]
    growth: list[Array]
    error: list[Array]
    start: Array

    def where(self, chosen: NDArray[np.bool_]) -> PulseCounts:
        """Return some of the conditions."""
        at = np.flatnonzero(chosen)
        time, growth, error = ([values[k] for k in at] for values in (self.time_h, self.growth, self.error))
        return PulseCounts(self.name, self.dose_nM[at], self.exposure_h[at], time, growth, error, self.start[at])


#: from fitted conditions to a function that predicts the growth of others
Predictor = Callable[[PulseCounts], Callable[[PulseCounts], list[Array]]]


def read_pulses(path: Path, date: str, line: str) -> PulseCounts:
    """Read the experiments of one day and line.

    Parameters
    ----------
    path : Path
        The table of counts.
    date, line : str
        As ``20160127`` and ``SUM149``; an experiment is one exposure.

    Raises
    ------
    InputError
        If a column or the experiments are missing, or no image shows an effect.
    """
    table = pd.read_csv(path)
    missing = [name for name in _COLUMNS if name not in table.columns]
    if missing:
        raise errors.InputError("a table of pulses must have its columns", f"no {', '.join(missing)}", where=str(path))
    chosen = table["experiment"].str.startswith(f"{date}_") & (table["cell_line"] == line)
    if not np.any(chosen):
        raise errors.InputError("date and line must be those of an experiment", f"{date} {line}", where=str(path))
    experiments = [rows for _, rows in table.loc[chosen.to_numpy()].groupby("experiment", sort=False)]
    # experiments of one day get their drug together; a gradient over one plate can look like an early effect
    added = float(np.median([addition_h(rows) for rows in experiments]))
    found = [condition for rows in experiments for condition in _conditions(rows, added)]
    dose, exposure, time, growth, error, start = zip(*found, strict=True)
    name = f"{line} {date}"
    return PulseCounts(name, np.array(dose), np.array(exposure), list(time), list(growth), list(error), np.array(start))


def addition_h(rows: pd.DataFrame) -> float:
    """Return when the drug was added: the last image before growth since the first one depends on the dose.

    Notes
    -----
    The files do not hold it. Rank correlation of dose and growth over all wells, and from the first image on which it
    stays below p = 0.001 at that and the next image.
    """
    wide = rows.pivot_table(index="time_h", columns="well", values="nuclei_count").dropna(axis=1)
    dose = rows.drop_duplicates("well").set_index("well").loc[wide.columns, "doxorubicin_nM"].to_numpy(dtype=float)
    counts = np.log2(wide.to_numpy() + 1)
    strong = [_falls_with(dose, later - counts[0]) for later in counts[1:]]
    for at in range(len(strong) - 1):
        if strong[at] and strong[at + 1]:
            return float(wide.index.to_numpy(dtype=float)[at])
    raise errors.InputError("some image must show an effect of the drug", str(rows["experiment"].iloc[0]))


def _falls_with(dose: Array, growth: Array) -> bool:
    if np.ptp(growth) == 0 or np.ptp(dose) == 0:
        return False
    statistic, chance = (float(value) for value in np.asarray(spearmanr(dose, growth)))
    return chance < _DEPENDS and statistic < 0


def _conditions(rows: pd.DataFrame, day_h: float) -> list[tuple[float, float, Array, Array, Array, float]]:
    """Return the conditions of an experiment from its image nearest to the addition on."""
    images, found = rows["time_h"].to_numpy(dtype=float), []
    added = float(images[np.argmin(np.abs(images - day_h))])
    later = rows.loc[images >= added]
    for (dose, exposure), wells in later.groupby(["doxorubicin_nM", "exposure_h"]):
        wide = np.log2(wells.pivot_table(index="time_h", columns="well", values="nuclei_count") + 1)
        level, spread = wide.mean(axis=1), wide.std(axis=1, ddof=1) / np.sqrt(wide.shape[1])
        time = wide.index.to_numpy(dtype=float) - added
        growth = (level - level.iloc[0]).to_numpy(dtype=float)
        start = float(2 ** level.iloc[0])
        found.append((float(dose), float(exposure), time[1:], growth[1:], spread.to_numpy(dtype=float)[1:], start))  # pyright: ignore[reportArgumentType]
    return found


def network() -> Network:
    """Return cells that take up a drug, stop dividing at once and die later, until it has left them."""

    def reactions(y, p, _x):
        held = y.bound**p.steep / (y.bound**p.steep + p.half**p.steep)
        room = 1 - y.cells / p.capacity
        return [
            Reaction("uptake", {"bound": 1}, p.uptake * y.medium),
            Reaction("loss", {"bound": -1}, p.loss * y.bound),
            Reaction("damage", {"damage": 1}, p.delay * held),
            Reaction("repair", {"damage": -1}, p.delay * y.damage),
            Reaction("division", {"cells": 1}, p.division * y.cells * room * (1 - held)),
            Reaction("death", {"cells": -1}, p.death * y.damage * y.cells),
        ]

    rates = {name: (start, unit) for name, (start, _, _, unit) in _PARAMETERS.items()}
    return Network.from_function(
        "pulses",
        reactions,
        # a level above 0 keeps the derivative of a power finite where there is no drug
        [Species("medium", "nM"), Species("bound", "nM", 1e-6), Species("damage", "1"), Species("cells", "1", 1.0)],
        Parameters.of({**rates, "uptake": (1.0, "1/h"), "washed": (12.0, "h")}, basis="chosen"),
    )


def fit_kinetics(given: PulseCounts) -> Callable[[PulseCounts], list[Array]]:
    """Fit uptake, delayed death and regrowth to some pulses; see `network`.

    Returns
    -------
    function
        From conditions to their predicted growth.
    """
    model, names = network(), list(_PARAMETERS)
    washed = [Event(Names.of(["washed"]).washed, {"medium": 0.0}, "wash")]

    def run(theta: Array, at: PulseCounts, gradient: list[str] | None) -> tuple[list[Array], list[Array]]:
        grid = np.unique(np.concatenate(at.time_h))
        # a capacity is a count, a trajectory begins with one
        values = {name: np.full(len(at.start), value) for name, value in zip(names, np.exp(theta), strict=True)}
        values["capacity"] = values["capacity"] * np.exp(np.mean(np.log(at.start))) / at.start
        values["washed"] = at.exposure_h
        found = simulate(model, grid, values, events=washed, initial={"medium": at.dose_nM}, gradient=gradient)
        places = [np.searchsorted(grid, time) for time in at.time_h]
        cells = [np.maximum(found["cells"][k, place], 1e-6) for k, place in enumerate(places)]
        # the cell that is added to counts is added here too
        growth = [np.log2((c * n + 1) / (n + 1)) for c, n in zip(cells, at.start, strict=True)]
        if gradient is None:
            return growth, []
        slopes = []
        for k, place in enumerate(places):
            by = np.stack([found.derivative("cells", name)[k, place] * values[name][k] for name in names], axis=1)
            slopes.append(by * at.start[k] / ((cells[k] * at.start[k] + 1) * np.log(2))[:, None])
        return growth, slopes

    def residuals(theta: Array) -> Array:
        return np.concatenate(run(theta, given, None)[0]) - np.concatenate(given.growth)

    def jacobian(theta: Array) -> Array:
        return np.concatenate(run(theta, given, names)[1])

    low, high = (np.log([row[k] for row in _PARAMETERS.values()]) for k in (1, 2))
    begin = np.log([row[0] for row in _PARAMETERS.values()])
    starts = [begin + np.array([0, 0, loss, half, 0, 0, 0]) for loss in (-1.5, 0.0) for half in (-1.5, 0.0, 1.5)]
    fits = [
        least_squares(residuals, s, jacobian, (low, high), loss="soft_l1", f_scale=_ODD, max_nfev=40)  # pyright: ignore[reportArgumentType]
        for s in starts
    ]
    best = min(fits, key=lambda fit: fit.cost).x
    return lambda at: run(np.asarray(best), at, None)[0]


def fit_four_parameters(given: PulseCounts) -> Callable[[PulseCounts], list[Array]]:
    """Fit one growth rate per pulse, a four-parameter curve over dose times hours; growth without an end."""
    return _fitted_curve(given, capacity=False)


def fit_logistic_growth(given: PulseCounts) -> Callable[[PulseCounts], list[Array]]:
    """Fit the same curve of rates, with logistic growth to a capacity."""
    return _fitted_curve(given, capacity=True)


def _fitted_curve(given: PulseCounts, *, capacity: bool) -> Callable[[PulseCounts], list[Array]]:
    def run(theta: Array, at: PulseCounts) -> list[Array]:
        top, bottom, centre, slope, full = theta
        area = np.log(at.dose_nM * at.exposure_h + 1e-9)
        rates = bottom + (top - bottom) * expit(-np.exp(slope) * (area - centre))
        return [
            _grown(rate, time, np.exp(full) if capacity else np.inf)
            for rate, time in zip(rates, at.time_h, strict=True)
        ]

    def residuals(theta: Array) -> Array:
        return np.concatenate(run(theta, given)) - np.concatenate(given.growth)

    starts = [np.array([0.02, -0.005, centre, 0.0, 3.0]) for centre in np.log([100.0, 1e3, 1e4])]
    fits = [least_squares(residuals, start, loss="soft_l1", f_scale=_ODD) for start in starts]
    best = min(fits, key=lambda fit: fit.cost).x
    return lambda at: run(np.asarray(best), at)


def _grown(rate: float, time: Array, capacity: float) -> Array:
    """Return log2 growth: exponential, or logistic where it is growth and has a capacity (in starts)."""
    if rate <= 0 or np.isinf(capacity):
        return rate * time / np.log(2)
    shrunk = np.exp(-rate * time)
    return -np.log2(1 / capacity + (1 - 1 / capacity) * shrunk)


def fit_neighbours(given: PulseCounts) -> Callable[[PulseCounts], list[Array]]:
    """Predict the mean growth of the fitted pulses of the same dose, interpolated in time: no model at all."""

    def predict(at: PulseCounts) -> list[Array]:
        found = []
        for dose, time in zip(at.dose_nM, at.time_h, strict=True):
            same = np.flatnonzero(given.dose_nM == dose)
            values = [np.interp(time, [0.0, *given.time_h[k]], [0.0, *given.growth[k]]) for k in same]
            found.append(np.mean(values, axis=0))
        return found

    return predict


PREDICTORS: dict[str, Predictor] = {
    "kinetics": fit_kinetics,
    "four parameters": fit_four_parameters,
    "logistic growth": fit_logistic_growth,
    "same dose, other pulses": fit_neighbours,
}


def predict_left_out(counts: PulseCounts) -> pd.DataFrame:
    """Leave each exposure out in turn, fit the others, and predict it.

    Returns
    -------
    DataFrame
        One row per exposure and predictor: ``set, left_out_h, predictor, rmse_first, rmse_all`` (root mean square error
        of log2 growth until `FIRST_H` and of all times), ``rmse_fitted`` (of what was fitted), ``noise`` (root mean
        square standard error of the means that are predicted), ``points``.
    """
    rows = []
    for exposure in np.unique(counts.exposure_h):
        given, unseen = counts.where(counts.exposure_h != exposure), counts.where(counts.exposure_h == exposure)
        if not len(given.start):
            raise errors.InputError("a set must have two exposures or more", float(exposure), where=counts.name)
        time, truth = np.concatenate(unseen.time_h), np.concatenate(unseen.growth)
        noise = float(np.sqrt(np.mean(np.concatenate(unseen.error) ** 2)))
        for name, fit in PREDICTORS.items():
            predict = fit(given)
            off = np.concatenate(predict(unseen)) - truth
            own = np.concatenate(predict(given)) - np.concatenate(given.growth)
            rows.append(
                {
                    "set": counts.name,
                    "left_out_h": float(exposure),
                    "predictor": name,
                    "rmse_first": _size(off[time <= FIRST_H]),
                    "rmse_all": _size(off),
                    "rmse_fitted": _size(own),
                    "noise": noise,
                    "points": off.size,
                }
            )
    return pd.DataFrame(rows)


def _size(off: Array) -> float:
    return float(np.sqrt(np.mean(off**2))) if off.size else float("nan")
