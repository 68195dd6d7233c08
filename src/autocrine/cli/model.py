"""``autocrine model``: models in the formats of the field, shown, converted and simulated."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from autocrine.cli.model_source import network_of

if TYPE_CHECKING:
    from autocrine.engine import Network

_FORMATS = click.Choice(["sbml", "antimony", "omex"])
_OUT = click.Path(path_type=Path, dir_okay=False)


def _of_circuit(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that choose among built-in circuits."""
    options = (
        click.option("--line", default="", help="Cell line of a built-in circuit, e.g. sensitive or resistant."),
        click.option("--drug", default="", help="Drug in the well [default: doxorubicin, dose 0]."),
        click.option("--dose", default="", help='Its dose, e.g. "100 nM", given after the pre-incubation.'),
    )
    for option in reversed(options):
        command = option(command)
    return command


_HELP = """Show, convert and simulate models: SBML, Antimony, COMBINE archives.

MODEL is "cell" or "well", the built-in circuits, or a file.

\b
  autocrine model show cell --out cell.html
  autocrine model export well --line sensitive_il6 --out well.xml
  autocrine model import BIOMD0000000151.xml
  autocrine model simulate well --end 96 --out course.csv
"""


@click.group(help=_HELP)
def command() -> None:
    """Show, convert and simulate models."""


@command.command("show")
@click.argument("model")
@_of_circuit
@click.option("--out", type=_OUT, help="Write the page of equations instead: .html (opens offline) or .tex.")
def show(*, model: str, line: str, drug: str, dose: str, out: Path | None) -> None:
    """Show the species, reactions, rates and units of a MODEL.

    MODEL is "cell", "well", or a file of SBML, Antimony (.ant) or a COMBINE archive (.omex).
    """
    from autocrine.engine import standards

    network = network_of(model, line, drug, dose)
    if out is not None:
        standards.write_page(network, out)
        click.echo(f"equations of {network.name}: {out}")
        return
    from rich.console import Console

    from autocrine.cli.model_tables import counts, tables

    console = Console()
    console.print(f"{network.name}: {counts(network)}; time in {_time(network)}", highlight=False, markup=False)
    for table in tables(network, standards.found_units(network)):
        console.print(table)
    _warn(network)


@command.command("export")
@click.argument("model")
@_of_circuit
@click.option("--to", type=_FORMATS, help="Format [default: that of the ending: .xml, .ant, .omex].")
@click.option("--out", type=_OUT, required=True, help="The file to write.")
def export(*, model: str, line: str, drug: str, dose: str, to: str | None, out: Path) -> None:
    """Write a MODEL as SBML, Antimony or a COMBINE archive.

    SBML names the publications behind each parameter and reaction. MODEL is "cell", "well", or a file.
    """
    from autocrine.engine import standards
    from autocrine.evidence import load_library

    network = network_of(model, line, drug, dose)
    written = standards.write_model(network, out, to or "", references=load_library().addresses())
    click.echo(f"{network.name} as {written}: {out}")


@command.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--to", type=_FORMATS, help="Format to write [default: that of the ending of --out].")
@click.option("--out", type=_OUT, help="Convert: write what was understood to this file.")
def import_(*, file: Path, to: str | None, out: Path | None) -> None:
    """Read a FILE and say what was understood, or refuse it and say why.

    FILE is SBML (Level 2 or 3), Antimony (.ant) or a COMBINE archive (.omex). What cannot be simulated is refused by
    name. Units that do not fit are reported and change no result.
    """
    from autocrine.cli.model_tables import counts
    from autocrine.engine import standards

    network = standards.read_model(file)
    click.echo(f"{file}: {network.name}: {counts(network)}; time in {_time(network)}")
    _warn(network)
    if out is not None:
        click.echo(f"as {standards.write_model(network, out, to or '')}: {out}")


@command.command("simulate")
@click.argument("model")
@_of_circuit
@click.option("--start", type=float, default=0.0, show_default=True, help="First time of the table.")
@click.option("--end", type=float, help="Last time, in the unit of the model (h in built-in circuits).")
@click.option("--points", type=click.IntRange(min=2), default=101, show_default=True, help="Times in the table.")
@click.option("--set", "given", multiple=True, metavar="NAME=VALUE", help="Another value of a parameter or species.")
@click.option("--only", default="", metavar="NAMES", help="Columns, separated by commas [default: all].")
@click.option("--out", type=_OUT, help="Write the table (.csv) or a picture of it (.svg) [default: print the table].")
@click.option("--rtol", type=float, default=1e-6, show_default=True, help="Relative tolerance.")
def simulate(*, model: str, line: str, drug: str, dose: str, out: Path | None, **asked: Any) -> None:
    """Simulate a MODEL and give its time course as a table.

    MODEL is "cell", "well", or a file. Of a COMBINE archive without --end, the simulations that its SED-ML describes
    are run, and --out is a folder of tables.
    """
    from autocrine.cli import model_course

    if asked["end"] is None and model_course.is_archive(model):
        model_course.run_archive(Path(model), out)
        return
    network = network_of(model, line, drug, dose)
    table = model_course.course(network, **asked)
    model_course.give(table, network, out)


def _time(network: Network) -> str:
    return "its own unit" if network.time_unit in {"", "1"} else network.time_unit


def _warn(network: Network) -> None:
    """Say what was noticed while reading, and which unit does not fit."""
    from autocrine.core import errors

    for note in network.notes:
        click.echo(f"note: {note}")
    try:
        network.check_units()
    except errors.UnitError as error:
        click.echo(f"units: {error}")
    else:
        click.echo("units: every term has the unit of its place")
