"""Plausible patients: what they differ by, drawn from distributions that say where they come from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from autocrine.cohort.body import VARIABILITY, Bodies
from autocrine.cohort.drug_file import drug_parameters
from autocrine.cohort.pharmacokinetics import SMALL
from autocrine.cohort.serum import serum_at_rest
from autocrine.core import errors

if TYPE_CHECKING:
    from collections.abc import Sequence

#: of a tumour without producers: so few that nothing follows from them
_NO_PRODUCERS = -30.0
#: median and standard deviation of the logarithm of what is drawn; all chosen but ``background`` (P155: 0.5 to 5 pg/ml)
_SPREAD = {
    "background": (1.5, 0.6),
    "receptor": (1.0, 0.5),
    "pgp_rest": (1.0, 0.7),
    "growth": (1.0, 0.4),
    "sensitivity": (1.0, 0.6),
    "burden": (5e9, 1.2),
    "producer_share": (0.05, 1.0),
    "abcb1_excess": (30.0, 1.0),
}
#: a share of patients beyond which nothing is left of the others
_LARGEST_SHARE = 0.95


@dataclass(frozen=True)
class Population:
    """From where patients are drawn.

    Attributes
    ----------
    producer_prevalence : float
        Fraction of patients whose tumour has producers of IL-6; no publication gives it.
    amplification_prevalence : float
        Fraction whose tumour has an amplified ABCB1, whatever IL-6 does.
    loop_strength : float
        0 cuts the loop, 1 is the model as it stands.
    reduction_probability : float
        Probability that doses are reduced for toxicity, to 80 % from a day of the first 84 on.

    Raises
    ------
    InputError
        If a fraction lies outside 0 to 1, or the strength outside 0 to 10.
    """

    producer_prevalence: float = 0.5
    amplification_prevalence: float = 0.02
    loop_strength: float = 1.0
    reduction_probability: float = 0.15

    def __post_init__(self) -> None:
        """Refuse what is no fraction."""
        for name in ("producer_prevalence", "amplification_prevalence", "reduction_probability"):
            if not 0 <= getattr(self, name) <= 1:
                raise errors.InputError(f"{name} must lie between 0 and 1", getattr(self, name))
        if not 0 <= self.loop_strength <= 10:
            raise errors.InputError("loop_strength must lie between 0 and 10", self.loop_strength)

    def draw(self, count: int, random: np.random.Generator) -> pd.DataFrame:
        """Draw plausible patients.

        Returns
        -------
        DataFrame
            One row per patient: traits of the tumour, sizes of the body, and deviations of kinetics (columns
            ``sd_...``, in standard deviations).
        """
        drawn = {
            name: median * np.exp(spread * random.standard_normal(count)) for name, (median, spread) in _SPREAD.items()
        }
        has_producers = random.random(count) < self.producer_prevalence
        amplified = random.random(count) < self.amplification_prevalence
        share = np.where(has_producers, np.minimum(drawn.pop("producer_share"), _LARGEST_SHARE), 0.0)
        table = pd.DataFrame(drawn)
        table["producer_share"] = share
        table["amplification"] = np.where(amplified, table.pop("abcb1_excess"), 0.0)
        for drug in SMALL:
            table[f"sensitivity_{drug}"] = np.exp(0.4 * random.standard_normal(count))
        table["weight_kg"] = np.clip(70.0 * np.exp(0.18 * random.standard_normal(count)), 40.0, 150.0)
        table["height_cm"] = np.clip(164.0 + 7.0 * random.standard_normal(count), 140.0, 195.0)
        table["liver"] = np.clip(np.exp(0.15 * random.standard_normal(count)), 0.3, 1.5)
        table["kidney"] = np.clip(np.exp(0.2 * random.standard_normal(count)), 0.3, 1.6)
        reduced = random.random(count) < self.reduction_probability
        table["reduction_day"] = np.where(reduced, random.uniform(1.0, 84.0, count), 1e6)
        for name in VARIABILITY:
            table[f"sd_{name}"] = random.standard_normal(count)
        return table

    def parameters(self, patients: pd.DataFrame, drugs: Sequence[str]) -> dict[str, np.ndarray]:
        """Return what patients give to the network of a patient, by parameter."""
        columns = {name: patients[name].to_numpy() for name in patients.columns}
        bodies = Bodies(columns["weight_kg"], columns["height_cm"], columns["liver"], columns["kidney"])
        own = ("background", "receptor", "pgp_rest", "growth", "sensitivity", "amplification", "reduction_day")
        found = {name: columns[name] for name in (*own, *(f"sensitivity_{drug}" for drug in SMALL))}
        found |= {"body_surface": bodies.surface_m2, "body_weight": columns["weight_kg"]}
        found |= {"reduced_share": np.full(len(patients), 0.8), "loop_strength": np.array([self.loop_strength])}
        deviations = {name: columns[f"sd_{name}"] for name in VARIABILITY}
        for drug in drugs:
            found |= bodies.kinetics(drug, {n: d for n, d in deviations.items() if n in drug_parameters(drug)})
        return found


def start_of(patients: pd.DataFrame, parameters: dict[str, np.ndarray], drugs: Sequence[str]) -> dict[str, np.ndarray]:
    """Return the initial values of patients in the network of a patient."""
    burden, share = patients["burden"].to_numpy(), patients["producer_share"].to_numpy()
    with np.errstate(divide="ignore"):
        producers = np.where(share > 0, np.log(burden * share), _NO_PRODUCERS)
    rest = parameters["pgp_rest"] + parameters["amplification"]
    antibody = {"siltuximab_target": serum_at_rest(burden * share, parameters["background"])}
    return {
        "log_other": np.log(burden * (1 - share)),
        "log_producer": np.maximum(producers, _NO_PRODUCERS),
        "pgp_other": rest,
        "pgp_producer": rest,
        # the body makes IL-6 before an antibody is there
        **(antibody if "siltuximab" in drugs else {}),
    }
