"""The file that a baseline fit writes: values, intervals, draws and the findings behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from autocrine.circuit import Lines, baseline, cell
from autocrine.studies.baseline import Fit

if TYPE_CHECKING:
    from autocrine.evidence.finding import Finding

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
