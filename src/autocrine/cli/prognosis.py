"""``autocrine prognosis``: is a marker prognostic in these patients."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from autocrine.cli.command_line import typed
from autocrine.cli.plate_files import digest_of
from autocrine.core import Provenance, RunDirectory

if TYPE_CHECKING:
    from autocrine.prognosis.analysis import Analysis

_OPTIONS = {
    "time": "Column of follow-up times, or of dates with --origin.",
    "event": "Column with 1 where the event was seen and 0 where it was not.",
    "marker": "Column of the marker.",
}


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--time", required=True, metavar="T", help=_OPTIONS["time"])
@click.option("--event", required=True, metavar="E", help=_OPTIONS["event"])
@click.option("--marker", required=True, metavar="M", help=_OPTIONS["marker"])
@click.option("--treatment", default="", metavar="C", help="Column with two arms: is the marker predictive.")
@click.option("--adjust", default="", metavar="A,B,...", help="Columns of the clinical model.")
@click.option("--response", default="", metavar="R", help="Column of a response such as pCR, 0 or 1.")
@click.option("--id", "identity", default="", metavar="ID", help="Column that names each patient.")
@click.option("--competing", type=int, metavar="VALUE", help="Value of the event column for a competing event, as 2.")
@click.option("--time-unit", default="", help="days, weeks, months or years, where the header does not say it.")
@click.option("--origin", default="", metavar="COLUMN|DAY", help="From where dates are counted.")
@click.option(
    "--horizon", type=float, help="Time at which predictions are judged [default: when 3/4 of events are in]."
)
@click.option("--exclude-bad", is_flag=True, help="Leave patients with an impossible time or event out, counted.")
@click.option("--most-missing", default=0.3, show_default=True, help="Largest fraction of patients without marker.")
@click.option("--imputations", default=10, show_default=True, help="How often missing values are filled.")
@click.option("--bootstraps", default=200, show_default=True, help="Samples with which optimism is measured.")
@click.option("--seed", default=1, show_default=True, help="Seed of imputations and samples.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--out", type=click.Path(path_type=Path), help="Directory of the run [default: runs/prognosis-<file>].")
def command(file: Path, adjust: str, out: Path | None, as_json: bool, **said: Any) -> None:
    """Analyse a cohort of patients in the order of REMARK and write a report.

    FILE is a CSV with one row per patient; a header may carry a unit, as in "IL6 (pg/ml)". The report has the flow of
    patients, the marker, Kaplan-Meier, Cox models with their checks, the marker as a spline, a corrected cut-point,
    predictions corrected for optimism, marker by treatment apart from prognosis, power, and the conclusion in words.
    For research: nothing it prints is for decisions about a person.
    """
    from autocrine import prognosis

    samples = {key: said.pop(key) for key in ("seed", "imputations", "bootstraps")}
    columns = tuple(name.strip() for name in adjust.split(",") if name.strip())
    question = prognosis.Question(adjust=columns, **said)
    cohort = prognosis.read_cohort(file, question)
    target = out or Path("runs") / f"prognosis-{file.stem}"
    with RunDirectory(target) as run:
        found = prognosis.analyse(cohort, **samples, progress=lambda rows: _progress(rows, quiet=as_json))
        told = write_analysis(run.path, found)
        Provenance(typed(), samples["seed"], digest_of((file,))).save(run.path / RunDirectory.MARK)
    if as_json:
        click.echo(json.dumps({"run": str(target), **told}))
    else:
        _show(found, target)


def _progress(rows: Any, *, quiet: bool) -> Any:
    """Go through samples with a progress bar, on a terminal only."""
    from rich.console import Console
    from rich.progress import track

    console = Console(stderr=True)
    return track(rows, "bootstrap", console=console, transient=True, disable=quiet or not console.is_terminal)


def write_analysis(place: Path, found: Analysis) -> dict[str, Any]:
    """Write report, tables and object; return the object."""
    from autocrine import prognosis
    from autocrine.cli.prognosis_page import page

    (place / "tables").mkdir()
    for name, table in prognosis.tables.tables_of(found).items():
        table.to_csv(place / "tables" / f"{name}.csv", index=False, lineterminator="\n")
    told = prognosis.tables.object_of(found)
    (place / "analysis.json").write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    (place / "report.html").write_text(page(found), encoding="utf-8")
    return told


def _show(found: Analysis, target: Path) -> None:
    from rich.console import Console

    console = Console()
    cohort = found.cohort
    console.print(
        f"{cohort.time.size} patients, {cohort.events} events, median follow-up {_number(found.follow_up)} "
        f"{cohort.time_unit}".rstrip(),
        highlight=False,
    )
    for note in cohort.notes:
        console.print(f"  {note}", style="dim", highlight=False, markup=False)
    for caution in found.cautions:
        console.print(f"  {caution.topic}: {caution.text}", style="yellow", highlight=False, markup=False)
    for sentence in found.conclusion:
        console.print(sentence, highlight=False, markup=False)
    console.print("For research, not for decisions about a person.", style="dim")
    console.print(f"report: {target / 'report.html'}", highlight=False, markup=False, soft_wrap=True)


def _number(value: float) -> str:
    return f"{value:.4g}" if math.isfinite(value) else "not reached"
