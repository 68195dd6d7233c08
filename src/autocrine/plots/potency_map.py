"""A heat map of IC50, lines by drugs; what is censored is hatched."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle

from autocrine.plots.picture import INK, PALE, blank, styled

_CELL = (0.7, 0.19)


def draw_potency_map(table: pd.DataFrame, *, title: str = "IC50") -> Figure:
    """Draw log10 IC50 of every line and drug.

    Parameters
    ----------
    table : DataFrame
        Columns ``line``, ``drug``, ``value_nM``, ``censored`` and ``bound_nM``; lines and drugs keep their order of
        appearance. A censored cell has the colour of its bound, a hatch and its sign; a grey one is not determined.
    title : str
        Above the map.

    Returns
    -------
    Figure
    """
    lines, drugs = list(dict.fromkeys(table["line"])), list(dict.fromkeys(table["drug"]))
    dose = table["value_nM"].astype(float).fillna(table["bound_nM"].astype(float)).to_numpy(dtype=float)
    known = np.log10(dose[np.isfinite(dose)])
    norm = Normalize(*((known.min(), known.max()) if known.size else (0.0, 1.0)))
    left, bottom, right, top = 0.09 * max(map(len, lines)) + 0.2, 0.75, 0.85, 0.4
    width, height = left + right + _CELL[0] * len(drugs), bottom + top + _CELL[1] * len(lines)
    width = max(width, 3.6)
    with styled():
        figure = blank(width, height)
        across = _CELL[0] * len(drugs) / width
        axes = figure.add_axes((left / width, bottom / height, across, 1 - (bottom + top) / height))
        for row, level in zip(table.to_dict("records"), np.log10(dose), strict=True):
            corner = (drugs.index(row["drug"]), lines.index(row["line"]))
            _cell(axes, corner, row["censored"], float(level), norm)
        axes.set_xlim(0, len(drugs))
        axes.set_ylim(len(lines), 0)
        axes.set_xticks(np.arange(len(drugs)) + 0.5, drugs, rotation=30, ha="right", rotation_mode="anchor")
        axes.set_yticks(np.arange(len(lines)) + 0.5, lines, fontsize=7.5)
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)
        _key(figure, norm, (left / width + across + 0.15 / width, height))
        figure.text(0.06 / width, 1 - 0.2 / height, title, fontsize=9.5, va="center")
    return figure


def _cell(axes: Axes, corner: tuple[int, int], censored: str, level: float, norm: Normalize) -> None:
    determined = np.isfinite(level)
    colour = mpl.colormaps["viridis"](float(norm(level))) if determined else PALE
    dark = determined and float(norm(level)) < 0.55
    ink = "white" if dark else INK
    axes.add_patch(
        Rectangle(corner, 1, 1, facecolor=colour, edgecolor=ink if censored else "white", lw=0, hatch=_hatch(censored))
    )
    axes.add_patch(Rectangle(corner, 1, 1, fill=False, edgecolor="white", lw=1))
    word = (f"{censored} " if censored else "") + _dose(level) if determined else "n.d."
    box = {"facecolor": colour, "edgecolor": "none", "pad": 0.8} if censored else None
    axes.text(corner[0] + 0.5, corner[1] + 0.53, word, ha="center", va="center", fontsize=6.8, color=ink, bbox=box)


def _hatch(censored: str) -> str | None:
    return {"<": "\\\\\\\\", ">": "////"}.get(censored)


def _dose(level: float) -> str:
    dose_nM = 10.0**level
    unit, factor = next(
        item for item in (("mM", 1e6), ("µM", 1e3), ("nM", 1.0), ("pM", 1e-3)) if dose_nM >= item[1] or item[0] == "pM"
    )
    return f"{dose_nM / factor:.2g} {unit}" if dose_nM / factor < 99.5 else f"{dose_nM / factor:.0f} {unit}"


def _key(figure: Figure, norm: Normalize, at: tuple[float, float]) -> None:
    left, height = at
    width = figure.get_figwidth()
    tall = min(1.6, max(height - 1.5, 0.5))
    axes = figure.add_axes((left, 1 - (0.4 + tall) / height, 0.12 / width, tall / height))
    bar = figure.colorbar(ScalarMappable(norm, "viridis"), cax=axes)
    low, high = norm.vmin or 0.0, norm.vmax or 1.0
    ticks = [float(t) for t in range(int(np.ceil(low)), int(np.floor(high)) + 1)]
    bar.set_ticks(ticks, labels=[_dose(t) for t in ticks])
    bar.outline.set_visible(False)  # pyright: ignore[reportCallIssue]
    axes.tick_params(length=2, labelsize=7)
    patches = [
        Patch(facecolor="white", edgecolor=INK, lw=0.4, hatch=_hatch(">"), label="> tested"),
        Patch(facecolor="white", edgecolor=INK, lw=0.4, hatch=_hatch("<"), label="< tested"),
        Patch(facecolor=PALE, label="not det."),
    ]
    figure.legend(
        handles=patches,
        loc="upper left",
        bbox_to_anchor=(left - 0.05 / width, 1 - (0.5 + tall) / height),
        fontsize=6.5,
        frameon=False,
        handlelength=1.2,
        borderpad=0,
    )
