"""A figure without global state, in the style of the house, and its text as SVG."""

from __future__ import annotations

import io
import re
from contextlib import AbstractContextManager
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

#: Okabe and Ito's colours, told apart by colour-blind readers; black first. Source: https://jfly.uni-koeln.de/color/
PALETTE = ("#000000", "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#8C6D1F")
GREY = "#7A7A7A"
PALE = "#D9D9D9"
INK = "#222222"
SMALL = 7.5

_STYLE: dict[Any, Any] = {
    "font.size": 9.0,
    "axes.titlesize": 9.5,
    "axes.labelsize": 9.0,
    "xtick.labelsize": 8.0,
    "ytick.labelsize": 8.0,
    "axes.linewidth": 0.7,
    "xtick.major.width": 0.7,
    "ytick.major.width": 0.7,
    "hatch.linewidth": 0.6,
    "axes.unicode_minus": False,
    "svg.fonttype": "none",
    # equal figures give equal bytes
    "svg.hashsalt": "autocrine",
}
_PROLOGUE = re.compile(r"^.*?(?=<svg)", re.DOTALL)
_GROUP_NAME = re.compile(r'<g id="[^"]*"')
_METADATA = re.compile(r"\s*<metadata>.*?</metadata>", re.DOTALL)


def svg(figure: Figure) -> str:
    """Return a figure as SVG text: the same bytes for the same figure.

    Parameters
    ----------
    figure : Figure
        Any figure.

    Returns
    -------
    str
        From ``<svg`` to ``</svg>``, to be written to a file or put into a page; text stays text. The names of groups
        are left out, since they would clash with those of other pictures on a page.
    """
    buffer = io.StringIO()
    with mpl.rc_context(_STYLE):
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    text = _PROLOGUE.sub("", buffer.getvalue(), count=1)
    return _METADATA.sub("", _GROUP_NAME.sub("<g", text))


def styled() -> AbstractContextManager[None]:
    """Return the context in which every figure of this room is drawn."""
    return mpl.rc_context(_STYLE)


def blank(width: float, height: float) -> Figure:
    """Return an empty white figure; sizes in inches."""
    return Figure(figsize=(width, height), facecolor="white")


def quiet(axes: Axes) -> None:
    """Leave only the left and bottom edge of a frame."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(direction="out", length=3, colors=INK)


def colours(names: list[str]) -> dict[str, str]:
    """Give every name its colour, in the order of the names."""
    return {name: PALETTE[at % len(PALETTE)] for at, name in enumerate(names)}


def apart(places: list[float], gap: float, low: float, high: float) -> list[float]:
    """Move places as little as is needed to keep a gap between neighbours, inside of low to high where they fit.

    Parameters
    ----------
    places : list of float
        Where labels would stand.
    gap : float
        Least distance between two labels.

    Returns
    -------
    list of float
        In the order of ``places``.
    """
    order = sorted(range(len(places)), key=lambda at: places[at])
    # after taking the gaps away, labels need only stay in order: touching ones share the mean of what they want
    blocks: list[tuple[float, int]] = []
    for rank, at in enumerate(order):
        centre, count = places[at] - rank * gap, 1
        while blocks and blocks[-1][0] >= centre:
            before, number = blocks.pop()
            centre, count = (centre * count + before * number) / (count + number), count + number
        blocks.append((centre, count))
    level = [centre for centre, count in blocks for _ in range(count)]
    top = max(high - gap * (len(places) - 1), low)
    result = [0.0] * len(places)
    for rank, at in enumerate(order):
        result[at] = min(max(level[rank], low), top) + rank * gap
    return result
