"""``autocrine baseline``: fit the default parameters again."""

from __future__ import annotations

from pathlib import Path

import click

from autocrine.cli.command_line import typed
from autocrine.cli.progress import shown_progress
from autocrine.core import Provenance, RunDirectory


@click.command()
@click.option("--draws", type=click.IntRange(2, 1000), default=32, show_default=True, help="Draws of the uncertainty.")
@click.option("--steps", type=click.IntRange(1, 200), default=30, show_default=True, help="Most steps of the fit.")
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Seed of the draws.")
@click.option("--out", type=click.Path(path_type=Path), help="Directory of the run [default: runs/baseline-fit].")
def command(draws: int, steps: int, seed: int, out: Path | None) -> None:
    """Fit the default parameters again to the findings with role fit.

    Writes baseline.toml with value, interval, draws and the findings used. No finding that is held out is used. To
    make it the default, put the file in the place of the one in autocrine/circuit.
    """
    from autocrine.circuit import cell
    from autocrine.studies import baseline

    findings = baseline.fitted_findings()
    provenance = Provenance(typed(), seed, cell.cell_parameters(fitted=False).digest)
    target = out or Path("runs") / "baseline-fit"
    with RunDirectory(target) as directory, shown_progress(quiet=False) as progress:
        progress.begin("fitting", 15 * steps)
        fit = baseline.fit_baseline(findings, steps=steps, progress=progress.step)
        progress.begin("draws", draws)
        drawn = baseline.draw_baseline(fit, draws, seed, progress=progress.step)
        baseline.write_baseline(fit, drawn, findings, directory.path / "baseline.toml", seed=seed)
        provenance.save(directory.path / RunDirectory.MARK)
    for finding in findings:
        click.echo(f"  {finding.key:32s} predicted {fit.predictions[finding.key]:10.4g}  reported {finding.number:g}")
    click.echo(f"cost {fit.cost:.4g} with {len(findings)} findings and {len(fit.names)} parameters")
    click.echo(f"written: {target / 'baseline.toml'}")
