"""Dose-response while a person waits: all curves of one drug in one ensemble, without noise.

The band around each curve comes from the draws of the baseline, which say what the fit left open. It costs as many
ensembles as there are draws, so it is asked for only when a slider has come to rest.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace

import numpy as np

from autocrine.assay import Arm, Bench
from autocrine.circuit import Lines, baseline
from autocrine.core import errors
from autocrine.studies.baseline import bench_with
from autocrine.studies.design import Design
from autocrine.studies.interactive.slider import check_values, moved_design, sliders_of

#: tolerance of a curve on a screen, a thousandth of what a person can see; where it fails, that of a study
_RTOL, _STUDY_RTOL = 1e-4, 1e-6
#: more curves than these cannot be told apart on one picture
MOST_CURVES = 12
_NO_ARM, _BLOCKED = "none", "anti-IL-6R"


@dataclass(frozen=True)
class LabelledCurve:
    """What one curve is, and its potency.

    Attributes
    ----------
    line, arm : str
        Names.
    ic50_nM : float or None
        The dose of half viability; None where the doses do not reach it.
    lower_nM, upper_nM : float or None
        95 % range over the draws of the baseline; None without a band, and where draws lie beyond the doses.
    fold : float or None
        IC50 over that of the first line without an arm.
    bound : str
        ``above`` or ``below`` where the IC50 lies outside of the doses; else empty.
    """

    line: str
    arm: str
    ic50_nM: float | None
    lower_nM: float | None
    upper_nM: float | None
    fold: float | None
    bound: str

    @property
    def label(self) -> str:
        """What the curve is called."""
        return self.line if self.arm == _NO_ARM else f"{self.line} + {self.arm}"


@dataclass(frozen=True)
class DoseResponses:
    """Curves of one drug.

    Attributes
    ----------
    drug : str
    doses_nM : ndarray of shape (n,)
    viability, lower, upper : ndarray of shape (c, n)
        Fraction of untreated wells, and its 95 % range over the draws; NaN without a band.
    curves : tuple of LabelledCurve
    draws : int
        How many draws the band has; 0 without one.
    """

    drug: str
    doses_nM: np.ndarray
    viability: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    curves: tuple[LabelledCurve, ...]
    draws: int

    @property
    def sentence(self) -> str:
        """What the curves say, in one sentence."""
        first = self.curves[0]
        if first.ic50_nM is None:
            return f"The doses of {self.drug} do not reach half viability of {first.label}."
        folds = [f"{each.label} {each.fold:.3g}-fold" for each in self.curves[1:] if each.fold is not None]
        open_ones = [f"{each.label} beyond the doses" for each in self.curves[1:] if each.bound == "above"]
        told = ", ".join(folds + open_ones) or "no other line is shown"
        return f"{self.drug} halves {first.label} at {first.ic50_nM:.3g} nM; against it: {told}."


def curves_of(design: Design, arms: Sequence[str] | None = None) -> list[tuple[str, str]]:
    """Return the line and arm of each curve: every line alone, and under the arms that are asked for.

    Without a wish these are lines that make IL-6, under the antibody against its receptor if the study has it.

    Raises
    ------
    errors.InputError
        If an arm is none of the study.
    """
    known = [arm.name for arm in design.arms]
    for name in arms or ():
        if name not in known:
            raise errors.InputError("an arm must be one of the study", name, hint=", ".join(known))
    pairs = [(line, _NO_ARM) for line in design.lines]
    if arms is None:
        producers = [line for line in design.lines if design.bench.secretion(line) > _LOUD * _quietest(design)]
        pairs += [(line, _BLOCKED) for line in producers if _BLOCKED in known]
    else:
        pairs += [(line, arm) for arm in arms if arm != _NO_ARM for line in design.lines]
    return pairs[:MOST_CURVES]


#: a line that secretes so many times more than the quietest one is a producer
_LOUD = 10.0


def _quietest(design: Design) -> float:
    return min(design.bench.secretion(line) for line in design.lines)


def dose_responses(
    design: Design,
    drug: str,
    values: Mapping[str, float],
    *,
    arms: Sequence[str] | None = None,
    draws: int = 0,
    turn: Callable[[], AbstractContextManager[object]] = nullcontext,
) -> DoseResponses:
    """Simulate the dose-responses of one drug.

    Parameters
    ----------
    design : Design
        The study.
    drug : str
        One of its drugs.
    values : mapping of str to float
        Sliders that were moved; see `moved_design`.
    arms : sequence of str, optional
        See `curves_of`.
    draws : int
        Draws of the baseline for the band; 0 gives none.
    turn : callable
        Gives a context in which each ensemble runs, so that a band lets others go between.

    Raises
    ------
    errors.InputError
        If a drug, arm or slider is none of the study, or a value cannot be used.
    """
    if drug not in design.drugs:
        raise errors.InputError("the drug must be one of the study", drug, hint=", ".join(design.drugs))
    pairs = curves_of(design, arms)
    with turn():
        viability, ic50 = _simulated(moved_design(design, drug, values), drug, pairs)
    drawn = []
    for row in baseline.Baseline.load().draws[:draws]:
        with turn():
            drawn.append(_simulated(moved_design(_drawn(design, row), drug, _fixed(design, drug, values)), drug, pairs))
    doses = design.doses(drug)
    if drawn:
        cube = np.array([one for one, _ in drawn])
        low, high = np.nanquantile(cube, [0.025, 0.975], axis=0)
        lower, upper = np.minimum(low, viability), np.maximum(high, viability)
    else:
        lower = upper = np.full_like(viability, np.nan)
    ranges = _ranges(ic50, [each for _, each in drawn])
    curves = tuple(
        _labelled(pair, ic50[place], ranges[place], ic50[0], viability[place]) for place, pair in enumerate(pairs)
    )
    return DoseResponses(drug, doses, viability, lower, upper, curves, len(drawn))


def _fixed(design: Design, drug: str, values: Mapping[str, float]) -> dict[str, float]:
    """Return the sliders that a person moved: they win over a draw, and one that stands at its start does not."""
    return check_values(sliders_of(design, drug), values)


def _drawn(design: Design, row: Mapping[str, float]) -> Design:
    """Return a study at one draw of the baseline; what the study itself says of the circuit stays."""
    own, packaged = design.bench, Lines.load()
    drawn = bench_with(row)
    lines = drawn.lines
    for name in own.lines:
        if name not in packaged or own.lines[name] is not packaged[name]:
            lines = Lines({**lines, name: own.lines[name]})
    cell = {**drawn.overrides.cell, **own.overrides.cell}
    return replace(design, bench=Bench(replace(own.overrides, cell=cell), lines=lines, drugs=own.drugs))


def _simulated(design: Design, drug: str, pairs: Sequence[tuple[str, str]]) -> tuple[np.ndarray, np.ndarray]:
    """Return viability, shape (c, n), and IC50, shape (c,)."""
    arms = {arm.name: arm for arm in design.arms} | {_NO_ARM: Arm()}
    doses = design.doses(drug)
    # lines that differ in nothing, such as one with an empty vector, are simulated once
    alike = [(tuple(design.bench.lines[line].values.items()), arm) for line, arm in pairs]
    places = [list(dict.fromkeys(alike)).index(each) for each in alike]
    chosen = [pairs[places.index(place)] for place in range(max(places) + 1)]
    series = [design.bench.series(line, drug, design.protocol, arms[arm], doses) for line, arm in chosen]
    wells = [well for one in series for well in one.wells()]
    try:
        courses = design.bench.run(wells, rtol=_RTOL)
    except errors.SolverError:  # some corners of the sliders need smaller steps
        courses = design.bench.run(wells, rtol=_STUDY_RTOL)
    size = doses.size + 1
    cells = np.array([course.levels["cells"][-1] for course in courses]).reshape(len(series), size)
    ic50 = [one.exact_ic50(courses[k * size : (k + 1) * size]) for k, one in enumerate(series)]
    return (cells[:, 1:] / cells[:, :1])[places], np.array(ic50)[places]


def _ranges(ic50: np.ndarray, drawn: Sequence[np.ndarray]) -> list[tuple[float | None, float | None]]:
    """Return the 95 % range of each IC50; open where a draw does not reach half viability."""
    found: list[tuple[float | None, float | None]] = []
    for place, value in enumerate(ic50):
        column = np.array([each[place] for each in drawn])
        if not column.size or math.isnan(value):
            found.append((None, None))
            continue
        # a draw that does not reach half viability lies beyond the doses: its end is open
        known = np.where(np.isnan(column), np.inf, column)
        low, high = (float(np.quantile(known, at, method="nearest")) for at in (0.025, 0.975))
        found.append((min(low, float(value)), max(high, float(value)) if math.isfinite(high) else None))
    return found


def _labelled(
    pair: tuple[str, str],
    ic50: float,
    ends: tuple[float | None, float | None],
    first: float,
    viability: np.ndarray,
) -> LabelledCurve:
    bound = ""
    if math.isnan(ic50):
        bound = "above" if viability[0] >= 0.5 else "below"
    value = None if bound else float(ic50)
    fold = None if value is None or math.isnan(first) else value / float(first)
    return LabelledCurve(*pair, value, *ends, fold, bound)
