"""Every dose series that files hold, ready to be fitted, or with the reason why it cannot be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from autocrine.assay.curve import Curve, Points, refused_curve
from autocrine.assay.curve_series import fit_curve
from autocrine.assay.growth_rate import growth_rate_value
from autocrine.assay.plates.normalise import RAW, normalised
from autocrine.assay.plates.observations import TEXT, Observations
from autocrine.assay.plates.track import growth_rates, numbered_tracks

if TYPE_CHECKING:
    from autocrine.assay.curve_hierarchy import HierarchicalCurve

#: the lowest level of each measure: no cells; all dead; chosen, cells die five times as fast as controls grow
FLOORS = {"viability": 0.0, "GR": -1.0, "DIP": -5.0}
#: derivative of 2^(r/r_0) - 1 by ln r_0, where it is one half: the error of the rate of controls acts through it
_GR_SHARE = float(1.5 * np.log(1.5))
_DOSED = ("treated", "positive")
_KEYS = ["line", "drug", "arm", "time_h"]
_LISTED = ["file", "row", "plate", "well", "line", "drug"]


@dataclass(frozen=True)
class DoseSeries:
    """Wells of one line under rising doses of one drug, in one arm, read at one time in one way.

    Attributes
    ----------
    line, drug, arm : str
        What the wells are.
    time_h : float
        When they were read; of a time course, when it ends. NaN where not given.
    measure : str
        ``viability``, ``GR`` or ``DIP`` (rate over that of controls), else a readout that gives no curve.
    dose_nM, value : ndarray, shape (n,)
        Doses, and values as a fraction of control.
    replicate : ndarray of str, shape (n,)
        The plate or replicate of each well.
    shared_error : float
        Standard error of half of the control level; 0 where it is not known.
    problem : str
        Why there is nothing to fit; else empty.
    """

    line: str
    drug: str
    arm: str
    time_h: float
    measure: str
    dose_nM: np.ndarray
    value: np.ndarray
    replicate: np.ndarray
    shared_error: float = 0.0
    problem: str = ""

    def fit(self) -> Curve:
        """Return the curve: fitted, flat, or refused with its reason."""
        if self.problem:
            return refused_curve(Points(self.dose_nM, self.value), self.problem)
        repeated = self.replicate if len(set(self.replicate)) > 1 else None
        floor = FLOORS[self.measure]
        return fit_curve(self.dose_nM, self.value, repeated, floor=floor, half_level_error=self.shared_error)

    def fit_hierarchy(self, seed: int = 1) -> Curve | HierarchicalCurve:
        """Return the typical curve of several plates with theirs; as `fit` where there is only one, or no fit."""
        plates = len(set(self.replicate))
        if self.problem or plates < 2:
            return self.fit()
        from autocrine.assay.curve_hierarchy import fit_hierarchy

        # the controls of the plates are independent: one plate has the error of all, times the root of their number
        error = 2 * self.shared_error * plates**0.5
        floor = FLOORS[self.measure]
        return fit_hierarchy(self.dose_nM, self.value, self.replicate, floor=floor, control_error=error, seed=seed)


@dataclass
class PlateSeries:
    """All series of some files.

    Attributes
    ----------
    series : list of DoseSeries
        In the order in which they appear.
    rates : DataFrame
        The growth rate of every well that was counted over time; empty where none was.
    excluded : DataFrame
        Values that no series uses although they could be read, and why; columns as in `Observations`.
    """

    series: list[DoseSeries] = field(default_factory=list)
    rates: pd.DataFrame = field(default_factory=pd.DataFrame)
    excluded: pd.DataFrame = field(default_factory=pd.DataFrame)


def dose_series(observations: Observations) -> PlateSeries:
    """Return every dose series.

    Parameters
    ----------
    observations : Observations
        From `read_plates`.

    Returns
    -------
    PlateSeries
        Viability of end points, and of time courses the growth until the last count over that of controls; GR where the
        start is known or cells were counted over time; DIP of time courses. A series
        that cannot be fitted is there with its problem.

    Notes
    -----
    Of time courses ``GR = 2^(k(c)/k(0)) - 1`` with the rates ``k`` of wells and controls.

    References
    ----------
    Hafner et al. 2016, Nat Methods 13:521-527, doi:10.1038/nmeth.3853. For DIP see `dip_rate`.
    """
    values, found = observations.table, PlateSeries()
    given = values.loc[(values["readout"] == "viability").to_numpy()]
    found.series += _of_viability(given)
    if bool(np.any(values["readout"].isin(RAW))):
        _of_raw(normalised(values), found)
    found.series += _of_others(values)
    if not found.series:
        lines = [str(line) for line in values["line"].unique() if str(line)]
        found.series += [_without_curve((line, "", "", np.nan), "viability", "no wells with a drug") for line in lines]
    return found


def _groups(rows: pd.DataFrame) -> Iterator[tuple[tuple[str, str, str, float], pd.DataFrame]]:
    for _, group in rows.groupby(_KEYS, sort=False, dropna=False, observed=True):
        line, drug, arm, time = group[_KEYS].iloc[0].tolist()
        yield (str(line), str(drug), str(arm), float(time)), group


def _of_viability(rows: pd.DataFrame) -> list[DoseSeries]:
    """Return series of values that are fractions of control as given; wells at dose 0 take part."""
    rows = rows.loc[((rows["drug"] != "") & rows["kind"].isin([*_DOSED, "control"])).to_numpy()]
    rows = rows.astype(dict.fromkeys(TEXT, object))
    rows = rows.assign(_label=_labels(rows))
    series = []
    for (line, drug, arm, time), group in _groups(rows):
        if np.any(group["kind"] != "control"):
            dose, value = (group[name].to_numpy(dtype=float) for name in ("dose_nM", "value"))
            labels = group["_label"].to_numpy(dtype=str)
            series.append(DoseSeries(line, drug, arm, time, "viability", dose, value, labels))
    return series


def _labels(rows: pd.DataFrame) -> np.ndarray:
    """Return the replicate of each row, or its plate; rows that repeat a dose of one label are numbered."""
    label = rows["replicate"].where((rows["replicate"] != "").to_numpy(), rows["plate"])
    label = label.where((label != "").to_numpy(), "1")
    keys = [*_KEYS, "_label", "dose_nM"]
    again = rows.assign(_label=label).groupby(keys, sort=False, dropna=False).cumcount().to_numpy()
    return np.where(again == 0, label, label + "." + pd.Series(again + 1, index=label.index).astype(str))


def _of_raw(wells: pd.DataFrame, found: PlateSeries) -> None:
    tracks = numbered_tracks(wells)
    found.rates = growth_rates(wells, tracks)
    ends = wells.loc[tracks < 0]
    if len(found.rates):
        # one time for all wells of a line: plates are not read in the same minute
        time = found.rates.groupby(["line", "drug", "arm"], observed=True)["last_h"].transform("max")
        found.series += _of_rates(found.rates.assign(time_h=time), found)
    found.series += _of_wells(ends, found)


def _of_wells(wells: pd.DataFrame, found: PlateSeries) -> list[DoseSeries]:
    """Return the viability, and GR where the start is known, of raw values that were divided by controls."""
    series = []
    for key, group in _groups(wells.loc[(wells["drug"] != "").to_numpy()]):
        if not np.any(group["kind"].isin(_DOSED)):
            continue
        series.append(_one(key, "viability", group, ("viability", "shared_error"), found))
        if np.any(group["start"].notna()):
            series.append(_one(key, "GR", _with_gr(group), ("gr", "gr_error"), found))
    return series


def _with_gr(group: pd.DataFrame) -> pd.DataFrame:
    grown = (group["control"] > group["start"]) & (group["start"] > 0)
    problem = group["problem"].where(
        (group["problem"] != "").to_numpy(), np.where(group["start"].isna(), "no count at drug addition", "")
    )
    problem = problem.where(
        (problem != "").to_numpy() | grown.to_numpy(),
        "the control has not grown since drug addition, so GR is not defined",
    )
    fine = (problem == "").to_numpy()
    gr = np.full(len(group), np.nan)
    part = group.loc[fine]
    if len(part):
        count = np.maximum(part["net"].to_numpy(dtype=float), 0.0)
        gr[fine] = growth_rate_value(count, part["start"].to_numpy(dtype=float), part["control"].to_numpy(dtype=float))
    doublings = np.log2((group["control"] / group["start"]).where(fine, 2.0).to_numpy(dtype=float))
    # d GR / d ln c at one half, for the relative error of the control, which is twice the shared error
    error = 2 * group["shared_error"] * _GR_SHARE / (doublings * np.log(2))
    return group.assign(gr=gr, gr_error=error, problem=problem)


def _of_rates(rates: pd.DataFrame, found: PlateSeries) -> list[DoseSeries]:
    ratio, grown = rates["rate"] / rates["control"], rates["growth"] / rates["growth_control"]
    relative = rates["control_error"] / rates["control"]
    table = rates.assign(
        viability=grown,
        viability_error=0.5 * rates["growth_error"] / rates["growth_control"],
        GR=np.exp2(ratio) - 1,
        GR_error=_GR_SHARE * relative,
        DIP=ratio,
        DIP_error=0.5 * relative,
    )
    series = []
    for key, group in _groups(table.loc[(table["drug"] != "").to_numpy()]):
        if np.any(group["kind"].isin(_DOSED)):
            # a well that has no rate has none of the three: it is listed once
            series += [_one(key, name, group, (name, f"{name}_error"), PlateSeries()) for name in ("viability", "GR")]
            series.append(_one(key, "DIP", group, ("DIP", "DIP_error"), found))
    return series


def _one(
    key: tuple[str, str, str, float], measure: str, group: pd.DataFrame, names: tuple[str, str], found: PlateSeries
) -> DoseSeries:
    """Return one series of the values and errors in the two named columns."""
    value, error = names
    fine = group.loc[(group["problem"] == "").to_numpy()]
    astray = group.loc[(group["problem"] != "").to_numpy()]
    if len(astray):
        listed = astray[_LISTED].astype(object).assign(column=measure, value="", reason=astray["problem"])
        found.excluded = pd.concat([found.excluded, listed], ignore_index=True)
    if not np.any(fine["kind"].isin(_DOSED)):
        return _without_curve(key, measure, str(group["problem"].iloc[0]))
    labels = fine["plate"].astype(str)
    if len(set(labels)) == 1:
        labels = fine["replicate"].astype(str)
    plates = max(fine.groupby(["file", "plate"], observed=True).ngroups, 1)
    # each plate has controls of its own, so their errors are independent
    squares = fine[error].to_numpy(dtype=float) ** 2
    known = squares[np.isfinite(squares)]
    shared = float(np.sqrt(known.mean() / plates)) if known.size else 0.0
    dose, y = fine["dose_nM"].to_numpy(dtype=float), fine[value].to_numpy(dtype=float)
    return DoseSeries(*key, measure, dose, y, labels.to_numpy(dtype=str), shared)


def _of_others(values: pd.DataFrame) -> list[DoseSeries]:
    """Name the readouts that say nothing of the number of cells."""
    rest = values.loc[
        (~values["readout"].isin([*RAW, "viability"]) & (values["drug"] != "") & values["kind"].isin(_DOSED)).to_numpy()
    ]
    series = []
    keys = ["line", "drug", "arm", "readout"]
    for _, group in rest.groupby(keys, sort=False, observed=True):
        line, drug, arm, readout = map(str, group[keys].iloc[0].tolist())
        reason = f"{readout} does not measure the number of cells, so it has no dose-response curve"
        time = float(group["time_h"].to_numpy(dtype=float).max())
        series.append(_without_curve((line, drug, arm, time), readout, reason))
    return series


def _without_curve(key: tuple[str, str, str, float], measure: str, problem: str) -> DoseSeries:
    nothing = np.empty(0)
    return DoseSeries(*key, measure, nothing, nothing, nothing, 0.0, problem)
