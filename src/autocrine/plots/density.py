"""A readout over cell density: the loop is collective, so density is its dose."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from autocrine.plots.picture import GREY, INK, PALE, SMALL, apart, blank, colours, decades, quiet, styled


def draw_density(
    table: pd.DataFrame,
    *,
    quantity: str,
    thresholds: list[tuple[float, str]] | None = None,
    bands: list[tuple[float, float, str]] | None = None,
    share: bool = False,
    order: Sequence[str] = (),
    title: str = "",
    size: tuple[float, float] = (5.6, 3.3),
) -> Figure:
    """Draw a value over cell density, both logarithmic.

    Parameters
    ----------
    table : DataFrame
        Columns ``density_cells_cm2`` (or ``percent``), ``value``, ``series``, optional ``low`` and ``high``. A value
        that is not positive cannot stand on a logarithmic axis and leaves a gap.
    quantity : str
        What the value is, with its unit.
    thresholds : list of (float, str), optional
        Values to mark with a line across and a label.
    bands : list of (float, float, str), optional
        Ranges to mark likewise.
    share : bool
        Whether a share of cells in ``percent`` stands on a linear axis instead of the density on a logarithmic one.
    order : sequence of str
        Names that have the first colours, in this order, whether they are in the table or not: a series then has one
        colour in all figures.
    title : str
        Above the frame.
    size : tuple of float
        Width and height, inches.

    Returns
    -------
    Figure
    """
    series = list(dict.fromkeys(table["series"]))
    across = "percent" if share else "density_cells_cm2"
    palette = colours([*order, *(name for name in series if name not in order)])
    if len(series) == 1 and not order:
        palette = dict.fromkeys(series, "#0072B2")
    with styled():
        figure = blank(*size)
        axes = figure.add_axes((0.62 / size[0], 0.5 / size[1], 1 - 2.35 / size[0], 1 - 0.82 / size[1]))
        axes.set_xscale("linear" if share else "log")
        axes.set_yscale("log")
        ends = []
        for name, rows in table.sort_values(across, kind="stable").groupby("series", sort=False):
            ends.append((str(name), _series(axes, rows, across, palette[str(name)]), palette[str(name)]))
        marked = _mark(axes, thresholds or [], bands or [])
        quiet(axes)
        decades(axes.yaxis)
        if not share:
            decades(axes.xaxis)
        axes.set_xlabel("share of producers (%)" if share else "cell density at seeding (cells/cm²)")
        axes.set_ylabel(quantity)
        axes.set_title(title, loc="left")
        _labels(figure, ends, marked)
    return figure


def _series(axes: Axes, rows: pd.DataFrame, across: str, colour: str) -> float:
    """Draw one series, and return the height at which it ends; NaN where it has no value."""
    x, y = (rows[column].to_numpy(dtype=float) for column in (across, "value"))
    y = np.where(y > 0, y, np.nan)
    if {"low", "high"} <= set(rows.columns):
        low, high = rows["low"].to_numpy(dtype=float), rows["high"].to_numpy(dtype=float)
        axes.fill_between(x, np.maximum(low, 1e-12), high, color=colour, alpha=0.14, lw=0)
    axes.plot(x, y, "-o", ms=3, lw=1.4, mew=0, color=colour)
    return float(y[np.isfinite(y)][-1]) if np.isfinite(y).any() else float("nan")


def _mark(
    axes: Axes, thresholds: list[tuple[float, str]], bands: list[tuple[float, float, str]]
) -> list[tuple[float, str]]:
    """Draw lines and ranges across the frame, and return where their labels stand."""
    for value, _ in thresholds:
        axes.axhline(value, color=GREY, lw=0.8, ls=(0, (4, 2)), zorder=0)
    for low, high, _ in bands:
        axes.axhspan(low, high, color=PALE, lw=0, alpha=0.7, zorder=0)
    return [*thresholds, *((float(np.sqrt(low * high)), label) for low, high, label in bands)]


def _labels(figure: Figure, ends: list[tuple[str, float, str]], thresholds: list[tuple[float, str]]) -> None:
    """Write names of series and thresholds at the right edge, none over another."""
    axes = figure.axes[0]
    words = [end for end in ends if np.isfinite(end[1])] + [(label, value, GREY) for value, label in thresholds]
    low, high = np.log10(axes.get_ylim())
    tallest = 1 + max((word.count("\n") for word, _, _ in words), default=0)
    gap = (high - low) * (0.03 + 0.12 * tallest) / (axes.get_position().height * figure.get_figheight())
    places = apart([float(np.log10(value)) for _, value, _ in words], float(gap), float(low), float(high))
    for (word, value, colour), place in zip(words, places, strict=True):
        text = axes.annotate(
            word,
            xy=(1.0, (np.log10(value) - low) / (high - low)),
            xytext=(1.03, (place - low) / (high - low)),
            xycoords="axes fraction",
            textcoords="axes fraction",
            va="center",
            fontsize=SMALL,
            color=INK if colour == GREY else colour,
            arrowprops={"arrowstyle": "-", "lw": 0.4, "color": GREY, "shrinkA": 0, "shrinkB": 0},
        )
        text.set_annotation_clip(False)
