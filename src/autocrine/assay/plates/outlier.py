"""Wells that differ from wells that should be equal."""

from __future__ import annotations

import numpy as np
import pandas as pd

from autocrine.assay.plates.observations import TEXT

#: modified z score beyond which a well of five or more equal ones is odd (Iglewicz and Hoaglin 1993)
_ODD = 3.5
#: chosen: for replicates of three or four, whose spread is pooled over all doses
_VERY_ODD = 5.0
_MAD = 1.4826
_EQUAL = ["file", "plate", "line", "drug", "dose_nM", "arm", "time_h", "readout", "kind"]
_SHOWN = ["file", "row", "plate", "well", "line", "drug", "dose_nM", "time_h", "kind", "value"]


def find_outliers(values: pd.DataFrame) -> pd.DataFrame:
    """Return wells that are far from their equals; none is left out of a fit, which is robust.

    Parameters
    ----------
    values : DataFrame
        Of `Observations`.

    Returns
    -------
    DataFrame
        The wells, with ``median`` of their equals and ``z``, the distance in robust standard deviations.
    """
    table = values.astype(dict.fromkeys(TEXT, object))
    grouped = table.groupby(_EQUAL, sort=False, dropna=False)["value"]
    table["median"] = grouped.transform("median")
    size = grouped.transform("size").to_numpy(dtype=int)
    away = table["value"] - table["median"]
    spread = away.abs().groupby([table[key] for key in _EQUAL], sort=False, dropna=False).transform("median")
    mad = _MAD * spread.to_numpy(dtype=float)
    many = (size >= 5) & (mad > 0)
    few = (size >= 3) & (size < 5) & (table["kind"] == "treated").to_numpy()
    # small groups share their spread, and nobody knows whether it grows with the level: a well must be odd either way
    median, away = table["median"].to_numpy(dtype=float), away.to_numpy(dtype=float)
    share = away / np.where(median == 0, np.nan, np.abs(median))
    pooled = [_pooled(share[few & (median != 0)]), _pooled(away[few])]
    both = [_scaled(share, pooled[0], few), _scaled(away, pooled[1], few)]
    least = np.where(np.abs(both[0]) < np.abs(both[1]), both[0], both[1])
    z = np.where(many, _scaled(away, mad, many), least)
    odd = (many & (np.abs(z) > _ODD)) | (few & (np.abs(z) > _VERY_ODD))
    return table.assign(z=z).loc[odd, [*_SHOWN, "median", "z"]].reset_index(drop=True)


def _pooled(distances: np.ndarray) -> float:
    """Return the standard deviation of wells of small groups; NaN where they do not differ."""
    told = np.abs(distances)
    # the median of n wells is nearer to each of them than the true level is
    found = _MAD * float(np.median(told)) * np.sqrt(1.5) if told.size else 0.0
    return found if found > 0 else np.nan


def _scaled(distances: np.ndarray, width: np.ndarray | float, which: np.ndarray) -> np.ndarray:
    """Return distances over a width, 0 where that is not meant or not known."""
    wide = np.broadcast_to(np.asarray(width, float), distances.shape)
    fine = which & (wide > 0) & np.isfinite(distances)
    return np.divide(distances, wide, out=np.zeros(distances.shape), where=fine)
