"""How much is computed for an explanation."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Effort:
    """How much is computed.

    Attributes
    ----------
    first : int
        Points from the priors of all models at which all wells are simulated.
    points, chains, keep : int
        Points of each population that follows a posterior, populations that know nothing of one another, and how often
        each point is kept as a draw in the end.
    exact : int
        Draws of each model at which all wells are simulated exactly: for their weights, and for the next polynomials.
    corrections : int
        How often at most polynomials of a model are fitted again to its own draws.
    counterfactual, tried : int
        Draws at which causes are switched off one by one, and at which blockers are tried.
    """

    first: int = 600
    points: int = 250
    chains: int = 4
    keep: int = 4
    exact: int = 300
    corrections: int = 4
    counterfactual: int = 200
    tried: int = 40


QUICK = Effort(first=240, points=100, keep=4, exact=80, corrections=2, counterfactual=50, tried=20)
