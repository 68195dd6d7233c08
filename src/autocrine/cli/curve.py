"""autocrine curve: fit dose-response curves to measured viability."""

from __future__ import annotations

import hashlib
import json
import math
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from autocrine.core import Provenance, RunDirectory, errors

if TYPE_CHECKING:
    import pandas as pd

    from autocrine.assay.curve import Curve
    from autocrine.assay.plate_table import PlateTable


@dataclass(frozen=True)
class FittedSeries:
    """One line under one drug, with its curve."""

    line: str
    drug: str
    duration_h: float
    curve: Curve

    @property
    def title(self) -> str:
        """What stands above its plot."""
        hours = "" if math.isnan(self.duration_h) else f", {self.duration_h:g} h"
        return f"{self.line}, {self.drug}{hours}"


@click.command()
@click.argument("table", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="Directory of the run [default: runs/curve-<file name>].")
@click.option("--reference", metavar="LINE", help="Give the fold resistance of every line against this one.")
@click.option("--exclude-bad", is_flag=True, help="Leave rows with impossible numbers out, and list them.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of a table.")
def command(table: Path, out: Path | None, reference: str | None, exclude_bad: bool, as_json: bool) -> None:
    """Fit dose-response curves to measured viability.

    TABLE is a text table with the columns line, drug, dose with its unit (dose_uM, or dose and unit) and viability (a
    fraction of control) or viability_pct. Every line and drug gets a curve, an IC50 with interval, and a plot; an IC50
    outside of the tested doses is censored, never extrapolated.
    """
    from autocrine.assay import read_viability

    read = read_viability(table, exclude_bad=exclude_bad)
    if reference is not None and reference not in set(read.wells["line"]):
        raise errors.InputError("--reference must be a line of the table", reference, where=str(table))
    digest = hashlib.sha256(table.read_bytes()).hexdigest()[:16]
    target = out or Path("runs") / f"curve-{table.stem}"
    with RunDirectory(target) as run:
        series = _fitted(read.wells, quiet=as_json)
        summary = _summary(series, reference)
        _write(run.path, series, summary, read, str(table), quiet=as_json)
        # no random number is drawn, so the seed is 0; the hash is of the table that was read
        Provenance(_typed(table, out, reference, exclude_bad), 0, digest).save(run.path / RunDirectory.MARK)
    if as_json:
        click.echo(json.dumps(_object(summary, read, target)))
    else:
        _show(summary, read, target)


def _typed(table: Path, out: Path | None, reference: str | None, exclude_bad: bool) -> str:
    words = ["autocrine curve", str(table)]
    words += ["--out", str(out)] if out else []
    words += ["--reference", reference] if reference else []
    return " ".join(words + (["--exclude-bad"] if exclude_bad else []))


def _progress(rows: list[Any], what: str, *, quiet: bool) -> Any:
    """Go through rows with a progress bar, on a terminal only."""
    from rich.console import Console
    from rich.progress import track

    console = Console(stderr=True)
    return track(rows, what, console=console, transient=True, disable=quiet or not console.is_terminal)


def _fitted(wells: pd.DataFrame, *, quiet: bool) -> list[FittedSeries]:
    from autocrine.assay import fit_curve

    groups = list(wells.groupby(["line", "drug", "duration_h"], sort=False, dropna=False))
    series = []
    for (line, drug, hours), rows in _progress(groups, "fitting curves", quiet=quiet):
        labels = rows["replicate"].to_numpy(dtype=str)
        repeated = labels if len(set(labels)) > 1 else None
        curve = fit_curve(rows["dose_nM"].to_numpy(), rows["viability"].to_numpy(), repeated)
        series.append(FittedSeries(str(line), str(drug), float(hours), curve))
    return series


def _summary(series: list[FittedSeries], reference: str | None) -> pd.DataFrame:
    """Return one row per curve."""
    import pandas as pd

    table = pd.DataFrame([_row(item) for item in series])
    if reference is None:
        return table
    from autocrine.assay import fold_resistance

    base = {(item.drug, item.duration_h): item.curve.ic50 for item in series if item.line == reference}
    # two NaN are not equal, so a duration that was not given is looked up as -1
    base = {(drug, -1.0 if math.isnan(h) else h): ic50 for (drug, h), ic50 in base.items()}
    folds = []
    for item in series:
        ic50 = base.get((item.drug, -1.0 if math.isnan(item.duration_h) else item.duration_h))
        fold = fold_resistance(item.curve.ic50, ic50) if ic50 is not None else None
        folds.append(
            {
                "fold": fold.value if fold else None,
                "fold_low": fold.low if fold else None,
                "fold_high": fold.high if fold else None,
                "fold_text": str(fold) if fold else f"{reference} was not tested",
            }
        )
    numbers = pd.DataFrame(folds).astype({"fold": float, "fold_low": float, "fold_high": float})
    return pd.concat([table, numbers], axis=1)


def _row(item: FittedSeries) -> dict[str, Any]:
    curve = item.curve
    low, high = curve.points.tested_range
    return {
        "line": item.line,
        "drug": item.drug,
        "duration_h": item.duration_h,
        "status": curve.status,
        "reason": curve.reason,
        "ic50_nM": math.nan if curve.ic50.value_nM is None else curve.ic50.value_nM,
        "ic50_low_nM": curve.ic50.low,
        "ic50_high_nM": curve.ic50.high,
        "ic50_censored": curve.ic50.censored,
        "ic50_bound_nM": math.nan if curve.ic50.bound_nM is None else curve.ic50.bound_nM,
        "ic50_text": str(curve.ic50),
        "ec50_nM": math.nan if curve.ec50.value_nM is None else curve.ec50.value_nM,
        "ec50_text": str(curve.ec50),
        "e_0": curve.e_0,
        "e_max": curve.e_max,
        "hill_slope": curve.hill_slope,
        "auc": curve.auc,
        "residual_sd": curve.residual_sd,
        "wells": curve.points.value.size,
        "lowest_dose_nM": low,
        "highest_dose_nM": high,
    }


def _write(
    place: Path, series: list[FittedSeries], summary: pd.DataFrame, read: PlateTable, source: str, *, quiet: bool
) -> None:
    from autocrine.cli.curve_report import page

    (place / "plots").mkdir()
    summary.to_csv(place / "curves.csv", index=False, lineterminator="\n")
    summary.to_parquet(place / "curves.parquet", index=False)
    read.excluded.to_csv(place / "excluded.csv", index=False, lineterminator="\n")
    pictures = [_drawn(item) for item in _progress(series, "drawing plots", quiet=quiet)]
    names = _names(series)
    for name, picture in zip(names, pictures, strict=True):
        (place / "plots" / name).write_text(picture, encoding="utf-8")
    text = page(source, summary, read, [item.title for item in series], pictures)
    (place / "report.html").write_text(text, encoding="utf-8")


def _drawn(item: FittedSeries) -> str:
    import numpy as np

    from autocrine.plots import draw_dose_response, svg

    points, line, potency = item.curve.frames(count=48)
    if not np.any(points["dose_nM"].to_numpy() > 0):
        return '<svg xmlns="http://www.w3.org/2000/svg" width="240" height="40"><text y="25">no points</text></svg>'
    return svg(draw_dose_response(points, line, potency, title=item.title, size=(3.3, 2.4)))


def _names(series: list[FittedSeries]) -> list[str]:
    """Return a file name for every curve, without letters that a file system minds, and no name twice."""
    names: list[str] = []
    for item in series:
        plain = "".join(c if c.isalnum() or c in "-.+" else "_" for c in item.title.replace(", ", "__"))
        name, again = plain, 1
        while f"{name}.svg".lower() in {n.lower() for n in names}:
            again += 1
            name = f"{plain}-{again}"
        names.append(f"{name}.svg")
    return names


def _counts(summary: pd.DataFrame) -> dict[str, int]:
    """Count curves by status, and their IC50 by what is known of them; each group adds up to the curves."""
    status, side = list(summary["status"]), list(summary["ic50_censored"])
    above, below = side.count(">"), side.count("<")
    valued = len(summary) - int(summary["ic50_nM"].isna().to_numpy().sum())
    return {
        "curves": len(summary),
        **{name: status.count(name) for name in ("fitted", "flat", "refused")},
        "with_ic50": valued,
        "above_tested": above,
        "below_tested": below,
        "not_determined": len(summary) - valued - above - below,
    }


def _object(summary: pd.DataFrame, read: PlateTable, target: Path) -> dict[str, Any]:
    """Return what ``--json`` prints; numbers that JSON cannot write are null."""
    rows = [
        {k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in row.items()}
        for row in summary.to_dict("records")
    ]
    counts = _counts(summary)
    return {"run": str(target), "counts": counts, "excluded": len(read.excluded), "notes": read.notes, "curves": rows}


def _show(summary: pd.DataFrame, read: PlateTable, target: Path) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    for note in read.notes:
        console.print(f"  {note}", style="dim", highlight=False, markup=False)
    total = _counts(summary)
    table = Table("drug", "curves", "IC50", "> tested", "< tested", "n.d.")
    keys = ("curves", "with_ic50", "above_tested", "below_tested", "not_determined")
    for drug, rows in summary.groupby("drug", sort=False):
        table.add_row(str(drug), *(str(_counts(rows)[key]) for key in keys))
    table.add_row("all", *(str(total[key]) for key in keys), style="bold")
    console.print(table)
    console.print(f"{total['fitted']} fitted, {total['flat']} flat, {total['refused']} refused", highlight=False)
    reasons = Counter((row["status"], row["reason"]) for row in summary.to_dict("records") if row["reason"])
    for (status, reason), count in reasons.most_common():
        console.print(f"  {count} {status}: {reason}", highlight=False, markup=False)
    console.print(f"  {len(read.excluded)} cells excluded", highlight=False)
    console.print(f"report: {target / 'report.html'}", highlight=False, markup=False, soft_wrap=True)
