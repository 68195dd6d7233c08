"""``autocrine petab``: problems of parameter estimation, checked, evaluated, converted, and made of plates."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from autocrine.cli.plate_files import plate_files

if TYPE_CHECKING:
    from autocrine.assay.plates.options import Options
    from autocrine.engine.petab.problem import Problem

_FILE = click.argument("file", type=click.Path(path_type=Path))
_OUT = click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="The folder to write."
)
_VERSION = click.Choice(["1", "2"])
_HELP = """Check, evaluate and convert PEtab problems, version 1 or 2, and write plates as one.

\b
  autocrine petab check problem.yaml
  autocrine petab evaluate problem.yaml --set k1=0.3
  autocrine petab convert problem.yaml --to 2 --out petab2
  autocrine petab export plate.csv --estimate s_abcb1,d_pgp --out plates_petab
"""


@click.group(help=_HELP)
def command() -> None:
    """Check, evaluate and convert PEtab problems."""


@command.command("check")
@_FILE
def check(file: Path) -> None:
    """Read a problem, compile its models and say what it holds, or refuse it with file, line and column.

    FILE is the YAML file. Nothing is simulated.
    """
    from autocrine.engine import standards

    problem = standards.read_petab(file)
    standards.petab_objective(problem, 1e-6)
    click.echo(f"{file}: PEtab {problem.version}: {_counts(problem)}")
    for part in problem.parts:
        used = {each.experiment for each in part.measurements}
        click.echo(f"  {part.model.name}: {len(part.measurements)} measurements in {len(used)} experiments")
    for each in (problem.parameters[name] for name in problem.estimated):
        prior = "" if each.prior is None else f", prior {each.prior.distribution}"
        click.echo(f"  {each.name}: {each.nominal:g} in [{each.lower:g}, {each.upper:g}], scale {each.scale}{prior}")


@command.command("evaluate")
@_FILE
@click.option("--set", "given", multiple=True, metavar="NAME=VALUE", help="Another value than the nominal one.")
@click.option("--no-gradient", is_flag=True, help="Leave the derivatives out.")
@click.option("--rtol", type=float, default=1e-9, show_default=True, help="Relative tolerance.")
@click.option("--simulations", type=click.Path(path_type=Path, file_okay=False), help="Folder for simulation tables.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of a table.")
def evaluate(file: Path, **asked: Any) -> None:
    """Give likelihood, prior and their derivatives at the nominal parameters.

    FILE is the YAML file. Derivatives are by the estimated parameters on their scales.
    """
    from autocrine.cli import petab_point

    found = petab_point.evaluated(file, asked["given"], not asked["no_gradient"], asked["rtol"])
    if asked["simulations"] is not None:
        found.write_simulations(asked["simulations"])
    if asked["as_json"]:
        click.echo(json.dumps(found.as_object()))
        return
    for line in found.lines():
        click.echo(line)


@command.command("convert")
@_FILE
@click.option("--to", type=_VERSION, required=True, help="Version to write.")
@_OUT
def convert(file: Path, to: str, out: Path) -> None:
    """Write a problem in another version and say what that version cannot hold.

    FILE is the YAML file. The likelihood stays the same.
    """
    from autocrine.engine import standards

    _write(standards.read_petab(file), int(to), out)


@command.command("export")
@plate_files
@click.option("--estimate", required=True, metavar="NAMES", help="Parameters of the circuit, separated by commas.")
@click.option("--to", type=_VERSION, default="2", show_default=True, help="Version to write.")
@_OUT
def export(*, files: tuple[Path, ...], said: Options, estimate: str, to: str, out: Path) -> None:
    """Write measured viability and the built-in circuit as a problem that other programs can fit too.

    FILES are plates in any shape that `autocrine plates check` reads; their lines and drugs are those of the circuit.
    """
    from autocrine.cli import petab_plates

    problem, notes = petab_plates.problem_of(files, said, [name.strip() for name in estimate.split(",")])
    for note in notes:
        click.echo(f"note: {note}")
    _write(problem, int(to), out)


def _write(problem: Problem, version: int, out: Path) -> None:
    from autocrine.engine import standards

    written = standards.write_petab(problem, out, version)
    for text in standards.petab_losses(problem, version):
        click.echo(f"note: {text}")
    click.echo(f"{problem.name} as PEtab {version}: {_counts(problem)}: {written}")


def _counts(problem: Problem) -> str:
    measured = sum(len(part.measurements) for part in problem.parts)
    observables = {name for part in problem.parts for name in part.observables}
    models = f"{len(problem.parts)} model{'s' if len(problem.parts) > 1 else ''}"
    return (
        f"{models}, {len(observables)} observables, {measured} measurements, "
        f"{len(problem.estimated)} of {len(problem.parameters)} parameters estimated"
    )
