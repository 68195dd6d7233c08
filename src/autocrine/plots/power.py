"""Power of a marker over what a trial depends on, one frame per setting."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from autocrine.plots.picture import GREY, PALETTE, blank, quiet, styled

#: how settings are called below a frame
_WORDS = {
    "loop_strength": "loop strength",
    "producer_prevalence": "tumours with producers",
    "assay_cv": "scatter of the assay",
}
#: settings of which there is one value have a frame of their own width
_LEFT, _BETWEEN = 0.62, 0.25


def draw_power(power: pd.DataFrame, *, wanted: float = 0.8, height: float = 2.6) -> Figure:
    """Draw power with its 95 % interval over each setting, a line per number of patients.

    Parameters
    ----------
    power : DataFrame
        Columns ``varied``, ``value``, ``patients``, ``power``, ``power_low``, ``power_high``; one row per point.
    wanted : float
        Power that a trial is planned for, drawn as a line.
    height : float
        Inches.

    Returns
    -------
    Figure
    """
    settings = list(dict.fromkeys(power["varied"]))
    sizes = sorted(set(power["patients"]))
    width = _LEFT + 0.7 + 2.1 * len(settings)
    each = (width - _LEFT - 0.7) / len(settings)
    with styled():
        figure = blank(width, height)
        for at, setting in enumerate(settings):
            place = ((_LEFT + at * each) / width, 0.5 / height, (each - _BETWEEN) / width, 1 - 0.62 / height)
            axes = figure.add_axes(place)
            axes.axhline(wanted, color=GREY, lw=0.8, ls=(0, (3, 2)), zorder=0)
            mine = power.loc[(power["varied"] == setting).to_numpy()]
            for number, size in enumerate(sizes):
                _line(axes, mine.loc[(mine["patients"] == size).to_numpy()], number, len(sizes))
            axes.set_ylim(0, 1)
            axes.yaxis.set_major_formatter(PercentFormatter(1.0, symbol=" %"))
            axes.set_xlabel(_WORDS.get(str(setting), str(setting) or "as the trial is"))
            quiet(axes)
            axes.tick_params(labelleft=at == 0)
            if at == 0:
                axes.set_ylabel("power")
            if at == len(settings) - 1:
                axes.legend(title="patients", frameon=False, fontsize=8, title_fontsize=8,
                            loc="center left", bbox_to_anchor=(1.02, 0.5))  # fmt: skip
    return figure


def _line(axes: object, rows: pd.DataFrame, number: int, count: int) -> None:
    """Draw one number of patients; points of different numbers stand beside each other."""
    ordered = rows.sort_values("value")
    value = ordered["value"].to_numpy(dtype=float)
    value = np.where(np.isfinite(value), value, 0.0)
    apart = 0.012 * (np.ptp(value) or 1.0) * (number - (count - 1) / 2)
    found = ordered["power"].to_numpy(dtype=float)
    low, high = (np.abs(found - ordered[f"power_{end}"].to_numpy(dtype=float)) for end in ("low", "high"))
    axes.errorbar(  # pyright: ignore[reportAttributeAccessIssue]
        value + apart, found, yerr=np.array([low, high]), fmt="o-", ms=3.5, lw=1.2, elinewidth=0.9,
        color=PALETTE[1 + number % (len(PALETTE) - 1)], label=f"{int(ordered['patients'].iloc[0]):,}",
    )  # fmt: skip
