"""Claims in a row each: the effect with its interval, the effect with the claimed edge cut, the verdict."""

from __future__ import annotations

import textwrap

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from autocrine.plots.picture import GREY, INK, PALE, SMALL, blank, decades, quiet, styled

_VERDICT = {
    "REPRODUCED": "#009E73",
    "CONTRADICTED": "#D55E00",
    "USED_FOR_FIT": "#0072B2",
    "INSENSITIVE": "#B37400",
    "NOT_ASKED": GREY,
    "HYPOTHESIS": GREY,
}
_ROW = 0.42
#: distance of two lines of words, in rows
_LINE = 0.3
_LEFT, _RIGHT = 3.0, 1.2


def draw_claims(
    table: pd.DataFrame, *, effect: str = "effect (fold)", logarithmic: bool = True, title: str = "", width: float = 7.6
) -> Figure:
    """Draw one row per claim.

    Parameters
    ----------
    table : DataFrame
        Columns ``claim`` (its words), ``effect``, ``low``, ``high``, ``effect_when_cut`` (NaN where it has none) and
        ``verdict``; optional ``cut_low``, ``cut_high`` and ``threshold``. Rows without an effect show their verdict
        only.
    effect : str
        Label of the axis.
    logarithmic : bool
        Folds on a logarithmic axis with no effect at 1, or differences on a linear one with no effect at 0.
    title : str
        Above the rows.
    width : float
        Inches; the height follows the number of rows.

    Returns
    -------
    Figure
    """
    height = _ROW * max(len(table), 1) + 1.05
    with styled():
        figure = blank(width, height)
        frame = (_LEFT / width, 0.5 / height, 1 - (_LEFT + _RIGHT) / width, 1 - 1.05 / height)
        axes = figure.add_axes(frame)
        if logarithmic:
            axes.set_xscale("log")
        axes.axvline(1.0 if logarithmic else 0.0, color=GREY, lw=0.8, zorder=0)
        for at, row in enumerate(table.to_dict("records")):
            _row(axes, at, row)
        _limits(axes, table, logarithmic)
        axes.set_ylim(len(table) - 0.5, -0.5)
        axes.set_yticks([])
        quiet(axes)
        axes.spines["left"].set_visible(False)
        axes.set_xlabel(effect)
        _key(axes, table)
        figure.text(0.1 / width, 1 - 0.16 / height, title, fontsize=9.5, va="center")
    return figure


def _row(axes: Axes, at: int, row: dict) -> None:
    colour = _VERDICT.get(row["verdict"], INK)
    axes.axhline(at + 0.5, color=PALE, lw=0.4, zorder=0)
    words = textwrap.wrap(str(row["claim"]), 52, max_lines=2, placeholder=" ...")
    beside = axes.get_yaxis_transform()
    # each line by itself: a block would be set by the widths of the font that measures, not of the one that shows
    for place, line in zip(at + _LINE * (np.arange(len(words)) - (len(words) - 1) / 2), words, strict=True):
        axes.text(-0.02, place, line, transform=beside, ha="right", va="center", fontsize=SMALL)
    axes.text(1.03, at, row["verdict"], transform=beside, va="center", fontsize=SMALL, color=colour, weight="bold")
    if np.isfinite(row["effect"]):
        axes.plot([row["low"], row["high"]], [at - 0.1] * 2, color=colour, lw=1.4)
        axes.plot(row["effect"], at - 0.1, "o", ms=5, color=colour, mew=0)
    if np.isfinite(row.get("threshold", np.nan)):
        axes.plot([row["threshold"]] * 2, [at - 0.36, at + 0.36], color=INK, lw=1.0, ls=(0, (1.5, 1.5)))
    if np.isfinite(row.get("cut_low", np.nan)):
        axes.plot([row["cut_low"], row["cut_high"]], [at + 0.18] * 2, color=GREY, lw=1.0)
    if np.isfinite(row["effect_when_cut"]):
        axes.plot(row["effect_when_cut"], at + 0.18, "x", ms=5.5, color=GREY, mew=1.4)


def _key(axes: Axes, table: pd.DataFrame) -> None:
    marks = [
        Line2D([], [], marker="o", ls="-", color=INK, ms=5, lw=1.4),
        Line2D([], [], marker="x", ls="-", color=GREY, ms=5.5, mew=1.4, lw=1.0),
    ]
    words = ["effect, 95 % interval", "with the claimed edge cut"]
    if "threshold" in table.columns:
        marks.append(Line2D([], [], color=INK, lw=1.0, ls=(0, (1.5, 1.5))))
        words.append("threshold (ours)")
    axes.legend(marks, words, loc="lower left", bbox_to_anchor=(-0.02, 1.0), ncols=3, frameon=False, fontsize=SMALL)


def _limits(axes: Axes, table: pd.DataFrame, logarithmic: bool) -> None:
    """Take every finite number in, and no effect too."""
    columns = ["effect", "low", "high", "effect_when_cut", "cut_low", "cut_high", "threshold"]
    numbers = table[[c for c in columns if c in table.columns]].to_numpy(dtype=float).ravel()
    numbers = np.append(numbers[np.isfinite(numbers)], 1.0 if logarithmic else 0.0)
    if not logarithmic:
        margin = 0.06 * max(float(np.ptp(numbers)), 1e-9)
        axes.set_xlim(numbers.min() - margin, numbers.max() + margin)
        return
    numbers = np.log10(numbers[numbers > 0])
    margin = max(0.06 * float(np.ptp(numbers)), 0.08)
    axes.set_xlim(10 ** (numbers.min() - margin), 10 ** (numbers.max() + margin))
    decades(axes.xaxis)
