"""Anything that turns parameters into predictions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, runtime_checkable

import numpy as np

from autocrine.core import errors

#: third root of the precision of numbers: the step at which a central difference errs least
_STEP = float(np.finfo(float).eps ** (1 / 3))


@runtime_checkable
class Simulator(Protocol):
    """A function from parameters to predictions, for many sets of parameters at once.

    Predictions of one set must not depend on the others. A set that cannot be simulated has NaN.
    """

    @property
    def names(self) -> tuple[str, ...]:
        """The p parameters that it takes, in their order."""
        ...

    def predict(self, values: np.ndarray) -> np.ndarray:
        """Return predictions of shape (n, m) for parameters as they are of shape (n, p)."""
        ...

    def predict_with_gradient(self, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return predictions of shape (n, m) and their derivatives by the parameters, of shape (n, m, p)."""
        ...


class Function:
    """A simulator made of plain functions.

    Parameters
    ----------
    names : sequence of str
        The parameters.
    predict : callable
        From parameters as they are, shape (n, p), to predictions, shape (n, m).
    gradient : callable, optional
        From the same to derivatives, shape (n, m, p). Without it derivatives are central differences, all of them
        as one call of ``predict``.
    """

    def __init__(
        self,
        names: Sequence[str],
        predict: Callable[[np.ndarray], np.ndarray],
        gradient: Callable[[np.ndarray], np.ndarray] | None = None,
    ) -> None:
        self._names, self._predict, self._gradient = tuple(names), predict, gradient

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters that it takes, in their order."""
        return self._names

    def predict(self, values: np.ndarray) -> np.ndarray:
        """Return predictions of shape (n, m).

        Raises
        ------
        InputError
            If the function returns another number of rows.
        """
        found = np.asarray(self._predict(values), float)
        if found.ndim != 2 or len(found) != len(values):
            must = f"a simulator must return one row of predictions for each of {len(values)} sets of parameters"
            raise errors.InputError(must, found.shape)
        return found

    def predict_with_gradient(self, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return predictions of shape (n, m) and their derivatives of shape (n, m, p)."""
        if self._gradient is not None:
            return self.predict(values), np.asarray(self._gradient(values), float)
        count, wide = values.shape
        # on both sides of each value, by a step that numbers can hold exactly
        steps = (values + _STEP * np.maximum(np.abs(values), 1e-8)) - values
        moves = np.eye(wide)[None] * steps[:, None]
        rows = np.concatenate(
            [values, (values[:, None] + moves).reshape(-1, wide), (values[:, None] - moves).reshape(-1, wide)]
        )
        found = self.predict(rows)
        ahead, behind = found[count:].reshape(2, count, wide, -1)
        return found[:count], np.moveaxis((ahead - behind) / (2 * steps[:, :, None]), 1, 2)
