"""``autocrine trial``: a virtual trial, described in TOML."""

from __future__ import annotations

import json
import math
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import click

from autocrine.cli.command_line import typed
from autocrine.cli.plate_files import digest_of
from autocrine.cli.progress import shown_progress
from autocrine.core import Provenance, RunDirectory

if TYPE_CHECKING:
    from autocrine.studies.trial import VirtualTrial

_HELP = """Simulate a trial of virtual patients and analyse it as a real one.

\b
The smallest TRIAL:
  [arm.control]
  regimen = "ac_t"

Batches of patients stand in a hidden directory beside the run until all are there: the same command goes on where it
was stopped. For research: nothing it prints is for decisions about a person.
"""


@click.command(help=_HELP)
@click.argument("trial", type=click.Path(path_type=Path))
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Seed of all patients.")
@click.option("--workers", type=click.IntRange(min=1), default=1, show_default=True, help="Processes on this machine.")
@click.option("--scheduler", default="", metavar="ADDRESS", help="A running Dask scheduler, as tcp://HOST:8786.")
@click.option("--bootstraps", type=click.IntRange(min=10), default=100, show_default=True, help="Of the report.")
@click.option("--out", type=click.Path(path_type=Path), help="Directory of the run [default: runs/NAME].")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of tables.")
def command(
    *, trial: Path, seed: int, workers: int, scheduler: str, bootstraps: int, out: Path | None, as_json: bool
) -> None:
    """Simulate a trial of virtual patients and analyse it as a real one."""
    from autocrine.cohort import Trial
    from autocrine.studies import run_trial

    asked = Trial.load(trial)
    target = out or Path("runs") / asked.name
    # beside the run, so that it outlives an interruption and is moved in one step
    batches = target.parent / f".{target.name}-batches"
    with RunDirectory(target) as run:
        with shown_progress(quiet=as_json) as progress:
            found = run_trial(
                asked, batches, seed=seed, workers=workers, scheduler=scheduler, bootstraps=bootstraps,
                begin=progress.begin, step=progress.step,
            )  # fmt: skip
        _write(run.path, found)
        shutil.copytree(batches, run.path / "patients")
        Provenance(typed(), seed, digest_of((trial,))).save(run.path / RunDirectory.MARK)
    shutil.rmtree(batches)
    if as_json:
        click.echo(json.dumps({"run": str(target), **found.as_object()}))
    else:
        _show(found, target)


def _write(place: Path, found: VirtualTrial) -> None:
    """Write page, tables and the report of prognosis."""
    from autocrine.cli.prognosis import write_analysis
    from autocrine.cli.trial_page import page

    (place / "tables").mkdir()
    for name in ("arms", "checks", "weighted", "effects", "power"):
        table = getattr(found, name)
        if len(table):
            table.to_csv(place / "tables" / f"{name}.csv", index=False, lineterminator="\n")
    (place / "trial.json").write_text(json.dumps(found.as_object(), indent=2) + "\n", encoding="utf-8")
    (place / "report.html").write_text(page(found), encoding="utf-8")
    if found.analysis is not None:
        (place / "prognosis").mkdir()
        write_analysis(place / "prognosis", found.analysis)


def _show(found: VirtualTrial, target: Path) -> None:
    from rich.console import Console

    from autocrine import prognosis

    console = Console()
    for row in found.arms.to_dict("records"):
        told = f"{row['arm']}: {row['patients']} patients, {row['response_rate']:.0%} responded"
        console.print(f"{told}, {row['deaths']:.0f} died", highlight=False, markup=False)
    if len(found.power):
        for row in found.power.query("adjusted_for_burden").to_dict("records"):
            setting = f"{row['varied']} {row['value']:g}, " if row["varied"] else ""
            wanted = f"{row['needed']:.0f} needed" if math.isfinite(row["needed"]) else "no effect to be found"
            console.print(
                f"{setting}{row['patients']} patients: {row['effect']} in {row['power']:.0%} of {row['trials']} "
                f"trials ({row['power_low']:.0%} to {row['power_high']:.0%}); {wanted}",
                highlight=False, markup=False,
            )  # fmt: skip
    if found.analysis is not None and found.analysed < found.trial.patients:
        told = f"the report of prognosis is about the first {found.analysed:,} of {found.trial.patients:,} patients:"
        console.print(told, highlight=False, markup=False)
    for sentence in () if found.analysis is None else found.analysis.conclusion:
        console.print(sentence, highlight=False, markup=False)
    if found.without:
        console.print(f"no report of prognosis: {found.without}", style="yellow", highlight=False, markup=False)
    console.print(prognosis.NOTICE, style="dim")
    console.print(f"report: {target / 'report.html'}", highlight=False, markup=False, soft_wrap=True)
