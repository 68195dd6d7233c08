"""Families of cells as trees over time."""

from __future__ import annotations

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from numpy.typing import NDArray

from autocrine.plots.picture import GREY, INK, blank, styled

_PRODUCER, _OTHER, _DEAD = "#D55E00", "#0072B2", "#444444"
_ROW = 0.062


def draw_lineage(
    parent: NDArray[np.int64],
    birth_h: NDArray[np.float64],
    end_h: NDArray[np.float64],
    died: NDArray[np.bool_],
    producer: NDArray[np.bool_],
    *,
    last_h: float,
    title: str,
) -> Figure:
    """Draw a line for the life of each cell, from its birth to its division, its death or the end.

    Parameters
    ----------
    parent : ndarray of int, shape (cells,)
        Row of the parent, -1 for first cells; parents stand before their daughters.
    birth_h, end_h : ndarray of shape (cells,)
        When it was born and when it ended (h); NaN where it lives.
    died, producer : ndarray of bool, shape (cells,)
        Whether it ended by death; whether it makes IL-6.
    last_h : float
        End of the run (h).
    title : str
        Above the frame.

    Returns
    -------
    Figure
    """
    height = _heights(parent)
    rows = float(height.max(initial=0.0)) + 1
    until = np.where(np.isfinite(end_h), end_h, last_h)
    colours = np.where(producer, _PRODUCER, _OTHER)
    lives = [[(b, y), (e, y)] for b, e, y in zip(birth_h, until, height, strict=True)]
    joints = [[(birth_h[row], height[parent[row]]), (birth_h[row], height[row])] for row in np.flatnonzero(parent >= 0)]
    with styled():
        tall = max(1.4, _ROW * rows + 0.75)
        figure = blank(7.4, tall)
        axes = figure.add_axes((0.03, 0.45 / tall, 0.94, 1 - 0.75 / tall))
        axes.add_collection(LineCollection(joints, colors=GREY, linewidths=0.6))
        axes.add_collection(LineCollection(lives, colors=colours.tolist(), linewidths=1.1))
        dead = np.flatnonzero(died)
        axes.plot(until[dead], height[dead], "x", color=_DEAD, ms=3.5, mew=1.0, ls="none")
        axes.set_xlim(0, last_h * 1.01)
        axes.set_ylim(-1, rows)
        axes.set_yticks([])
        axes.spines[["top", "right", "left"]].set_visible(False)
        axes.tick_params(length=3, colors=INK)
        axes.set_xlabel("time (h)", labelpad=2)
        axes.set_title(title, loc="left", color=INK)
    return figure


def _heights(parent: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the place of each cell: leaves one below the other, a mother between her daughters, families apart."""
    daughters: list[list[int]] = [[] for _ in parent]
    for row in np.flatnonzero(parent >= 0):
        daughters[parent[row]].append(int(row))
    height, leaf = np.zeros(len(parent)), -1.0
    for founder in np.flatnonzero(parent < 0):
        leaf += 0.6
        # daughters are placed before their mother, without recursion: families may be deep
        stack = [(int(founder), False)]
        while stack:
            row, ready = stack.pop()
            if ready:
                height[row] = np.mean(height[daughters[row]])
            elif daughters[row]:
                stack.append((row, True))
                stack.extend((each, False) for each in reversed(daughters[row]))
            else:
                leaf += 1.0
                height[row] = leaf
    return height
