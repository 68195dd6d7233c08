"""Survival of groups as steps, with the numbers at risk below."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from autocrine.plots.picture import GREY, INK, PALETTE, SMALL, apart, blank, quiet, styled

_ROW = 0.17


def draw_kaplan_meier(
    curves: pd.DataFrame,
    at_risk: pd.DataFrame,
    *,
    time_label: str,
    level_label: str = "event-free",
    note: str = "",
    size: tuple[float, float] = (5.6, 3.0),
    below: str = "at risk",
) -> Figure:
    """Draw curves of groups with their 95 % bands and the numbers at risk.

    Parameters
    ----------
    curves : DataFrame
        Columns ``group``, ``time``, ``survival``, ``low``, ``high``: right-continuous steps.
    at_risk : DataFrame
        Columns ``group``, ``time``, ``at_risk``.
    time_label, level_label : str
        Below and beside the frame.
    note : str
        Written in the frame, such as the test.
    size : tuple of float
        Width of the figure where names are short, and height of the frame, inches.
    below : str
        What is counted below the frame.

    Returns
    -------
    Figure
    """
    names = list(dict.fromkeys(curves["group"]))
    colour = {name: PALETTE[1 + at % (len(PALETTE) - 1)] for at, name in enumerate(names)}
    longest = max(map(len, names))
    left, right = max(0.95, 0.3 + 0.062 * longest), max(0.75, 0.2 + 0.072 * longest)
    width, room = size[0] + left + right - 1.7, _ROW * (len(names) + 1) + 0.55
    height = size[1] + room + 0.1
    with styled():
        figure = blank(width, height)
        axes = figure.add_axes((left / width, room / height, 1 - (left + right) / width, size[1] / height))
        for name in names:
            _steps(axes, curves.loc[(curves["group"] == name).to_numpy()], colour[name])
        last = float(curves["time"].max())
        axes.set_xlim(0, last)
        low = float(curves["survival"].min())
        axes.set_ylim(0 if low < 0.6 else max(0.0, np.floor(10 * low - 1) / 10), 1.01)
        _names(axes, curves, names, colour, size[1])
        axes.set_ylabel(level_label)
        axes.set_xlabel(time_label, labelpad=3)
        ticks = sorted(set(at_risk["time"]))
        axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
        quiet(axes)
        axes.text(0.02, 0.04, note, transform=axes.transAxes, fontsize=SMALL, color=INK)
        _table(figure, axes, at_risk, colour, below)
    return figure


def _steps(axes: Any, curve: pd.DataFrame, colour: str) -> None:
    time = curve["time"].to_numpy(dtype=float)
    axes.step(time, curve["survival"].to_numpy(dtype=float), where="post", color=colour, lw=1.4)
    low, high = curve["low"].to_numpy(dtype=float), curve["high"].to_numpy(dtype=float)
    axes.fill_between(time, low, high, step="post", color=colour, alpha=0.12, lw=0)


def _names(axes: Any, curves: pd.DataFrame, names: list[str], colour: dict[str, str], tall: float) -> None:
    """Write each group at the end of its curve."""
    low, high = axes.get_ylim()
    ends = [float(curves.loc[(curves["group"] == name).to_numpy(), "survival"].iloc[-1]) for name in names]
    places = apart(ends, (high - low) * 0.15 / tall, low, high)
    for name, place in zip(names, places, strict=True):
        axes.annotate(
            name, (1, place), xycoords=("axes fraction", "data"), xytext=(5, 0), textcoords="offset points",
            color=colour[name], va="center", fontsize=8.5, annotation_clip=False,
        )  # fmt: skip


def _table(
    figure: Figure, axes: Any, at_risk: pd.DataFrame, colour: dict[str, str], below: str
) -> None:  # fmt: skip
    """Write how many are still followed, below the ticks."""
    height = figure.get_figheight()
    box = axes.get_position()
    first, last = axes.get_xlim()
    top = box.y0 - 0.5 / height
    figure.text(0.06 / figure.get_figwidth(), top, below, fontsize=SMALL, color=GREY, va="center")
    for row, name in enumerate(colour, start=1):
        y = top - row * _ROW / height
        figure.text(0.06 / figure.get_figwidth(), y, name, fontsize=SMALL, color=colour[name], va="center")
        for one in at_risk.loc[(at_risk["group"] == name).to_numpy()].to_dict("records"):
            x = box.x0 + box.width * (float(one["time"]) - first) / (last - first)
            figure.text(x, y, f"{one['at_risk']:d}", fontsize=SMALL, color=INK, ha="center", va="center")


def draw_incidence(incidence: pd.DataFrame, *, time_label: str, size: tuple[float, float] = (5.6, 2.8)) -> Figure:
    """Draw the cumulative incidence of two causes, one frame each.

    Parameters
    ----------
    incidence : DataFrame
        Columns ``group``, ``cause``, ``time``, ``incidence``, ``low``, ``high``.
    time_label : str
        Below the frames.
    size : tuple of float
        Inches.

    Returns
    -------
    Figure
    """
    causes, names = list(dict.fromkeys(incidence["cause"])), list(dict.fromkeys(incidence["group"]))
    width, height = size
    top = min(1.0, float(incidence["incidence"].max()) * 1.25 + 0.02)
    with styled():
        figure = blank(width, height)
        each = (width - 0.75) / len(causes)
        for at, cause in enumerate(causes):
            place = ((0.6 + at * each) / width, 0.5 / height, (each - 0.3) / width, 1 - 0.8 / height)
            axes = figure.add_axes(place)
            for number, name in enumerate(names):
                mine = ((incidence["group"] == name) & (incidence["cause"] == cause)).to_numpy()
                curve, colour = incidence.loc[mine], PALETTE[1 + number]
                time = np.concatenate([[0.0], curve["time"].to_numpy(dtype=float)])
                level = np.concatenate([[0.0], curve["incidence"].to_numpy(dtype=float)])
                axes.step(time, level, where="post", color=colour, lw=1.4, label=name)
            axes.set_ylim(0, top)
            axes.set_xlim(0, float(incidence["time"].max()))
            axes.set_title(cause, loc="left", fontsize=8.5)
            axes.set_xlabel(time_label)
            quiet(axes)
            axes.tick_params(labelleft=at == 0)
            if at == 0:
                axes.set_ylabel("cumulative incidence")
                axes.legend(frameon=False, fontsize=8, loc="upper left")
    return figure
