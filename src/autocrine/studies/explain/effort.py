"""How much is computed for an explanation."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Effort:
    """How much is computed.

    Attributes
    ----------
    first : int
        Points from the prior at which all wells are simulated.
    rounds, points : int
        How often polynomials of all models are fitted again, and points of each model in a round.
    draws, tune, chains : int
        Of the sampler, for each model.
    exact : int
        Draws of each model at which all wells are simulated exactly: for their weights, and for the next polynomials.
    corrections : int
        How often at most a model is drawn from again with polynomials that were fitted to its own draws.
    counterfactual, tried : int
        Draws at which causes are switched off one by one, and at which blockers are tried.
    """

    first: int = 400
    rounds: int = 2
    points: int = 60
    draws: int = 1000
    tune: int = 400
    chains: int = 4
    exact: int = 300
    corrections: int = 3
    counterfactual: int = 200
    tried: int = 40


QUICK = Effort(
    first=200, rounds=1, points=40, draws=500, tune=250, chains=4, exact=100, corrections=2, counterfactual=50, tried=20
)
