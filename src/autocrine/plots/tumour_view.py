"""A tumour as one sees it: cells as spheres, opened at the front, alone or beside a slice of a field and a course."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from numpy.typing import NDArray

from autocrine.plots.picture import GREY, INK, blank, quiet, styled
from autocrine.plots.spheres import ABOVE, Camera, shade_spheres
from autocrine.plots.tissue import draw_cells

#: living cells by clone, producers, dead cells
_CLONES = ("#A5CFEA", "#A8DDB5", "#E7B8D3", "#F1DFA0", "#C4B5E3", "#BFC5C9")
_PRODUCER, _DEAD = "#F07F2D", "#565656"
#: cells from which on a tissue is opened, so that one sees what lies inside
_OPENED = 60
_STEPS = np.array([1.0, 2.0, 5.0])


@dataclass(frozen=True)
class Cells:
    """Cells to be drawn.

    Attributes
    ----------
    position_um, radius_um : ndarray of shape (cells, 3) and (cells,)
        Centres and radii (um).
    kind, clone : ndarray of int, shape (cells,)
        0 for living cells, 1 for living producers, 2 for dead ones; number of the clone.
    """

    position_um: NDArray[np.float64]
    radius_um: NDArray[np.float64]
    kind: NDArray[np.int64]
    clone: NDArray[np.int64]


@dataclass(frozen=True)
class Stage:
    """What stays the same over the pictures of a course.

    Attributes
    ----------
    centre_um : ndarray of shape (3,)
        The middle of the picture.
    half_um : float
        Half of its edge.
    flat : bool
        Whether the tissue has one layer, which is seen from above.
    clones : sequence of str
        Names of clones.
    """

    centre_um: NDArray[np.float64]
    half_um: float
    flat: bool
    clones: Sequence[str]

    @classmethod
    def around(cls, cells: Sequence[Cells], *, flat: bool, clones: Sequence[str]) -> Stage:
        """Return a stage that holds all cells of all pictures."""
        full = [each for each in cells if len(each.radius_um)]
        if not full:
            return cls(np.zeros(3), 1.0, flat, clones)
        centre = np.mean([each.position_um.mean(axis=0) for each in full], axis=0)
        half = max(float((np.linalg.norm(each.position_um - centre, axis=1) + each.radius_um).max()) for each in full)
        return cls(centre, half, flat, clones)


@dataclass(frozen=True)
class Slice:
    """A slice of a field: levels, edge of a voxel, what it is, the level of the brightest colour, cells in it."""

    level: NDArray[np.float64]
    spacing_um: float
    name: str
    highest: float
    shown: NDArray[np.bool_]


def draw_view(cells: Cells, stage: Stage, *, title: str, pixels: int = 480) -> Figure:
    """Draw the cells as shaded spheres, without the eighth that is nearest to the viewer.

    Parameters
    ----------
    cells : Cells
        The cells.
    stage : Stage
        What the picture shows.
    title : str
        Above it.
    pixels : int
        Edge of the picture.

    Returns
    -------
    Figure
    """
    with styled():
        figure = blank(3.7, 4.0)
        axes = figure.add_axes((0.02, 0.09, 0.96, 0.84))
        _look(axes, cells, stage, pixels)
        axes.set_title(title, loc="left", color=INK)
        _legend(figure, cells, stage, 0.02, 0.035)
    return figure


def draw_moment(
    cells: Cells,
    stage: Stage,
    field: Slice,
    course: tuple[NDArray[np.float64], NDArray[np.float64]],
    time_h: float,
    *,
    title: str,
    pixels: int = 380,
) -> Figure:
    """Draw one picture of a movie: spheres, a slice of a field with the cells in it, and numbers up to now.

    Parameters
    ----------
    cells, stage
        As in `draw_view`.
    field : Slice
        Of the field.
    course : (ndarray of shape (times,), ndarray of shape (times, 3))
        Times of the movie, and numbers of other living cells, of producers and of dead cells.
    time_h : float
        Now.
    title : str
        Above all.

    Returns
    -------
    Figure
    """
    with styled():
        figure = blank(7.6, 4.4)
        _look(figure.add_axes((0.01, 0.10, 0.46, 0.80)), cells, stage, pixels)
        figure.text(0.015, 0.945, title, fontsize=10, color=INK, va="center")
        figure.text(0.985, 0.945, f"{time_h:.1f} h", fontsize=13, color=INK, ha="right", va="center")
        _legend(figure, cells, stage, 0.015, 0.045)
        _field(figure, cells, field)
        _numbers(figure.add_axes((0.565, 0.115, 0.405, 0.2)), course, time_h)
    return figure


def _look(axes: Axes, cells: Cells, stage: Stage, pixels: int) -> None:
    camera = ABOVE if stage.flat else Camera()
    kept = np.ones(len(cells.radius_um), bool)
    if not stage.flat and len(kept) > _OPENED:
        to_viewer = (cells.position_um - stage.centre_um) * np.sign(camera.axes()[2])
        kept = ~np.all(to_viewer > 0, axis=1)
    colours = np.array([to_rgb(each) for each in _CLONES])[cells.clone % len(_CLONES)]
    colours[cells.kind == 1], colours[cells.kind == 2] = to_rgb(_PRODUCER), to_rgb(_DEAD)
    picture = shade_spheres(
        cells.position_um[kept], cells.radius_um[kept], colours[kept], stage.centre_um, stage.half_um,
        camera=camera, pixels=pixels,
    )  # fmt: skip
    axes.imshow(picture, interpolation="antialiased")
    axes.set_axis_off()
    wide = _round_down(stage.half_um * 0.5)
    length = wide / (2 * stage.half_um) * pixels
    right, low = pixels * 0.98, pixels * 0.985
    axes.plot([right - length, right], [low, low], color=INK, lw=2, solid_capstyle="butt")
    axes.text(right - length / 2, low - 0.015 * pixels, f"{wide:g} um", ha="center", va="bottom", fontsize=7.5)


def _round_down(length: float) -> float:
    """Return the largest 1, 2 or 5 times a power of ten below a length."""
    power = 10.0 ** np.floor(np.log10(length))
    return float(power * _STEPS[length / power * (1 + 1e-9) >= _STEPS].max())


def _legend(figure: Figure, cells: Cells, stage: Stage, left: float, height: float) -> None:
    """Name the colours, with the number of cells of each."""
    groups = [
        (name, _CLONES[number % len(_CLONES)], int(((cells.kind == 0) & (cells.clone == number)).sum()))
        for number, name in enumerate(stage.clones)
    ]
    groups += [("producers", _PRODUCER, int((cells.kind == 1).sum())), ("dead", _DEAD, int((cells.kind == 2).sum()))]
    inch = 1 / figure.get_figwidth()
    for name, colour, count in groups:
        figure.text(left, height, "●", color=colour, fontsize=10, va="center")
        text = f"{name} {count}"
        figure.text(left + 0.14 * inch, height, text, color=INK, fontsize=8, va="center")
        left += (0.30 + 0.068 * len(text)) * inch


def _field(figure: Figure, cells: Cells, field: Slice) -> None:
    axes = figure.add_axes((0.565, 0.42, 0.31, 0.47))
    size = field.level.shape[0] * field.spacing_um, field.level.shape[1] * field.spacing_um
    image = axes.imshow(
        field.level.T, origin="lower", extent=(0, size[0], 0, size[1]), cmap="viridis", vmin=0, vmax=field.highest
    )
    draw_cells(axes, cells.position_um[field.shown, :2].T, cells.radius_um[field.shown], cells.kind[field.shown])
    axes.set_xlim(0, size[0])
    axes.set_ylim(0, size[1])
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_color(GREY)
    bar = figure.colorbar(image, cax=figure.add_axes((0.885, 0.42, 0.014, 0.47)))
    bar.outline.set_visible(False)  # pyright: ignore[reportCallIssue]
    bar.ax.tick_params(length=2, labelsize=7)
    axes.set_ylabel(field.name, fontsize=8)


def _numbers(axes: Axes, course: tuple[NDArray[np.float64], NDArray[np.float64]], time_h: float) -> None:
    times, counts = course
    past = times <= time_h + 1e-9
    for column, colour in enumerate(("#4C97C8", _PRODUCER, _DEAD)):
        axes.plot(times, counts[:, column], color=colour, lw=0.8, alpha=0.35)
        axes.plot(times[past], counts[past, column], color=colour, lw=1.6)
    axes.axvline(time_h, color=GREY, lw=0.6)
    axes.set_xlim(0, max(float(times[-1]), 1e-9))
    axes.set_ylim(0, None)
    axes.set_xlabel("time (h)", labelpad=1, fontsize=7.5)
    axes.set_ylabel("cells", fontsize=7.5)
    axes.tick_params(labelsize=7)
    quiet(axes)
