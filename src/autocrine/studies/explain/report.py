"""The report of an explanation: one page that opens offline, and the tables and draws beside it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from autocrine.calibration import draws
from autocrine.core import Provenance, errors
from autocrine.plots import draw_dose_response
from autocrine.studies.explain.attribution import PLAYERS
from autocrine.studies.explain.laboratory import line_of
from autocrine.studies.explain.models import WHOLE
from autocrine.studies.explain.petab_export import export_petab
from autocrine.studies.explain.profiled import profiled
from autocrine.studies.page import page_templates
from autocrine.studies.report_picture import Picture, picture

if TYPE_CHECKING:
    from autocrine.studies.explain.explanation import Explanation

FILE = "report.html"
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#7A7A7A")


def write_report(found: Explanation, path: Path, provenance: Provenance) -> None:
    """Write page, tables (CSV), draws (netCDF) and the problem for other programs (PEtab).

    Raises
    ------
    OutputError
        If something cannot be written.
    """
    tables, (profiles, why) = _tables(found), profiled(found.whole)
    tables["profiles"] = pd.DataFrame([one.row() for one in profiles])
    extra = {"petab_notes": export_petab(found.emulator, path / "petab"), "profiles": profiles, "profiles_why": why}
    try:
        (path / "tables").mkdir()
        for name, table in tables.items():
            table.to_csv(path / "tables" / f"{name}.csv", index=False, lineterminator="\n")
        (path / FILE).write_text(_page(found, tables, provenance, extra), encoding="utf-8")
    except OSError as error:
        raise errors.OutputError(f"{path} must be writable: {error.strerror or error}") from error
    (path / "draws").mkdir()
    for model, one in found.drawn.items():
        draws.save(one.data, path / "draws" / f"{model.replace(' ', '-')}.nc")


def _tables(found: Explanation) -> dict[str, pd.DataFrame]:
    lab, check = found.laboratory, found.check
    rows = [
        {
            "label": row.label,
            "readout": row.readout,
            "line": line_of(lab.wells[row.well]),
            "arm": lab.wells[row.well].arm.name,
            "drug": lab.wells[row.well].drugs[0][0].name if lab.wells[row.well].drugs else "",
            "dose_nM": lab.wells[row.well].drugs[0][1] if lab.wells[row.well].drugs else 0.0,
            "value": row.value,
            "kind": row.kind,
            "predicted_low": low,
            "predicted": middle,
            "predicted_high": high,
        }
        for row, low, middle, high in zip(
            lab.measurements, check.low, np.median(check.drawn, axis=0), check.high, strict=True
        )
    ]
    return {
        "attribution": pd.DataFrame([row for one in found.attributed for row in one.rows()]),
        "reversal": pd.DataFrame([one.row() for one in found.reversals]),
        "next_experiments": pd.DataFrame([one.row() for one in found.next_experiments]),
        "models": found.verdict.table.reset_index(names="model"),
        "parameters": found.diagnosis.table.reset_index(names="parameter"),
        "identifiability": pd.DataFrame(
            [{"parameter": name, "uncertainty_left": share} for name, share in found.identified.shrinkage.items()]
        ),
        "measurements": pd.DataFrame(rows),
        "excluded": pd.DataFrame(
            list(lab.excluded), columns=pd.Index(["file", "row", "line", "drug", "column", "value", "reason"])
        ),
    }


def _page(found: Explanation, tables: dict[str, pd.DataFrame], provenance: Provenance, extra: dict[str, Any]) -> str:
    best, templates = found.drawn[found.verdict.counted[0]], page_templates()
    templates.filters |= {"groupby_two": _grouped, "folds": _folds, "bound": _bound}
    return templates.get_template("explain.html").render(
        lab=found.laboratory,
        told=found.identified,
        verdict=found.verdict,
        models=tables["models"].to_dict("records"),
        attribution=tables["attribution"].to_dict("records"),
        bars=_bars(tables["attribution"]),
        reversal=tables["reversal"].to_dict("records"),
        following=tables["next_experiments"].to_dict("records"),
        parameters=tables["parameters"].to_dict("records"),
        diagnosis=found.diagnosis,
        check=found.check,
        weights=best.weights,
        best=best.model,
        pictures=_pictures(tables["measurements"]),
        levels=tables["measurements"]
        .loc[(tables["measurements"]["readout"] != "viability").to_numpy()]
        .to_dict("records"),
        excluded=tables["excluded"].to_dict("records"),
        players=list(zip(PLAYERS, _COLOURS, strict=True)),
        whole=WHOLE,
        provenance=provenance,
        **extra,
    )


def _grouped(rows: list[dict[str, Any]], *keys: str) -> list[tuple[tuple[Any, ...], list[dict[str, Any]]]]:
    """Return rows by the values of keys, in their order."""
    found: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(tuple(row[key] for key in keys), []).append(row)
    return list(found.items())


def _folds(rows: list[dict[str, Any]]) -> list[tuple[str, float]]:
    """Return the fold without a blocker by density."""
    return list({row["density"]: row["fold"] for row in rows}.items())


def _bound(value: float) -> str:
    return f"{value:.3g}" if np.isfinite(value) else "open"


def _bars(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return one bar for each line and drug: the shares that are positive, side by side."""
    bars = []
    for key, group in table.groupby(["line", "drug"], sort=False):
        line, drug = key if isinstance(key, tuple) else (key, "")
        shares = np.clip(group["share"].to_numpy(float), 0.0, None)
        there = bool(np.isfinite(shares).all()) and shares.sum() > 0
        parts, at = [], 0.0
        for share, colour, name in zip(shares / shares.sum() if there else [], _COLOURS, PLAYERS, strict=False):
            parts.append({"x": 100 * at, "width": 100 * share, "colour": colour, "name": name})
            at += float(share)
        first = group.iloc[0]
        bars.append({"line": line, "drug": drug, "parts": parts, "fold": first["fold"], "there": there})
    return bars


def _pictures(table: pd.DataFrame) -> list[Picture]:
    """Return measured and predicted viability of every line and drug."""
    found = []
    viable = table.loc[((table["readout"] == "viability") & (table["dose_nM"] > 0)).to_numpy()]
    for number, (key, group) in enumerate(viable.groupby(["line", "drug"], sort=False), start=1):
        line, drug = key if isinstance(key, tuple) else (key, "")
        lines = group.rename(columns={"value": "measured"}).rename(
            columns={"predicted": "value", "predicted_low": "low", "predicted_high": "high"}
        )
        lines = lines.drop_duplicates(["arm", "dose_nM"]).sort_values(["arm", "dose_nM"])
        figure = draw_dose_response(group, lines, title=f"{line}, {drug}", size=(4.6, 3.0))
        says = f"{line} under {drug}: wells, and the median and 90 % band of wells that the model expects."
        found.append(picture(f"wells-{number}", figure, says, "half"))
    return found
