"""The baseline fit: free parameters of the circuit against published findings with role ``fit``, and no others.

The fit is by least squares on logarithms. A parameter starts from its table and is held there by its range, read as
the 95 % interval of a lognormal prior; a finding pulls by its own range, or by a factor that is ours where it reports
none. What the two leave open is described by the covariance at the optimum, from which draws are taken.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import least_squares

from autocrine.assay import Bench
from autocrine.circuit import Lines, baseline, cell
from autocrine.core import errors, generator
from autocrine.evidence import Finding, load_library
from autocrine.studies.registry import STUDIES

#: what the fit may change: each is moved by at least one of the findings
FREE = (
    "k_il6r_on",
    "k_stat3_phosphorylation",
    "k_gp130_internalisation",
    "d_socs3_mrna",
    "d_socs3",
    "k_pstat3_target",
    "k_pstat3_socs3",
    "k_cebp_site",
    "abcb1_leak",
    "survival_gain",
    "k_il6_secretion",
    "resistant.abcb1_copies",
    "mcf7_dox.il6_nfkb",
    "mcf7_dox_il6_sirna.sirna_il6",
)
#: prior ranges of the parameters that belong to one line; wide, chosen by us
LINE_RANGES = {
    "resistant.abcb1_copies": (2.0, 200.0),
    "mcf7_dox.il6_nfkb": (0.03, 3.0),
    "mcf7_dox_il6_sirna.sirna_il6": (0.1, 0.95),
}
#: a finding without a range pulls as if its 95 % interval were a factor of 1.25 on both sides; chosen by us
DEFAULT_FACTOR = 1.25
#: standard deviations in a 95 % interval, from end to end
_WIDTH = 2 * 1.959964
DRAWS = 32


@dataclass(frozen=True)
class Fit:
    """A finished fit.

    Attributes
    ----------
    names : tuple of str
        The free parameters.
    optimum, spread : numpy.ndarray, shape (k,)
        Logarithm of the values, and its standard deviation.
    covariance : numpy.ndarray, shape (k, k)
        Covariance of the logarithms.
    predictions : mapping
        Prediction of every finding used, at the optimum.
    cost : float
        Half the sum of squared residuals, priors included.
    """

    names: tuple[str, ...]
    optimum: np.ndarray
    covariance: np.ndarray
    predictions: Mapping[str, float]
    cost: float

    @property
    def spread(self) -> np.ndarray:
        """Standard deviation of the logarithm of each parameter."""
        return np.sqrt(np.diag(self.covariance))

    def draws(self, count: int, seed: int) -> list[dict[str, float]]:
        """Draw parameter values from the uncertainty that the fit left, a fraction never above 1."""
        noise = generator(seed, "baseline draws").standard_normal((count, len(self.names)))
        factor = np.linalg.cholesky(self.covariance + 1e-12 * np.eye(len(self.names)))
        logs = self.optimum + noise @ factor.T
        return [_values(self.names, row) for row in logs]


def fitted_findings() -> list[Finding]:
    """Return the findings that a fit may see: those with role ``fit`` and a number."""
    return [f for f in load_library().findings.values() if f.role == "fit" and f.number is not None]


def bench_with(values: Mapping[str, float], *, fitted: bool = True) -> Bench:
    """Return a bench whose circuit and lines have other values, by ``parameter`` or ``line.parameter``."""
    of_cell, of_lines = baseline.split(values)
    lines = Lines.load(fitted=fitted)
    for line, changed in of_lines.items():
        lines = lines.changed(line, changed)
    if "mcf7_dox" in of_lines:
        lines = lines.changed("mcf7_dox_il6_sirna", of_lines["mcf7_dox"])
    start = {} if fitted else _start_of_cell()
    return Bench(lines=lines).with_values(cell={**start, **of_cell})


def fit_baseline(
    findings: Sequence[Finding] | None = None,
    *,
    steps: int = 30,
    progress: Callable[[int], None] | None = None,
) -> Fit:
    """Fit the free parameters.

    Parameters
    ----------
    findings : sequence of Finding, optional
        What to fit to; all that a fit may see by default.
    steps : int
        Most steps of the optimiser; each costs one evaluation per free parameter.
    progress : callable, optional
        Called with 1 after every evaluation.

    Raises
    ------
    errors.InputError
        If a finding is held out: a fit must never see it.
    """
    findings = fitted_findings() if findings is None else list(findings)
    for finding in findings:
        if finding.role != "fit":
            raise errors.InputError("a fit must use findings with role fit only", finding.role, where=finding.key)
    centre, width = _priors()

    def residuals(logs: np.ndarray) -> np.ndarray:
        predicted = predict(_values(FREE, logs), findings)
        if progress:
            progress(1)
        return np.concatenate([[_pull(f, predicted[f.key]) for f in findings], (logs - centre) / width])

    bounds = (np.full(len(FREE), -np.inf), np.array([math.log(0.98) if _is_fraction(n) else np.inf for n in FREE]))
    found = least_squares(
        residuals, centre, bounds=bounds, x_scale=width, diff_step=1e-3, max_nfev=steps, xtol=1e-5, ftol=1e-6
    )
    covariance = np.linalg.inv(found.jac.T @ found.jac)
    return Fit(FREE, found.x, covariance, predict(_values(FREE, found.x), findings), float(found.cost))


def predict(values: Mapping[str, float], findings: Sequence[Finding]) -> dict[str, float]:
    """Return the predictions for some findings with other values of free parameters."""
    bench = bench_with(values, fitted=False)
    wanted = {finding.key for finding in findings}
    found: dict[str, float] = {}
    for study in STUDIES.values():
        predictions = study.predict(bench, wanted & set(study.findings)) if wanted & set(study.findings) else {}
        found |= {key: float(value) for key, value in predictions.items() if value is not None}
    return found


def _pull(finding: Finding, predicted: float) -> float:
    """Return the distance of a prediction from its finding, in standard deviations of the logarithm."""
    observed, low, high = (
        None if n is None else _as_level(finding, n) for n in (finding.number, finding.low, finding.high)
    )
    if low is None or high is None:
        sigma = 2 * math.log(finding.tolerance or DEFAULT_FACTOR) / _WIDTH
    else:
        sigma = math.log(high / low) / _WIDTH
    level = max(_as_level(finding, predicted), 1e-6) if math.isfinite(predicted) else 1e-6
    return math.log(level / (observed or 1.0)) / sigma


def _as_level(finding: Finding, number: float) -> float:
    return 1 + number / 100 if finding.unit == "%" else number


def _values(names: Sequence[str], logs: np.ndarray) -> dict[str, float]:
    """Return values from logarithms; a fraction stays below 1."""
    raw = np.exp(logs)
    return {n: float(min(v, 0.98) if _is_fraction(n) else v) for n, v in zip(names, raw, strict=True)}


def _is_fraction(name: str) -> bool:
    return name.endswith("sirna_il6")


def _priors() -> tuple[np.ndarray, np.ndarray]:
    """Return centre and standard deviation of the logarithm of each free parameter before the fit."""
    table = cell.cell_parameters(fitted=False)
    lines = Lines.load(fitted=False)
    centre, width = [], []
    for name in FREE:
        if name in LINE_RANGES:
            line, parameter = name.split(baseline.SEPARATOR)
            value, (low, high) = lines[line].values[parameter], LINE_RANGES[name]
        else:
            value, low, high = table[name].value, table[name].low, table[name].high
        centre.append(math.log(value))
        width.append(math.log(high / low) / _WIDTH if low > 0 else math.log(10))
    return np.array(centre), np.array(width)


def _start_of_cell() -> dict[str, float]:
    fitted, start = cell.cell_parameters().values_by_name, cell.cell_parameters(fitted=False).values_by_name
    return {name: value for name, value in start.items() if fitted[name] != value}
