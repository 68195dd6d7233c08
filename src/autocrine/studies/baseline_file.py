"""The file that a baseline fit writes: values, intervals, draws and the findings behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from autocrine.circuit import Lines, baseline, cell
from autocrine.evidence import Finding
from autocrine.studies.baseline import DRAWS, Fit

_HEAD = """\
# The baseline: written by `autocrine baseline`, not by hand.
# value: optimum; low, high: 95 % interval from the covariance at the optimum; draws: samples of that uncertainty.
# Only findings with role fit were used; they can never count as reproduced.
"""


def write_baseline(fit: Fit, findings: Sequence[Finding], path: Path, *, seed: int) -> None:
    """Write a fit as TOML that `circuit` reads.

    Parameters
    ----------
    fit : Fit
        The finished fit.
    findings : sequence of Finding
        The findings that were used.
    path : Path
        Where to write.
    seed : int
        Seed of the draws.
    """
    rows = [_HEAD, "[fit]", f"findings = {_texts([f.key for f in findings])}", f"cost = {fit.cost:.4g}", ""]
    rows += ["[fit.predicted]", *(f"{key} = {value:.4g}" for key, value in fit.predictions.items()), ""]
    for name, log, spread in zip(fit.names, fit.optimum, fit.spread, strict=True):
        rows += _parameter(name, np.exp(log), np.exp(log - 1.96 * spread), np.exp(log + 1.96 * spread), findings)
    rows += ["[draws]", *_columns(fit.names, fit.draws(DRAWS, seed))]
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")


def _parameter(name: str, value: float, low: float, high: float, findings: Sequence[Finding]) -> list[str]:
    return [
        f'[parameter."{name}"]',
        f"value = {value:.6g}",
        f'unit = "{_unit(name)}"',
        f"low = {low:.4g}",
        f"high = {high:.4g}",
        f'evidence = "{findings[0].study or findings[0].record}"' if len(findings) == 1 else 'evidence = "baseline"',
        'basis = "fitted"',
        f'note = "fitted together with the others to {len(findings)} findings"',
        "",
    ]


def _unit(name: str) -> str:
    *line, parameter = name.split(baseline.SEPARATOR)
    return Lines.load(fitted=False)[line[0]].changes[parameter].unit if line else cell.cell_parameters()[parameter].unit


def _columns(names: Sequence[str], draws: Sequence[Mapping[str, float]]) -> list[str]:
    return [f'"{name}" = [{", ".join(f"{draw[name]:.5g}" for draw in draws)}]' for name in names]


def _texts(values: Sequence[str]) -> str:
    return "[" + ", ".join(f'"{value}"' for value in values) + "]"
