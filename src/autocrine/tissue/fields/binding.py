"""Reversible binding in the fluid: IL-6 with an antibody, IL-6 with soluble IL-6R."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

from autocrine.core import errors


@dataclass(frozen=True)
class Binding:
    """Two substrates that bind and part: first + second ⇌ complex.

    Parameters
    ----------
    first, second, complex : str
        Names of three substrates.
    on_rate : float
        1/(level · h).
    off_rate_1_h : float
        1/h.
    blocker : str
        A substrate that blocks the second one in rapid equilibrium, without being used up; none if empty.
    blocker_ki : float
        Its level at which half of the second one is blocked.

    Raises
    ------
    InputError
        If a rate is not finite or negative, binding does not happen, or two names are the same.
    """

    first: str
    second: str
    complex: str
    on_rate: float
    off_rate_1_h: float
    blocker: str = ""
    blocker_ki: float = 1.0

    def __post_init__(self) -> None:
        where = f"binding of {self.first} and {self.second}"
        if not (np.isfinite(self.on_rate) and self.on_rate > 0):
            raise errors.InputError("on_rate must be positive and finite", self.on_rate, where=where)
        if not (np.isfinite(self.off_rate_1_h) and self.off_rate_1_h >= 0):
            raise errors.InputError("off_rate_1_h must be finite and not negative", self.off_rate_1_h, where=where)
        if not (np.isfinite(self.blocker_ki) and self.blocker_ki > 0):
            raise errors.InputError("blocker_ki must be positive and finite", self.blocker_ki, where=where)
        if len({self.first, self.second, self.complex}) < 3:
            raise errors.InputError("a binding must join two substrates to a third", where=where)


@njit(cache=True, nogil=True, error_model="numpy")
def react(first, second, joined, start, end, most_on, off, dt, blocker, blocking, bound):
    """Let two levels bind for a time, exactly, in the planes from ``start`` to ``end``.

    Parameters
    ----------
    first, second, joined : (nx, ny, nz) array
        Levels; changed in place.
    most_on, off, dt : float
        Rate of binding where nothing blocks, rate of parting, time.
    blocker : (nx, ny, nz) array
        Level of what blocks.
    blocking : float
        One over the level that halves the rate of binding; 0 where nothing blocks.
    bound : (ny,) array
        What was bound in each plane of the second axis, as a sum of levels.

    Notes
    -----
    With x what has bound, dx/dt = on (first - x)(second - x) - off (joined + x) has two roots r ≤ R, and x = r R (1 -
    E) / (R - r E) with E = exp(-on (R - r) t). The sums first + joined and second + joined stay as they are.
    """
    nx, nz = first.shape[0], first.shape[2]
    for j in range(start, end):
        total = 0.0
        for i in range(nx):
            for k in range(nz):
                a, b, c = first[i, j, k], second[i, j, k], joined[i, j, k]
                on = most_on / (1 + blocking * blocker[i, j, k])
                away = off / on
                sum_of_roots = a + b + away
                product = a * b - away * c
                gap = np.sqrt((a - b) ** 2 + 2 * away * (a + b) + away**2 + 4 * away * c)
                # the larger root is a sum of positive numbers, and the smaller follows without cancellation
                larger = (sum_of_roots + gap) / 2
                if larger <= 0:
                    continue
                smaller = product / larger
                gone = -np.expm1(-on * gap * dt)
                if gap * on * dt > 1e-12:
                    x = product * gone / (larger - smaller * (1 - gone))
                else:
                    x = on * product * dt / (1 + on * larger * dt)
                x = min(max(x, -c), a, b)
                first[i, j, k], second[i, j, k], joined[i, j, k] = a - x, b - x, c + x
                total += x
        bound[j] = total
