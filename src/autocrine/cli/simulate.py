"""``autocrine simulate``: a user's own experiment, described in TOML."""

from __future__ import annotations

from pathlib import Path

import click

from autocrine.cli.command_line import typed
from autocrine.cli.progress import shown_progress
from autocrine.cli.reproduce import show

_HELP = """Run your own experiment, described in TOML.

\b
The smallest STUDY:
  [study]
  name = "my_study"
  lines = ["sensitive", "sensitive_il6"]
  drugs = ["doxorubicin"]
"""


@click.command(help=_HELP)
@click.argument("study", type=click.Path(path_type=Path))
@click.option("--quick", is_flag=True, help="Fewer doses, and what the study's [quick] table says.")
@click.option("--omex", is_flag=True, help="Also write the wells as a COMBINE archive (SBML, SED-ML): study.omex.")
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Seed of all noise.")
@click.option("--out", type=click.Path(path_type=Path), help="Directory of the run [default: runs/NAME].")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of tables.")
def command(*, study: Path, quick: bool, omex: bool, seed: int, out: Path | None, as_json: bool) -> None:
    """Run your own experiment, described in TOML."""
    from autocrine.studies import simulate_study

    with shown_progress(quiet=as_json) as progress:
        run = simulate_study(study, out, seed=seed, command=typed(), quick=quick, archive=omex, progress=progress)
    show(run, as_json)
