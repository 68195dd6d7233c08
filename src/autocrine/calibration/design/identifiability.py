"""What a design can and cannot tell, before anything is measured."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from autocrine.calibration.fits import Profile, profiles
from autocrine.calibration.given import Prior
from autocrine.calibration.posterior import Posterior
from autocrine.core import errors

#: data that tell less of a direction than the prior does cannot tell it
_TOLD = 1.0
#: a parameter with less than this share of a direction is not named
_NAMED = 0.05


@dataclass(frozen=True)
class Direction:
    """A direction in the space of the parameters.

    Attributes
    ----------
    weights : dict of str to float
        The parameters that take part, by falling size: steps in units of the widths of their priors; their squares
        add up to nearly one.
    information : float
        What the data tell of it, in units of what the prior tells: the variance falls to ``1 / (1 + information)``.
    helpful : tuple of str
        The candidates that would tell it, best first.
    """

    weights: dict[str, float]
    information: float
    helpful: tuple[str, ...] = ()

    @property
    def told(self) -> bool:
        """Whether the data tell more of it than the prior."""
        return self.information >= _TOLD

    @property
    def sentence(self) -> str:
        """What that means, in words."""
        names = list(self.weights)
        if len(names) == 1:
            text = f"this design says nothing of {names[0]}"
        else:
            text = f"{', '.join(names[:-1])} and {names[-1]} cannot be separated with this design"
        if self.information > 0.05:
            text += f" (the data lower the uncertainty by {1 - (1 + self.information) ** -0.5:.0%} only)"
        if self.helpful:
            text += f"; what would: {', or '.join(self.helpful)}"
        return text


@dataclass(frozen=True)
class Identifiability:
    """What a design tells of its parameters.

    Attributes
    ----------
    directions : tuple of Direction
        All of them, the least known first.
    posterior_sd : dict of str to float
        The expected standard deviation of each parameter on its scale, priors included.
    shrinkage : dict of str to float
        The same in units of the width of the prior: 1 where the data tell nothing.
    """

    directions: tuple[Direction, ...]
    posterior_sd: dict[str, float]
    shrinkage: dict[str, float]

    @property
    def hidden(self) -> tuple[Direction, ...]:
        """The directions that the design cannot tell."""
        return tuple(direction for direction in self.directions if not direction.told)

    @property
    def verdict(self) -> str:
        """The verdict in words."""
        if not self.hidden:
            return "This design can tell all parameters."
        return "; ".join(direction.sentence for direction in self.hidden) + "."


def identify(
    posterior: Posterior, points: ArrayLike | None = None, *, candidates: Mapping[str, Posterior] | None = None
) -> Identifiability:
    """Say from the design alone what can be told: the values that were measured have no effect.

    Parameters
    ----------
    posterior : Posterior
        The design: which predictions are measured, with which noise.
    points : array_like of shape (n, p) or (p,), optional
        Where the design is looked at, on the scales: the mean information counts. By default the centre of the
        priors.
    candidates : mapping of str to Posterior, optional
        Measurements that could be added, by what they are called. They have priors of the same parameters, or some of
        them, on the same scales.

    Raises
    ------
    InputError
        If no point can be simulated, or a candidate has other parameters.

    Notes
    -----
    Eigenvectors of the expected Fisher information in units of the widths of the priors. It is what the likelihood
    looks like near the points: `confirm` follows the profiles farther.

    References
    ----------
    Gutenkunst et al. (2007), PLoS Comput Biol 3:e189, doi:10.1371/journal.pcbi.0030189.
    """
    names = posterior.names
    where = np.atleast_2d(posterior.priors.centre if points is None else np.asarray(points, float))
    widths = np.array([_width(prior) for prior in (posterior.priors[name] for name in names)])
    known = _mean_information(posterior, where) * np.outer(widths, widths)
    values, vectors = np.linalg.eigh(known)
    values = np.maximum(values, 0.0)
    added = {}
    for label, candidate in (candidates or {}).items():
        for name in candidate.names:
            if name not in names:
                raise errors.InputError("a candidate must have parameters of the design", name, where=label)
        places = [names.index(name) for name in candidate.names]
        more = np.zeros_like(known)
        more[np.ix_(places, places)] = _mean_information(candidate, where[:, places])
        added[label] = more * np.outer(widths, widths)
    directions = tuple(
        _direction(names, value, vector, known, added) for value, vector in zip(values, vectors.T, strict=True)
    )
    left = np.sqrt(np.diag(np.linalg.inv(known + np.eye(len(names)))))
    return Identifiability(
        directions,
        dict(zip(names, (left * widths).tolist(), strict=True)),
        dict(zip(names, left.tolist(), strict=True)),
    )


def confirm(posterior: Posterior, point: ArrayLike, names: list[str] | None = None) -> dict[str, Profile]:
    """Follow profile likelihoods of the data that the design would give at a point, without noise.

    Parameters
    ----------
    posterior : Posterior
        The design; its measurements must be exact.
    point : array_like of shape (p,)
        The truth, on the scales.
    names : list of str, optional
        Which parameters, by default all.

    Raises
    ------
    InputError
        If measurements are censored, or a name is unknown.
    """
    data = posterior.observations
    if set(data.kinds or ()) != {"exact"}:
        raise errors.InputError("measurements must be exact to be foreseen", sorted(set(data.kinds or ())))
    foreseen = dataclasses.replace(data, values=posterior.readouts(point).readouts[0])
    return profiles(Posterior(posterior.simulator, foreseen, posterior.priors), point, names)


def _mean_information(posterior: Posterior, points: np.ndarray) -> np.ndarray:
    found = posterior.information(points)
    good = np.isfinite(found).all(axis=(1, 2))
    if not good.any():
        raise errors.InputError("at least one point must be simulated", points.tolist(), hint="points from the priors")
    return found[good].mean(axis=0)


def _width(prior: Prior) -> float:
    """Return the standard deviation of a prior; of an even one that of its range."""
    return prior.width if np.isfinite(prior.width) else (prior.upper - prior.lower) / np.sqrt(12)


def _direction(
    names: tuple[str, ...], value: float, vector: np.ndarray, known: np.ndarray, added: Mapping[str, np.ndarray]
) -> Direction:
    order = np.argsort(-np.abs(vector), kind="stable")
    sign = 1.0 if vector[order[0]] > 0 else -1.0
    weights = {names[k]: float(sign * vector[k]) for k in order if vector[k] ** 2 >= _NAMED}
    gains = {label: float(value + _told_of(vector, known, more)) for label, more in added.items()}
    helpful = [label for label, gain in gains.items() if gain >= _TOLD]
    helpful.sort(key=lambda label: -gains[label])
    return Direction(weights, float(value), tuple(helpful) if value < _TOLD else ())


def _told_of(vector: np.ndarray, known: np.ndarray, more: np.ndarray) -> float:
    """Return what more information tells of a direction when everything else is only known as well as it is."""
    rest = np.linalg.inv(known + more + np.eye(len(vector)))
    now = np.linalg.inv(known + np.eye(len(vector)))
    return float(1.0 / (vector @ rest @ vector) - 1.0 / (vector @ now @ vector))
