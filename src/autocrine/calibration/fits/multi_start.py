"""Fits from many starts."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from autocrine.calibration.fits.scoring import score
from autocrine.calibration.fits.search import Search, climb, descend
from autocrine.calibration.fits.state_file import StateFile
from autocrine.calibration.fits.together import Evaluate, Together
from autocrine.calibration.target import Target
from autocrine.core import errors

#: log densities of equal optima differ by less than this
_SAME = 0.1


@dataclass(frozen=True)
class Fit:
    """The ends of all searches, best first.

    Attributes
    ----------
    names : tuple of str
        The parameters.
    searches : tuple of Search
        What began and ended where, by falling density.
    values : dict of str to float
        The parameters of the best one, as they are.
    """

    names: tuple[str, ...]
    searches: tuple[Search, ...]
    values: dict[str, float]

    @property
    def best(self) -> Search:
        """The search that ended highest."""
        return self.searches[0]

    @property
    def point(self) -> np.ndarray:
        """The best point, on the scales, shape (p,)."""
        return self.best.point

    @property
    def waterfall(self) -> np.ndarray:
        """The log densities that were reached, falling, shape (n,)."""
        return np.array([search.log_density for search in self.searches])

    @property
    def found_again(self) -> int:
        """How many searches ended as high as the best one, within 0.1."""
        return int((self.waterfall > self.best.log_density - _SAME).sum())

    @property
    def verdict(self) -> str:
        """Whether the best optimum can be trusted, in words."""
        count, failed = len(self.searches), int(np.isneginf(self.waterfall).sum())
        text = f"{self.found_again} of {count} searches reached the best log density, {self.best.log_density:.6g}"
        if failed:
            text += f"; {failed} could not be started"
        if self.found_again == 1 and count > 1:
            text += "; no other search found it again: more starts are needed"
        return text


def multi_start(
    target: Target,
    starts: int | ArrayLike = 20,
    *,
    seed: int = 1,
    spread: Literal["sobol", "latin"] = "sobol",
    method: Literal["auto", "squares", "scoring", "gradient"] = "auto",
    together: int = 16,
    iterations: int = 1000,
    tolerance: float = 1e-10,
    state: Path | None = None,
    progress: Callable[[int], None] | None = None,
) -> Fit:
    """Look for the highest posterior density from many starts.

    Parameters
    ----------
    target : Target
        What to fit.
    starts : int or array_like of shape (n, p)
        How many starts to spread over what the priors search, or the starts themselves, on the scales.
    seed : int
        The seed of the starts.
    spread : {"sobol", "latin"}
        How they are spread: see `Priors.starts`.
    method : {"auto", "squares", "scoring", "gradient"}
        Least squares with a trust region, Fisher scoring with the same trust region, or L-BFGS-B; by default least
        squares where the target is one of squares, else scoring: see docs/decisions/multi-start.md.
    together : int
        So many searches run in step, and their points are simulated as one ensemble.
    iterations, tolerance : int, float
        When a search ends: at most so many steps, or when less than this share is gained; when scoring, less than the
        root of it.
    state : Path, optional
        A file to which each search is written when it ends. If it is there, only the rest is done.
    progress : callable, optional
        Called with the number of searches that have ended, from the file or now.

    Raises
    ------
    InputError
        If something cannot be used, the file is of another fit, or no start can be evaluated.
    OutputError
        If the file cannot be written.
    """
    priors = target.priors
    known = {"squares": (descend, target.residuals), "scoring": (score, target.scores)}
    known |= {"gradient": (climb, target.log_density)}
    if method != "auto" and method not in known:
        raise errors.InputError("method must be 'auto', 'squares', 'scoring' or 'gradient'", method)
    by = method if method != "auto" else "squares" if target.squares else "scoring"
    search, function = known[by]
    points = _starts(target, starts, seed, spread)
    if together < 1:
        raise errors.InputError("together must be at least 1", together)

    ended: dict[int, Search] = {}
    file = StateFile(state, priors.names, points, by) if state is not None else None
    if file is not None:
        ended.update(file.load())
    counter = itertools.count(1)
    for _ in ended:
        _tell(progress, next(counter))
    missing = [number for number in range(len(points)) if number not in ended]

    def task(number: int) -> Callable[[Evaluate], Search]:
        bounds = {"lower": priors.lower, "upper": priors.upper, "iterations": iterations, "tolerance": tolerance}
        return lambda evaluate: search(evaluate, points[number], **bounds)

    def done(place: int, found: Search) -> None:
        if by == "squares" and np.isfinite(found.log_density):
            found = found.at(float(target.log_density(found.point[None])[0][0]))
        ended[missing[place]] = found
        if file is not None:
            file.add(missing[place], found)
        _tell(progress, next(counter))

    Together(function, together).run(map(task, missing), done)
    return _ranked(target, [ended[number] for number in sorted(ended)])


def _starts(target: Target, starts: int | ArrayLike, seed: int, spread: Literal["sobol", "latin"]) -> np.ndarray:
    priors = target.priors
    if np.ndim(starts) == 0:
        count = int(np.asarray(starts))
        if count < 1:
            raise errors.InputError("there must be at least one start", count)
        return priors.starts(count, seed, spread)
    points = np.asarray(starts, float)
    if points.ndim != 2 or points.shape[1] != len(priors) or not len(points):
        raise errors.InputError(f"starts must have {len(priors)} columns", points.shape)
    return np.clip(points, priors.lower, priors.upper)


def _ranked(target: Target, searches: list[Search]) -> Fit:
    ranked = sorted(searches, key=lambda search: -search.log_density)
    if not np.isfinite(ranked[0].log_density):
        must, hint = "at least one start must have a density", "other priors, or more starts"
        raise errors.InputError(must, ranked[0].message, hint=hint)
    values = target.priors.as_is(ranked[0].point)
    names = target.priors.names
    return Fit(names, tuple(ranked), dict(zip(names, values.tolist(), strict=True)))


def _tell(progress: Callable[[int], None] | None, count: int) -> None:
    if progress is not None:
        progress(count)
