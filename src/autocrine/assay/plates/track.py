"""Counts of one well over time, and the growth rates of all of them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from autocrine.assay.plates.dip_rate import HALF_A_CELL, LEAST_TIMES, dip_rate
from autocrine.assay.plates.normalise import control_levels

#: chosen, as the experiments of Harris et al.: later counts meet confluence, regrowth and changes of medium
UNTIL_H = 120.0
#: chosen: the growth of a well that begins with fewer cells is a matter of chance
FEWEST_CELLS = 10
#: what makes two counts those of one well
WELL = ["file", "plate", "well", "line", "drug", "dose_nM", "arm", "replicate", "readout", "kind"]


def numbered_tracks(wells: pd.DataFrame) -> np.ndarray:
    """Return the number of the track of every value; -1 where there are too few times for a slope.

    Parameters
    ----------
    wells : DataFrame
        From `normalised`.

    Returns
    -------
    ndarray of int, shape (n,)
        Values of one well in one arm share a number. Values that repeat a time cannot be told apart and have none.
    """
    if not len(wells) or np.unique(wells["time_h"].dropna()).size < LEAST_TIMES:
        return np.full(len(wells), -1)
    grouped = wells.groupby(WELL, sort=False, observed=True)
    number = grouped.ngroup().to_numpy()
    times = grouped["time_h"].transform("nunique").to_numpy()
    size = grouped["time_h"].transform("size").to_numpy()
    return np.where((times >= LEAST_TIMES) & (times == size), number, -1)


def growth_rates(wells: pd.DataFrame, tracks: np.ndarray) -> pd.DataFrame:
    """Return the drug-induced proliferation rate of every track, with that of its controls.

    Parameters
    ----------
    wells : DataFrame
        From `normalised`.
    tracks : ndarray of int
        From `numbered_tracks`.

    Returns
    -------
    DataFrame
        One row per well: its names, ``rate, rate_error, rate_low, rate_high`` (doublings per hour), ``lag_h``,
        ``times``, ``r_squared``, ``last_h`` (the last count used), ``growth`` (last count over first), ``control,
        control_error, controls`` (the level of the rates of the control wells), ``growth_control, growth_error`` (of
        their growth) and ``problem`` (why there is no comparison).
    """
    at = np.flatnonzero(tracks >= 0)
    if not at.size:
        return pd.DataFrame()
    order = at[np.lexsort((wells["time_h"].to_numpy()[at], tracks[at]))]
    starts = np.flatnonzero(np.diff(tracks[order], prepend=-2))
    time, count = wells["time_h"].to_numpy(dtype=float), wells["net"].to_numpy(dtype=float)
    rows = []
    for group in np.split(order, starts[1:]):
        used = group[time[group] <= time[group[0]] + UNTIL_H]
        used = used if used.size >= LEAST_TIMES else group
        found = dip_rate(time[used], np.maximum(count[used], 0.0))
        rows.append(
            {
                "first": group[0],
                "first_count": count[used[0]],
                # wells of one line are not seeded alike, so each is compared with its own first count
                "growth": max(count[used[-1]], 0.0) / max(count[used[0]], HALF_A_CELL),
                "rate": found.rate,
                "rate_error": found.error,
                "rate_low": found.low,
                "rate_high": found.high,
                "lag_h": found.lag_h,
                "times": found.times,
                "r_squared": found.r_squared,
                "last_h": time[used[-1]],
            }
        )
    rates = pd.DataFrame(rows)
    named = wells.iloc[rates["first"].to_numpy()][[*WELL, "row"]].reset_index(drop=True)
    table = pd.concat([named, rates.drop(columns=["first"])], axis=1)
    return _against_controls(table)


def _against_controls(table: pd.DataFrame) -> pd.DataFrame:
    grows = table["rate"].where((table["first_count"] >= FEWEST_CELLS).to_numpy())
    level = control_levels(table.assign(net=grows, _time=-1.0))
    table["control"], table["control_error"] = level["level"], level["error"]
    table["controls"] = level["wells"].astype(int)
    grown = control_levels(table.assign(net=table["growth"].where(grows.notna()), _time=-1.0))
    table["growth_control"], table["growth_error"] = grown["level"], grown["error"]
    still = (table["control"] <= 3 * table["control_error"].fillna(0.0)).to_numpy()
    few = (table["first_count"] < FEWEST_CELLS).to_numpy()
    table["problem"] = np.select(
        [few, table["control"].isna().to_numpy(), still],
        [
            f"fewer than {FEWEST_CELLS} cells at the first count",
            "no control wells of its plate and line",
            "the control wells do not grow",
        ],
        default="",
    )
    return table
