"""Synthetic laboratories: what would be measured if the causes of resistance were known.

A `Plan` says what a laboratory does, `truth` what its lines are, and `measure` gives the `Laboratory` that it would
bring, with noise. For simulation-based calibration, draw truths from ``Causes(...).priors`` of a measured plan.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from autocrine.assay import Arm, Bench, Protocol
from autocrine.core import generator
from autocrine.studies.explain.causes import Causes, scale_of
from autocrine.studies.explain.emulator import Emulator, without
from autocrine.studies.explain.laboratory import Laboratory, Measurement, alike, line_of, plain, user_lines


@dataclass(frozen=True)
class Plan:
    """What a laboratory does.

    Attributes
    ----------
    lines : tuple of str
        The reference first.
    drugs, arms : tuple of str
        By the names of Autocrine; the arm ``none`` is the plain one.
    doses, replicates : int
        Doses of each drug, geometrically around its recorded potency, and wells of each.
    reach : float
        Lowest and highest dose are the potency divided and multiplied by this.
    readouts : tuple of str
        What is measured besides viability: ``il6``, ``abcb1_mrna``, ``pgp``, in the arms, without drug.
    protocol : Protocol
        Seeding, volumes, times.
    """

    lines: tuple[str, ...] = ("parent", "resistant")
    drugs: tuple[str, ...] = ("doxorubicin", "cisplatin")
    arms: tuple[str, ...] = ("none", "anti-IL-6R", "P-gp blocker")
    doses: int = 8
    replicates: int = 3
    reach: float = 100.0
    readouts: tuple[str, ...] = ()
    protocol: Protocol = field(default_factory=Protocol)


def planned(plan: Plan, bench: Bench | None = None) -> Laboratory:
    """Return the laboratory of a plan before anything is measured: every value is one."""
    bench = Bench(lines=user_lines(plan.lines), drugs=(bench or Bench()).drugs)
    wells, rows = [], []
    for line in plan.lines:
        for arm in (Arm.known_arm(name, bench.drugs) for name in plan.arms):
            for drug in plan.drugs:
                doses = bench.drug(drug).parameters["potency"].value * np.geomspace(
                    1 / plan.reach, plan.reach * 3, plan.doses
                )
                wells.append(bench.dosed(line, drug, 0.0, plan.protocol, arm))
                control = len(wells) - 1
                for dose in doses.tolist():
                    wells.append(bench.dosed(line, drug, dose, plan.protocol, arm))
                    rows += [("viability", len(wells) - 1, control)] * plan.replicates
            wells.append(bench.well(line, plan.protocol, arm))
            plainest = len(wells) - 1
            for name in plan.readouts:
                rows += [(name, plainest, None)] * plan.replicates
    kept, places = alike(wells)
    base = next(k for k, well in enumerate(kept) if not well.drugs) if plan.readouts else None
    measured = [
        Measurement(
            name,
            1.0,
            places[well],
            (base if name in {"abcb1_mrna", "pgp"} else None) if control is None else places[control],
            label=f"{name} of well {places[well] + 1}, {number}",
        )
        for number, (name, well, control) in enumerate(rows, start=1)
    ]
    used = sorted({k for row in measured for k in (row.well, row.against) if k is not None})
    again = {k: number for number, k in enumerate(used)}
    measured = [
        replace(row, well=again[row.well], against=None if row.against is None else again[row.against])
        for row in measured
    ]
    return Laboratory(plan.lines[0], tuple(kept[k] for k in used), tuple(measured))


def measure(laboratory: Laboratory, truth: Mapping[str, float], seed: int, bench: Bench | None = None) -> Laboratory:
    """Return a laboratory whose values are what a truth gives, with its noise.

    Parameters
    ----------
    laboratory : Laboratory
        Its wells; values are replaced.
    truth : mapping of str to float
        Parameters of `Causes`, as they are; those that are absent are the centres of the priors, and a cause that is
        absent is not there.
    seed : int
        Seed of the noise.
    """
    causes = Causes(laboratory)
    emulator = Emulator(causes, bench)
    values = {**typical(causes), **truth}
    draw = {name: np.array([values[name]]) for name in causes.names}
    exact = emulator.predictions(emulator.exact(draw))[0][0]
    rng = generator(seed, "synthetic laboratory")
    rows = []
    for row, true in zip(laboratory.measurements, exact.tolist(), strict=True):
        noise, step = values[plain("noise", row.readout)], rng.standard_normal()
        if row.readout == "viability":
            scale = values[scale_of(laboratory.wells[row.well])]
            value = values["offset_viability"] + scale * true + noise * step
        else:
            value = true * (values["scale_il6"] if row.readout == "il6" else 1.0) * float(np.exp(noise * step))
        rows.append(replace(row, value=float(value), kind="exact"))
    return replace(laboratory, measurements=tuple(rows))


def typical(causes: Causes) -> dict[str, float]:
    """Return the centre of every prior, as it is, without any cause of resistance."""
    priors = causes.priors
    found = dict(zip(priors.names, priors.as_is(priors.centre[None])[0].tolist(), strict=True))
    for name in found:
        if name in {"pump_arm", "survival_arm"} or name.split("_")[0] in {"loop", "copies", "other"}:
            found[name] = without(name)
    return found


#: what makes a line resistant, by the name of the model that knows it; values are chosen, folds of about 3 to 20
PLANTED: dict[str, dict[str, float]] = {
    "no loop": {"other": 1.2},
    "pump arm only": {"loop": 1.0, "pump_arm": 1.0},
    "survival arm only": {"loop": 1.0, "survival_arm": 12.0},
    "both arms": {"loop": 1.0, "pump_arm": 1.0, "survival_arm": 12.0},
    "amplification only": {"copies": 12.0},
    "loop and amplification": {"loop": 1.0, "pump_arm": 1.0, "survival_arm": 12.0, "copies": 6.0},
}


def planted(laboratory: Laboratory, model: str) -> dict[str, float]:
    """Return a truth in which every line but the reference is resistant by the causes of one model."""
    found = {}
    for cause, value in PLANTED[model].items():
        if cause in {"pump_arm", "survival_arm"}:
            found[cause] = value
        else:
            found |= {plain(cause, line): value for line in laboratory.others}
    return found


def as_table(laboratory: Laboratory) -> str:
    """Return the viability of a laboratory as the text of a tidy CSV file."""
    rows = ["line,drug,arm,dose_uM,time_h,replicate,viability"]
    for number, row in enumerate(laboratory.measurements, start=1):
        if row.readout == "viability":
            well = laboratory.wells[row.well]
            drug, dose = well.drugs[0]
            rows.append(
                f"{line_of(well)},{drug.name},{well.arm.name},{dose / 1000:.6g},{well.protocol.duration_h:g},"
                f"{number},{row.value:.5f}"
            )
    return "\n".join(rows) + "\n"
