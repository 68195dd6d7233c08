"""Which causes the data support, in words that a laboratory can use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from autocrine.calibration import draws
from autocrine.studies.explain.models import MODELS, WITH_LOOP

if TYPE_CHECKING:
    import pandas as pd

    from autocrine.studies.explain.inference import Drawn

#: difference of log evidence that counts as strong (Kass & Raftery 1995, J Am Stat Assoc 90:773)
_STRONG = 3.0


@dataclass(frozen=True)
class Verdict:
    """The competing models.

    Attributes
    ----------
    table : pandas.DataFrame
        By model, best first: what `calibration.draws.compare` says of draws weighted with exact wells,
        ``log_evidence`` with its ``evidence_error``, and the Pareto k of the weights.
    supported : tuple of str
        Models that cannot be told from the best one by PSIS-LOO.
    loop : bool
        Whether only models with the loop are among them, their draws stand up to exact wells, and the evidence of the
        best of them is stronger than that of the best without.
    sentences : tuple of str
        The verdict in words.
    """

    table: pd.DataFrame
    supported: tuple[str, ...]
    loop: bool
    sentences: tuple[str, ...]


def judge(drawn: Mapping[str, Drawn], *, seed: int) -> Verdict:
    """Compare the models of `MODELS` that were drawn from."""
    compared = draws.compare({name: one.weighted(seed) for name, one in drawn.items()})
    table = compared.table.copy()
    found = {name: _evidence(one, seed) for name, one in drawn.items()}
    table["log_evidence"] = [found[str(name)][0] for name in table.index]
    table["pareto_k_of_wells"] = [drawn[str(name)].weights.pareto_k for name in table.index]
    table["evidence_error"] = [found[str(name)][1] for name in table.index]
    with_loop, without = (
        [found[name][0] for name in MODELS if (name in WITH_LOOP) == there] for there in (True, False)
    )
    gain = float(np.nanmax(with_loop) - np.nanmax(without))
    among = compared.supported
    # a model whose draws do not stand up to exact wells proves nothing
    sound = all(drawn[name].weights.trusted for name in among)
    loop = all(name in WITH_LOOP for name in among) and gain > _STRONG and sound
    return Verdict(table, among, loop, (*_sentences(among, loop, gain, sound), compared.verdict))


def _sentences(among: tuple[str, ...], loop: bool, gain: float, sound: bool) -> list[str]:
    if not sound:
        found = ["Draws of the best models do not stand up to exact wells: nothing is claimed of the loop."]
    elif not loop:
        found = [
            f"The IL-6 loop is not supported by these data: a model without it predicts them as well "
            f"(log evidence for the loop {gain:+.1f})."
        ]
    else:
        found = [f"These data support the IL-6 loop (log evidence {gain:+.1f})."]
        for arm in ("pump_arm", "survival_arm"):
            words = arm.replace("_", " ")
            if all(arm in MODELS[name] for name in among):
                found.append(f"The {words} is needed.")
            elif not any(arm in MODELS[name] for name in among):
                found.append(f"The {words} is not supported by these data.")
            else:
                found.append(f"Whether the {words} takes part, these data do not tell.")
    if all("copies" in MODELS[name] for name in among):
        found.append("Amplification of ABCB1 is needed.")
    elif not any("copies" in MODELS[name] for name in among):
        found.append("Amplification of ABCB1 is not supported by these data.")
    return found


def _evidence(one: Drawn, seed: int) -> tuple[float, float]:
    """Return the log evidence of a model with exact wells, and its standard error.

    Where weights cannot be trusted, it is that with polynomials.
    """
    found = draws.bridge_evidence(one.target, one.data, seed=seed, proposals=1000)
    if not one.weights.trusted:
        return found.log_evidence, found.error
    ratio, error = one.weights.log_ratio
    return found.log_evidence + ratio, float(np.hypot(found.error, error))
