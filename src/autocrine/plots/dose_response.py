"""Dose-response curves: points, curve, band and IC50 of one or several arms."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from autocrine.plots.dose_axis import DoseAxis
from autocrine.plots.picture import GREY, INK, PALE, PALETTE, SMALL, apart, blank, colours, quiet, styled

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
        axes.axhline(_HALF, color=PALE, lw=0.8, zorder=0)
        for arm in arms:
            _curve(axes, axis, lines.loc[lines["arm"] == arm], palette[arm])
            _wells(axes, axis, points.loc[points["arm"] == arm], palette[arm])
        if potencies is not None:
            _marks(axes, axis, potencies, palette)
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
            tables = [t.loc[t["panel"] == panel] for t in (points, lines, potencies) if t is not None]
            _panel(axes, axis, tables, palette)
            axes.set_title(panel, loc="left", fontsize=8.5)
            _value_axis(axes, points, quantity if column == 0 else "")
            axes.tick_params(labelleft=column == 0, labelbottom=at + across >= len(panels))
            axes.set_xlabel(axes.get_xlabel() if at + across >= len(panels) else "")
        marks = [Line2D([], [], color=palette[arm], marker="o", ms=4, lw=1.4, mew=0) for arm in arms]
        figure.legend(marks, arms, loc="lower left", ncols=fit, frameon=False, fontsize=8)
        figure.text(0.1 / width, 1 - 0.16 / height, title, fontsize=9.5, va="center")
    return figure


def _panel(axes: Axes, axis: DoseAxis, tables: list[pd.DataFrame], palette: dict[str, str]) -> None:
    points, lines, *potencies = tables
    axes.axhline(_HALF, color=PALE, lw=0.8, zorder=0)
    for arm in dict.fromkeys(points["arm"]):
        _curve(axes, axis, lines.loc[lines["arm"] == arm], palette[arm])
        _wells(axes, axis, points.loc[points["arm"] == arm], palette[arm])
    for table in potencies:
        _marks(axes, axis, table, palette)
    axis.draw(axes, narrow=True)


def _frame(size: tuple[float, float], *, several: bool, titled: bool) -> tuple[float, float, float, float]:
    """Return left, bottom, width, height of the frame: fixed margins in inches, so that no layout need be solved."""
    width, height = size
    left, right = 0.55 / width, (_LABEL_ROOM if several else 0.12) / width
    bottom, top = 0.48 / height, (0.3 if titled else 0.1) / height
    return left, bottom, 1 - left - right, 1 - bottom - top


def _curve(axes: Axes, axis: DoseAxis, line: pd.DataFrame, colour: str) -> None:
    if line.empty:
        return
    line = line.loc[line["dose_nM"] > 0].sort_values(by="dose_nM")
    x = axis.place(line["dose_nM"].to_numpy(dtype=float))
    if {"low", "high"} <= set(line.columns):
        axes.fill_between(
            x, line["low"].to_numpy(dtype=float), line["high"].to_numpy(dtype=float), color=colour, alpha=0.14, lw=0
        )
    axes.plot(x, line["value"].to_numpy(dtype=float), color=colour, lw=1.4)


def _wells(axes: Axes, axis: DoseAxis, wells: pd.DataFrame, colour: str) -> None:
    dose, value = wells["dose_nM"].to_numpy(dtype=float), wells["value"].to_numpy(dtype=float)
    doses, group = np.unique(dose, return_inverse=True)
    repeated = doses.size < dose.size
    axes.plot(
        axis.place(dose), value, "o", ms=2.6 if repeated else 3.8, color=colour, mew=0, alpha=0.4 if repeated else 0.9
    )
    if not repeated:
        return
    mean = np.bincount(group, value) / np.bincount(group)
    low, high = np.full(doses.size, np.inf), np.full(doses.size, -np.inf)
    np.minimum.at(low, group, value)
    np.maximum.at(high, group, value)
    axes.vlines(axis.place(doses), low, high, color=colour, lw=0.8)
    axes.plot(axis.place(doses), mean, "o", ms=4, color=colour, mew=0)


def _marks(axes: Axes, axis: DoseAxis, potencies: pd.DataFrame, palette: dict[str, str]) -> None:
    for potency in potencies.to_dict("records"):
        colour = palette.get(potency["arm"], INK)
        if potency["censored"]:
            _arrow(axes, axis, float(potency["bound_nM"]), potency["censored"], colour)
        elif not pd.isna(potency["value_nM"]):
            at = float(axis.place(float(potency["value_nM"])))
            low = max(_place(axis, float(potency["low"])), axis.low)
            high = min(_place(axis, float(potency["high"])), axis.high)
            axes.plot([low, high], [_HALF, _HALF], color=colour, lw=2.6, alpha=0.55, solid_capstyle="butt")
            axes.plot([at, at], [-1, _HALF], color=colour, lw=0.8, ls=(0, (2, 2)))
            axes.plot(at, _HALF, "D", ms=4.5, mfc="white", mec=colour, mew=1.2, zorder=5)


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
