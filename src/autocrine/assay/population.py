"""A population in a well: how many cells of a line, and how they differ in P-gp."""

from __future__ import annotations

import functools
from statistics import NormalDist

import numpy as np

from autocrine.core import Document, Parameters

_SEEDED = """
[p{i}_seeded]
value = 1e4
unit = "cell"
low = 0.0
high = 1e9
basis = "chosen"
note = "Cells seeded per well."
"""
_FACTOR = """
[p{i}_pgp_factor_{k}]
value = 1.0
unit = "1"
low = 0.0
high = 100.0
basis = "chosen"
note = "P-gp of bin {k} over the mean of the population."
"""


def population_parameters(i: int, bins: int) -> Parameters:
    """Return the parameters of population i: cells seeded, and P-gp of each bin over the mean."""
    text = _SEEDED.format(i=i) + "".join(_FACTOR.format(i=i, k=k) for k in range(1, bins + 1))
    return Parameters.from_document(Document.parse(text, "population"), "population")


@functools.lru_cache(maxsize=64)
def pgp_factors(coefficient_of_variation: float, bins: int) -> tuple[float, ...]:
    """Return the mean P-gp of equally large bins of a lognormal distribution, over the mean of all.

    Parameters
    ----------
    coefficient_of_variation : float
        Standard deviation over mean of P-gp between cells; 0 makes all cells alike.
    bins : int
        Number of bins, each with the same number of cells.

    Returns
    -------
    tuple of float
        Factors with mean 1, from the lowest to the highest.

    Notes
    -----
    With ``s**2 = ln(1 + cv**2)`` the share of P-gp below the quantile q is ``Phi(Phi^-1(q) - s)``.
    """
    sigma, normal = float(np.sqrt(np.log1p(coefficient_of_variation**2))), NormalDist()
    inner = [normal.cdf(normal.inv_cdf(k / bins) - sigma) for k in range(1, bins)]
    return tuple((bins * np.diff([0.0, *inner, 1.0])).tolist())
