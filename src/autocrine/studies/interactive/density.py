"""IL-6 and resistance at rising density while a person waits: what makes the loop collective."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from autocrine.assay import readout
from autocrine.core import errors
from autocrine.studies.design import Design
from autocrine.studies.interactive.slider import moved_design

#: doses of a potency, and densities of a curve
_DOSES, _DENSITIES = 9, 9
_FEWEST, _SHARE_OF_CAPACITY = 10.0, 0.6
_RTOL = 1e-4
_ML_PER_L = 1e3


@dataclass(frozen=True)
class DensityCurve:
    """What density does.

    Attributes
    ----------
    line, reference, drug : str
        The line that makes IL-6, and the one that its IC50 is divided by.
    density_per_ml, fold, il6_ng_per_ml, ic50_nM : ndarray of shape (n,)
        Seeded cells, fold resistance (NaN where the doses do not reach an IC50), IL-6 at the end, IC50.
    here : int
        Place of the density of the study with its sliders.
    """

    line: str
    reference: str
    drug: str
    density_per_ml: np.ndarray
    fold: np.ndarray
    il6_ng_per_ml: np.ndarray
    ic50_nM: np.ndarray
    here: int

    @property
    def sentence(self) -> str:
        """What the curve says, in one sentence."""
        first, last = self.il6_ng_per_ml[0], self.il6_ng_per_ml[-1]
        known = self.fold[np.isfinite(self.fold)]
        folds = f"from {known[0]:.3g} to {known[-1]:.3g}-fold" if known.size else "beyond the doses"
        return (
            f"From {self.density_per_ml[0]:.3g} to {self.density_per_ml[-1]:.3g} cells per ml, IL-6 of {self.line} "
            f"goes from {first:.2g} to {last:.2g} ng/ml, and its resistance to {self.drug} {folds} over "
            f"{self.reference}."
        )


def density_curve(design: Design, drug: str, values: Mapping[str, float], *, line: str = "") -> DensityCurve:
    """Simulate dose-responses of two lines at rising density.

    Parameters
    ----------
    design, drug, values
        As for `dose_responses`.
    line : str
        The line; the loudest producer without amplification by default, or the last line.

    Raises
    ------
    errors.InputError
        If line, drug or a slider is none of the study, or a value cannot be used.
    """
    if drug not in design.drugs:
        raise errors.InputError("the drug must be one of the study", drug, hint=", ".join(design.drugs))
    if line and line not in design.lines:
        raise errors.InputError("the line must be one of the study", line, hint=", ".join(design.lines))
    moved = moved_design(design, drug, values)
    chosen, reference = line or _producer(design), design.lines[0]
    protocol, bench = moved.protocol, moved.bench
    seeded = np.geomspace(_FEWEST, _SHARE_OF_CAPACITY * protocol.capacity_cells, _DENSITIES)
    seeded = np.unique(np.append(seeded, protocol.seeded_cells))
    doses = moved.doses(drug)
    doses = np.geomspace(doses.min(), doses.max(), min(_DOSES, max(2, doses.size)))
    series = [
        bench.series(name, drug, replace(protocol, seeded_cells=float(cells)), doses_nM=doses)
        for name in (chosen, reference)
        for cells in seeded
    ]
    courses = bench.run([well for one in series for well in one.wells()], rtol=_RTOL)
    size = doses.size + 1
    parts = [courses[k * size : (k + 1) * size] for k in range(len(series))]
    ic50 = np.array([one.exact_ic50(part) for one, part in zip(series, parts, strict=True)]).reshape(2, -1)
    il6 = np.array([readout.READOUTS["il6"].level(part[0])[-1] for part in parts[: seeded.size]])
    density = seeded / (protocol.medium_volume_l * _ML_PER_L)
    here = int(np.argmin(np.abs(seeded - protocol.seeded_cells)))
    return DensityCurve(chosen, reference, drug, density, ic50[0] / ic50[1], il6, ic50[0], here)


def _producer(design: Design) -> str:
    """Return the line that shows the loop best: it makes most IL-6, and has no more ABCB1 than others."""
    plain = [name for name in design.lines if design.bench.lines[name].values.get("abcb1_copies", 1.0) <= 1.0]
    return max(plain or design.lines, key=design.bench.secretion)
