"""What is believed about all parameters before there are data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

import numpy as np
from scipy.special import expit, log_expit, logit
from scipy.stats import qmc

from autocrine.calibration.given.prior import Prior
from autocrine.core import Parameters, errors, generator


class Priors(Mapping[str, Prior]):
    """An ordered table of independent priors.

    A *point* is an array of shape (p,) of all parameters on their scales; functions take many points at once, as an
    array of shape (n, p).

    Parameters
    ----------
    priors : iterable of Prior
        One for each parameter.

    Attributes
    ----------
    lower, upper : ndarray of shape (p,)
        Where a search begins and ends, on the scales.
    centre : ndarray of shape (p,)
        The centres, on the scales.

    Raises
    ------
    InputError
        If there are none, or two for the same parameter.
    """

    def __init__(self, priors: Iterable[Prior]) -> None:
        self._table: dict[str, Prior] = {}
        for prior in priors:
            if prior.name in self._table:
                raise errors.InputError("a parameter must have one prior", prior.name)
            self._table[prior.name] = prior
        if not self._table:
            raise errors.InputError("there must be at least one parameter to estimate")
        table = self._table.values()
        self._logs = np.array([prior.scale != "lin" for prior in table])
        self._base = np.array([np.log(10.0) if prior.scale == "log10" else 1.0 for prior in table])
        self.centre = np.array([prior.centre for prior in table])
        self.lower, self.upper = np.array([prior.searched for prior in table]).T
        self._bounds = np.array([prior.lower for prior in table]), np.array([prior.upper for prior in table])
        # once for all: densities are asked for one point at a time, many thousand times
        self._per_width = np.array([1.0 / prior.width for prior in table])
        below, above = np.isfinite(self._bounds[0]), np.isfinite(self._bounds[1])
        self._between = np.flatnonzero(below & above)
        # where there is one bound, the point is at it plus or minus an exponential
        self._beside, self._side = np.flatnonzero(below != above), np.where(below, 1.0, -1.0)[below != above]
        self._constant = sum(float(prior.log_density(np.array(prior.inside))) for prior in table)
        self._constant += 0.5 * sum(((prior.inside - prior.centre) / prior.width) ** 2 for prior in table)

    @classmethod
    def of(cls, parameters: Parameters, names: Iterable[str]) -> Priors:
        """Return the priors that some rows of a parameter table mean: see `Prior.of`.

        Raises
        ------
        InputError
            If the table lacks a name, or a row has no range.
        """
        wanted = list(names)
        for name in wanted:
            if name not in parameters:
                raise errors.InputError("a parameter must be in the table", name)
        return cls(Prior.of(parameters[name]) for name in wanted)

    def __getitem__(self, name: str) -> Prior:
        return self._table[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._table)

    def __len__(self) -> int:
        return len(self._table)

    def joined(self, *others: Iterable[Prior]) -> Priors:
        """Return this table followed by other priors."""
        return Priors([*self._table.values(), *(prior for other in others for prior in other)])

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters, in their order."""
        return tuple(self._table)

    @property
    def precision(self) -> np.ndarray:
        """What the normal priors tell: the inverse squares of their widths, shape (p, p)."""
        return np.diag(self._per_width**2)

    def as_is(self, points: np.ndarray) -> np.ndarray:
        """Return the parameters as they are."""
        with np.errstate(over="ignore"):
            return np.where(self._logs, np.exp(np.where(self._logs, points * self._base, 0.0)), points)

    def on_scales(self, values: np.ndarray) -> np.ndarray:
        """Return parameters as they are on their scales."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(self._logs, np.log(values) / self._base, values)

    def stretch(self, values: np.ndarray) -> np.ndarray:
        """Return the derivatives of values as they are by the point."""
        return np.where(self._logs, values * self._base, 1.0)

    def log_density(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the logarithm of the joint density, shape (n,), and its derivatives, shape (n, p)."""
        away = (points - self.centre) * self._per_width
        inside = ((points >= self._bounds[0]) & (points <= self._bounds[1])).all(axis=-1)
        with np.errstate(over="ignore"):
            total = self._constant - 0.5 * (away**2).sum(axis=-1)
        return np.where(inside, total, -np.inf), -away * self._per_width

    def sample(self, count: int, seed: int) -> np.ndarray:
        """Draw points, shape (count, p)."""
        return self._at(generator(seed, "prior").uniform(size=(count, len(self))))

    def starts(self, count: int, seed: int, spread: Literal["sobol", "latin"] = "sobol") -> np.ndarray:
        """Return points spread over what is searched, shape (count, p).

        Parameters
        ----------
        count : int
            How many. With ``"sobol"`` the first ones are the same whatever the count.
        seed : int
            The seed.
        spread : {"sobol", "latin"}
            A scrambled Sobol sequence, or a Latin hypercube.
        """
        rng = generator(seed, "starts")
        if spread == "latin":
            shares = qmc.LatinHypercube(len(self), rng=rng).random(count)
        else:
            doublings = max(int(np.ceil(np.log2(max(count, 1)))), 0)
            shares = qmc.Sobol(len(self), rng=rng).random_base2(doublings)[:count]
        return self.lower + shares * (self.upper - self.lower)

    def _at(self, shares: np.ndarray) -> np.ndarray:
        columns = zip(self._table.values(), shares.T, strict=True)
        return np.stack([prior.quantile(column) for prior, column in columns], axis=1)

    def from_free(self, free: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Return the points of numbers without bounds, and what a density gains by the change of coordinates.

        Parameters
        ----------
        free : ndarray of shape (n, p)
            Any numbers. Between two bounds a logistic function is used, at one bound an exponential, else nothing.

        Returns
        -------
        points, slopes : ndarray of shape (n, p)
            The points, and their derivatives by ``free``.
        log_slope : ndarray of shape (n,)
            The logarithm of the determinant of the change.
        gradient : ndarray of shape (n, p)
            Its derivatives by ``free``.
        """
        points, slopes = free.copy(), np.ones_like(free)
        log_slope, gradient = np.zeros(len(free)), np.zeros_like(free)
        low, high = self._bounds
        if len(self._between):
            at, u = self._between, free[:, self._between]
            share, wide = expit(u), (high - low)[self._between]
            points[:, at], slopes[:, at] = low[at] + wide * share, wide * share * expit(-u)
            log_slope += (np.log(wide) + log_expit(u) + log_expit(-u)).sum(axis=1)
            gradient[:, at] = expit(-u) - share
        if len(self._beside):
            at = self._beside
            with np.errstate(over="ignore"):
                slopes[:, at] = self._side * np.exp(free[:, at])
            points[:, at] = np.where(self._side > 0, low[at], high[at]) + slopes[:, at]
            log_slope += free[:, at].sum(axis=1)
            gradient[:, at] = 1.0
        return points, slopes, log_slope, gradient

    def to_free(self, points: np.ndarray) -> np.ndarray:
        """Return numbers without bounds for points: what `from_free` turns back."""
        free = np.array(points, float)
        for place, prior in enumerate(self._table.values()):
            z, below, above = free[:, place], np.isfinite(prior.lower), np.isfinite(prior.upper)
            if below and above:
                # a point on a bound has no place: it is moved inwards by a millionth of the distance
                share = np.clip((z - prior.lower) / (prior.upper - prior.lower), 1e-6, 1 - 1e-6)
                free[:, place] = logit(share)
            elif below or above:
                distance = z - prior.lower if below else prior.upper - z
                free[:, place] = np.log(np.maximum(distance, 1e-12))
        return free
