"""A tissue: slices through fields with the cells in them, clones, and profiles along a distance or time."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import EllipseCollection
from matplotlib.figure import Figure
from numpy.typing import NDArray

from autocrine.plots.picture import GREY, INK, PALE, PALETTE, blank, quiet, styled

_SIZE = (3.7, 3.0)
_PRODUCER, _OTHER, _DEAD = "#D55E00", "#FFFFFF", "#444444"


def draw_slice(
    level: NDArray[np.float64],
    spacing_um: float,
    position_um: NDArray[np.float64],
    radius_um: NDArray[np.float64],
    kind: NDArray[np.int64],
    *,
    title: str,
    unit: str,
) -> Figure:
    """Draw one slice of a field with the cells in it.

    Parameters
    ----------
    level : ndarray of shape (nx, ny)
        Levels in the slice.
    spacing_um : float
        Edge of a voxel (um).
    position_um : ndarray of shape (2, cells)
        Centres (um).
    radius_um : ndarray of shape (cells,)
        Radii (um).
    kind : ndarray of int, shape (cells,)
        0 for other cells, 1 for producers, 2 for dead ones.
    title, unit : str
        Above the frame, and beside the key.

    Returns
    -------
    Figure
    """
    with styled():
        figure = blank(*_SIZE)
        axes = figure.add_axes((0.13, 0.13, 0.62, 0.76))
        extent = (0.0, level.shape[0] * spacing_um, 0.0, level.shape[1] * spacing_um)
        image = axes.imshow(level.T, origin="lower", extent=extent, cmap="viridis", interpolation="nearest")
        draw_cells(axes, position_um, radius_um, kind)
        bar = figure.colorbar(image, cax=figure.add_axes((0.79, 0.13, 0.03, 0.76)))
        bar.set_label(unit)
        bar.outline.set_visible(False)  # pyright: ignore[reportCallIssue]
        _frame(axes, extent, title)
    return figure


def draw_clone_map(
    size_um: float,
    position_um: NDArray[np.float64],
    radius_um: NDArray[np.float64],
    group: NDArray[np.int64],
    producer: NDArray[np.bool_],
    *,
    title: str,
) -> Figure:
    """Draw the cells of a slice in the colour of their group: their first ancestor, or their clone.

    Parameters
    ----------
    size_um : float
        Edge of the domain (um).
    position_um, radius_um : ndarray of shape (2, cells) and (cells,)
        Centres and radii (um).
    group : ndarray of int, shape (cells,)
        Cells of one group have one colour; groups share eight.
    producer : ndarray of bool, shape (cells,)
        They have a dark edge.
    title : str
        Above the frame.

    Returns
    -------
    Figure
    """
    with styled():
        figure = blank(_SIZE[0] * 0.85, _SIZE[1])
        axes = figure.add_axes((0.15, 0.13, 0.8, 0.76))
        faces = np.array([*PALETTE[1:], PALE])[group % len(PALETTE)]
        edges = np.where(producer, INK, "white")
        _discs(
            axes, position_um, radius_um, facecolors=faces, edgecolors=edges, linewidths=np.where(producer, 1.2, 0.3)
        )
        _frame(axes, (0.0, size_um, 0.0, size_um), title)
    return figure


def draw_profiles(
    profiles: Mapping[str, tuple[NDArray[np.float64], NDArray[np.float64]]],
    *,
    x_label: str,
    y_label: str,
    title: str = "",
    from_zero: bool = True,
) -> Figure:
    """Draw one line for each name: a level along a distance, or a number over time.

    Parameters
    ----------
    profiles : mapping of str to (ndarray of shape (points,), ndarray of shape (points,))
        Places and values.
    x_label, y_label, title : str
        Words at the frame.
    from_zero : bool
        Whether the vertical axis starts at 0.

    Returns
    -------
    Figure
    """
    with styled():
        rows = 0.16 * len(profiles)
        height = 2.9 + rows
        figure = blank(4.6, height)
        axes = figure.add_axes((0.15, (0.5 + rows) / height, 0.81, 2.1 / height))
        for at, (name, (x, y)) in enumerate(profiles.items()):
            style = ("-", "--", ":")[at // len(PALETTE) % 3]
            axes.plot(x, y, style, color=PALETTE[at % len(PALETTE)], lw=1.3, marker="o", ms=2.5, label=name)
        axes.set_xlabel(x_label, labelpad=2)
        axes.set_ylabel(y_label)
        axes.set_title(title, loc="left", color=INK)
        if from_zero:
            axes.set_ylim(0, None)
        axes.ticklabel_format(axis="y", scilimits=(-3, 5))
        # beside the title, not in it
        axes.yaxis.get_offset_text().set_position((-0.16, 0.0))
        quiet(axes)
        if profiles:
            figure.legend(loc="lower left", bbox_to_anchor=(0.12, 0.0), frameon=False, fontsize=7, labelspacing=0.15)
    return figure


def draw_cells(
    axes: Axes, position_um: NDArray[np.float64], radius_um: NDArray[np.float64], kind: NDArray[np.int64]
) -> None:
    """Draw the edges of cells of three kinds into a frame: others white, producers orange, dead ones dark."""
    edges = np.array([_OTHER, _PRODUCER, _DEAD])[kind]
    _discs(axes, position_um, radius_um, facecolors="none", edgecolors=edges, linewidths=0.7)


def _discs(axes: Axes, position_um: NDArray[np.float64], radius_um: NDArray[np.float64], **style: object) -> None:
    wide = 2 * radius_um
    discs = EllipseCollection(
        wide, wide, np.zeros_like(wide), offsets=position_um.T, units="xy", offset_transform=axes.transData, **style
    )
    axes.add_collection(discs)


def _frame(axes: Axes, extent: tuple[float, float, float, float], title: str) -> None:
    axes.set_xlim(*extent[:2])
    axes.set_ylim(*extent[2:])
    axes.set_aspect("equal")
    axes.set_xlabel("x (um)", labelpad=1)
    axes.set_ylabel("y (um)", labelpad=1)
    axes.set_title(title, loc="left", color=INK)
    axes.tick_params(length=2, colors=INK)
    axes.spines[:].set_color(GREY)
