"""What a hierarchical fit adds to the tables and pictures of autocrine curve."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd
    from typing_extensions import TypeIs

    from autocrine.assay.curve import Curve
    from autocrine.assay.curve_hierarchy import HierarchicalCurve
    from autocrine.assay.plates.dose_series import DoseSeries

#: more plates than these cannot be told apart by colour
_MOST_COLOURS = 6


def has_plates(curve: Curve | HierarchicalCurve) -> TypeIs[HierarchicalCurve]:
    """Say whether the fit of a curve was hierarchical; told by what it has, so that no fitter is imported for it."""
    return hasattr(curve, "plates")


def numbers(curve: Curve | HierarchicalCurve) -> dict[str, Any]:
    """Return the columns of ``curves.csv`` that only hierarchical fits have; empty where a curve has one level."""
    if not has_plates(curve):
        names = ("auc_low", "auc_high", "chance_below", "chance_above")
        nothing = dict.fromkeys((*names, "fold_between", "fold_between_low", "fold_between_high"), math.nan)
        return {"plates": 0, **nothing, "r_hat": math.nan, "effective_draws": math.nan, "between_text": ""}
    _, auc_low, auc_high = curve.auc_interval
    below, above = curve.chance_beyond
    fold, low, high = curve.fold_between_plates
    return {
        "plates": len(curve.plates),
        "auc_low": auc_low,
        "auc_high": auc_high,
        "chance_below": below,
        "chance_above": above,
        "fold_between": fold,
        "fold_between_low": low,
        "fold_between_high": high,
        "r_hat": curve.draws.r_hat,
        "effective_draws": curve.draws.effective,
        "between_text": f"{fold:.2f} ({low:.2f}-{high:.2f})",
    }


def plates_table(series: list[tuple[DoseSeries, Curve | HierarchicalCurve]]) -> pd.DataFrame:
    """Return one row per curve and plate; empty where no fit was hierarchical."""
    import pandas as pd

    parts = []
    for wells, curve in series:
        if has_plates(curve):
            table = curve.table()
            names = [wells.line, wells.drug, wells.arm, wells.time_h, wells.measure]
            for at, (name, value) in enumerate(
                zip(("line", "drug", "arm", "duration_h", "measure"), names, strict=True)
            ):
                table.insert(at, name, value)
            parts.append(table)
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def frames(curve: Curve | HierarchicalCurve) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return the tables of a figure: plates in colours of their own where they can be told apart, else one curve."""
    if has_plates(curve) and len(curve.plates) <= _MOST_COLOURS:
        return curve.plate_frames(48)
    return curve.frames(count=48)
