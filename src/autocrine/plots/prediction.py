"""What predicted risks are worth: calibration and decision curves."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from autocrine.plots.picture import GREY, INK, PALETTE, blank, quiet, styled


def draw_calibration(groups: pd.DataFrame, *, note: str = "", size: tuple[float, float] = (3.4, 3.0)) -> Figure:
    """Draw observed against predicted risk.

    Parameters
    ----------
    groups : DataFrame
        Columns ``predicted``, ``observed``, ``low``, ``high``.
    note : str
        Written in the frame.
    size : tuple of float
        Inches.

    Returns
    -------
    Figure
    """
    predicted, observed, low, high = (groups[k].to_numpy(dtype=float) for k in ("predicted", "observed", "low", "high"))
    top = min(1.0, 1.08 * float(np.nanmax(np.concatenate([predicted, high]))) + 0.01)
    with styled():
        figure = blank(*size)
        axes = figure.add_axes((0.6 / size[0], 0.5 / size[1], 1 - 0.75 / size[0], 1 - 0.62 / size[1]))
        axes.plot([0, top], [0, top], color=GREY, lw=0.8, ls=(0, (3, 2)))
        axes.vlines(predicted, low, high, color=INK, lw=1)
        axes.plot(predicted, observed, "o-", color=PALETTE[1], ms=4.5, lw=0.9, mew=0)
        axes.set_xlim(0, top)
        axes.set_ylim(0, top)
        axes.set_xlabel("predicted risk")
        axes.set_ylabel("observed risk (Kaplan-Meier)")
        axes.text(0.04, 0.95, note, transform=axes.transAxes, fontsize=8, va="top")
        quiet(axes)
    return figure


def draw_decision_curve(benefit: pd.DataFrame, *, size: tuple[float, float] = (4.6, 3.0)) -> Figure:
    """Draw the net benefit of strategies over the risk at which one would act.

    Parameters
    ----------
    benefit : DataFrame
        Columns ``strategy``, ``threshold``, ``net_benefit``.
    size : tuple of float
        Inches.

    Returns
    -------
    Figure
    """
    colour = {"nobody": GREY, "everybody": INK}
    names = list(dict.fromkeys(benefit["strategy"]))
    best = float(benefit["net_benefit"].max())
    with styled():
        figure = blank(*size)
        axes = figure.add_axes((0.65 / size[0], 0.5 / size[1], 1 - 0.8 / size[0], 1 - 0.62 / size[1]))
        for at, name in enumerate(names):
            mine = benefit.loc[(benefit["strategy"] == name).to_numpy()]
            line = (0, (3, 2)) if name in colour else "-"
            axes.plot(
                mine["threshold"].to_numpy(dtype=float), mine["net_benefit"].to_numpy(dtype=float), ls=line, lw=1.3,
                color=colour.get(name, PALETTE[at % len(PALETTE)]), label=name,
            )  # fmt: skip
        axes.set_ylim(-0.25 * best, 1.15 * best)
        useful = benefit.loc[(benefit["net_benefit"] > 0.02 * best).to_numpy(), "threshold"]
        axes.set_xlim(0, min(float(useful.max()) * 1.15, float(benefit["threshold"].max())) if len(useful) else None)
        axes.set_xlabel("risk at which one would act")
        axes.set_ylabel("net benefit per patient")
        axes.legend(frameon=False, fontsize=8)
        quiet(axes)
    return figure
