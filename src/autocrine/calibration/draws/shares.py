"""Shares of an effect that causes have together."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from autocrine.core import errors, generator

#: up to here all orders are averaged; beyond, some of them
_EXACT_UP_TO = 6
#: an effect smaller than this has no shares
_NO_EFFECT = 1e-12


@dataclass(frozen=True)
class Attribution:
    """What each cause contributes, on each draw.

    Attributes
    ----------
    players : tuple of str
        The causes.
    contributions : ndarray of shape (k, n)
        The contribution of each cause on each of n draws; they add up to ``total``.
    total : ndarray of shape (n,)
        The effect of all causes together.
    """

    players: tuple[str, ...]
    contributions: np.ndarray
    total: np.ndarray

    @property
    def shares(self) -> np.ndarray:
        """Contributions in units of the total, shape (k, n): they sum to one; NaN where there is no effect."""
        there = np.abs(self.total) > _NO_EFFECT
        return np.divide(
            self.contributions,
            self.total,
            out=np.full_like(self.contributions, np.nan),
            where=np.broadcast_to(there, self.contributions.shape),
        )

    def interval(self, level: float = 0.9) -> dict[str, tuple[float, float, float]]:
        """Return low end, median and high end of the share of each cause over the draws that have an effect."""
        ends = [0.5 * (1 - level), 0.5, 0.5 * (1 + level)]
        found = {}
        for player, row in zip(self.players, self.shares, strict=True):
            known = row[np.isfinite(row)]
            low, middle, high = np.quantile(known, ends) if len(known) else np.full(3, np.nan)
            found[player] = (float(low), float(middle), float(high))
        return found


def shapley(
    players: Sequence[str], effect: Callable[[frozenset[str]], ArrayLike], *, orders: int = 200, seed: int = 1
) -> Attribution:
    """Average what each cause adds over the orders in which causes can be switched on.

    Parameters
    ----------
    players : sequence of str
        The causes.
    effect : callable
        From the causes that are switched on to the effect on each draw, shape (n,) or a number. It is called once for
        each set.
    orders : int
        With more than six causes: how many orders are drawn; each is used forwards and backwards.
    seed : int
        The seed of the orders.

    Raises
    ------
    InputError
        If there are no causes, or one stands twice.

    Notes
    -----
    With up to six causes all sets are used:
    ``sum over S without i of |S|! (k - |S| - 1)! / k! · (effect(S and i) - effect(S))``.

    References
    ----------
    Shapley (1953), in Contributions to the Theory of Games II, Princeton, pp. 307-317.
    """
    names = tuple(players)
    if not names or len(set(names)) != len(names):
        raise errors.InputError("causes must be given once each", names)
    known: dict[frozenset[str], np.ndarray] = {}

    def at(group: frozenset[str]) -> np.ndarray:
        if group not in known:
            known[group] = np.atleast_1d(np.asarray(effect(group), float))
        return known[group]

    everybody = frozenset(names)
    total = at(everybody) - at(frozenset())
    exact = len(names) <= _EXACT_UP_TO
    rows = _over_sets(names, at) if exact else _over_orders(names, at, orders, seed)
    return Attribution(names, np.stack(rows), total)


def _over_sets(names: tuple[str, ...], at: Callable[[frozenset[str]], np.ndarray]) -> list[np.ndarray]:
    count, rows = len(names), []
    for name in names:
        others, row = [other for other in names if other != name], np.array(0.0)
        for size in range(count):
            weight = math.factorial(size) * math.factorial(count - size - 1) / math.factorial(count)
            for group in map(frozenset, itertools.combinations(others, size)):
                row = row + weight * (at(group | {name}) - at(group))
        rows.append(row)
    return rows


def _over_orders(
    names: tuple[str, ...], at: Callable[[frozenset[str]], np.ndarray], orders: int, seed: int
) -> list[np.ndarray]:
    if orders < 1:
        raise errors.InputError("there must be at least one order", orders)
    rng, rows = generator(seed, "orders"), dict.fromkeys(names, np.array(0.0))
    for _ in range(orders):
        forwards = [names[k] for k in rng.permutation(len(names))]
        for order in (forwards, forwards[::-1]):
            group: frozenset[str] = frozenset()
            for name in order:
                rows[name] = rows[name] + (at(group | {name}) - at(group)) / (2 * orders)
                group |= {name}
    return [rows[name] for name in names]
