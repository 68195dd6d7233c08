"""The evidence for a model: how well it predicted the data before it saw them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import logsumexp
from scipy.stats import multivariate_normal

from autocrine.calibration.draws.arviz_library import arviz
from autocrine.calibration.draws.drawn import points_of
from autocrine.calibration.target import Target
from autocrine.core import errors, generator

if TYPE_CHECKING:
    from arviz import InferenceData

_ROUNDS, _EXACT = 1000, 1e-10


@dataclass(frozen=True)
class Evidence:
    """The logarithm of a marginal likelihood.

    Attributes
    ----------
    log_evidence, error : float
        Its natural logarithm, and the standard error of that.
    """

    log_evidence: float
    error: float


def bridge_evidence(target: Target, drawn: InferenceData, *, seed: int = 1, proposals: int = 4000) -> Evidence:
    """Estimate the evidence by bridge sampling with a normal proposal.

    Parameters
    ----------
    target : Target
        What was drawn from; its density must be complete, with the constants of priors and noise.
    drawn : arviz.InferenceData
        Its draws. Half of them shape the proposal, the other half are used.
    seed : int
        The seed of the proposals.
    proposals : int
        How many.

    Raises
    ------
    InputError
        If there are too few draws for a proposal.

    References
    ----------
    Meng & Wong (1996), Stat Sinica 6:831; Gronau et al. (2017), J Math Psychol 81:80,
    doi:10.1016/j.jmp.2017.09.005.
    """
    free = target.priors.to_free(points_of(target.priors, drawn))
    if len(free) < 20 * free.shape[1]:
        raise errors.InputError(f"there must be {20 * free.shape[1]} draws at least", len(free))
    shape, used = free[::2], free[1::2]
    covariance: Any = np.atleast_2d(np.cov(shape.T))
    proposal = multivariate_normal(shape.mean(axis=0), covariance, allow_singular=False)
    new = np.atleast_2d(proposal.rvs(proposals, random_state=generator(seed, "bridge"))).reshape(proposals, -1)
    at_used, at_new = (_density(target, each) - proposal.logpdf(each) for each in (used, new))
    effective = min(len(used), float(arviz().ess(at_used)))  # draws are not independent
    share = effective / (effective + proposals)
    centre, log_ratio = float(np.median(at_used)), 0.0
    at_used, at_new = at_used - centre, at_new - centre
    over, under = at_new, at_used
    for _ in range(_ROUNDS):
        over = at_new - np.logaddexp(np.log(share) + at_new, np.log1p(-share) + log_ratio)
        under = -np.logaddexp(np.log(share) + at_used, np.log1p(-share) + log_ratio)
        before = log_ratio
        log_ratio = float((logsumexp(over) - np.log(len(over))) - (logsumexp(under) - np.log(len(under))))
        if abs(log_ratio - before) < _EXACT:
            break
    variance = _relative(over) / proposals + _relative(under) / effective
    return Evidence(log_ratio + centre, float(np.sqrt(variance)))


def _density(target: Target, free: np.ndarray) -> np.ndarray:
    points, _, gained, _ = target.priors.from_free(free)
    return np.concatenate([target.log_density(points[k : k + 500])[0] for k in range(0, len(points), 500)]) + gained


def _relative(logs: np.ndarray) -> float:
    """Return the variance of numbers in units of their squared mean, from their logarithms."""
    numbers = np.exp(logs - logs.max())
    return float(numbers.var() / numbers.mean() ** 2)
