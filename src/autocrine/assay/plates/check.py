"""The guided check: what is on the plates, what is wrong with them, and what a fit would do with them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import spearmanr

from autocrine.assay.plates.dose_series import DoseSeries, PlateSeries, dose_series
from autocrine.assay.plates.normalise import RAW
from autocrine.assay.plates.observations import Observations
from autocrine.assay.plates.outlier import find_outliers
from autocrine.assay.plates.plate_quality import at_the_end, plate_quality

#: all chosen, as laboratories use them: excellent and usable Z', acceptable scatter, few controls
_GOOD_Z, _POOR_Z, _HIGH_CV, _FEW_CONTROLS = 0.5, 0.0, 0.2, 3
#: chosen: effects of place that matter, and dose designs that tell too little
_PLACE, _NARROW, _COARSE, _FEW_DOSES = 0.1, 1.5, 1.01, 4
_DRIFT_PLATES = 6


@dataclass(frozen=True)
class Finding:
    """Something that a user should know.

    Attributes
    ----------
    level : str
        ``problem`` (something cannot be fitted), ``warning`` or ``note``.
    topic : str
        What it is about, in words that are equal for findings of one sort.
    where : str
        Plate, or line and drug.
    text : str
        What was found.
    """

    level: str
    topic: str
    where: str
    text: str


@dataclass
class PlateCheck:
    """All that a check found.

    Attributes
    ----------
    plates, outliers : DataFrame
        From `plate_quality` and `find_outliers`.
    series : PlateSeries
        What would be fitted.
    findings : list of Finding
        Problems first.
    plan : list of str
        What a fit would do.
    """

    plates: pd.DataFrame
    outliers: pd.DataFrame
    series: PlateSeries
    findings: list[Finding]
    plan: list[str]


def check_plates(observations: Observations, *, seed: int = 0) -> PlateCheck:
    """Check plates before they are fitted.

    Parameters
    ----------
    observations : Observations
        From `read_plates`.
    seed : int
        Of the permutations for the effects of place.
    """
    plates, outliers = plate_quality(observations.table, seed=seed), find_outliers(at_the_end(observations.table))
    series = dose_series(observations)
    findings = [
        *_of_plates(plates),
        *_of_drift(plates),
        *_of_doses(series.series),
        *_of_exclusions(observations, series),
    ]
    if len(outliers):
        text = f"{len(outliers)} values are far from their equals; they stay in, because levels and fits are robust"
        findings.append(Finding("note", "odd wells", "all", text))
    order = ("problem", "warning", "note")
    findings.sort(key=lambda finding: order.index(finding.level))
    return PlateCheck(plates, outliers, series, findings, _plan(observations, plates, series))


def _of_plates(plates: pd.DataFrame) -> Iterator[Finding]:
    for plate in plates.to_dict("records"):
        where = f"plate {plate['plate'] or plate['file']}"
        controls = plate["controls"] + plate["untreated"]
        if plate["treated"] and not controls:
            yield Finding("warning", "no controls", where, "no control wells on this plate")
        elif plate["treated"] and controls < _FEW_CONTROLS:
            yield Finding(
                "warning", "few controls", where, f"only {controls} control wells: their error is hardly known"
            )
        if plate["readout"] == "intensity" and not plate["blanks"]:
            yield Finding(
                "warning", "no blanks", where, "no blanks: the background stays in, and strong effects look weaker"
            )
        if plate["z_prime"] < _GOOD_Z:
            level = "problem" if plate["z_prime"] < _POOR_Z else "warning"
            how = f"Z' {plate['z_prime']:.2f} against {plate['against']} wells (robust {plate['z_prime_robust']:.2f})"
            yield Finding("warning" if plate["z_prime_robust"] >= _GOOD_Z else level, f"Z' below {_GOOD_Z}", where, how)
        if plate["control_cv"] > _HIGH_CV:
            yield Finding(
                "warning", "controls scatter", where, f"control wells scatter by {100 * plate['control_cv']:.0f} % (CV)"
            )
        if plate["p_place_adjusted"] < 0.05:
            yield _place(plate, where)
        if plate["full"]:
            yield Finding(
                "warning",
                "detector full",
                where,
                f"{plate['full']} wells have exactly the highest value: the detector may be full",
            )


def _place(plate: dict, where: str) -> Finding:
    said = [
        f"{name} {100 * plate[key]:+.0f} %"
        for name, key in (
            ("edge wells", "edge"),
            ("last row over first", "row_trend"),
            ("last column over first", "column_trend"),
        )
        if not math.isnan(plate[key])
    ]
    strong = any(abs(plate[key]) > _PLACE for key in ("edge", "row_trend", "column_trend"))
    p = f"adjusted p {plate['p_place_adjusted']:.2g}"
    level = "warning" if strong else "note"
    return Finding(
        level, "place of control wells", where, f"it matters where control wells stand: {', '.join(said)} ({p})"
    )


def _of_drift(plates: pd.DataFrame) -> Iterator[Finding]:
    """Look for a drift of controls over the plates of a line, in the order of the file."""
    if not len(plates):
        return
    for _, group in plates.groupby(["line", "readout"], sort=False):
        line, readout = (str(group[name].iloc[0]) for name in ("line", "readout"))
        level = group["level"].dropna().to_numpy(dtype=float)
        if level.size < _DRIFT_PLATES or np.ptp(level) == 0:
            continue
        found = spearmanr(np.arange(level.size), level)
        rho, p = float(found.statistic), float(found.pvalue)  # pyright: ignore[reportAttributeAccessIssue]
        if p < 0.01:
            text = f"{readout} of controls drifts over {level.size} plates (rank correlation {rho:.2f}, p {p:.2g})"
            yield Finding(
                "warning", "drift of controls", str(line), f"{text}; each plate is divided by its own controls"
            )


def _of_doses(series: list[DoseSeries]) -> Iterator[Finding]:
    for item in series:
        where = ", ".join(filter(None, [item.line, item.drug, item.arm, item.measure]))
        if item.problem:
            yield Finding("problem", "no curve", where, item.problem)
            continue
        doses = _doses(item)
        if doses.size < _FEW_DOSES:
            yield Finding("problem", "too few doses", where, f"{doses.size} doses: a curve needs at least {_FEW_DOSES}")
            continue
        if item.measure == "DIP":
            continue
        if np.ptp(item.value) == 0:
            yield Finding(
                "problem", "no variation", where, "all values are equal: nothing was measured, or the detector is full"
            )
        steps, span = np.diff(np.log10(doses)), math.log10(doses[-1] / doses[0])
        if span < _NARROW:
            yield Finding(
                "warning", "narrow doses", where, f"doses span {span:.1f} decades: an IC50 beside them is only a bound"
            )
        if steps.max() > _COARSE:
            yield Finding(
                "note",
                "coarse doses",
                where,
                f"a step of {10 ** steps.max():.0f} times between doses: a steep fall falls between",
            )
        if doses.size == _FEW_DOSES:
            yield Finding("warning", "few doses", where, "4 doses for 4 parameters: the interval will be wide")
        if item.value.size <= np.unique(item.dose_nM).size:
            yield Finding(
                "note", "no replicates", where, "one well per dose: scatter is told only by the distance from the curve"
            )


def _doses(item: DoseSeries) -> np.ndarray:
    return np.unique(item.dose_nM[item.dose_nM > 0])


def _of_exclusions(observations: Observations, series: PlateSeries) -> Iterator[Finding]:
    listed = [part for part in (observations.excluded, series.excluded) if len(part)]
    for reason, count in (pd.concat(listed)["reason"].value_counts() if listed else pd.Series(dtype=int)).items():
        yield Finding("warning", "left out", "all", f"{count} values are left out: {reason}")


def _plan(observations: Observations, plates: pd.DataFrame, found: PlateSeries) -> list[str]:
    """Say what a fit would do."""
    values, plan = observations.table, []
    raw = values.loc[values["readout"].isin(RAW).to_numpy()]
    if len(raw):
        blanked = int(np.count_nonzero(plates["blanks"] > 0))
        if blanked:
            plan.append(f"subtract the level of the blanks on {blanked} of {len(plates)} plates")
        if len(found.rates):
            plan.append(f"fit growth rates (DIP) to {len(found.rates)} wells that were counted over time, up to 120 h")
        own = int(np.count_nonzero(plates["controls"] > 0))
        how = "the median (from 5 wells on, else the mean) of its own controls; their error widens every interval"
        plan.append(f"divide each well by {how}; {own} of {len(plates)} plates have controls")
    fit = [item for item in found.series if not item.problem and _doses(item).size >= _FEW_DOSES]
    counts = pd.Series([item.measure for item in fit], dtype=object).value_counts()
    wells = {name: sum(item.value.size for item in fit if item.measure == name) for name in counts.index}
    plan += [f"fit {count} curves of {measure} to {wells[measure]} wells" for measure, count in counts.items()]
    several = sum(len(set(item.replicate)) > 1 for item in fit)
    if several:
        how = "pool them, or with --hierarchical give each plate a curve around a typical one"
        plan.append(f"{several} of these are on several plates or replicates: {how}")
    refused = len(found.series) - len(fit)
    if refused:
        plan.append(f"refuse {refused} series, each with its reason")
    rest = values.loc[(~values["readout"].isin([*RAW, "viability"])).to_numpy()]
    for readout, count in rest["readout"].astype(str).value_counts().items():
        unit = rest.loc[(rest["readout"] == readout).to_numpy(), "unit"].astype(str).iloc[0]
        plan.append(f"keep {count} values of {readout} ({unit}) for calibration; they give no dose-response curve")
    return plan
