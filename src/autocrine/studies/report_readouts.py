"""What untreated wells show: readouts at the end, over time, over density and in co-culture."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from autocrine.assay import readout
from autocrine.evidence import load_library
from autocrine.plots import draw_density, draw_time_course
from autocrine.studies.design import Design
from autocrine.studies.experiment import Results
from autocrine.studies.report_number import number
from autocrine.studies.report_picture import Picture, picture

#: what a readout is called on a page, with its unit; others keep their name
WORDS = {
    "live_count": "live cells per well",
    "viability": "viability (fraction of control)",
    "il6": "IL-6, ELISA (ng/ml)",
    "cebp_reporter": "C/EBP reporter (fraction of sites)",
    "abcb1_mrna": "ABCB1 mRNA (molecules/cell)",
    "pgp_surface": "P-gp (molecules/cell)",
    "pstat3": "pSTAT3 (fraction of STAT3)",
    "growth_rate": "net growth rate (1/h)",
}
#: series that differ by more than this in one panel can only be compared on a logarithmic axis
_WIDE = 30.0
#: facts whose values are marked in the density figure
EC50, ISOLATED = "P030", "P121"


def readouts_section(design: Design, results: Results) -> dict[str, Any] | None:
    """Return readouts and probes of every line and arm, with the fold over the first line of the first arm."""
    table = results.wells.loc[results.wells["part"].isin(["readout", "probe"])]
    if table.empty:
        return None
    names = table["readout"].where(table["part"] == "readout", table["drug"].fillna("") + " inside (relative)")
    table = table.assign(what=names)
    columns = list(dict.fromkeys(table["what"]))
    groups = dict(iter(table.groupby(["line", "arm", "what"], sort=False)))
    reference = (design.lines[0], design.arms[0].name)
    groups_of_rows = []
    for line in design.lines:
        rows = []
        for arm in design.arms:
            cells = [_cell(groups.get((line, arm.name, c)), groups.get((*reference, c))) for c in columns]
            rows.append({"arm": arm.name, "cells": cells})
        groups_of_rows.append({"line": line, "rows": rows})
    return {"columns": [WORDS.get(name, name) for name in columns], "groups": groups_of_rows, "reference": reference}


def _cell(rows: pd.DataFrame | None, reference: pd.DataFrame | None) -> dict[str, str]:
    """Return mean, range and fold of one readout; a bound where a value lies at the detection limit."""
    if rows is None or rows.empty:
        return {"mean": "–", "range": "", "fold": ""}
    value, low, high = (float(how(rows["value"].to_numpy(dtype=float))) for how in (np.mean, np.min, np.max))
    limited = _at_limit(rows)
    shown = {
        "mean": f"≤ {number(value)}" if limited else number(value),
        "range": f"{number(low)} to {number(high)}" if high > low else "",
        "fold": "",
    }
    base = 0.0 if reference is None or reference.empty else float(np.mean(reference["value"].to_numpy(dtype=float)))
    if reference is not None and base > 0:
        side = {(True, False): "≤ ", (False, True): "≥ "}.get((limited, _at_limit(reference)), "")
        shown["fold"] = f"{side}{number(value / base)}-fold"
    return shown


def _at_limit(rows: pd.DataFrame) -> bool:
    kind = readout.READOUTS.get(str(rows["readout"].iloc[0]))
    return kind is not None and kind.limit > 0 and bool((rows["value"] <= kind.limit).all())


def time_courses(design: Design, results: Results) -> Picture | None:
    """Return the figure of the readouts over time; None where none was followed."""
    table = results.part("time_course")
    if table.empty:
        return None
    table = table.assign(series=table["line"], panel=[WORDS.get(name, name) for name in table["readout"]])
    wide = [str(panel) for panel, rows in table.groupby("panel", sort=False) if _spans(rows)]
    figure = draw_time_course(table, logarithmic=wide, order=design.lines, panel_size=(2.9, 1.9))
    says = "Readouts of untreated wells from seeding on, without noise; levels far apart stand on a logarithmic axis."
    return picture("time-courses", figure, says)


def _spans(rows: pd.DataFrame) -> bool:
    """Tell whether the highest levels of the series are far apart."""
    peaks = [float(np.max(level.to_numpy(dtype=float))) for _, level in rows.groupby("line")["value"]]
    return min(peaks) > 0 and max(peaks) / min(peaks) > _WIDE


def density_pictures(design: Design, results: Results) -> list[Picture]:
    """Return IL-6 and IC50 over density; none where density was not varied."""
    table = results.part("density")
    if table.empty or design.density is None:
        return []
    table = table.assign(density_cells_cm2=table["seeded_cells"] / design.protocol.area_cm2, series=table["line"])
    ec50, isolated = (load_library().fact(key) for key in (EC50, ISOLATED))
    il6 = draw_density(
        table.loc[table["readout"] == "il6"],
        quantity="IL-6 in the medium (ng/ml)",
        bands=[(ec50.low or 0.0, ec50.high or 0.0, f"pSTAT3 EC50\n{ec50.low:g}-{ec50.high:g} ng/ml ({EC50})")],
        thresholds=[(isolated.value or 0.0, f"one cell, own IL-6\n{isolated.value:g} ng/ml ({ISOLATED})")],
        order=design.lines,
        title="IL-6",
    )
    says = (
        f"IL-6 at the end over seeding density, without noise. Grey: the IL-6 that half-activates STAT3 (fact {EC50}); "
        f"dashed: what an isolated cell sees of its own (fact {ISOLATED})."
    )
    drug = design.density.drug
    potency = draw_density(_micromolar(table), quantity=f"IC50 of {drug} (µM)", order=design.lines, title=drug)
    also = f"IC50 of {drug} over seeding density, without noise{_gaps(table)}."
    return [picture("density-il6", il6, says, "half"), picture("density-ic50", potency, also, "half")]


def coculture_pictures(design: Design, results: Results) -> list[Picture]:
    """Return IC50 and IL-6 over the share of producers; none where lines were not mixed."""
    table, mixed = results.part("coculture"), design.coculture
    if table.empty or mixed is None:
        return []
    names = {"none": "no other agent"}
    table = table.assign(percent=100 * table["producer_fraction"], series=[names.get(a, a) for a in table["arm"]])
    potency = draw_density(
        _micromolar(table), quantity=f"IC50 of {mixed.drug}, whole well (µM)", share=True, title=mixed.drug
    )
    il6 = draw_density(
        table.loc[table["readout"] == "il6"], quantity="IL-6 in the medium (ng/ml)", share=True, title="IL-6"
    )
    who = f"{mixed.producers} (producers) among {mixed.others}, at one density"
    return [
        picture("coculture-ic50", potency, f"IC50 of {mixed.drug} of {who}{_gaps(table)}.", "half"),
        picture("coculture-il6", il6, f"IL-6 in the medium of {who}.", "half"),
    ]


def _micromolar(table: pd.DataFrame) -> pd.DataFrame:
    rows = table.loc[table["readout"] == "ic50"]
    return rows.assign(value=rows["value"] / 1000.0)


def _gaps(table: pd.DataFrame) -> str:
    missing = int(np.isnan(table.loc[table["readout"] == "ic50", "value"].to_numpy(dtype=float)).sum())
    if not missing:
        return ""
    return f"; {missing} not shown, because the IC50 lies beyond the doses"
