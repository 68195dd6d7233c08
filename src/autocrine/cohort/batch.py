"""A batch of virtual patients in a trial, from drawing to follow-up; a batch depends on its number and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from autocrine.cohort.matching import UNWEIGHTED, Weights, match
from autocrine.cohort.outcome import Visits
from autocrine.cohort.population import Population
from autocrine.cohort.regimen import Regimen, load_regimens
from autocrine.cohort.serum import Assay
from autocrine.cohort.treatment import treat
from autocrine.core import errors, generator

#: plausible patients of a pilot, from which weights are found
_PILOT = 4000
#: draws of a batch after which too few were accepted
_MOST_DRAWS = 50
#: the regimen to whose response rate patients are matched
_REFERENCE = "ac_t"
#: patients of a block of the randomisation
_BLOCK = 30


@dataclass(frozen=True)
class Protocol:
    """What is done with every patient of a trial.

    Attributes
    ----------
    arms : mapping of str to (Regimen, float)
        Regimen and share of the patients by arm.
    population : Population
        From where patients come.
    visits : Visits
        When and how tumours are measured.
    assay : Assay
        How serum IL-6 is measured.
    accrual_days, follow_up_days : float
        Patients enter evenly over the first; the trial is analysed so long after the last one.
    dropout_per_year : float
        Rate at which patients are lost.
    """

    arms: Mapping[str, tuple[Regimen, float]]
    population: Population = field(default_factory=Population)
    visits: Visits = field(default_factory=Visits)
    assay: Assay = field(default_factory=Assay)
    accrual_days: float = 365.0
    follow_up_days: float = 365.0
    dropout_per_year: float = 0.05


def find_weights(population: Population, seed: int, *, matched: bool = True) -> Weights:
    """Match a pilot of plausible patients to what was published; unmatched, all patients have the weight 1."""
    if not matched:
        return UNWEIGHTED
    random = generator(seed, "pilot")
    patients = _with_reference(population.draw(_PILOT, random), population, random)
    return match(patients)


def simulate_batch(protocol: Protocol, number: int, size: int, seed: int, weights: Weights) -> pd.DataFrame:
    """Simulate one batch.

    Parameters
    ----------
    protocol : Protocol
        What is done.
    number : int
        Number of the batch: what it draws follows from it and the seed.
    size : int
        Virtual patients in it.
    seed : int
        Seed of the trial.
    weights : Weights
        With which plausible patients are accepted.

    Returns
    -------
    DataFrame
        One row per virtual patient: traits, arm, marker and outcome; times in days from entry.
    """
    random = generator(seed, "batch", number)
    patients = _accepted(protocol.population, size, random, weights)
    patients.insert(0, "patient", number * size + np.arange(size))
    patients["arm"] = _randomised(protocol, size, random)
    horizon = protocol.accrual_days + protocol.follow_up_days
    parts = []
    for arm, (regimen, _) in protocol.arms.items():
        own = patients.loc[patients["arm"] == arm, :]
        if len(own):
            noise = generator(seed, "treatment", number, arm)
            found = treat(own, protocol.population, regimen, protocol.visits, noise, horizon_days=horizon)
            parts.append(found)
    table = patients.join(pd.concat(parts).sort_index())
    return _followed(table, protocol, random)


def _with_reference(patients: pd.DataFrame, population: Population, random: np.random.Generator) -> pd.DataFrame:
    """Add what patients are matched by: serum IL-6, P-gp as it is seen, and the response to the usual regimen."""
    found = treat(patients, population, load_regimens()[_REFERENCE], Visits(), random, horizon_days=180.0)
    patients = patients.assign(il6_true_pg_ml=found["il6_true_pg_ml"], responded=found["responded"])
    return patients.assign(pgp_seen=patients["pgp_rest"] + patients["amplification"])


def _accepted(population: Population, size: int, random: np.random.Generator, weights: Weights) -> pd.DataFrame:
    """Draw plausible patients until enough are accepted; the last draw is cut."""
    if weights is UNWEIGHTED or not weights.tilts:
        return population.draw(size, random)
    kept, count = [], 0
    for _ in range(_MOST_DRAWS):
        drawn = population.draw(size, random)
        weight = weights.of(_with_reference(drawn, population, random))
        chosen = drawn[random.random(size) < weight]
        kept.append(chosen)
        count += len(chosen)
        if count >= size:
            return pd.concat(kept, ignore_index=True).iloc[:size].copy()
    raise errors.InputError(
        "plausible patients must be accepted often enough", f"{count} of {size * _MOST_DRAWS}", hint="match = false"
    )


def _randomised(protocol: Protocol, size: int, random: np.random.Generator) -> np.ndarray:
    """Assign arms in permuted blocks, in each in numbers as near to the shares as whole patients allow.

    A trial that ends within a batch is then as balanced as one that ends with it.
    """
    names = list(protocol.arms)
    shares = np.array([share for _, share in protocol.arms.values()])
    edges = np.cumsum(shares / shares.sum())
    places = [(random.permutation(_BLOCK) + 0.5) / _BLOCK for _ in range(-(-size // _BLOCK))]
    return np.array(names, dtype=object)[np.searchsorted(edges, np.concatenate(places)[:size])]


def _followed(table: pd.DataFrame, protocol: Protocol, random: np.random.Generator) -> pd.DataFrame:
    """Add accrual, drop-out, the measured marker, and times with events as a trial sees them."""
    count = len(table)
    entry = random.uniform(0.0, protocol.accrual_days, count)
    rate = protocol.dropout_per_year / 365.25
    lost = random.standard_exponential(count) / rate if rate > 0 else np.full(count, np.inf)
    end = np.minimum(protocol.accrual_days + protocol.follow_up_days - entry, lost)
    measured, seen = protocol.assay.measure(table["il6_true_pg_ml"].to_numpy(), random.standard_normal(count))
    progressed = np.minimum(table["progression_day"].to_numpy(), table["death_day"].to_numpy())
    died = table["death_day"].to_numpy()
    return table.assign(
        entry_day=entry,
        il6_pg_ml=measured,
        il6_detected=seen,
        log10_burden=np.log10(table["burden"].to_numpy()),
        pfs_days=np.minimum(progressed, end),
        pfs_event=(progressed <= end).astype(int),
        os_days=np.minimum(died, end),
        os_event=(died <= end).astype(int),
        dropped_out=(lost <= end) & (progressed > end),
    )
