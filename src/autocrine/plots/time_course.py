"""Time courses as small multiples."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from autocrine.plots.picture import blank, colours, decades, quiet, styled


def draw_time_course(
    table: pd.DataFrame,
    *,
    title: str = "",
    columns: int = 3,
    logarithmic: Collection[str] = (),
    order: Sequence[str] = (),
    panel_size: tuple[float, float] = (2.3, 1.7),
) -> Figure:
    """Draw one panel per readout and one line per series.

    Parameters
    ----------
    table : DataFrame
        Columns ``time_h``, ``value``, ``series``, ``panel`` (its title, with the unit), optional ``low`` and ``high``.
        Panels and series keep their order of appearance; a series has one colour in all panels.
    title : str
        Above all panels.
    columns : int
        Most panels in one row.
    logarithmic : collection of str
        Panels with a logarithmic axis, on which values that are not positive leave a gap.
    order : sequence of str
        Names that have the first colours, in this order, whether they are in the table or not.
    panel_size : tuple of float
        Width and height of a panel, inches.

    Returns
    -------
    Figure
    """
    panels, series = list(dict.fromkeys(table["panel"])), list(dict.fromkeys(table["series"]))
    palette = colours([*order, *(name for name in series if name not in order)])
    across = min(columns, max(len(panels), 1))
    down = math.ceil(max(len(panels), 1) / across)
    with styled():
        figure = blank(panel_size[0] * across, panel_size[1] * down + 0.35)
        figure.set_layout_engine("constrained", w_pad=0.06, h_pad=0.06)
        frames = figure.subplots(down, across, squeeze=False, sharex=True).ravel()
        for at, (axes, panel) in enumerate(zip(frames, panels, strict=False)):
            _panel(axes, table.loc[table["panel"] == panel], palette, logarithmic=panel in logarithmic)
            axes.set_title(panel, loc="left", fontsize=8.5)
            if at + across >= len(panels):
                axes.set_xlabel("time (h)")
                axes.tick_params(labelbottom=True)
        for axes in frames[len(panels) :]:
            axes.set_visible(False)
        handles = [Line2D([], [], color=palette[name], lw=1.6) for name in series]
        across_legend = max(1, min(len(series), int(panel_size[0] * across / 1.3)))
        figure.legend(
            handles,
            series,
            loc="outside lower center",
            ncols=across_legend,
            frameon=False,
            fontsize=8,
            labelcolor="linecolor",
        )
        if title:
            figure.suptitle(title, x=0.01, ha="left", fontsize=9.5)
    return figure


def _panel(axes: Axes, table: pd.DataFrame, palette: dict[str, str], *, logarithmic: bool) -> None:
    for name, rows in table.sort_values("time_h", kind="stable").groupby("series", sort=False):
        colour = palette[str(name)]
        time = rows["time_h"].to_numpy(dtype=float)
        if {"low", "high"} <= set(rows.columns):
            low, high = rows["low"].to_numpy(dtype=float), rows["high"].to_numpy(dtype=float)
            axes.fill_between(time, low, high, color=colour, alpha=0.14, lw=0)
        value = rows["value"].to_numpy(dtype=float)
        axes.plot(time, np.where(value > 0, value, np.nan) if logarithmic else value, color=colour, lw=1.4)
    quiet(axes)
    axes.margins(x=0.02)
    axes.locator_params(axis="x", nbins=4)
    if logarithmic:
        axes.set_yscale("log")
        decades(axes.yaxis)
        return
    if np.all(table["value"].to_numpy() >= 0):
        axes.set_ylim(bottom=0)
    axes.locator_params(axis="y", nbins=4)
