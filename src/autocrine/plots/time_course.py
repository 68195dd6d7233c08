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

#: margins in inches, of the figure and around each panel, so that no layout need be solved
_TOP, _TITLE, _BOTTOM = 0.05, 0.25, 0.48
_LEFT, _RIGHT, _ABOVE, _BELOW = 0.58, 0.12, 0.24, 0.26


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
        top = _TOP + (_TITLE if title else 0.0)
        width, height = panel_size[0] * across, panel_size[1] * down + _BOTTOM + top
        figure = blank(width, height)
        for at, panel in enumerate(panels):
            row, column = divmod(at, across)
            x, y = panel_size[0] * column + _LEFT, height - top - panel_size[1] * (row + 1) + _BELOW
            tall, wide = panel_size[1] - _BELOW - _ABOVE, panel_size[0] - _LEFT - _RIGHT
            frame = (x / width, y / height, wide / width, tall / height)
            axes = figure.add_axes(frame, sharex=figure.axes[0] if at else None)
            _panel(axes, table.loc[table["panel"] == panel], palette, logarithmic=panel in logarithmic)
            axes.set_title(panel, loc="left", fontsize=8.5)
            last = at + across >= len(panels)
            axes.set_xlabel("time (h)" if last else "")
            axes.tick_params(labelbottom=last)
        handles = [Line2D([], [], color=palette[name], lw=1.6) for name in series]
        across_legend = max(1, min(len(series), int(panel_size[0] * across / 1.3)))
        figure.legend(
            handles,
            series,
            loc="lower center",
            ncols=across_legend,
            frameon=False,
            fontsize=8,
            labelcolor="linecolor",
        )
        if title:
            figure.text(0.1 / width, 1 - 0.16 / height, title, fontsize=9.5, va="center")
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
