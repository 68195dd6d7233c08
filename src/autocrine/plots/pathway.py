"""A pathway: who activates or inhibits whom, with the parts that are switched off."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Patch
from matplotlib.path import Path

from autocrine.core import errors
from autocrine.plots.picture import GREY, INK, SMALL, blank, styled

KINDS = ("activates", "inhibits")
_FILLS = ("#DCEBF7", "#FBE3D4", "#D9F0E6", "#F6E3EE", "#FFF3D1", "#E4E4E4", "#E3F3FC")
_OFF = "#9A9A9A"
_INHIBITS = "#C04A00"
_STEP = (1.45, 0.85)
_BOX_HEIGHT = 0.36
_BEND = 0.28
#: between a box and the tail or the head of an arrow, inches
_GAPS = (1 / 72, 2.5 / 72)

Rows = pd.DataFrame | Sequence[Mapping[str, Any]]


def draw_pathway(nodes: Rows, edges: Rows, *, title: str = "") -> Figure:
    """Draw a pathway from given places.

    Parameters
    ----------
    nodes : DataFrame or list of mappings
        Columns ``name``, ``x``, ``y``, ``group``. One unit of x or y is the usual distance of neighbours; y points up.
        Nodes of a group have one fill, named in the key.
    edges : DataFrame or list of mappings
        Columns ``from``, ``to``, ``kind`` (activates or inhibits), ``on`` (a switched-off edge is grey, dashed and
        crossed), optional ``label`` and ``bend`` (curvature; two edges between the same nodes bend by themselves).
    title : str
        Above the drawing.

    Returns
    -------
    Figure

    Raises
    ------
    InputError
        If an edge names a node that is not there, or its kind is none of the two.
    """
    nodes, edges = pd.DataFrame(nodes), pd.DataFrame(edges)
    places = {row["name"]: (row["x"] * _STEP[0], row["y"] * _STEP[1]) for row in nodes.to_dict("records")}
    _check(places, edges)
    groups = list(dict.fromkeys(nodes["group"]))
    xs, ys = [p[0] for p in places.values()], [p[1] for p in places.values()]
    left, right, low, high = min(xs) - 0.85, max(xs) + 0.85, min(ys) - 0.75, max(ys) + 0.45
    with styled():
        figure = blank(right - left, high - low + 0.2)
        # data units are inches, so that boxes and gaps have the same size in every pathway
        axes = figure.add_axes((0, 0, 1, (high - low) / (high - low + 0.2)), xlim=(left, right), ylim=(low, high))
        axes.axis("off")
        boxes = {
            row["name"]: _node(axes, row["name"], places[row["name"]], _FILLS[groups.index(row["group"]) % len(_FILLS)])
            for row in nodes.to_dict("records")
        }
        pairs = {(edge["from"], edge["to"]) for edge in edges.to_dict("records")}
        for edge in edges.to_dict("records"):
            _edge(axes, edge, places, boxes, both=(edge["to"], edge["from"]) in pairs)
        _key(axes, groups)
        figure.text(0.12 / (right - left), 1 - 0.16 / (high - low + 0.2), title, fontsize=9.5, va="center")
    return figure


def _check(places: dict[str, tuple[float, float]], edges: pd.DataFrame) -> None:
    for at, edge in enumerate(edges.to_dict("records")):
        for end in ("from", "to"):
            if edge[end] not in places:
                raise errors.InputError("an edge must join nodes of the pathway", edge[end], where=f"edge {at}, {end}")
        if edge["kind"] not in KINDS:
            raise errors.InputError(
                f"the kind of an edge must be {' or '.join(KINDS)}", edge["kind"], where=f"edge {at}"
            )


def _node(axes: Axes, name: str, place: tuple[float, float], fill: str) -> FancyBboxPatch:
    width = _width(name)
    height = _BOX_HEIGHT + 0.14 * name.count("\n")
    box = FancyBboxPatch(
        (place[0] - width / 2, place[1] - height / 2),
        width,
        height,
        boxstyle="round,pad=0,rounding_size=0.08",
        facecolor=fill,
        edgecolor=INK,
        lw=0.8,
        zorder=3,
    )
    axes.add_patch(box)
    axes.text(*place, name, ha="center", va="center", fontsize=8.5, zorder=4, linespacing=1.0)
    return box


def _width(name: str) -> float:
    longest = max(len(part) for part in name.split("\n"))
    return max(0.085 * longest + 0.2, 0.6)


def _edge(
    axes: Axes,
    edge: dict[str, Any],
    places: dict[str, tuple[float, float]],
    boxes: dict[str, FancyBboxPatch],
    *,
    both: bool,
) -> None:
    start, end = places[edge["from"]], places[edge["to"]]
    off = not edge["on"]
    colour = _OFF if off else (_INHIBITS if edge["kind"] == "inhibits" else INK)
    bend = _bend(edge, both=both)
    style = "-|>,head_length=0.5,head_width=0.25" if edge["kind"] == "activates" else "|-|,widthA=0,widthB=0.42"
    if edge["from"] == edge["to"]:
        middle = _loop(axes, start, _width(edge["from"]), colour, style, off=off)
    else:
        # `add_patch` would work the arrow out once more, to widen limits that are fixed
        axes.add_artist(
            FancyArrowPatch(
                path=_between(boxes[edge["from"]], boxes[edge["to"]], bend),
                arrowstyle=style,
                mutation_scale=11,
                color=colour,
                lw=1.2,
                ls=(0, (3, 2)) if off else "-",
                zorder=2,
            )
        )
        middle = _middle(start, end, (_width(edge["from"]), _width(edge["to"])), bend)
    if off:
        axes.plot(*middle, marker="x", ms=8, mew=1.8, color="#B00020", zorder=5)
    if edge.get("label") and not pd.isna(edge["label"]):
        direction = (end[0] - start[0], end[1] - start[1])
        _label(axes, str(edge["label"]), middle, direction, colour, crossed=off)


def _bend(edge: dict[str, Any], *, both: bool) -> float:
    given = edge.get("bend")
    if given is None or pd.isna(given):
        return _BEND if both else 0.0
    return float(given)


def _control(start: tuple[float, float], end: tuple[float, float], bend: float) -> tuple[float, float]:
    """Return the control point of a quadratic Bezier curve: it stands off the middle by bend times the length."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    return start[0] + dx / 2 + bend * dy, start[1] + dy / 2 - bend * dx


def _between(source: FancyBboxPatch, target: FancyBboxPatch, bend: float) -> Path:
    """Return the part of the curve from the middle of a box to that of another which can be seen between them.

    The arrow could be cut at the boxes by matplotlib, in many small steps that took a third of the drawing.
    """
    ends = [(box.get_x() + box.get_width() / 2, box.get_y() + box.get_height() / 2) for box in (source, target)]
    points = np.array([ends[0], _control(ends[0], ends[1], bend), ends[1]])
    t = np.linspace(0, 1, 1001)[:, None]
    curve = (1 - t) ** 2 * points[0] + 2 * t * (1 - t) * points[1] + t**2 * points[2]
    hidden = []
    for box, end, gap in ((source, ends[0], _GAPS[0]), (target, ends[1], _GAPS[1])):
        reach = np.array([box.get_width(), box.get_height()]) / 2 + gap
        hidden.append((np.abs(curve - end) < reach).all(axis=1))
    first, last = int(np.argmin(hidden[0])), int(t.size - 1 - np.argmin(hidden[1][::-1]))
    one, two = float(t[first, 0]), float(t[last, 0])
    # the control point of the piece of a curve from one to two is its polar form at both
    inner = (1 - one) * (1 - two) * points[0] + (one + two - 2 * one * two) * points[1] + one * two * points[2]
    return Path([curve[first], inner, curve[last]], [Path.MOVETO, Path.CURVE3, Path.CURVE3])


def _middle(
    start: tuple[float, float], end: tuple[float, float], widths: tuple[float, float], bend: float
) -> tuple[float, float]:
    """Return the middle of the part of an arrow that can be seen between the boxes."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = math.hypot(dx, dy)
    hidden = [min(w / 2 / max(abs(dx) / length, 1e-9), _BOX_HEIGHT / 2 / max(abs(dy) / length, 1e-9)) for w in widths]
    t = (hidden[0] + (length - hidden[1])) / 2 / length
    control = _control(start, end, bend)
    weights = ((1 - t) ** 2, 2 * t * (1 - t), t**2)
    x, y = (sum(w * p[k] for w, p in zip(weights, (start, control, end), strict=True)) for k in (0, 1))
    return x, y


def _loop(
    axes: Axes, place: tuple[float, float], width: float, colour: str, style: str, *, off: bool
) -> tuple[float, float]:
    """Draw an edge from a node to itself above it."""
    x, y = place
    top, reach = y + _BOX_HEIGHT / 2, min(width / 4, 0.2)
    axes.add_patch(
        FancyArrowPatch(
            (x + reach, top),
            (x - reach, top),
            connectionstyle="arc3,rad=1.3",
            arrowstyle=style,
            mutation_scale=11,
            color=colour,
            lw=1.2,
            ls=(0, (3, 2)) if off else "-",
            zorder=2,
        )
    )
    return x, top + 1.3 * reach


def _label(
    axes: Axes,
    word: str,
    middle: tuple[float, float],
    direction: tuple[float, float],
    colour: str,
    *,
    crossed: bool,
) -> None:
    """Write a label beside its edge, as far from it as its own size asks: above, or to the right of a steep one."""
    length = math.hypot(*direction)
    # an edge to itself has no direction: its label stands above
    normal = (-direction[1] / length, direction[0] / length) if length else (0.0, 1.0)
    if normal[1] < -0.1 or (abs(normal[1]) <= 0.1 and normal[0] < 0):
        normal = (-normal[0], -normal[1])
    away = 0.04 + 0.1 * crossed + abs(normal[0]) * 0.029 * len(word) + abs(normal[1]) * 0.075
    shift = (normal[0] * away, normal[1] * away)
    axes.text(
        middle[0] + shift[0],
        middle[1] + shift[1],
        word,
        ha="center",
        va="center",
        fontsize=SMALL,
        color=colour if colour != INK else GREY,
        zorder=6,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.3, "alpha": 0.8},
    )


def _key(axes: Axes, groups: list[str]) -> None:
    patches = [Patch(facecolor=_FILLS[at % len(_FILLS)], edgecolor=INK, lw=0.5, label=g) for at, g in enumerate(groups)]
    axes.legend(
        handles=patches,
        loc="lower center",
        ncols=len(groups),
        frameon=False,
        fontsize=SMALL,
        handlelength=1.1,
        columnspacing=1.2,
    )
