"""Draws as arrays and as files."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from autocrine.calibration.draws.arviz_library import arviz
from autocrine.calibration.given.priors import Priors
from autocrine.core import errors, generator

if TYPE_CHECKING:
    from arviz import InferenceData


def gathered(**groups: Any) -> InferenceData:
    """Return draws as ArviZ holds them, each group from a dictionary of arrays of shape (chains, draws, ...)."""
    return arviz().from_dict(**groups)


def points_of(priors: Priors, drawn: InferenceData) -> np.ndarray:
    """Return draws as points on the scales, one chain after the other, shape (n, p).

    Raises
    ------
    InputError
        If the draws lack a parameter.
    """
    posterior = drawn["posterior"]
    for name in priors:
        if name not in posterior:
            raise errors.InputError("draws must hold every parameter", name)
    return priors.on_scales(np.stack([posterior[name].to_numpy().ravel() for name in priors], axis=1))


def save(drawn: InferenceData, path: Path) -> None:
    """Write draws as netCDF, in place of what stands there only when they are complete.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    path = Path(path)
    unfinished = path.with_name(f".{path.name}-unfinished")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        drawn.to_netcdf(str(unfinished), engine="h5netcdf")
        unfinished.replace(path)
    except OSError as error:
        raise errors.OutputError(f"{path} must be writable: {error.strerror or error}") from error
    finally:
        with contextlib.suppress(OSError):  # after success there is nothing under this name any more
            unfinished.unlink()


def load(path: Path) -> InferenceData:
    """Read draws from netCDF.

    Raises
    ------
    InputError
        If there is no such file, or it holds no draws.
    """
    path = Path(path)
    if not path.is_file():
        raise errors.InputError("draws must be a file", str(path))
    try:
        found = arviz().from_netcdf(str(path), engine="h5netcdf")
    except (OSError, ValueError) as error:
        raise errors.InputError("draws must be netCDF", str(error), where=str(path)) from error
    if "posterior" not in found.groups():
        raise errors.InputError("a file of draws must have a group 'posterior'", found.groups(), where=str(path))
    return found


def thinned(points: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Return some of the draws, chosen by chance without repetition; all where there are no more."""
    if len(points) <= count:
        return points
    chosen = generator(seed, "thinned").choice(len(points), count, replace=False)
    return points[np.sort(chosen)]
