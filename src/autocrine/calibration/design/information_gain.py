"""What an experiment is expected to tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import logsumexp

from autocrine.calibration.draws.drawn import thinned
from autocrine.calibration.posterior import Posterior
from autocrine.core import errors, generator


@dataclass(frozen=True)
class ExpectedGain:
    """What an experiment is expected to tell, beyond what is known.

    Attributes
    ----------
    gain, error : float
        The expected information about all parameters (nats), and its standard error.
    sd_left : dict of str to float
        For each quantity its expected standard deviation after the experiment, in units of that before.
    sd_left_error : dict of str to float
        Monte Carlo standard errors of these.
    highest : float
        A gain near this number is a lower bound: there are too few draws for more.
    """

    gain: float
    error: float
    sd_left: dict[str, float]
    sd_left_error: dict[str, float]
    highest: float


def expected_gain(
    candidate: Posterior,
    points: ArrayLike,
    quantities: Mapping[str, ArrayLike] | None = None,
    *,
    seed: int = 1,
    draws: int = 1000,
) -> ExpectedGain:
    """Estimate what an experiment would tell, from draws of what is known now.

    Parameters
    ----------
    candidate : Posterior
        The experiment: simulator, measurements (their values have no effect) and noise.
    points : array_like of shape (n, p)
        Draws of its parameters, on the scales.
    quantities : mapping of str to array_like of shape (n,), optional
        What one wants to know, on the same draws: a share, a predicted reversal.
    seed : int
        The seed of the imagined measurements.
    draws : int
        At most so many draws are used; the work grows with their square.

    Raises
    ------
    InputError
        If there are fewer than ten draws that can be simulated, a quantity has another length, or measurements are
        censored or have profiled factors.

    Notes
    -----
    Nested Monte Carlo: for each draw one imagined data set, whose density under all draws weighs them. Because the
    draw that made it is among them, the gain is estimated from below.

    References
    ----------
    Ryan (2003), J Comput Graph Stat 12:585, doi:10.1198/1061860032012; Foster et al. (2020), AISTATS, PMLR 108:2959.
    """
    data = candidate.observations
    if set(data.kinds or ()) != {"exact"} or any(any(one.profiled) for one in data.scalings.values()):
        raise errors.InputError("imagined measurements must be exact, without profiled factors")
    points = np.atleast_2d(np.asarray(points, float))
    table = {name: np.asarray(values, float) for name, values in (quantities or {}).items()}
    for name, values in table.items():
        if values.shape != (len(points),):
            raise errors.InputError(f"{name} must have one value for each of {len(points)} draws", values.shape)
    chosen = thinned(np.arange(len(points))[:, None], draws, seed)[:, 0]
    found = candidate.readouts(points[chosen])
    good = np.isfinite(found.readouts).all(axis=1) & np.isfinite(found.widths).all(axis=1)
    if good.sum() < 10:
        raise errors.InputError("there must be ten draws that can be simulated", int(good.sum()))
    chosen, readouts, widths = chosen[good], found.readouts[good], found.widths[good]
    rng, count = generator(seed, "imagined"), len(chosen)
    # row: imagined data; column: the draw whose density of them is meant
    density = np.zeros((count, count))
    for place, noise in enumerate(data.noises):
        centre, width = readouts[:, place], widths[:, place]
        new = noise.draw(rng, centre, width)
        turn = np.log if noise.on_log else np.asarray
        far = (turn(new)[:, None] - turn(centre)[None]) / width[None]
        density += noise.log_density(far, np.broadcast_to(width[None], far.shape))[0]
    mean = np.asarray(logsumexp(density, axis=1))
    each = np.diag(density) - mean + np.log(count)
    weights = np.exp(density - mean[:, None])
    found_left = {name: _left(weights, values[chosen]) for name, values in table.items()}
    left, errors_left = ({name: pair[k] for name, pair in found_left.items()} for k in (0, 1))
    error = float(each.std() / np.sqrt(count))
    return ExpectedGain(float(each.mean()), error, left, errors_left, float(np.log(count)))


def _left(weights: np.ndarray, values: np.ndarray) -> tuple[float, float]:
    """Return the standard deviation that is left over that before, and its Monte Carlo error over imagined data."""
    values = values - values.mean()
    before = values.var()
    if before == 0:
        return 1.0, 0.0
    after = np.maximum(weights @ values**2 - (weights @ values) ** 2, 0.0)
    left = float(np.sqrt(after.mean() / before))
    # of a square root: half of the relative error of what stands below it
    return left, 0.5 * left * float(after.std() / np.sqrt(len(after)) / max(after.mean(), 1e-300))
