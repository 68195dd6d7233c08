"""Readouts of an experiment: predictions on the scale of the measurements, with derivatives."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from autocrine.calibration.given.observations import Scaling


@dataclass(frozen=True)
class Column:
    """Values of a quantity at n points, and their derivatives.

    Attributes
    ----------
    values : ndarray of shape (n,) or (n, m)
        The values.
    gradient : ndarray of shape (n, p) or (n, m, p)
        Their derivatives by the parameters on their scales.
    """

    values: np.ndarray
    gradient: np.ndarray


def scaled(predicted: Column, factor: Column, offset: Column) -> Column:
    """Return ``offset + factor · predicted``, for predictions of shape (n, m) and the rest of shape (n,)."""
    values = offset.values[:, None] + factor.values[:, None] * predicted.values
    along = factor.values[:, None, None] * predicted.gradient
    along = along + predicted.values[:, :, None] * factor.gradient[:, None] + offset.gradient[:, None]
    return Column(values, along)


def profiled(
    scaling: Scaling,
    predicted: np.ndarray,
    measured: np.ndarray,
    width: np.ndarray,
    given: tuple[np.ndarray, np.ndarray],
) -> tuple[np.ndarray, np.ndarray]:
    """Return the factors and offsets that suit the measurements best, each of shape (n,).

    Parameters
    ----------
    scaling : Scaling
        Which of the two is free.
    predicted, width : ndarray of shape (n, m)
        Predictions, and widths of the noise that do not depend on them.
    measured : ndarray of shape (m,)
        The measurements.
    given : (ndarray, ndarray)
        Factors and offsets where they are not free, shape (n,).

    Notes
    -----
    Weighted least squares. Where nothing tells them (predictions that are all zero, or all equal) the factor is zero.
    At the optimum the density does not change with them, so derivatives of the density by the other parameters are
    those at fixed factors and offsets.
    """
    weight = 1.0 / width**2
    factor, offset = given
    if scaling.profiled == (True, True):
        total = weight.sum(axis=1)
        mean_x, mean_y = (weight * predicted).sum(axis=1) / total, (weight * measured).sum(axis=1) / total
        x, y = predicted - mean_x[:, None], measured - mean_y[:, None]
        factor = _ratio((weight * x * y).sum(axis=1), (weight * x * x).sum(axis=1))
        return factor, mean_y - factor * mean_x
    if scaling.profiled == (True, False):
        over = (weight * predicted * (measured - offset[:, None])).sum(axis=1)
        return _ratio(over, (weight * predicted**2).sum(axis=1)), offset
    rest = measured - factor[:, None] * predicted
    return factor, (weight * rest).sum(axis=1) / weight.sum(axis=1)


def profiled_log(predicted: np.ndarray, measured: np.ndarray, width: np.ndarray) -> np.ndarray:
    """Return the factors that suit measurements with log-normal noise best, shape (n,)."""
    weight = 1.0 / width**2
    return np.exp((weight * (np.log(measured) - np.log(predicted))).sum(axis=1) / weight.sum(axis=1))


def _ratio(over: np.ndarray, under: np.ndarray) -> np.ndarray:
    return np.divide(over, under, out=np.zeros_like(over), where=under != 0)
