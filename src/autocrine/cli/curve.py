"""autocrine curve: fit dose-response curves to plates."""

from __future__ import annotations

import json
import math
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from autocrine.cli import curve_plates
from autocrine.cli.plate_files import digest_of, plate_files, words_of
from autocrine.core import Provenance, RunDirectory, errors

if TYPE_CHECKING:
    import pandas as pd

    from autocrine.assay.curve import Curve
    from autocrine.assay.curve_hierarchy import HierarchicalCurve
    from autocrine.assay.plates.dose_series import DoseSeries, PlateSeries
    from autocrine.assay.plates.observations import Observations
    from autocrine.assay.plates.options import Options


#: what the curve of a measure is drawn over
_QUANTITIES = {"GR": "GR (1 grows as the control)", "DIP": "growth rate over the control's"}
#: measure → what its half-level dose is called
_HALVES = {"viability": "IC50", "GR": "GR50", "DIP": "DIP50"}


@dataclass(frozen=True)
class FittedSeries:
    """Wells of one line under one drug, with their curve."""

    wells: DoseSeries
    curve: Curve | HierarchicalCurve

    @property
    def title(self) -> str:
        """What stands above its plot."""
        hours = "" if math.isnan(self.wells.time_h) else f"{self.wells.time_h:g} h"
        measure = "" if self.wells.measure == "viability" else self.wells.measure
        return ", ".join(filter(None, [self.wells.line, self.wells.drug, self.wells.arm, hours, measure]))

    @property
    def place(self) -> tuple[str, str, float, str]:
        """What two lines must share to be compared; a time that was not given is -1, because NaN equals nothing."""
        time = -1.0 if math.isnan(self.wells.time_h) else self.wells.time_h
        return self.wells.drug, self.wells.arm, time, self.wells.measure


@click.command()
@plate_files
@click.option("--out", type=click.Path(path_type=Path), help="Directory of the run [default: runs/curve-<file name>].")
@click.option("--reference", metavar="LINE", help="Give the fold resistance of every line against this one.")
@click.option(
    "--hierarchical", is_flag=True, help="Give plates and replicates curves of their own around a typical one."
)
@click.option("--seed", default=1, show_default=True, help="Of the draws of hierarchical fits.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of a table.")
def command(  # noqa: PLR0917 - one per option
    files: tuple[Path, ...],
    said: Options,
    out: Path | None,
    reference: str | None,
    hierarchical: bool,
    seed: int,
    as_json: bool,
) -> None:
    """Fit dose-response curves to plates, viability tables and counts over time.

    FILES belong together; every shape that `autocrine plates check` reads will do. Raw values are divided by the
    controls of their plate. Every line and drug gets its curves (viability; GR where the start is known or cells were
    counted over time; growth rates, DIP, of counts over time), each with interval and plot, or the reason why it has
    none. An IC50 outside of the tested doses is censored, never extrapolated.

    With --hierarchical a line and drug on several plates (or replicates) gets the typical curve with the interval of
    its posterior, and one curve per plate, which lean on one another where their own wells are few.
    """
    from autocrine.assay import plates

    read = plates.read_plates(files, said)
    source = ", ".join(map(str, files))
    if reference is not None and reference not in set(read.table["line"]):
        raise errors.InputError("--reference must be a line of the table", reference, where=source)
    found = plates.dose_series(read)
    target = out or Path("runs") / f"curve-{files[0].stem}"
    with RunDirectory(target) as run:
        going = _progress(found.series, "fitting curves", quiet=as_json)
        series = [FittedSeries(item, item.fit_hierarchy(seed) if hierarchical else item.fit()) for item in going]
        summary = _summary(series, reference)
        _write(run.path, series, summary, read, found, source=source, quiet=as_json)
        typed = _typed(files, said, out, reference) + (f" --hierarchical --seed {seed}" if hierarchical else "")
        # single fits draw no random number, so their seed is 0; the hash is of the files that were read
        Provenance(typed, seed if hierarchical else 0, digest_of(files)).save(run.path / RunDirectory.MARK)
    if as_json:
        click.echo(json.dumps(_object(summary, read, found, target)))
    else:
        _show(summary, read, found, target)


def _typed(files: tuple[Path, ...], said: Options, out: Path | None, reference: str | None) -> str:
    words = ["autocrine curve", *map(str, files), *words_of(said)]
    words += ["--out", str(out)] if out else []
    return " ".join(words + (["--reference", reference] if reference else []))


def _progress(rows: list[Any], what: str, *, quiet: bool) -> Any:
    """Go through rows with a progress bar, on a terminal only."""
    from rich.console import Console
    from rich.progress import track

    console = Console(stderr=True)
    return track(rows, what, console=console, transient=True, disable=quiet or not console.is_terminal)


def _summary(series: list[FittedSeries], reference: str | None) -> pd.DataFrame:
    """Return one row per curve."""
    import numpy as np
    import pandas as pd

    table = pd.DataFrame([_row(item) for item in series])
    if not np.any(table["plates"] > 0):
        table = table.drop(columns=list(curve_plates.numbers(series[0].curve)))
    if reference is None:
        return table
    from autocrine.assay import fold_resistance

    base = {item.place: item.curve.ic50 for item in series if item.wells.line == reference}
    folds = []
    for item in series:
        ic50 = base.get(item.place)
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
    curve, wells = item.curve, item.wells
    low, high = curve.points.tested_range
    return {
        "line": wells.line,
        "drug": wells.drug,
        "arm": wells.arm,
        "duration_h": wells.time_h,
        "measure": wells.measure,
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
        "control_error": wells.shared_error,
        "wells": curve.points.value.size,
        "lowest_dose_nM": low,
        "highest_dose_nM": high,
        **curve_plates.numbers(curve),
    }


def _write(
    place: Path,
    series: list[FittedSeries],
    summary: pd.DataFrame,
    read: Observations,
    found: PlateSeries,
    *,
    source: str,
    quiet: bool,
) -> None:
    from autocrine.cli.curve_report import page

    (place / "plots").mkdir()
    summary.to_csv(place / "curves.csv", index=False, lineterminator="\n")
    summary.to_parquet(place / "curves.parquet", index=False)
    excluded = _excluded(read, found)
    excluded.to_csv(place / "excluded.csv", index=False, lineterminator="\n")
    if len(found.rates):
        found.rates.to_csv(place / "growth_rates.csv", index=False, lineterminator="\n")
    plates = curve_plates.plates_table([(item.wells, item.curve) for item in series])
    if len(plates):
        plates.to_csv(place / "plate_curves.csv", index=False, lineterminator="\n")
    pictures = [_drawn(item) for item in _progress(series, "drawing plots", quiet=quiet)]
    names = _names(series)
    for name, picture in zip(names, pictures, strict=True):
        (place / "plots" / name).write_text(picture, encoding="utf-8")
    plots = list(zip([item.title for item in series], pictures, strict=True))
    text = page(source, summary, read.notes, excluded, plots=plots, plates=plates)
    (place / "report.html").write_text(text, encoding="utf-8")


def _excluded(read: Observations, found: PlateSeries) -> pd.DataFrame:
    """Return every value that no curve uses: unreadable ones, and those of wells that could not be normalised."""
    import pandas as pd

    parts = [part for part in (read.excluded, found.excluded) if len(part)]
    return pd.concat(parts, ignore_index=True) if parts else read.excluded


def _drawn(item: FittedSeries) -> str:
    import numpy as np

    from autocrine.plots import draw_dose_response, svg

    points, line, potency = curve_plates.frames(item.curve)
    if not np.any(points["dose_nM"].to_numpy() > 0):
        return '<svg xmlns="http://www.w3.org/2000/svg" width="240" height="40"><text y="25">no points</text></svg>'
    quantity = _QUANTITIES.get(item.wells.measure, "viability (fraction of control)")
    size = (4.4, 2.8) if len(set(line["arm"])) > 1 else (3.3, 2.4)
    figure = draw_dose_response(points, line, potency, title=item.title, quantity=quantity, size=size)
    return svg(figure)


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


def _object(summary: pd.DataFrame, read: Observations, found: PlateSeries, target: Path) -> dict[str, Any]:
    """Return what ``--json`` prints; numbers that JSON cannot write are null."""
    rows = [
        {k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in row.items()}
        for row in summary.to_dict("records")
    ]
    counts = _counts(summary)
    left_out = len(_excluded(read, found))
    return {"run": str(target), "counts": counts, "excluded": left_out, "notes": read.notes, "curves": rows}


def _show(summary: pd.DataFrame, read: Observations, found: PlateSeries, target: Path) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    for note in read.notes:
        console.print(f"  {note}", style="dim", highlight=False, markup=False)
    total = _counts(summary)
    table = Table("drug", "half level", "curves", "valued", "> tested", "< tested", "n.d.")
    keys = ("curves", "with_ic50", "above_tested", "below_tested", "not_determined")
    for _, rows in summary.groupby(["drug", "measure"], sort=False):
        drug, measure = (str(rows[name].iloc[0]) for name in ("drug", "measure"))
        half = _HALVES.get(measure, measure)
        table.add_row(drug or "–", half, *(str(_counts(rows)[key]) for key in keys))
    table.add_row("all", "", *(str(total[key]) for key in keys), style="bold")
    console.print(table)
    console.print(f"{total['fitted']} fitted, {total['flat']} flat, {total['refused']} refused", highlight=False)
    reasons = Counter((row["status"], row["reason"]) for row in summary.to_dict("records") if row["reason"])
    for (status, reason), count in reasons.most_common():
        console.print(f"  {count} {status}: {reason}", highlight=False, markup=False)
    console.print(f"  {len(_excluded(read, found))} values excluded", highlight=False)
    console.print(f"report: {target / 'report.html'}", highlight=False, markup=False, soft_wrap=True)
