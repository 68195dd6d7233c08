"""A marker by itself: how it is distributed, and the hazard over it."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullLocator
from numpy.typing import NDArray

from autocrine.plots.picture import GREY, PALE, PALETTE, blank, quiet, styled


def draw_marker(
    values: NDArray[np.float64], event: NDArray[np.float64], *, label: str, size: tuple[float, float] = (4.4, 2.6)
) -> Figure:
    """Draw a histogram of a marker, patients with the event in front.

    Parameters
    ----------
    values : ndarray (n,)
        Known values.
    event : ndarray (n,)
        1 where the event was seen.
    label : str
        Name and unit.
    size : tuple of float
        Inches.

    Returns
    -------
    Figure
    """
    edges = np.histogram_bin_edges(values, bins="fd")
    if not 6 <= edges.size <= 60:
        edges = np.linspace(float(values.min()), float(values.max()), 25)
    with styled():
        figure = blank(*size)
        axes = figure.add_axes((0.6 / size[0], 0.5 / size[1], 1 - 0.75 / size[0], 1 - 0.65 / size[1]))
        axes.hist(values, bins=edges.tolist(), color=PALE, label="all", edgecolor="white", lw=0.4)
        axes.hist(values[event == 1], bins=edges.tolist(), color=PALETTE[2], label="event", edgecolor="white", lw=0.4)
        axes.set_xlabel(label)
        axes.set_ylabel("patients")
        axes.legend(frameon=False, fontsize=8)
        quiet(axes)
    return figure


def draw_hazard_curve(
    curve: pd.DataFrame,
    values: NDArray[np.float64],
    *,
    label: str,
    note: str = "",
    size: tuple[float, float] = (4.4, 2.6),
) -> Figure:
    """Draw the hazard ratio over a marker, against its median, with a 95 % band.

    Parameters
    ----------
    curve : DataFrame
        Columns ``value``, ``ratio``, ``ratio_low``, ``ratio_high``.
    values : ndarray
        Where patients are: marked below.
    label, note : str
        Below and in the frame.
    size : tuple of float
        Inches.

    Returns
    -------
    Figure
    """
    with styled():
        figure = blank(*size)
        axes = figure.add_axes((0.6 / size[0], 0.5 / size[1], 1 - 0.75 / size[0], 1 - 0.65 / size[1]))
        x = curve["value"].to_numpy(dtype=float)
        low, high = curve["ratio_low"].to_numpy(dtype=float), curve["ratio_high"].to_numpy(dtype=float)
        axes.set_yscale("log")
        axes.axhline(1, color=GREY, lw=0.8, ls=(0, (3, 2)))
        axes.fill_between(x, low, high, color=PALETTE[1], alpha=0.14, lw=0)
        axes.plot(x, curve["ratio"].to_numpy(dtype=float), color=PALETTE[1], lw=1.5)
        bottom, top = max(float(low.min()) / 1.2, 0.05), min(float(high.max()) * 1.2, 20.0)
        axes.set_ylim(min(bottom, 0.8), max(top, 1.25))
        ticks = [t for t in (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20) if axes.get_ylim()[0] <= t <= axes.get_ylim()[1]]
        axes.set_yticks(ticks)
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axes.yaxis.set_minor_locator(NullLocator())
        inside = values[(values >= x[0]) & (values <= x[-1])]
        axes.plot(
            inside, np.full(inside.size, 0.02), "|", color=GREY, ms=5, mew=0.5, alpha=0.6,
            transform=axes.get_xaxis_transform(),
        )  # fmt: skip
        axes.set_xlim(x[0], x[-1])
        axes.set_xlabel(label)
        axes.set_ylabel("hazard ratio to median")
        axes.text(0.03, 0.93, note, transform=axes.transAxes, fontsize=8, va="top")
        quiet(axes)
    return figure
