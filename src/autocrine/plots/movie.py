"""Figures one after the other as an animated GIF."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from autocrine.core import errors

_DOTS_PER_INCH = 110
#: how long the last picture stays, in pictures
_REST = 12


def write_gif(figures: Iterable[Figure], path: Path, *, per_second: float = 8.0) -> None:
    """Write figures as a movie that plays again and again.

    Parameters
    ----------
    figures : iterable of Figure
        Of equal size; each is drawn when its turn comes.
    path : Path
        A file with the suffix ``.gif``.
    per_second : float
        Pictures per second.

    Raises
    ------
    InputError
        If there is no figure, or the file has another suffix.
    OutputError
        If it cannot be written.
    """
    if path.suffix != ".gif":
        raise errors.InputError("a movie must have the suffix .gif", str(path))
    pictures = [Image.fromarray(paint(figure)) for figure in figures]
    if not pictures:
        raise errors.InputError("a movie must have at least one picture", 0)
    # one palette for all, so that colours do not flicker: from the first, the middle and the last picture
    chosen = [pictures[0], pictures[len(pictures) // 2], pictures[-1]]
    joined = Image.new("RGB", (pictures[0].width, 3 * pictures[0].height))
    for number, each in enumerate(chosen):
        joined.paste(each, (0, number * each.height))
    palette = joined.quantize(256, method=Image.Quantize.MEDIANCUT)
    small = [each.quantize(palette=palette, dither=Image.Dither.NONE) for each in pictures]
    times = [round(1000 / per_second)] * (len(small) - 1) + [round(1000 / per_second) * _REST]
    part = path.with_name(f".{os.getpid()}-{path.name}")
    try:
        small[0].save(part, save_all=True, append_images=small[1:], duration=times, loop=0, optimize=False)
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise errors.OutputError(f"the movie {path} must be writable ({error.strerror or error})") from error


def paint(figure: Figure, dots_per_inch: int = _DOTS_PER_INCH) -> np.ndarray:
    """Return a figure as an array of uint8 of shape (height, width, 3)."""
    figure.set_dpi(dots_per_inch)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.ascontiguousarray(np.asarray(canvas.buffer_rgba())[..., :3])


def write_still(figure: Figure, path: Path, dots_per_inch: int = 200) -> None:
    """Write a figure as PNG; as `write_gif`."""
    try:
        Image.fromarray(paint(figure, dots_per_inch)).save(path, format="PNG", optimize=True)
    except OSError as error:
        raise errors.OutputError(f"the picture {path} must be writable ({error.strerror or error})") from error
