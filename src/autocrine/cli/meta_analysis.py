"""``autocrine meta-analysis``: the marker's effect over several analysed cohorts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from autocrine.cli.command_line import typed
from autocrine.cli.plate_files import digest_of
from autocrine.core import Provenance, RunDirectory, errors

if TYPE_CHECKING:
    from autocrine.prognosis.meta_analysis import MetaAnalysis


@click.command()
@click.argument("runs", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--method", default="REML", show_default=True, help="Variance between cohorts: REML or DL.")
@click.option("--unadjusted", is_flag=True, help="Pool the effects of the marker alone.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--out", type=click.Path(path_type=Path), help="Directory of the run [default: runs/meta-analysis].")
def command(runs: tuple[Path, ...], method: str, unadjusted: bool, as_json: bool, out: Path | None) -> None:
    """Pool the hazard ratios of one marker over cohorts.

    RUNS are directories that `autocrine prognosis` wrote. Ratios are per standard deviation of each cohort, so that
    assays with different units can be pooled. Random effects; intervals by Hartung and Knapp.
    """
    from autocrine import prognosis

    read = [_read(run) for run in runs]
    markers = sorted({one["marker"] for one in read})
    if len(markers) > 1:
        raise errors.InputError("all runs must be of one marker", ", ".join(markers))
    import numpy as np

    key = "effect_per_sd_alone" if unadjusted else "effect_per_sd"
    effect = [one[key] for one in read]
    numbers = [np.array([one[name] for one in effect], dtype=float) for name in ("coefficient", "standard_error")]
    found = prognosis.meta_analyse([one["cohort"] for one in read], *numbers, method=method)
    told = _object(found, markers[0], adjusted=not unadjusted)
    target = out or Path("runs") / "meta-analysis"
    with RunDirectory(target) as run:
        found.table.to_csv(run.path / "cohorts.csv", index=False, lineterminator="\n")
        (run.path / "meta_analysis.json").write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
        (run.path / "report.html").write_text(_page(found, told, read), encoding="utf-8")
        files = tuple(path / "analysis.json" for path in runs)
        Provenance(typed(), 0, digest_of(files)).save(run.path / RunDirectory.MARK)
    click.echo(json.dumps({"run": str(target), **told}) if as_json else f"{told['conclusion']}\nreport: {target}")


def _read(run: Path) -> dict[str, Any]:
    """Return what the analysis of a cohort found."""
    file = run / "analysis.json"
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise errors.InputError(
            "each of RUNS must be a directory that autocrine prognosis wrote", str(run), hint="runs/prognosis-..."
        ) from error


def _object(found: MetaAnalysis, marker: str, *, adjusted: bool) -> dict[str, Any]:
    import math

    from autocrine import prognosis

    numbers = {
        "ratio": found.coefficient,
        "ratio_low": found.low,
        "ratio_high": found.high,
        "normal_low": found.normal_low,
        "normal_high": found.normal_high,
        "prediction_low": found.prediction_low,
        "prediction_high": found.prediction_high,
    }
    told: dict[str, Any] = {k: math.exp(v) if math.isfinite(v) else None for k, v in numbers.items()}
    told |= {"p": found.p, "tau2": found.tau2, "i2": found.i2, "q": found.q, "p_q": found.p_q}
    shown = "is" if found.p < 0.05 else "is not shown to be"
    ratio = f"{told['ratio']:.2f} ({told['ratio_low']:.2f} to {told['ratio_high']:.2f})"
    kind = "adjusted as each cohort was" if adjusted else "not adjusted"
    told["conclusion"] = (
        f"Over {len(found.table)} cohorts {marker} {shown} prognostic: pooled hazard ratio per standard deviation "
        f"{ratio}, p = {found.p:.2g}, {kind}; {100 * found.i2:.0f} % of the variance lies between cohorts."
    )
    return {"notice": prognosis.NOTICE, "marker": marker, "method": found.method, "adjusted": adjusted, **told}


def _page(found: MetaAnalysis, told: dict[str, Any], read: list[dict[str, Any]]) -> str:
    """Return the report with its forest plot."""
    from autocrine.cli.page_templates import picture
    from autocrine.cli.prognosis_page import environment, rows
    from autocrine.plots import survival, svg

    total = {k: told[k] if told[k] is not None else float("nan") for k in told if k.startswith(("ratio", "prediction"))}
    table = found.table.rename(columns={"cohort": "name"})
    forest = survival.draw_forest(table, label="hazard ratio per SD of the marker", total=total)
    return (
        environment()
        .get_template("meta_analysis.html")
        .render(found=found, told=told, cohorts=read, rows=rows, forest=picture(svg(forest)))
    )
