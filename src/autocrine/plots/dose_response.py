"""Dose-response curves: points, curve, band and IC50 of one or several arms."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from autocrine.plots.dose_axis import DoseAxis
from autocrine.plots.picture import GREY, INK, PALE, PALETTE, SMALL, apart, blank, colours, dots, quiet, styled

Array = NDArray[np.float64]

_HALF = 0.5
_LABEL_ROOM = 1.35


def draw_dose_response(
    points: pd.DataFrame,
    lines: pd.DataFrame,
    potencies: pd.DataFrame | None = None,
    *,
    title: str = "",
    unit: str = "uM",
    quantity: str = "viability (fraction of control)",
    size: tuple[float, float] = (4.8, 3.2),
) -> Figure:
    """Draw dose-response curves of one or several arms in one frame.

    Parameters
    ----------
    points : DataFrame
        Columns ``arm``, ``dose_nM``, ``value``: one row per well. Where a dose has several wells, their mean
        and range are shown besides the wells.
    lines : DataFrame
        Columns ``arm``, ``dose_nM``, ``value``, optional ``low`` and ``high``: the fitted curve and its 95 % band.
        An arm without rows has points only.
    potencies : DataFrame, optional
        Columns ``arm``, ``value_nM``, ``low``, ``high``, ``censored``, ``bound_nM`` and ``text``: the IC50. A censored
        one is shown as an arrow at the edge of the tested range.
    title, quantity : str
        Written above and beside the frame.
    unit : str
        Unit of the dose axis.
    size : tuple of float
        Width and height, inches; of one panel where there are several.

    Returns
    -------
    Figure

    Notes
    -----
    With a column ``panel`` in all tables, each panel has a frame of its own, in the order of appearance, with one axis
    and one key of arms for all; the IC50 are marked but not written.
    """
    if "panel" in points.columns:
        return _panels(points, lines, potencies, title=title, unit=unit, quantity=quantity, size=size)
    arms = list(dict.fromkeys([*points["arm"], *lines["arm"]]))
    palette = colours(arms) if len(arms) > 1 else dict.fromkeys(arms, PALETTE[1])
    dose = np.concatenate([points["dose_nM"].to_numpy(dtype=float), lines["dose_nM"].to_numpy(dtype=float)])
    with styled():
        figure = blank(*size)
        axes = figure.add_axes(_frame(size, several=len(arms) > 1, titled=bool(title)))
        axis = DoseAxis(dose, unit)
        _arms(axes, axis, (points, lines, potencies), palette)
        axis.draw(axes)
        _value_axis(axes, points, quantity)
        if len(arms) > 1:
            _legend(axes, axis, _ends(arms, lines, points, potencies), palette)
        elif potencies is not None and len(potencies):
            # the lower left corner is free in a falling curve
            axes.text(
                0.03, 0.04, f"IC50 {potencies['text'].iloc[0]}", transform=axes.transAxes, fontsize=SMALL, color=INK
            )
        axes.set_title(title, loc="left")
    return figure


def _panels(
    points: pd.DataFrame,
    lines: pd.DataFrame,
    potencies: pd.DataFrame | None,
    *,
    title: str,
    unit: str,
    quantity: str,
    size: tuple[float, float],
) -> Figure:
    """Draw one frame per panel, all with the same axes, and the key of arms below."""
    panels, arms = list(dict.fromkeys(points["panel"])), list(dict.fromkeys([*points["arm"], *lines["arm"]]))
    palette = colours(arms)
    across, left, top = min(len(panels), 4), 0.55, 0.45 if title else 0.2
    down = math.ceil(len(panels) / across)
    fit = min(max(1, int((left + size[0] * across) / (0.45 + 0.075 * max(len(arm) for arm in arms)))), len(arms))
    bottom = 0.55 + 0.19 * math.ceil(len(arms) / fit)
    width, height = left + size[0] * across, bottom + top + size[1] * down
    with styled():
        figure = blank(width, height)
        axis = DoseAxis(np.concatenate([t["dose_nM"].to_numpy(dtype=float) for t in (points, lines)]), unit)
        for at, panel in enumerate(panels):
            row, column = divmod(at, across)
            x, y = left + size[0] * column, height - top - size[1] * (row + 1)
            frame = (x / width, y / height, (size[0] - 0.15) / width, (size[1] - 0.3) / height)
            axes = figure.add_axes(frame)
            tables = [None if t is None else t.loc[t["panel"] == panel] for t in (points, lines, potencies)]
            _arms(axes, axis, tables, palette)
            axis.draw(axes, narrow=True)
            axes.set_title(panel, loc="left", fontsize=8.5)
            _value_axis(axes, points, quantity if column == 0 else "")
            axes.tick_params(labelleft=column == 0, labelbottom=at + across >= len(panels))
            axes.set_xlabel(axes.get_xlabel() if at + across >= len(panels) else "")
        marks = [Line2D([], [], color=palette[arm], marker="o", ms=4, lw=1.4, mew=0) for arm in arms]
        figure.legend(marks, arms, loc="lower left", ncols=fit, frameon=False, fontsize=8)
        figure.text(0.1 / width, 1 - 0.16 / height, title, fontsize=9.5, va="center")
    return figure


def _arms(axes: Axes, axis: DoseAxis, tables: Sequence[pd.DataFrame | None], palette: dict[str, str]) -> None:
    """Draw curves, wells and IC50 of all arms, of each kind one artist, because artists take time."""
    points, lines, potencies = tables
    axes.axhline(_HALF, color=PALE, lw=0.8, zorder=0)
    if lines is not None:
        _curves(axes, axis, lines, palette)
    if points is not None:
        _wells(axes, axis, points, palette)
    if potencies is not None:
        _marks(axes, axis, potencies, palette)


def _frame(size: tuple[float, float], *, several: bool, titled: bool) -> tuple[float, float, float, float]:
    """Return left, bottom, width, height of the frame: fixed margins in inches, so that no layout need be solved."""
    width, height = size
    left, right = 0.55 / width, (_LABEL_ROOM if several else 0.12) / width
    bottom, top = 0.48 / height, (0.3 if titled else 0.1) / height
    return left, bottom, 1 - left - right, 1 - bottom - top


def _curves(axes: Axes, axis: DoseAxis, lines: pd.DataFrame, palette: dict[str, str]) -> None:
    lines = lines.loc[lines["dose_nM"] > 0].sort_values(by="dose_nM", kind="stable")
    arm, x = lines["arm"].to_numpy(), axis.place(lines["dose_nM"].to_numpy(dtype=float))
    names = [name for name in palette if (arm == name).any()]
    if {"low", "high"} <= set(lines.columns):
        low, high = (lines[name].to_numpy(dtype=float) for name in ("low", "high"))
        bands = [
            np.concatenate([_line(x[arm == name], low[arm == name]), _line(x[arm == name], high[arm == name])[::-1]])
            for name in names
        ]
        fills = [to_rgba(palette[name], 0.14) for name in names]
        axes.add_collection(PolyCollection(bands, facecolors=fills, linewidths=0), autolim=False)
    value = lines["value"].to_numpy(dtype=float)
    curves = [_line(x[arm == name], value[arm == name]) for name in names]
    colour = [palette[name] for name in names]
    axes.add_collection(LineCollection(curves, colors=colour, linewidths=1.4, capstyle="projecting"), autolim=False)


def _line(x: Array, y: Array) -> Array:
    return np.stack([x, y], axis=1)


def _wells(axes: Axes, axis: DoseAxis, wells: pd.DataFrame, palette: dict[str, str]) -> None:
    """Draw the wells of each arm and, where a dose has several, their mean and range."""
    arm, value = wells["arm"].to_numpy(), wells["value"].to_numpy(dtype=float)
    dose = wells["dose_nM"].to_numpy(dtype=float)
    single, several, means, ranges = ([] for _ in range(4))
    for name in (name for name in palette if (arm == name).any()):
        mine, colour = arm == name, palette[name]
        doses, group, count = np.unique(dose[mine], return_inverse=True, return_counts=True)
        x, places = axis.place(doses), _line(axis.place(dose[mine]), value[mine])
        if count.max() == 1:
            single.append((places, colour))
            continue
        several.append((places, colour))
        means.append((_line(x, np.bincount(group, value[mine]) / count), colour))
        low, high, gap = np.full(doses.size, np.inf), np.full(doses.size, -np.inf), np.full(doses.size, np.nan)
        np.minimum.at(low, group, value[mine])
        np.maximum.at(high, group, value[mine])
        ranges.append((np.stack([_line(x, low), _line(x, high), _line(gap, gap)], axis=1).reshape(-1, 2), colour))
    dots(axes, single, size=3.8, alpha=0.9)
    dots(axes, several, size=2.6, alpha=0.4)
    bars, ink = [bar for bar, _ in ranges], [colour for _, colour in ranges]
    axes.add_collection(LineCollection(bars, colors=ink, linewidths=0.8), autolim=False)
    dots(axes, means, size=4.0)


def _marks(axes: Axes, axis: DoseAxis, potencies: pd.DataFrame, palette: dict[str, str]) -> None:
    """Draw the IC50 as a diamond with its interval at half of control, or as an arrow where it is censored."""
    intervals, drops, places, colour = [], [], [], []
    for potency in potencies.to_dict("records"):
        ink = palette.get(potency["arm"], INK)
        if potency["censored"]:
            _arrow(axes, axis, float(potency["bound_nM"]), potency["censored"], ink)
        elif not pd.isna(potency["value_nM"]):
            at = float(axis.place(float(potency["value_nM"])))
            low = max(_place(axis, float(potency["low"])), axis.low)
            high = min(_place(axis, float(potency["high"])), axis.high)
            intervals.append([(low, _HALF), (high, _HALF)])
            drops.append([(at, -1), (at, _HALF)])
            places.append(at)
            colour.append(ink)
    pale = [to_rgba(ink, 0.55) for ink in colour]
    axes.add_collection(LineCollection(intervals, colors=pale, linewidths=2.6, capstyle="butt"), autolim=False)
    dashes = (0, (2, 2))
    axes.add_collection(LineCollection(drops, colors=colour, linewidths=0.8, linestyles=[dashes]), autolim=False)
    halves = np.full(len(places), _HALF)
    axes.scatter(places, halves, s=4.5**2, c="white", marker="D", edgecolors=colour, linewidths=1.2, zorder=5)


def _place(axis: DoseAxis, dose_nM: float) -> float:
    if dose_nM <= 0:
        return axis.low
    return axis.high if math.isinf(dose_nM) else float(axis.place(dose_nM))


def _arrow(axes: Axes, axis: DoseAxis, bound_nM: float, side: str, colour: str) -> None:
    edge = float(axis.place(bound_nM))
    toward = 0.13 if side == ">" else -0.13
    axes.annotate(
        "",
        xy=(edge + toward, _HALF),
        xytext=(edge - 2.5 * toward, _HALF),
        arrowprops={"arrowstyle": "-|>", "color": colour, "lw": 1.4, "shrinkA": 0, "shrinkB": 0, "mutation_scale": 9},
        annotation_clip=False,
    )


def _value_axis(axes: Axes, points: pd.DataFrame, quantity: str) -> None:
    value = points["value"].to_numpy(dtype=float)
    value = value[np.isfinite(value)]
    high = max(1.15, float(value.max()) + 0.05) if value.size else 1.15
    low = min(-0.02, float(value.min()) - 0.05) if value.size else -0.02
    axes.set_ylim(low, high)
    axes.set_yticks([tick for tick in (-1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0) if low <= tick <= high])
    axes.set_ylabel(quantity)
    quiet(axes)


def _ends(
    arms: list[str], lines: pd.DataFrame, points: pd.DataFrame, potencies: pd.DataFrame | None
) -> list[tuple[str, str, float]]:
    """Return arm, words and the height at which its curve ends."""
    ends = []
    for arm in arms:
        table = lines.loc[lines["arm"] == arm]
        table = table if len(table) else points.loc[points["arm"] == arm]
        found = potencies.loc[potencies["arm"] == arm] if potencies is not None else points.iloc[:0]
        words = arm if found.empty else f"{arm}\n{found['text'].iloc[0]}"
        ends.append((arm, words, float(table["value"].to_numpy()[np.argmax(table["dose_nM"].to_numpy())])))
    return ends


def _legend(axes: Axes, axis: DoseAxis, ends: list[tuple[str, str, float]], palette: dict[str, str]) -> None:
    """Write the name and IC50 of each arm beside the end of its curve."""
    low, high = axes.get_ylim()
    tall = axes.get_position().height * axes.get_figure(root=True).get_figheight()  # pyright: ignore[reportOptionalMemberAccess]
    gap = (high - low) * 0.12 * (1 + max(words.count("\n") for _, words, _ in ends)) / tall
    places = apart([end for _, _, end in ends], gap, low, high)
    x = axis.high + 0.15
    reach = (x - axes.get_xlim()[0]) * 0.03
    for (arm, words, end), place in zip(ends, places, strict=True):
        axes.plot([axis.high, x + reach], [end, place], color=GREY, lw=0.4, clip_on=False)
        axes.text(x + 1.4 * reach, place, words, color=palette[arm], fontsize=SMALL, va="center", linespacing=1.05)
