"""The quality of every plate: what is on it, how well cells and blanks are told apart, whether places matter."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from autocrine.assay.plates.edge_effect import edge_effect, false_discovery
from autocrine.assay.plates.normalise import RAW
from autocrine.assay.plates.observations import KINDS, TEXT
from autocrine.assay.plates.separation import ssmd, z_prime
from autocrine.assay.plates.well_name import format_of

_COUNTED = {
    "blank": "blanks",
    "control": "controls",
    "untreated": "untreated",
    "positive": "positives",
    "start": "starts",
    "treated": "treated",
}
_DRAWS = 1999
#: chosen: so many wells at exactly the highest value mean that the detector was full
_LEAST_FULL, _SHARE_FULL = 5, 0.02


def plate_quality(values: pd.DataFrame, *, seed: int = 0) -> pd.DataFrame:
    """Describe every plate of raw values.

    Parameters
    ----------
    values : DataFrame
        Of `Observations`.
    seed : int
        Of the permutations for the effects of place.

    Returns
    -------
    DataFrame
        One row per plate and readout, at the last time: ``file, plate, readout, line, time_h``, ``wells_of_plate``
        (format, 0 where unknown), the numbers ``blanks, controls, untreated, positives, starts, treated``, ``level``
        (median of the controls), ``control_cv``, ``background`` (median of the blanks),
        ``z_prime``, ``z_prime_robust`` and ``ssmd`` (controls and blanks, else controls and positive controls, as
        ``against`` says), ``edge``, ``row_trend``, ``column_trend``, ``p_place`` and ``p_place_adjusted`` (false
        discovery rate over plates), ``full`` (wells at exactly the highest value, if many).
    """
    raw = at_the_end(values.loc[values["readout"].isin(RAW).to_numpy()]).astype(dict.fromkeys(TEXT, object))
    rows = []
    keys = ["file", "plate", "readout"]
    for _, group in raw.groupby(keys, sort=False):
        named = {key: group[key].iloc[0] for key in keys}
        rows.append(named | _described(group, seed + len(rows)))
    table = pd.DataFrame(rows)
    if len(table):
        table["p_place_adjusted"] = false_discovery(table["p_place"].to_numpy(dtype=float))
    return table


def at_the_end(values: pd.DataFrame) -> pd.DataFrame:
    """Return the values of the last time of every plate, line and readout, and all blanks and values without time."""
    last = values.groupby(["file", "plate", "line", "readout"], observed=True)["time_h"].transform("max")
    time = values["time_h"]
    return values.loc[((time == last) | time.isna() | (values["kind"] == "blank")).to_numpy()]


def _described(group: pd.DataFrame, seed: int) -> dict[str, Any]:
    by_kind = {kind: group.loc[(group["kind"] == kind).to_numpy(), "value"].to_numpy(dtype=float) for kind in KINDS}
    lines = [line for line in group["line"].unique() if line]
    control = by_kind["control"] if by_kind["control"].size else by_kind["untreated"]
    against = next((kind for kind in ("blank", "positive") if by_kind[kind].size > 1), "")
    low = by_kind[against] if against else np.empty(0)
    place = [group[name].to_numpy(dtype=float) for name in ("plate_row", "plate_column")]
    several = len(lines) > 1
    return {
        "line": ", ".join(map(str, lines[:3])) + (" ..." if len(lines) > 3 else ""),
        "time_h": float(group["time_h"].to_numpy(dtype=float).max()),
        "wells_of_plate": format_of(*place),
        **{_COUNTED[kind]: by_kind[kind].size for kind in KINDS},
        "level": float(np.median(control)) if control.size else math.nan,
        # two lines have two levels, and their distance is no scatter
        "control_cv": math.nan
        if several or control.size < 2 or not control.mean()
        else control.std(ddof=1) / control.mean(),
        "background": float(np.median(by_kind["blank"])) if by_kind["blank"].size else math.nan,
        "against": against,
        "z_prime": math.nan if several else z_prime(control, low),
        "z_prime_robust": math.nan if several else z_prime(control, low, robust=True),
        "ssmd": math.nan if several else ssmd(control, low),
        **_place(group, seed),
        "full": _full(group["value"].to_numpy(dtype=float)),
    }


def _place(group: pd.DataFrame, seed: int) -> dict[str, float]:
    """Test the effects of place on control wells of one line; each line is compared with itself."""
    known = group.loc[group["plate_row"].notna().to_numpy()]
    wells = known.loc[(known["kind"] == "control").to_numpy()]
    nothing = {"edge": math.nan, "row_trend": math.nan, "column_trend": math.nan, "p_place": math.nan}
    if len(wells) < 2:
        return nothing
    middle = wells.groupby("line")["value"].transform("median").to_numpy(dtype=float)
    if np.any(middle <= 0):
        return nothing
    # blanks often fill a column of their own, which is no edge of the cells
    cells = known.loc[(known["kind"] != "blank").to_numpy()]
    frame = tuple(float(f(cells[name])) for name in ("plate_row", "plate_column") for f in (np.min, np.max))
    row, column = (wells[name].to_numpy(dtype=float) for name in ("plate_row", "plate_column"))
    found = edge_effect(wells["value"].to_numpy(dtype=float) / middle, row, column, frame, seed=seed, draws=_DRAWS)
    return {"edge": found.edge, "row_trend": found.row, "column_trend": found.column, "p_place": found.p}


def _full(value: np.ndarray) -> int:
    """Return how many wells have exactly the highest value, if they are too many for chance."""
    highest = int(np.sum(value == value.max())) if value.size else 0
    return (
        highest if highest >= _LEAST_FULL and highest >= _SHARE_FULL * value.size and value.max() > value.min() else 0
    )
