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
    # small groups share their spread, which grows with the level
    median, away = table["median"].to_numpy(dtype=float), away.to_numpy(dtype=float)
    share = away / np.where(median == 0, np.nan, np.abs(median))
    told = np.abs(share[few & (median != 0)])
    pooled = _MAD * float(np.median(told)) if told.size else np.nan
    # the median of n wells is nearer to each of them than the true level is
    pooled *= np.sqrt(1.5)
    # wells that agree exactly have no spread to divide by
    spread = pooled if pooled > 0 else np.nan
    z = np.where(many, away / np.where(many, mad, 1.0), np.where(few & (pooled > 0), share / spread, 0.0))
    odd = (many & (np.abs(z) > _ODD)) | (few & (np.abs(z) > _VERY_ODD))
    return table.assign(z=z).loc[odd, [*_SHOWN, "median", "z"]].reset_index(drop=True)
