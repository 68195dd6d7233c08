"""A figure without global state, in the style of the house, and its text as SVG."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter
from numpy.typing import NDArray

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
    # a title stands where it stands: else all ticks are measured to find whether one is in its way
    "axes.titley": 1.0,
    "svg.fonttype": "none",
    # a name may hold a $ sign: no text is read as a formula
    "text.parse_math": False,
    # equal figures give equal bytes
    "svg.hashsalt": "autocrine",
}
_PROLOGUE = re.compile(r"^.*?(?=<svg)", re.DOTALL)
_GROUP_NAME = re.compile(r'<g id="[^"]*"')
#: widths are measured in DejaVu Sans, the widest of these, so that no other font overflows; each text names its font
_FONTS = re.compile(r";? ?font-family: 'DejaVu Sans'[^;\"]*")
_PAGE_FONTS = "Helvetica Neue, Arial, DejaVu Sans, sans-serif"
#: a style for every element of the page, in which the picture is only a part
_STYLE_OF_ALL = re.compile(r"\s*<defs>\s*<style.*?</style>\s*</defs>", re.DOTALL)
_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_METADATA = re.compile(r"\s*<metadata>.*?</metadata>", re.DOTALL)


class Picture(str):
    """The text of an SVG, which a notebook shows as the picture that it is."""

    __slots__ = ()

    def _repr_svg_(self) -> str:
        return str(self)


def svg(figure: Figure) -> Picture:
    """Return a figure as SVG text: the same bytes for the same figure.

    Parameters
    ----------
    figure : Figure
        Any figure.

    Returns
    -------
    Picture
        From ``<svg`` to ``</svg>``, to be written to a file or put into a page; text stays text. The names of groups
        are left out, since they would clash with those of other pictures on a page.
    """
    buffer = io.StringIO()
    with mpl.rc_context(_STYLE):
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    text = _PROLOGUE.sub("", buffer.getvalue(), count=1)
    for pattern, instead in ((_GROUP_NAME, "<g"), (_METADATA, ""), (_FONTS, ""), (_STYLE_OF_ALL, "")):
        text = pattern.sub(instead, text)
    return Picture(text.replace("<svg", f'<svg font-family="{_PAGE_FONTS}" stroke-linejoin="round"', 1))


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


def dots(axes: Axes, groups: Sequence[tuple[NDArray[np.float64], str]], *, size: float, alpha: float = 1.0) -> None:
    """Draw round points, as lines of no length with round ends: a path of a thousand is as quick as one marker.

    Parameters
    ----------
    axes : Axes
        Where to; its limits are not changed.
    groups : sequence of (ndarray of shape (n, 2), str)
        Places, and their colour.
    size : float
        Diameter, points.
    alpha : float
        Opacity.
    """
    paths = []
    for places, _ in groups:
        gap = np.full_like(places, np.nan)
        paths.append(np.stack([places, places, gap], axis=1).reshape(-1, 2))
    inks = [to_rgba(colour, alpha) for _, colour in groups]
    axes.add_collection(LineCollection(paths, colors=inks, linewidths=size, capstyle="round"), autolim=False)


def power(exponent: int) -> str:
    """Write a power of ten as a person reads it: 0.01, 1000, 10⁶."""
    return f"{10.0**exponent:g}" if -4 <= exponent <= 5 else "10" + str(exponent).translate(_SUPERSCRIPT)


def decades(axis: Axis) -> None:
    """Label a logarithmic axis with plain text, on full decades, or at 1, 2 and 5 where it spans little."""
    low, high = axis.get_view_interval()
    if high / low > 30:
        axis.set_major_formatter(FuncFormatter(lambda value, _: power(round(math.log10(value)))))
    else:
        ends = (math.floor(math.log10(low)), math.ceil(math.log10(high)))
        ticks = [k * 10.0**e for e in range(ends[0], ends[1] + 1) for k in (1, 2, 5)]
        axis.set_ticks([t for t in ticks if low <= t <= high])
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_formatter(NullFormatter())


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
