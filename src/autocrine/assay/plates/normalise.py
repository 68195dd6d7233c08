"""Viability of every well against the controls of its own plate, with the error of these controls."""

from __future__ import annotations

import numpy as np
import pandas as pd

from autocrine.assay.plates.observations import TEXT

#: readouts that are raw: blanks are subtracted and controls divide
RAW = ("intensity", "live_count", "signal")
#: chosen: from this many wells on, median and MAD are used instead of mean and standard deviation
ROBUST_FROM = 5
#: standard error of a median of normal values over that of their mean, sqrt(pi / 2)
_MEDIAN_ERROR = 1.2533
_MAD = 1.4826
#: the blanks of one time, else of the plate; the nearest start
#: from the nearest controls to those that belong to more: own drug and arm, then wells without drug name or arm
_BLANK_LEVELS = [["file", "plate", "readout", "_time"], ["file", "plate", "readout"]]
_START_LEVELS = [
    ["file", "plate", "line", "arm", "replicate", "readout"],
    ["file", "line", "arm", "replicate", "readout"],
    ["file", "line", "readout"],
]
_CONTROL_LEVELS = (("drug", "arm"), ("arm",), ("drug",), ())


def normalised(values: pd.DataFrame) -> pd.DataFrame:
    """Divide raw values by the controls of their plate after subtraction of its blanks.

    Parameters
    ----------
    values : DataFrame
        Of `Observations`.

    Returns
    -------
    DataFrame
        The raw wells that are no blank and no start, with the columns ``blank`` and ``blank_error`` (0 where the plate
        has none), ``control``, ``control_error``, ``control_cv``, ``controls`` (blank subtracted; NaN and 0 where there
        are none), ``start`` (level when the drug was added; NaN where unknown), ``viability`` (NaN without controls),
        ``shared_error`` (standard error of half of the control level, as a fraction of it: the error that all wells of
        the plate share) and ``problem`` (why there is no viability).

    Notes
    -----
    ``v = (x - b) / (c - b)``; with ``s_b`` and ``s_c`` the errors of the levels of blank and control, the shared error
    at ``v = 1/2`` is ``sqrt((s_c / 2)^2 + (s_b / 2)^2) / (c - b)``. From 5 wells on a level is a median and its error
    comes from the MAD, so that a few bad control wells do not matter; with fewer it is a mean. One control well has no
    error: it is NaN.
    """
    raw = values.loc[values["readout"].isin(RAW).to_numpy()].reset_index(drop=True)
    raw = raw.astype({name: object for name in TEXT if name != "kind"})
    raw["_time"] = raw["time_h"].fillna(-1.0)
    blanks = _levels(raw.loc[(raw["kind"] == "blank").to_numpy()], raw, _BLANK_LEVELS)
    raw["blank"], raw["blank_error"] = blanks["level"].fillna(0.0), blanks["error"].fillna(0.0)
    raw["blanks"] = blanks["wells"].astype(int)
    raw["net"] = raw["value"] - raw["blank"]
    starts = raw.loc[(raw["kind"] == "start").to_numpy()]
    wells = raw.loc[(~raw["kind"].isin(["blank", "start"])).to_numpy()].reset_index(drop=True)
    begun = _levels(starts, wells, _START_LEVELS, value="net")["level"]
    wells["start"] = begun.where(wells["value_start"].isna(), wells["value_start"] - wells["blank"])
    found = control_levels(wells)
    wells["control"], wells["control_error"] = found["level"], found["error"]
    wells["control_cv"], wells["controls"] = found["sd"] / found["level"], found["wells"].astype(int)
    own = wells["value_control"].notna().to_numpy()
    wells.loc[own, "control"] = wells["value_control"] - wells["blank"]
    wells["problem"] = _problems(wells)
    fine = (wells["problem"] == "").to_numpy()
    wells["viability"] = np.where(fine, wells["net"] / wells["control"].where(fine, 1.0), np.nan)
    both = np.hypot(wells["control_error"].where(~own, np.nan), wells["blank_error"])
    wells["shared_error"] = np.where(fine, 0.5 * both / wells["control"].where(fine, 1.0), np.nan)
    return wells.drop(columns=["_time"])


def control_levels(wells: pd.DataFrame) -> pd.DataFrame:
    """Return the level of the controls of every well: of its plate, line, time, and of its drug and arm if there are.

    Solvent controls come first; where a plate has only untreated wells, these are used.
    """
    found = pd.DataFrame({"level": np.nan, "error": np.nan, "sd": np.nan, "wells": 0.0}, index=wells.index)
    for kind in ("control", "untreated"):
        reference = wells.loc[(wells["kind"] == kind).to_numpy()]
        for keys in _CONTROL_LEVELS:
            general = [name for name in ("drug", "arm") if name not in keys]
            level = reference.loc[(reference[general] == "").all(axis=1)] if general else reference
            for place in (["file", "plate"], []):
                at = level if place else level.loc[(level["plate"] == "").to_numpy()]
                found = _filled(found, at, wells, [*place, "line", "readout", "_time", *keys])
        # drug wells whose file names no plate meet all controls of their line and time
        unplaced = (wells["plate"] == "").to_numpy()
        loose = reference.loc[((reference["drug"] == "") & (reference["arm"] == "")).to_numpy()]
        whole = _filled(found, loose, wells, ["line", "readout", "_time"])
        found = found.where(pd.Series(~unplaced, index=found.index), whole)
    return found


def _filled(found: pd.DataFrame, reference: pd.DataFrame, wells: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    if not len(reference) or not np.any(found["wells"] == 0):
        return found
    level = _levels(reference, wells, [keys], value="net")
    return found.where(found["wells"] > 0, level)


def _levels(
    reference: pd.DataFrame, wells: pd.DataFrame, levels: list[list[str]], value: str = "value"
) -> pd.DataFrame:
    """Return level, error, sd and number of reference wells for every well, by the first keys that find any."""
    result = pd.DataFrame({"level": np.nan, "error": np.nan, "sd": np.nan, "wells": 0.0}, index=wells.index)
    for keys in levels:
        if not len(reference):
            break
        table = summarised(reference, keys, value)
        met = wells[keys].merge(table, on=keys, how="left")[["level", "error", "sd", "wells"]].set_axis(wells.index)
        met = met.fillna({"wells": 0.0})
        result = result.where(result["wells"] > 0, met)
    return result


def summarised(reference: pd.DataFrame, keys: list[str], value: str) -> pd.DataFrame:
    """Return level, sd, error and number of wells of every group of reference wells."""
    grouped = reference.groupby(keys, sort=False, observed=True)[value]
    table = grouped.agg(["size", "mean", "median", "std"])
    away = (reference[value] - grouped.transform("median")).abs()
    mad = _MAD * away.groupby([reference[key] for key in keys], sort=False, observed=True).median()
    robust = table["size"] >= ROBUST_FROM
    sd = np.where(robust & (mad > 0), mad, table["std"])
    error = sd / np.sqrt(table["size"]) * np.where(robust, _MEDIAN_ERROR, 1.0)
    level = np.where(robust, table["median"], table["mean"])
    return pd.DataFrame({"level": level, "sd": sd, "error": error, "wells": table["size"].astype(float)}).reset_index()


def _problems(wells: pd.DataFrame) -> np.ndarray:
    """Say why a well has no viability."""
    lacking, low = wells["control"].isna().to_numpy(), (wells["control"] <= 3 * wells["blank_error"]).to_numpy()
    return np.select(
        [lacking, low],
        ["no control wells of its plate, line and time", "the controls are not above the blanks"],
        default="",
    )
