"""Smooth approximations of many outputs by polynomials, with derivatives, fast enough for a sampler."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

Pullback = Callable[[np.ndarray], np.ndarray]

#: penalties that are tried: of terms of the second degree over the mean square of the constant one; of the third ten
#: times as much, of the first a hundredth
_RIDGES = (1e-6, 1e-5, 1e-4, 1e-3)
#: by which viability is kept away from zero and one before it is bent
MARGIN = 2e-3
#: a coordinate that does not move has no term: a point counts less by its distance there
_STILL = 0.02
#: at most so many terms for each point that counts, and at most so many at all
_DENSEST, _MOST_TERMS = 0.8, 210
#: how far polynomials that must hold near some points go on beyond them
_BEYOND = 1.8


@dataclass(frozen=True)
class Polynomials:
    """Polynomials of G groups of outputs, each of its own d coordinates.

    Attributes
    ----------
    centre, width : ndarray of shape (G, d)
        By which coordinates are standardised.
    low, high : ndarray of shape (G, d)
        Where they were fitted, standardised; beyond, a polynomial stays what it is at the border.
    powers : ndarray of int, shape (t, d)
        The powers of each term.
    weights : ndarray of shape (G, t, k)
        The weights of the terms for each of at most k outputs.
    errors : ndarray of shape (G, k)
        Root mean square of what is left at points that the fit had not seen.
    held : ndarray of bool, shape (G, t)
        Which terms a group has.
    """

    centre: np.ndarray
    width: np.ndarray
    low: np.ndarray
    high: np.ndarray
    powers: np.ndarray
    weights: np.ndarray
    errors: np.ndarray
    held: np.ndarray

    @classmethod
    def fit(
        cls,
        coordinates: np.ndarray,
        outputs: np.ndarray,
        degree: int = 4,
        near: np.ndarray | None = None,
        seen: Callable[[np.ndarray, int], np.ndarray] = lambda values, _group: values,
    ) -> Polynomials:
        """Fit by ridge regression, with the penalty that predicts points best that are left out.

        Parameters
        ----------
        coordinates : ndarray of shape (n, G, d)
            Where outputs are known.
        outputs : ndarray of shape (n, G, k)
            The outputs; what a group has fewer of is zero.
        degree : int
            The highest total degree; each group has the one, up to this, that predicts left out points best.
        near : ndarray of shape (q, G, d), optional
            Where the polynomials must hold: points count by how near they are. By default all count alike.
        seen : callable, optional
            From outputs of a group, shape (n, k), to what errors are meant of.
        """
        count, groups, wide = coordinates.shape
        at = coordinates if near is None else near
        centre, width = at.mean(axis=0), at.std(axis=0)
        moving = width > 1e-9
        width = np.where(moving, width, 1.0)
        x, ends = (coordinates - centre) / width, (at - centre) / width
        powers = _powers(wide, degree)
        weights, errors = np.zeros((groups, len(powers), outputs.shape[2])), np.zeros((groups, outputs.shape[2]))
        held = np.zeros((groups, len(powers)), bool)
        for group in range(groups):
            # a coordinate that does not change where the polynomial must hold has no terms
            still = x[:, group, ~moving[group]]
            share = np.ones(count) if near is None else _nearness(x[:, group], ends[:, group], moving[group])
            share = share * np.exp(-np.minimum((still**2).sum(axis=1) / _STILL, 500.0))
            best = _best(x[:, group], outputs[:, group], share, powers, moving[group])
            held[group, best.terms], weights[group, best.terms] = True, best.weights
            missed = seen(best.left, group) - seen(outputs[:, group], group)
            errors[group] = np.sqrt(np.average(missed**2, axis=0, weights=share))
        reach = (1.3 if near is None else _BEYOND) * np.stack([ends.min(axis=0), ends.max(axis=0)])
        used = held.any(axis=0)
        return cls(centre, width, reach[0], reach[1], powers[used], weights[:, used], errors, held[:, used])

    def predict(self, coordinates: np.ndarray) -> tuple[np.ndarray, Pullback]:
        """Return outputs of shape (n, G, k), and what turns derivatives by them into those by the coordinates.

        The second is a function from an array of shape (n, G, k) to one of shape (n, G, d).
        """
        raw = (coordinates - self.centre) / self.width
        x = np.clip(raw, self.low, self.high)
        highest = int(self.powers.max())
        table = np.stack([x**power for power in range(highest + 1)], axis=-1)
        places = np.arange(self.powers.shape[1])
        # factors[n, g, t, d] = x_d ** (power of d in term t)
        factors = table[:, :, places, self.powers]
        features = np.prod(factors, axis=-1)
        found = np.matmul(features.transpose(1, 0, 2), self.weights).transpose(1, 0, 2)

        def back(by_output: np.ndarray) -> np.ndarray:
            by_term = np.matmul(by_output.transpose(1, 0, 2), self.weights.transpose(0, 2, 1)).transpose(1, 0, 2)
            slopes = np.empty_like(x)
            for place, (there, less, others) in enumerate(self.taken):
                lower = factors[:, :, there[:, None], others].prod(axis=-1) * table[:, :, place, less]
                slopes[:, :, place] = (by_term[:, :, there] * lower * (less + 1)).sum(axis=-1)
            return slopes * (raw == x) / self.width

        return found, back

    @cached_property
    def taken(self) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """For each coordinate the terms that hold it, its power less one, and the other coordinates."""
        wide = self.powers.shape[1]
        found = []
        for place in range(wide):
            there = np.flatnonzero(self.powers[:, place])
            others = np.delete(np.arange(wide), place)
            found.append((there, self.powers[there, place] - 1, others))
        return found

    @cached_property
    def own(self) -> tuple[np.ndarray, np.ndarray]:
        """The terms of each group, shape (G, t), of which the first so many numbers count, shape (G,)."""
        return np.argsort(~self.held, axis=1, kind="stable"), self.held.sum(axis=1)

    @cached_property
    def chain(self) -> tuple[np.ndarray, np.ndarray]:
        """For each term another one, and the coordinate by which that one must be multiplied; the first has none."""
        return _chain(self.powers)


def _powers(wide: int, degree: int) -> np.ndarray:
    rows = [
        np.bincount(np.array(chosen, int), minlength=wide)
        for total in range(degree + 1)
        for chosen in itertools.combinations_with_replacement(range(wide), total)
    ]
    return np.array(rows, int).reshape(len(rows), wide)


def _chain(powers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    at = {tuple(row): place for place, row in enumerate(powers.tolist())}
    parents, last = [0], [0]
    for row in powers[1:]:
        place = int(np.flatnonzero(row)[-1])
        less = row.copy()
        less[place] -= 1
        parents.append(at[tuple(less.tolist())])
        last.append(place)
    return np.array(parents), np.array(last)


def _terms(x: np.ndarray, powers: np.ndarray) -> np.ndarray:
    found = np.ones((len(x), len(powers)))
    for place, (parent, last) in enumerate(zip(*_chain(powers), strict=True)):
        if place:
            found[:, place] = found[:, parent] * x[:, last]
    return found


class _Fit(NamedTuple):
    terms: np.ndarray
    weights: np.ndarray
    left: np.ndarray


def _best(x: np.ndarray, outputs: np.ndarray, share: np.ndarray, powers: np.ndarray, moving: np.ndarray) -> _Fit:
    """Return the terms of the degree that predicts left out points best, their weights, and these predictions."""
    degrees = powers.sum(axis=1)
    effective = share.sum() ** 2 / max(float((share**2).sum()), 1e-300)
    found: list[tuple[float, _Fit]] = []
    features = _terms(x, powers)
    for degree in range(1, int(degrees.max()) + 1):
        terms = np.flatnonzero((degrees <= degree) & (powers[:, ~moving] == 0).all(axis=1))
        if found and (len(terms) > _DENSEST * effective or len(terms) > _MOST_TERMS):
            break
        weights, left, lost = _ridge(features[:, terms], outputs, share, degrees[terms])
        found.append((lost, _Fit(terms, weights, left)))
    return min(found, key=lambda one: one[0])[1]


def _ridge(
    features: np.ndarray, outputs: np.ndarray, share: np.ndarray, degrees: np.ndarray
) -> tuple[np.ndarray, np.ndarray, float]:
    """Return weights of terms, what they predict for each point if it is left out, and how far off that is."""
    load = np.sqrt(np.array([1e-6, 1e-2, 1.0, 10.0, 100.0])[np.minimum(degrees, 4)])
    root = np.sqrt(share)[:, None]
    # coordinates in which the penalty is even
    own, wanted = features * root / load, outputs * root
    values, vectors = np.linalg.eigh(own.T @ own)
    values, turned = np.maximum(values, 0.0), own @ vectors
    pulled, square = turned.T @ wanted, turned**2
    tried = []
    for ridge in _RIDGES:
        inverse = 1.0 / (values + ridge * share.sum())
        weights = inverse[:, None] * pulled
        lever = np.minimum(square @ inverse, 0.999)[:, None]
        out = (wanted - turned @ weights) / (1.0 - lever)
        tried.append((float(np.sum(out**2)), weights, out))
    lost, weights, out = min(tried, key=lambda one: one[0])
    return vectors @ weights / load[:, None], outputs - out / np.maximum(root, 1e-150), lost


def bent(viability: np.ndarray) -> np.ndarray:
    """Return viability on a scale on which it is nearly a polynomial: the logarithm of its minus logarithm."""
    return np.log(-np.log((np.clip(viability, 0.0, 1.0) + MARGIN) / (1.0 + 2.0 * MARGIN)))


def straight(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return viability of bent values, and its derivative."""
    hazard = np.exp(np.minimum(values, 5.0))
    share = (1.0 + 2.0 * MARGIN) * np.exp(-hazard)
    return share - MARGIN, -share * hazard


def _nearness(x: np.ndarray, near: np.ndarray, moving: np.ndarray) -> np.ndarray:
    """Return how much points count, by their distance from the middle of others in units of how these are spread."""
    at, there = x[:, moving], near[:, moving]
    middle = there.mean(axis=0)
    spread = np.atleast_2d(np.cov(there.T)) + 0.01 * np.eye(at.shape[1])
    square = np.einsum("nd,de,ne->n", at - middle, np.linalg.inv(spread), at - middle)
    return (1.0 + square / max(at.shape[1], 1)) ** -2.0
