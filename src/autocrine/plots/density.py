"""A readout over cell density: the loop is collective, so density is its dose."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from autocrine.plots.picture import GREY, INK, SMALL, apart, blank, colours, quiet, styled


def draw_density(
    table: pd.DataFrame,
    *,
    quantity: str,
    thresholds: list[tuple[float, str]] | None = None,
    title: str = "",
    size: tuple[float, float] = (5.2, 3.3),
) -> Figure:
    """Draw a value over cell density, both logarithmic.

    Parameters
    ----------
    table : DataFrame
        Columns ``density_cells_cm2``, ``value``, ``series``, optional ``low`` and ``high``. A value that is not
        positive cannot stand on a logarithmic axis and leaves a gap.
    quantity : str
        What the value is, with its unit.
    thresholds : list of (float, str), optional
        Values to mark with a line across and a label.
    title : str
        Above the frame.
    size : tuple of float
        Width and height, inches.

    Returns
    -------
    Figure
    """
    series = list(dict.fromkeys(table["series"]))
    palette = colours(series) if len(series) > 1 else dict.fromkeys(series, "#0072B2")
    with styled():
        figure = blank(*size)
        axes = figure.add_axes((0.62 / size[0], 0.5 / size[1], 1 - 2.0 / size[0], 1 - 0.82 / size[1]))
        axes.set_xscale("log")
        axes.set_yscale("log")
        ends = []
        for name, rows in table.sort_values("density_cells_cm2", kind="stable").groupby("series", sort=False):
            x, y = (rows[c].to_numpy(dtype=float) for c in ("density_cells_cm2", "value"))
            y = np.where(y > 0, y, np.nan)
            if {"low", "high"} <= set(rows.columns):
                low, high = rows["low"].to_numpy(dtype=float), rows["high"].to_numpy(dtype=float)
                axes.fill_between(x, np.maximum(low, 1e-12), high, color=palette[str(name)], alpha=0.14, lw=0)
            axes.plot(x, y, "-o", ms=3, lw=1.4, mew=0, color=palette[str(name)])
            ends.append(
                (str(name), float(y[np.isfinite(y)][-1]) if np.isfinite(y).any() else np.nan, palette[str(name)])
            )
        for value, _ in thresholds or []:
            axes.axhline(value, color=GREY, lw=0.8, ls=(0, (4, 2)), zorder=0)
        quiet(axes)
        axes.set_xlabel("cell density (cells/cm²)")
        axes.set_ylabel(quantity)
        axes.set_title(title, loc="left")
        _labels(figure, ends, thresholds or [])
    return figure


def _labels(figure: Figure, ends: list[tuple[str, float, str]], thresholds: list[tuple[float, str]]) -> None:
    """Write names of series and thresholds at the right edge, none over another."""
    axes = figure.axes[0]
    words = [end for end in ends if np.isfinite(end[1])] + [(label, value, GREY) for value, label in thresholds]
    low, high = np.log10(axes.get_ylim())
    gap = (high - low) * 0.15 / (axes.get_position().height * figure.get_figheight())
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
