"""Which causes the data support, in words that a laboratory can use."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import logsumexp, softmax

from autocrine.calibration import draws
from autocrine.studies.explain.models import MODELS, WITH_LOOP

if TYPE_CHECKING:
    import pandas as pd

    from autocrine.studies.explain.inference import Drawn

#: difference of log evidence that counts as strong (Kass & Raftery 1995, J Am Stat Assoc 90:773); where there is no
#: loop, evidence for it exceeds this in at most one laboratory of e^3 = 20, whatever the design
_STRONG = 3.0
#: beyond this a difference has no more digits
_FAR = 12.0
#: a model with a lower probability has no part in the verdict
_COUNTS = 0.01


@dataclass(frozen=True)
class Verdict:
    """The competing models.

    Attributes
    ----------
    table : pandas.DataFrame
        By model, the most probable first: what `calibration.draws.compare` says of draws weighted with exact wells,
        ``log_evidence`` with its ``evidence_error``, ``probability`` where all models were equally probable before, and
        the Pareto k of the weights.
    supported : tuple of str
        Models whose evidence is not strongly below that of the best one.
    loop : bool
        Whether the mean evidence of models with the loop is strongly above that of models without, and the draws of
        those that count stand up to exact wells.
    sentences : tuple of str
        The verdict in words.
    gain : float
        Logarithm of the mean evidence of models with the loop over that of those without.
    """

    table: pd.DataFrame
    supported: tuple[str, ...]
    loop: bool
    sentences: tuple[str, ...]
    gain: float

    @property
    def probability(self) -> dict[str, float]:
        """The probability of each model."""
        return dict(zip(map(str, self.table.index), self.table["probability"].to_numpy(float).tolist(), strict=True))

    @property
    def counted(self) -> tuple[str, ...]:
        """The models of which the shares are averages, the most probable first."""
        return tuple(name for name, share in self.probability.items() if share >= _COUNTS)


def judge(drawn: Mapping[str, Drawn], *, seed: int) -> Verdict:
    """Compare the models of `MODELS` that were drawn from."""
    compared = draws.compare({name: one.weighted(seed) for name, one in drawn.items()})
    found = {name: one.evidence for name, one in drawn.items()}
    logs = np.array([found[name][0] for name in drawn])
    probability = dict(zip(drawn, softmax(logs), strict=True))
    table = compared.table.loc[sorted(drawn, key=lambda name: -probability[name])].copy()
    table["log_evidence"] = [found[str(name)][0] for name in table.index]
    table["evidence_error"] = [found[str(name)][1] for name in table.index]
    table["probability"] = [probability[str(name)] for name in table.index]
    table["pareto_k_of_wells"] = [drawn[str(name)].weights.pareto_k for name in table.index]
    gain = evidence_of(drawn, "loop")
    supported = tuple(str(name) for name in table.index if found[str(name)][0] > logs.max() - _STRONG)
    # a model whose draws do not stand up to exact wells proves nothing
    sound = all(one.weights.trusted for name, one in drawn.items() if probability[name] >= _COUNTS)
    sentences = (*_sentences(drawn, gain, sound), compared.verdict)
    return Verdict(table, supported, gain > _STRONG and sound, sentences, gain)


def evidence_of(drawn: Mapping[str, Drawn], cause: str) -> float:
    """Return the logarithm of the mean evidence of models with a cause over that of models without."""
    sides: list[float] = []
    for there in (True, False):
        logs = [one.evidence[0] for name, one in drawn.items() if (cause in MODELS[name]) == there]
        total: Any = logsumexp(logs)
        sides.append(float(total) - math.log(len(logs)))
    return sides[0] - sides[1]


def _sentences(drawn: Mapping[str, Drawn], gain: float, sound: bool) -> list[str]:
    if not sound:
        found = ["Draws of the best models do not stand up to exact wells: nothing is claimed of the loop."]
    elif gain > _STRONG:
        found = [f"These data support the IL-6 loop (log evidence {_shown(gain)})."]
        inner = {name: one for name, one in drawn.items() if name in WITH_LOOP}
        found += [
            _told(f"The {arm.replace('_', ' ')}", evidence_of(inner, arm)) for arm in ("pump_arm", "survival_arm")
        ]
    elif gain < -_STRONG:
        found = [f"These data speak against the IL-6 loop (log evidence {_shown(gain)})."]
    else:
        found = [
            f"The IL-6 loop is not supported by these data: a model without it explains them as well "
            f"(log evidence for the loop {_shown(gain)})."
        ]
    return [*found, _told("Amplification of ABCB1", evidence_of(drawn, "copies"))]


def _told(what: str, gain: float) -> str:
    if gain > _STRONG:
        return f"{what} is needed (log evidence {_shown(gain)})."
    if gain < -_STRONG:
        return f"{what} is not needed: these data speak against it (log evidence {_shown(gain)})."
    return f"Whether {what.replace('The', 'the')} takes part, these data do not tell."


def _shown(gain: float) -> str:
    """Return a difference of log evidence in words: models that are far behind are left with a rough one."""
    return f"{gain:+.1f}" if abs(gain) < _FAR else f"{'above +' if gain > 0 else 'below -'}{_FAR:.0f}"
