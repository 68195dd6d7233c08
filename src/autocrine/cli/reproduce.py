"""``autocrine reproduce``: repeat a published experiment and judge its claims."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from autocrine.cli.command_line import typed
from autocrine.cli.progress import shown_progress

if TYPE_CHECKING:
    from autocrine.studies.run import Run


@click.command()
@click.argument("study")
@click.option("--quick", is_flag=True, help="A smaller design: fewer drugs, arms, doses and draws.")
@click.option("--claim", type=int, metavar="N", help="Measure and judge one claim of conze2001 only.")
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Seed of all noise.")
@click.option("--out", type=click.Path(path_type=Path), help="Directory of the run [default: runs/STUDY].")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of tables.")
def command(*, study: str, quick: bool, claim: int | None, seed: int, out: Path | None, as_json: bool) -> None:
    """Run a published experiment and judge its claims.

    STUDY is conze2001 (wells, claims and the findings of all others), duan2002, wang2010, cakmak_sirna, lee2001,
    combates_chen, nci60_abcb1 or baseline.
    """
    from autocrine.studies import reproduce

    target = out or Path("runs") / (study if claim is None else f"{study}-claim-{claim}")
    with shown_progress(quiet=as_json) as progress:
        run = reproduce(
            study,
            target,
            seed=seed,
            command=typed(),
            quick=quick,
            claim=claim,
            progress=progress,
            processes=1 if quick else min(os.cpu_count() or 1, 2),  # a quick run ends before a second one has begun
        )
    show(run, as_json)


def show(run: Run, as_json: bool) -> None:
    """Print what a run found, as tables or as one JSON object."""
    found = run.as_object()
    if as_json:
        click.echo(json.dumps(found))
        return
    from rich.console import Console

    from autocrine.cli.verdicts import claims_table, count_held_out, findings_table, potencies_table

    console = Console()
    if found["claims"]:
        # the report holds all tables; on a terminal the verdicts are what a person came for
        console.print(claims_table(found["claims"]))
    elif run.results is not None:
        console.print(potencies_table(run.results.potencies))
    elif found["findings"]:
        console.print(findings_table(found["findings"]))
    if found["findings"]:
        console.print(count_held_out(found["findings"]), highlight=False)
    console.print(f"report: {run.path / 'report.html'}", highlight=False, markup=False, soft_wrap=True)
