"""``autocrine tumour``: cells with the circuit in space, described in TOML."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING

import click

from autocrine.cli.command_line import typed
from autocrine.cli.progress import shown_progress

if TYPE_CHECKING:
    from autocrine.tissue import Tumour


@click.command("run")
@click.argument("design")
@click.option("--quick", is_flag=True, help="Smaller, as the design's [quick] table says.")
@click.option("--resume", is_flag=True, help="Go on where a run of the same --out was cut off.")
@click.option(
    "--threads", type=click.IntRange(min=1), default=1, show_default=True, help="Results do not depend on it."
)
@click.option("--workers", type=click.IntRange(min=1), default=1, show_default=True, help="Tumours at once, here.")
@click.option("--scheduler", default="", metavar="ADDRESS", help="A running Dask scheduler, as tcp://HOST:8786.")
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Seed of all draws.")
@click.option("--out", type=click.Path(path_type=Path), help="Directory of the run [default: runs/NAME].")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of a table.")
def command(
    *,
    design: str,
    quick: bool,
    resume: bool,
    threads: int,
    workers: int,
    scheduler: str,
    seed: int,
    out: Path | None,
    as_json: bool,
) -> None:
    """Run tumours: producers among non-producers, in space, with the whole circuit in every cell.

    DESIGN is a TOML file, or producers, disc or spheroid, which come with Autocrine. The run holds a report, tables,
    one Zarr store (AnnData and xarray) and files for ParaView. A run that is cut off goes on with --resume.
    """
    from autocrine.studies import tumours

    with shown_progress(quiet=as_json) as progress:
        run = tumours.simulate_tumours(
            design,
            out,
            seed=seed,
            command=typed(),
            quick=quick,
            resume=resume,
            threads=threads,
            workers=workers,
            scheduler=scheduler,
            progress=progress,
            live=None if as_json else _live,
        )
    if as_json:
        click.echo(
            json.dumps({"run": str(run.path), "tumours": json.loads(run.summary.to_json(orient="records") or "[]")})
        )
        return
    from rich.console import Console
    from rich.table import Table

    table = Table("tumour", "alive", "died", "living per non-producer", "nearest", "farthest", "IL-6 (nM)")
    for row in run.summary.to_dict("records"):
        keys = ("living_per_non_producer", "living_nearest", "living_farthest")
        shown = ("–" if math.isnan(row[key]) else f"{row[key]:.3g}" for key in keys)
        table.add_row(
            row["tumour"], f"{row['alive_at_end']:.0f}", f"{row['died']:.0f}", *shown,
            "–" if math.isnan(row["il6_at_non_producers_nM"]) else f"{row['il6_at_non_producers_nM']:.3g}",
        )  # fmt: skip
    console = Console()
    console.print(table)
    console.print(f"report: {run.path / 'report.html'}", highlight=False, markup=False, soft_wrap=True)


def _live(label: str, tumour: Tumour) -> None:
    """Say on standard error where a tumour stands."""
    alive = tumour.population.alive
    il6 = tumour.levels()["il6"]
    click.echo(
        f"{label}: {tumour.time_h:.1f} h, {int(alive.sum())} alive, {int((~alive).sum())} dead, "
        f"IL-6 {float(il6.mean()) if il6.size else 0.0:.3g} nM at cells",
        err=True,
    )
