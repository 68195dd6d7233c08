"""Ratios with their intervals, one row each, on a logarithmic axis."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from autocrine.plots.picture import GREY, INK, PALETTE, SMALL, blank, quiet, styled

_ROW = 0.24
#: intervals are cut where the axis ends
_LOWEST, _HIGHEST = 0.05, 20.0
_TICKS = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0)
_FINE = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.2, 1.5, 2.0)


def draw_forest(
    rows: pd.DataFrame,
    *,
    label: str = "hazard ratio",
    total: dict[str, float] | None = None,
    width: float = 6.4,
) -> Figure:
    """Draw ratios with 95 % intervals.

    Parameters
    ----------
    rows : DataFrame
        Columns ``name``, ``ratio``, ``ratio_low``, ``ratio_high``; optional ``weight``, which gives the size of a mark.
    label : str
        Below the axis.
    total : dict, optional
        ``ratio``, ``ratio_low``, ``ratio_high`` of a pooled row, drawn as a diamond; ``prediction_low`` and
        ``prediction_high`` as a thin line.
    width : float
        Inches.

    Returns
    -------
    Figure
    """
    records: list[dict[str, Any]] = [{str(k): v for k, v in row.items()} for row in rows.to_dict("records")]
    count = len(records) + (total is not None)
    height = _ROW * count + 0.85
    names = max([len(str(row["name"])) for row in records] + [6])
    left, right = 0.25 + 0.075 * names, 1.6
    with styled():
        figure = blank(width, height)
        axes = figure.add_axes((left / width, 0.5 / height, 1 - (left + right) / width, _ROW * count / height))
        axes.set_xscale("log")
        axes.set_ylim(count - 0.5, -0.5)
        low, high = _limits(records, total)
        axes.set_xlim(low, high)
        axes.axvline(1, color=GREY, lw=0.8, ls=(0, (3, 2)), zorder=0)
        for at, row in enumerate(records):
            _row(axes, at, row, low, high)
        if total is not None:
            _diamond(axes, count - 1, total, low, high)
        ticks = [t for t in (_FINE if high / low < 4 else _TICKS) if low <= t <= high]
        axes.set_xticks(ticks, [f"{t:g}" for t in ticks])
        axes.xaxis.set_minor_locator(NullLocator())
        labels = [str(row["name"]) for row in records] + (["pooled"] if total is not None else [])
        axes.set_yticks(range(count), labels)
        axes.set_xlabel(label)
        quiet(axes)
        axes.spines["left"].set_visible(False)
        axes.tick_params(axis="y", length=0)
        figure.text(1 - 0.08 / width, 1 - 0.17 / height, "ratio (95 %)", fontsize=SMALL, color=GREY, ha="right")
    return figure


def _limits(records: list[dict[str, Any]], total: dict[str, float] | None) -> tuple[float, float]:
    known = [row[key] for row in [*records, *([total] if total else [])] for key in ("ratio_low", "ratio_high")]
    finite = [value for value in known if np.isfinite(value) and value > 0]
    low = max(min([*finite, 0.8]) / 1.1, _LOWEST)
    return low, min(max([*finite, 1.25]) * 1.1, _HIGHEST)


def _row(axes: Any, at: int, row: dict[str, Any], low: float, high: float) -> None:
    if not np.isfinite(row["ratio"]):
        _words(axes, at, "no estimate")
        return
    start, end = max(row["ratio_low"], low), min(row["ratio_high"], high)
    axes.plot([start, end], [at, at], color=INK, lw=1.2, solid_capstyle="butt")
    for value, edge, mark in ((row["ratio_low"], low, "<"), (row["ratio_high"], high, ">")):
        if (value < edge) if mark == "<" else (value > edge):
            axes.plot(edge, at, mark, color=INK, ms=4, mew=0, clip_on=False)
    if low <= row["ratio"] <= high:
        axes.plot(row["ratio"], at, "s", color=PALETTE[1], ms=3.5 + 6 * float(row.get("weight", 0.25)), mew=0)
    _words(axes, at, _told(row))


def _diamond(axes: Any, at: int, total: dict[str, float], low: float, high: float) -> None:
    left, right = max(total["ratio_low"], low), min(total["ratio_high"], high)
    if np.isfinite(total.get("prediction_low", np.nan)):
        ends = [max(total["prediction_low"], low), min(total["prediction_high"], high)]
        axes.plot(ends, [at, at], color=PALETTE[2], lw=0.9)
    axes.fill([left, total["ratio"], right, total["ratio"]], [at, at - 0.28, at, at + 0.28], color=PALETTE[2], lw=0)
    _words(axes, at, _told(total))


def _told(row: dict[str, Any]) -> str:
    return f"{_short(row['ratio'])} ({_short(row['ratio_low'])} to {_short(row['ratio_high'])})"


def _short(value: float) -> str:
    if not np.isfinite(value):
        return "∞"
    return f"{value:.2f}" if value < 100 else f"{value:.0f}" if value < 10_000 else "> 10⁴"


def _words(axes: Any, at: int, text: str) -> None:
    axes.annotate(
        text, (1, at), xycoords=("axes fraction", "data"), xytext=(108, 0), textcoords="offset points",
        ha="right", va="center", fontsize=8, color=INK, annotation_clip=False,
    )  # fmt: skip
