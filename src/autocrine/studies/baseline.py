"""The baseline fit: free parameters of the circuit against published findings with role ``fit``, and no others.

The fit is by least squares on logarithms. A parameter starts from its table and is held there by its range, read as
the 95 % interval of a lognormal prior; a finding pulls by its own range, or by a factor that is ours where it reports
none. What the two leave open is described by draws of randomised maximum likelihood (Oliver, He and Reynolds 1996, 5th
Eur Conf Math Oil Recovery): findings and priors are shifted by random errors of their own size and the fit is repeated.
Draws from the covariance at the optimum were tried first and rejected: most of them missed the fitted findings.
"""

from __future__ import annotations

import math
import multiprocessing
import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from autocrine.assay import Bench
from autocrine.circuit import Lines, baseline, cell
from autocrine.core import errors, generator
from autocrine.evidence import load_library
from autocrine.studies.registry import STUDIES

if TYPE_CHECKING:
    from autocrine.evidence.finding import Finding

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
_MOST_OF_A_FRACTION = 0.98


@dataclass(frozen=True)
class Fit:
    """A finished fit.

    Attributes
    ----------
    names : tuple of str
        The free parameters.
    optimum : numpy.ndarray, shape (k,)
        Logarithm of the values.
    predictions : mapping
        Prediction of every finding used, at the optimum.
    cost : float
        Half the sum of squared residuals, priors included.
    """

    names: tuple[str, ...]
    optimum: np.ndarray
    predictions: Mapping[str, float]
    cost: float

    @property
    def values(self) -> dict[str, float]:
        """The fitted values by name."""
        return _values(self.names, self.optimum)


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
    start: np.ndarray | None = None,
    errors_of: np.ndarray | None = None,
    steps: int = 30,
    progress: Callable[[int], None] | None = None,
) -> Fit:
    """Fit the free parameters.

    Parameters
    ----------
    findings : sequence of Finding, optional
        What to fit to; all that a fit may see by default.
    start : numpy.ndarray, shape (k,), optional
        Logarithms of the values from which to start; the priors' centre by default.
    errors_of : numpy.ndarray, shape (findings + k,), optional
        Errors that are added to findings and priors, in their standard deviations.
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
    shift = np.zeros(len(findings) + len(FREE)) if errors_of is None else errors_of

    def residuals(logs: np.ndarray) -> np.ndarray:
        predicted = predict(_values(FREE, logs), findings)
        if progress:
            progress(1)
        return np.concatenate([[_pull(f, predicted[f.key]) for f in findings], (logs - centre) / width]) + shift

    upper = np.array([math.log(_MOST_OF_A_FRACTION) if _is_fraction(name) else np.inf for name in FREE])
    # imported late: all other studies do without, and it takes as long as some of them
    from scipy.optimize import least_squares

    found = least_squares(
        residuals,
        np.minimum(centre if start is None else start, upper - 1e-6),
        bounds=(np.full(len(FREE), -np.inf), upper),
        x_scale=width,
        diff_step=1e-3,
        max_nfev=steps,
        xtol=1e-4,
        ftol=1e-4,
    )
    return Fit(FREE, found.x, predict(_values(FREE, found.x), findings), float(found.cost))


def draw_baseline(fit: Fit, count: int, seed: int, *, progress: Callable[[int], None] | None = None) -> list[Fit]:
    """Draw from what the fit leaves open, by fitting again to randomly shifted findings and priors.

    Parameters
    ----------
    fit : Fit
        The fit without shifts, from which each draw starts.
    count, seed : int
        Number of draws, and the seed of their errors; draw k depends on seed and k only.
    progress : callable, optional
        Called with 1 after every draw.
    """
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=os.cpu_count(), mp_context=context) as pool:
        waiting = [pool.submit(_draw, fit, seed, k) for k in range(count)]
        for _ in as_completed(waiting):
            if progress:
                progress(1)
        return [future.result() for future in waiting]


def _draw(fit: Fit, seed: int, k: int) -> Fit:
    size = len(fit.predictions) + len(fit.names)
    errors_of = generator(seed, "baseline draw", k).standard_normal(size)
    return fit_baseline(start=fit.optimum, errors_of=errors_of, steps=12)


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
    return {n: float(min(v, _MOST_OF_A_FRACTION) if _is_fraction(n) else v) for n, v in zip(names, raw, strict=True)}


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


_HEAD = """\
# The baseline: written by `autocrine baseline`, not by hand.
# value: best fit; low, high: 95 % interval from the draws; draws: fits to randomly shifted findings and priors.
# Only findings with role fit were used; they can never count as reproduced.
"""


def write_baseline(fit: Fit, drawn: Sequence[Fit], findings: Sequence[Finding], path: Path, *, seed: int) -> None:
    """Write a fit as TOML that `circuit` reads.

    Parameters
    ----------
    fit : Fit
        The best fit.
    drawn : sequence of Fit
        Fits to shifted findings and priors.
    findings : sequence of Finding
        The findings that were used.
    path : Path
        Where to write.
    seed : int
        Seed of the draws.
    """
    rows = [_HEAD, "[fit]", f"findings = {_texts([f.key for f in findings])}", f"cost = {fit.cost:.4g}"]
    rows += [f"seed = {seed}", "", "[fit.predicted]"]
    rows += [*(f"{key} = {value:.4g}" for key, value in fit.predictions.items()), ""]
    for k, name in enumerate(fit.names):
        rows += _parameter(name, fit.values[name], np.array([draw.optimum[k] for draw in drawn]), len(findings))
    rows += ["[draws]", *_columns(fit.names, [draw.values for draw in drawn])]
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")


def _parameter(name: str, value: float, logs: np.ndarray, used: int) -> list[str]:
    spread = 1.96 * float(np.std(logs, ddof=1)) if logs.size > 1 else 0.0
    return [
        f'[parameter."{name}"]',
        f"value = {value:.6g}",
        f'unit = "{_unit(name)}"',
        f"low = {value * np.exp(-spread) * (1 - 1e-6):.6g}",
        f"high = {value * np.exp(spread) * (1 + 1e-6):.6g}",
        'evidence = "baseline"',
        'basis = "fitted"',
        f'note = "fitted together with the others to {used} findings"',
        "",
    ]


def _unit(name: str) -> str:
    *line, parameter = name.split(baseline.SEPARATOR)
    return Lines.load(fitted=False)[line[0]].changes[parameter].unit if line else cell.cell_parameters()[parameter].unit


def _columns(names: Sequence[str], draws: Sequence[Mapping[str, float]]) -> list[str]:
    return [f'"{name}" = [{", ".join(f"{draw[name]:.5g}" for draw in draws)}]' for name in names]


def _texts(values: Sequence[str]) -> str:
    return "[" + ", ".join(f'"{value}"' for value in values) + "]"
