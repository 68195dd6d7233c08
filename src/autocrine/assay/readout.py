"""Readouts in the units of the bench: what a plate reader, an ELISA or a cytometer says of a well."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from autocrine.assay.concentration import NG_PER_ML_PER_NM
from autocrine.assay.well import Course
from autocrine.core import errors, generator

#: lowest IL-6 that the ELISA tells from nothing, ng/ml; chosen, as usual kits
ELISA_LIMIT_NG_ML = 0.001


@dataclass(frozen=True)
class Readout:
    """One kind of measurement.

    Attributes
    ----------
    name, unit : str
        Its name in studies, and its unit.
    level : callable
        Course → array of shape (T,), without noise.
    cv : float
        Coefficient of variation between replicate wells; chosen by us.
    meaning : str
        One sentence.
    limit : float
        Values below are reported as this limit.
    """

    name: str
    unit: str
    level: Callable[[Course], np.ndarray]
    cv: float
    meaning: str
    limit: float = 0.0

    def measure(self, course: Course, replicates: int, seed: int, *names: object) -> np.ndarray:
        """Return the readout of replicate wells, with multiplicative lognormal noise.

        Parameters
        ----------
        course : Course
            What happened in the well.
        replicates : int
            Number of replicate wells; more of them leave the first ones as they are.
        seed : int
            Seed of the noise, which is keyed by it and the names of the well.
        *names : object
            What the well is: line, drug, dose ...

        Returns
        -------
        numpy.ndarray, shape (replicates, T)
            One value per replicate and output time.
        """
        true = self.level(course)
        sigma = np.sqrt(np.log1p(self.cv**2))
        noise = generator(seed, self.name, *names).normal(-(sigma**2) / 2, sigma, (replicates, *true.shape))
        return np.maximum(true * np.exp(noise), self.limit)


def _mean(name: str) -> Callable[[Course], np.ndarray]:
    """Return the mean over the populations of a well, by their cells."""

    def level(course: Course) -> np.ndarray:
        populations = range(1, len(course.well.populations) + 1)
        cells = np.array([course.levels[f"p{i}_cells"] for i in populations]) + 1e-9
        values = np.array([course.levels[f"p{i}_{name}"] for i in populations])
        return (cells * values).sum(axis=0) / cells.sum(axis=0)

    return level


def _il6_ng_ml(course: Course) -> np.ndarray:
    return (course.levels["il6"] + course.levels["il6_sil6r"]) * NG_PER_ML_PER_NM


def _growth_rate(course: Course) -> np.ndarray:
    cells = np.maximum(course.levels["cells"], 1e-9)
    since = np.maximum(course.time_h - course.time_h[0], 1e-9)
    return np.log(cells / cells[0]) / since


READOUTS: Mapping[str, Readout] = {
    readout.name: readout
    for readout in (
        Readout("live_count", "cell", lambda c: c.levels["cells"], 0.05, "live cells per well"),
        Readout("viability", "fraction of control", lambda c: c.levels["cells"], 0.05, "ATP over untreated wells"),
        Readout("growth_rate", "1/h", _growth_rate, 0.05, "net growth rate since the first time shown"),
        Readout("il6", "ng/ml", _il6_ng_ml, 0.10, "IL-6 in the medium by ELISA", ELISA_LIMIT_NG_ML),
        Readout("cebp_reporter", "relative", _mean("cebp_activity"), 0.10, "activity of a C/EBP reporter"),
        Readout("abcb1_mrna", "relative", _mean("abcb1_mrna"), 0.15, "ABCB1 mRNA by qPCR"),
        Readout("pgp_surface", "relative", _mean("pgp_surface"), 0.10, "surface P-gp by cytometry"),
        Readout("probe", "relative", _mean("drug1"), 0.08, "drug or probe inside the cells"),
        Readout("pstat3", "fraction of STAT3", _mean("pstat3_fraction"), 0.10, "phosphorylated STAT3"),
    )
}


def find_readout(name: str, *, where: str = "") -> Readout:
    """Return a readout by name, or offer the nearest ones."""
    if name not in READOUTS:
        near = difflib.get_close_matches(name, list(READOUTS), n=2, cutoff=0.4)
        raise errors.InputError(
            "the readout must be one that is known", name, where=where, hint=", ".join(near or READOUTS)
        )
    return READOUTS[name]
