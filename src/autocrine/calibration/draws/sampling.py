"""Draws from a posterior by the No-U-Turn sampler."""

from __future__ import annotations

import math
import threading
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from autocrine.calibration.draws.arviz_library import arviz
from autocrine.calibration.draws.drawn import points_of, save
from autocrine.calibration.target import Target
from autocrine.core import errors

if TYPE_CHECKING:
    from arviz import InferenceData

#: draws from the prior for each chain, of which the best is where it starts
_TRIED = 16
_POLL_S = 0.05


def sample(
    target: Target,
    draws: int = 1000,
    *,
    tune: int = 1000,
    chains: int = 4,
    seed: int = 1,
    start: ArrayLike | None = None,
    cores: int | None = None,
    path: Path | None = None,
    covariance: ArrayLike | None = None,
    progress: Callable[[int], None] | None = None,
    **settings: Any,
) -> InferenceData:
    """Draw from the posterior.

    Parameters
    ----------
    target : Target
        What to draw from.
    draws, tune, chains : int
        Draws of each chain that are kept, steps before them in which the sampler learns its metric, and chains.
    seed : int
        Equal seeds give equal draws, whatever the number of cores.
    start : array_like of shape (p,), optional
        A point on the scales around which the chains start, such as the best of a fit; by default the best of some
        draws from the prior, another one for each chain.
    cores : int, optional
        Chains that run at a time, by default all. They take turns to evaluate the target.
    path : Path, optional
        A netCDF file to which the draws are written; after Ctrl-C those that there are.
    covariance : array_like of shape (p, p), optional
        What is known of the covariance of the posterior, in coordinates without bounds (`Priors.to_free`), such as from
        the curvature at a fit: the sampler then sees coordinates in which it is the unit matrix.
    progress : callable, optional
        Called now and then with the number of steps of all chains, those before the draws included.
    **settings
        Further settings of nutpie, such as ``target_accept``. The metric follows correlations, unless
        ``low_rank_modified_mass_matrix`` is false.

    Returns
    -------
    arviz.InferenceData
        Parameters as they are in ``posterior``; ``sample_stats``; and where the target can tell the density of each
        measurement, ``log_likelihood``.

    Raises
    ------
    InputError
        If a number is too small, no start has a density, or a covariance is none.
    OutputError
        If the file cannot be written.
    KeyboardInterrupt
        After Ctrl-C, when what was drawn is written.

    References
    ----------
    Hoffman & Gelman (2014), J Mach Learn Res 15:1593; nutpie, its sampler nuts-rs, with the metric of
    Seyboldt, Carlson & Carpenter (2026), arXiv:2603.18845.
    """
    for name, number, least in (("draws", draws, 4), ("tune", tune, 1), ("chains", chains, 1)):
        if number < least:
            raise errors.InputError(f"{name} must be at least {least}", number)
    bridge = _Bridge(target, _starts(target, start, chains, seed), _root(covariance, len(target.priors)))
    # correlated parameters are the rule here: see docs/decisions/sampler.md
    settings = {"low_rank_modified_mass_matrix": True, **settings}
    running = bridge.begin(draws=draws, tune=tune, chains=chains, cores=cores or chains, seed=seed, **settings)
    try:
        _wait(running, bridge, progress)
    except BaseException:
        bridge.stop()
        found = _tidy(_abort(running), target, seed, interrupted=True)
        if path is not None and found is not None:
            save(found, path)
        raise
    finished = _tidy(running.wait(), target, seed, interrupted=False)
    if finished is None:
        raise errors.InputError("a posterior must let the sampler draw", 0, hint="a start from a fit")
    if path is not None:
        save(finished, path)
    return finished


def _wait(running: Any, bridge: _Bridge, progress: Callable[[int], None] | None) -> None:
    pause = threading.Event()
    while bridge.failure is None and not _is_finished(running):
        pause.wait(_POLL_S)
        if progress is not None:
            progress(bridge.steps)
    if bridge.failure is not None:
        raise bridge.failure


def _abort(running: Any) -> Any:
    """Return what was drawn until now, or None."""
    try:
        with warnings.catch_warnings():  # there may be fewer draws than chains
            warnings.filterwarnings("ignore", "More chains", UserWarning)
            return running.abort()
    except BaseException as error:
        # a chain that is stopped on its very first point panics, with an exception that is no Exception
        if type(error).__name__ != "PanicException":
            raise
        return None


def _is_finished(running: Any) -> bool:
    try:
        return running.is_finished
    except TimeoutError:  # the chains were too busy to say
        return False


class _Bridge:
    """What the sampler calls from its own threads: the density in coordinates without bounds, made even by a root."""

    def __init__(self, target: Target, starts: np.ndarray, root: np.ndarray) -> None:
        self._target, self._root = target, root
        self._centre = target.priors.to_free(starts).mean(axis=0)
        self._starts = np.linalg.solve(root, (target.priors.to_free(starts) - self._centre).T).T
        # a target may know its density without bounds itself, faster
        self._own = getattr(target, "free_density", None)
        self._turn = threading.Lock()
        self._stopped = False
        self.steps = 0
        self.failure: BaseException | None = None

    def begin(self, **settings: Any) -> Any:
        """Start the sampler in the background."""
        arviz()  # nutpie imports it, with its notice
        import nutpie
        from nutpie.compiled_pyfunc import from_pyfunc

        names = self._target.priors.names
        count = len(names)
        model = from_pyfunc(
            count,
            lambda: self.density,
            lambda *_: self.expand,
            [np.dtype(float)] * count,
            [()] * count,
            list(names),
            make_initial_point_fn=self.start,
        )
        quiet = {"progress_bar": False, "save_warmup": False, "blocking": False}
        return nutpie.sample(model, **quiet, **settings)

    def stop(self) -> None:
        """Let whatever is asked from now on have no density, so that the chains end soon."""
        self._stopped = True

    def start(self, seed: int) -> np.ndarray:
        """Return where a chain starts."""
        rng = np.random.default_rng(seed)
        return self._starts[rng.integers(len(self._starts))] + 0.01 * rng.standard_normal(self._starts.shape[1])

    def density(self, free: np.ndarray) -> tuple[float, np.ndarray]:
        """Return the log density of one point without bounds, and its derivatives."""
        nothing = math.nan, np.zeros(len(free))
        if self._stopped or not np.isfinite(free).all():
            return nothing
        try:
            # a simulator need not bear to be called twice at the same time, and a sampler also tries absurd points
            with self._turn, np.errstate(all="ignore"):
                found, along = (self._own or self._without_bounds)(self._centre + self._root @ free)
                along = along @ self._root
        except BaseException as error:  # raised again in the thread that waits
            self.failure, self._stopped = error, True
            return nothing
        # without a density the sampler counts a divergence and goes on
        return (found, along) if math.isfinite(found) and np.isfinite(along).all() else nothing

    def _without_bounds(self, free: np.ndarray) -> tuple[float, np.ndarray]:
        points, slopes, gained, gains = self._target.priors.from_free(free[None])
        value, gradient = self._target.log_density(points)
        return float(value[0] + gained[0]), gradient[0] * slopes[0] + gains[0]

    def expand(self, free: np.ndarray) -> dict[str, np.ndarray]:
        """Return the parameters as they are, by name."""
        self.steps += 1
        names = self._target.priors.names
        try:
            with np.errstate(all="ignore"):
                points = self._target.priors.from_free((self._centre + self._root @ free)[None])[0]
                values = self._target.priors.as_is(points)[0]
        except BaseException as error:  # raised again in the thread that waits
            self.failure, self._stopped = error, True
            values = np.full(len(names), np.nan)
        return {name: np.array(value) for name, value in zip(names, values, strict=True)}


def _root(covariance: ArrayLike | None, count: int) -> np.ndarray:
    """Return the lower triangular root of a covariance; of one that is not given, the unit matrix."""
    if covariance is None:
        return np.eye(count)
    given = np.asarray(covariance, float)
    if given.shape != (count, count) or not np.isfinite(given).all():
        raise errors.InputError(f"a covariance must have the shape ({count}, {count})", given.shape)
    try:
        return np.linalg.cholesky(given)
    except np.linalg.LinAlgError as error:
        raise errors.InputError("a covariance must be positive definite", str(error)) from error


def _starts(target: Target, start: ArrayLike | None, chains: int, seed: int) -> np.ndarray:
    priors = target.priors
    if start is not None:
        point = np.asarray(start, float)
        if point.shape != (len(priors),):
            raise errors.InputError(f"a start must have {len(priors)} numbers", point.shape)
        if not np.isfinite(target.log_density(point[None])[0]).all():
            raise errors.InputError("a start must have a density", point.tolist())
        return point[None]
    tried = priors.sample(_TRIED * chains, seed)
    value, _ = target.log_density(tried)
    if not np.isfinite(value).any():
        must, hint = "at least one draw from the prior must have a density", "a start from a fit"
        raise errors.InputError(must, hint=hint)
    return tried[np.argsort(-value, kind="stable")[:chains]]


def _tidy(drawn: Any, target: Target, seed: int, *, interrupted: bool) -> InferenceData | None:
    """Return the draws of the chains that are not far behind, with densities of the data; None if there are none."""
    if drawn is None or "posterior" not in drawn.groups():
        return None
    first = drawn["posterior"][target.priors.names[0]].to_numpy()
    lengths = np.isfinite(first).sum(axis=1)
    chains = np.flatnonzero(2 * lengths >= lengths.max())  # a chain that lags far behind would cost the others' draws
    complete = int(lengths[chains].min())
    if not complete:
        return None
    drawn = drawn.isel(chain=chains, draw=slice(0, complete))
    for group in drawn.groups():
        drawn[group].attrs.update(seed=seed, interrupted=int(interrupted))
    densities = getattr(target, "log_likelihoods", None)
    if densities is not None:
        points = points_of(target.priors, drawn)
        each = np.concatenate([densities(points[k : k + 500]) for k in range(0, len(points), 500)])
        drawn.add_groups({"log_likelihood": {"measurement": each.reshape(len(chains), complete, -1)}})
    return drawn
