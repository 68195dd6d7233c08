"""Dose-response curves and potencies as a report shows them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from autocrine.assay import fold_resistance
from autocrine.plots import draw_dose_response, maps
from autocrine.studies.design import Design
from autocrine.studies.experiment import Results
from autocrine.studies.report_number import micro
from autocrine.studies.report_picture import Picture, picture

#: places at which a curve is drawn: smooth to the eye, and small on the page
_PLACES = 48
#: doses around and above this are read in uM
_MICROMOLAR = 100.0


def curves_section(design: Design, results: Results, drug: str, at: int) -> dict[str, Any]:
    """Return the figures of one drug, which is the one at some place, and the table of its potencies."""
    pictures = _pictures(design, results, drug, at)
    return {"name": drug, "id": f"drug-{at}", "pictures": pictures, **_table(design, results, drug)}


def potency_map(design: Design, results: Results) -> Picture | None:
    """Return the heat map of all IC50; None where there is only one."""
    several = len(design.arms) > 1
    rows = []
    for line in design.lines:
        for arm in design.arms:
            for drug in design.drugs:
                found = results.curves[line, drug, arm.name][0].ic50
                row = {"line": f"{line}, {arm.name}" if several else line, "drug": drug, "value_nM": found.value_nM}
                rows.append({**row, "censored": found.censored, "bound_nM": found.bound_nM})
    if len(rows) < 2:
        return None
    says = (
        "IC50 of every line"
        + (" and arm" if several else "")
        + " under every drug; hatched where it lies beyond the doses."
    )
    return picture("potency-map", maps.draw_potency_map(pd.DataFrame(rows), title=""), says)


def _pictures(design: Design, results: Results, drug: str, at: int) -> list[Picture]:
    unit = _unit(design.doses(drug))
    first = design.arms[0].name
    pictures = []
    if len(design.lines) > 1 or len(design.arms) == 1:
        tables = _frames(results, [(line, drug, first) for line in design.lines], panels=False)
        figure = draw_dose_response(*tables, title=f"{drug}: {_named(first)}", unit=unit, size=(7.2, 3.6))
        says = f"{drug}, {_named(first)}: wells with mean and range, fitted curve with its 95 % band, IC50 (diamond)."
        pictures.append(picture(f"dose-{at}-lines", figure, says))
    if len(design.arms) > 1:
        keys = [(line, drug, arm.name) for line in design.lines for arm in design.arms]
        tables = _frames(results, keys, panels=True)
        figure = draw_dose_response(*tables, title=f"{drug}: every line in every arm", unit=unit, size=(2.2, 2.1))
        says = f"{drug} in every arm, one frame per line; the short bar at one half is the interval of the IC50."
        pictures.append(picture(f"dose-{at}-arms", figure, says))
    return pictures


def _named(arm: str) -> str:
    return "no other agent" if arm == "none" else f"arm {arm}"


def _unit(doses_nM: np.ndarray) -> str:
    return "uM" if float(np.exp(np.mean(np.log(doses_nM)))) >= _MICROMOLAR else "nM"


def _frames(results: Results, keys: Sequence[tuple[str, str, str]], *, panels: bool) -> Sequence[pd.DataFrame]:
    """Return wells, curves and potencies of several curves: arm by arm with a panel per line, or line by line."""
    known = [key for key in keys if key in results.curves]
    found = [results.curves[key][0].frames(key[2] if panels else key[0], _PLACES) for key in known]
    together = []
    for tables in zip(*found, strict=True):
        kept = [table for table in tables if not table.empty] or [tables[0]]
        joined = pd.concat(kept, ignore_index=True)
        if panels:
            joined["panel"] = np.repeat([line for line, _, _ in known], [len(table) for table in tables])
        together.append(joined)
    potencies = together[2]
    potencies["text"] = [micro(text) for text in potencies["text"]]
    return together


def _table(design: Design, results: Results, drug: str) -> dict[str, Any]:
    """Return the potencies of one drug, line by line, and which columns of the table say something."""
    rows = [row for row in results.potencies.to_dict("records") if row["drug"] == drug]
    groups = [
        {"line": line, "rows": [_row(design, results, row) for row in rows if row["line"] == line]}
        for line in dict.fromkeys(row["line"] for row in rows)
    ]
    return {
        "groups": groups,
        "several_lines": len(design.lines) > 1,
        "several_arms": len(design.arms) > 1,
        "noted": any(row["note"] for group in groups for row in group["rows"]),
    }


def _row(design: Design, results: Results, row: dict[Any, Any]) -> dict[str, str]:
    first = design.arms[0].name
    here, plain = (results.curves.get((row["line"], row["drug"], arm)) for arm in (row["arm"], first))
    change = str(fold_resistance(here[0].ic50, plain[0].ic50)) if here and plain else "–"
    status = "" if row["status"] == "fitted" else row["status"]
    return {
        "arm": row["arm"],
        "ic50": micro(row["ic50"]),
        "gr50": micro(row["gr50"]),
        "fold": row["fold"] if row["line"] != design.lines[0] else "1",
        "change": "–" if row["arm"] == first else change,
        "note": ": ".join(text for text in (status, row["reason"]) if text),
    }
