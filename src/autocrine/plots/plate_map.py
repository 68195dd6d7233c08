"""A plate as it stands on the bench: wells coloured by value, outlined by what they are."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from autocrine.plots.picture import GREY, PALE, PALETTE, SMALL, blank, styled

#: colours of rims; treated wells have none
_RIMS = {"blank": GREY, "control": PALETTE[2], "untreated": PALETTE[5], "positive": PALETTE[4]}
_MARGIN = {"left": 0.35, "right": 1.45, "top": 0.62, "bottom": 0.12}


def draw_plate_map(wells: pd.DataFrame, *, shape: tuple[int, int], title: str = "", quantity: str = "value") -> Figure:
    """Draw one plate.

    Parameters
    ----------
    wells : DataFrame
        Columns ``plate_row``, ``plate_column`` (from 0), ``value``, ``kind`` (blank, control, untreated, positive,
        treated) and, if wells shall be marked with a cross, ``odd`` (bool).
    shape : tuple of int
        Rows and columns of the plate: 8 x 12, 16 x 24, 32 x 48.
    title, quantity : str
        Written above the plate and at the colour bar.

    Returns
    -------
    Figure
        Colours end at the 2 % and 98 % quantiles, so that a single well does not take them all.
    """
    rows, columns = shape
    cell = 3.3 / rows if rows <= 16 else 4.4 / rows
    width = max(cell * columns + _MARGIN["left"] + _MARGIN["right"], 3.2)
    height = cell * rows + _MARGIN["top"] + _MARGIN["bottom"]
    value = wells["value"].to_numpy(dtype=float)
    ends = np.nanquantile(value, [0.02, 0.98]) if np.isfinite(value).any() else np.array([0.0, 1.0])
    norm = Normalize(float(ends[0]), float(ends[1]) if ends[1] > ends[0] else float(ends[0]) + 1.0)
    with styled():
        figure = blank(width, height)
        across, down = cell * columns / width, cell * rows / height
        axes = figure.add_axes((_MARGIN["left"] / width, _MARGIN["bottom"] / height, across, down))
        _wells(axes, wells, norm, (rows, columns), cell)
        _names(axes, rows, columns)
        _key(figure, norm, quantity, [kind for kind in _RIMS if kind in set(wells["kind"])], odd=_any_odd(wells))
        figure.text(0.08 / width, 1 - 0.18 / height, title, fontsize=9.5, va="center")
    return figure


def _any_odd(wells: pd.DataFrame) -> bool:
    return "odd" in wells.columns and bool(wells["odd"].any())


def _wells(axes: Axes, wells: pd.DataFrame, norm: Normalize, shape: tuple[int, int], cell: float) -> None:
    rows, columns = shape
    grid = np.full(shape, np.nan)
    y, x = wells["plate_row"].to_numpy(dtype=int), wells["plate_column"].to_numpy(dtype=int)
    grid[y, x] = wells["value"].to_numpy(dtype=float)
    # places without a well are masked, and what is masked is transparent
    axes.set_facecolor("white")
    axes.imshow(np.ma.masked_invalid(grid), cmap="viridis", norm=norm, aspect="auto", interpolation="nearest")
    gap = 1.2 if rows <= 16 else 0.5
    axes.set_xticks(np.arange(columns + 1) - 0.5, minor=True)
    axes.set_yticks(np.arange(rows + 1) - 0.5, minor=True)
    axes.grid(which="minor", color="white", lw=gap)
    size = (cell * 72 * 0.42) ** 2
    for kind, colour in _RIMS.items():
        at = (wells["kind"] == kind).to_numpy()
        axes.scatter(
            x[at], y[at], s=size, marker="o", facecolor="none", edgecolor=colour, lw=1.4 if rows <= 16 else 1.0
        )
    if _any_odd(wells):
        at = wells["odd"].to_numpy(dtype=bool)
        axes.scatter(x[at], y[at], s=size * 0.8, marker="x", color="black", lw=1.0)


def _names(axes: Axes, rows: int, columns: int) -> None:
    step = 1 if rows <= 16 else 3
    letters = [chr(ord("A") + row) if row < 26 else "A" + chr(ord("A") + row - 26) for row in range(rows)]
    axes.set_xticks(np.arange(0, columns, step), [str(k + 1) for k in range(0, columns, step)], fontsize=6.5)
    axes.set_yticks(np.arange(0, rows, step), letters[::step], fontsize=6.5)
    axes.xaxis.tick_top()
    axes.tick_params(which="both", length=0, pad=2)
    for spine in axes.spines.values():
        spine.set_edgecolor(PALE)


def _key(figure: Figure, norm: Normalize, quantity: str, kinds: list[str], *, odd: bool) -> None:
    width, height = figure.get_size_inches()
    tall = 0.45 * (height - _MARGIN["top"])
    left = (width - _MARGIN["right"] + 0.12) / width
    axes = figure.add_axes((left, 1 - (_MARGIN["top"] + tall) / height, 0.12 / width, tall / height))
    bar = figure.colorbar(ScalarMappable(norm, "viridis"), cax=axes)
    bar.outline.set_visible(False)  # pyright: ignore[reportCallIssue]
    axes.tick_params(length=2, labelsize=6.5)
    figure.text(left, 1 - (_MARGIN["top"] - 0.12) / height, quantity, fontsize=SMALL, va="center")
    marks = [Line2D([], [], marker="o", ls="", mfc="none", mec=_RIMS[kind], mew=1.4, label=kind) for kind in kinds]
    marks += [Line2D([], [], marker="x", ls="", color="black", label="odd")] if odd else []
    if marks:
        at = (left - 0.08 / width, 1 - (_MARGIN["top"] + tall + 0.08) / height)
        figure.legend(handles=marks, loc="upper left", bbox_to_anchor=at, fontsize=7, frameon=False, borderpad=0)
