"""``autocrine plates``: check plates before they are fitted."""

from __future__ import annotations

import json
import math
import statistics
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from autocrine.cli.plate_files import plate_files
from autocrine.core import errors

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from autocrine.assay.plates.check import PlateCheck
    from autocrine.assay.plates.observations import Observations
    from autocrine.assay.plates.options import Options

#: more plates than these are summarised by their medians on a terminal
_MOST_PLATES = 24


_CAPTION = (
    "B/C/T: blanks, controls and treated wells of a plate; Z' and SSMD: controls against blanks or positive wells"
)


@click.group()
def command() -> None:
    """Read plates in any usual shape and say what a fit would do with them."""


@command.command("check")
@plate_files
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of tables.")
@click.option("--out", type=click.Path(path_type=Path), help="Write a page with maps of the plates, as check.html.")
def check(files: tuple[Path, ...], said: Options, as_json: bool, out: Path | None) -> None:
    """Check plates: layout, blanks, controls, Z', outliers, effects of place, saturation, drift, doses.

    FILES belong together: raw plate-reader wells, tidy tables, GR metrics tables, counts over time, ELISA, qPCR and
    western folds; plates as matrices with the table of their layout. Text (CSV) or Excel. Nothing is fitted and nothing
    is written unless you say --out.
    """
    from autocrine.assay import plates

    read = plates.read_plates(files, said)
    found = plates.check_plates(read)
    if out is not None:
        from autocrine.cli.plates_page import page

        text = page(", ".join(map(str, files)), read, found)
        try:
            out.parent.mkdir(parents=True, exist_ok=True)
            out.write_text(text, encoding="utf-8")
        except OSError as error:
            raise errors.InputError("--out must be a file that can be written", str(out)) from error
    if as_json:
        click.echo(json.dumps(_object(read, found)))
        return
    _show(read, found)
    if out is not None:
        click.echo(f"page: {out}")


def _object(read: Observations, found: PlateCheck) -> dict[str, Any]:
    """Return what ``--json`` prints; numbers that JSON cannot write are null."""
    kinds = read.table["kind"].astype(str).value_counts()
    return {
        "values": len(read.table),
        "kinds": {str(kind): int(count) for kind, count in kinds.items()},
        "excluded": _records(read.excluded) + _records(found.series.excluded),
        "notes": read.notes,
        "plates": _records(found.plates),
        "outliers": _records(found.outliers),
        "findings": [vars(finding) for finding in found.findings],
        "plan": found.plan,
    }


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(key): _plain(value) for key, value in row.items()} for row in table.to_dict("records")]


def _plain(value: Any) -> Any:
    value = value.item() if hasattr(value, "item") else value
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _show(read: Observations, found: PlateCheck) -> None:
    from rich.console import Console
    from rich.text import Text

    from autocrine.assay import plates

    console = Console()
    kinds = read.table["kind"].astype(str).value_counts()
    told = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
    console.print(f"{len(read.table)} values: {told}", highlight=False, markup=False)
    for note in read.notes:
        console.print(f"  {note}", style="dim", highlight=False, markup=False)
    if len(found.plates):
        console.print(_plates_table(found.plates))
    colours = {"problem": "red", "warning": "yellow", "note": "dim"}
    for level, where, text in plates.grouped_findings(found):
        console.print(Text.assemble((f"{level:8}", colours[level]), f"{where}: {text}"))
    console.print("A fit would", style="bold")
    for step in found.plan:
        console.print(f"  {step}", highlight=False, markup=False)


def _plates_table(plates: pd.DataFrame) -> Any:
    """Show every plate, or where there are many their lines."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    many = len(plates) > _MOST_PLATES
    heads = ("plates" if many else "plate", "line", "wells", "B/C/T", "Z'", "least", "SSMD", "CV", "place")
    table = Table(*heads, box=SIMPLE_HEAD, caption=_CAPTION, pad_edge=False)
    keys = ["line"] if many else ["file", "plate", "readout"]
    for _, group in plates.groupby(keys, sort=False):
        first = group.iloc[0]
        middle = {name: _middle(group[name].tolist()) for name in ("z_prime", "ssmd", "control_cv")}
        lowest = min(group["z_prime"].dropna().tolist(), default=math.nan)
        counted = [group["blanks"], group["controls"] + group["untreated"], group["treated"]]
        numbers = "/".join(f"{_middle(count.tolist()):.0f}" for count in counted)
        wells = ", ".join(str(size or "?") for size in sorted(set(group["wells_of_plate"])))
        name = str(len(group)) if many else str(first["plate"] or "–")
        seen = (_two(middle["z_prime"]), _two(lowest), _two(middle["ssmd"]), _per_cent(middle["control_cv"]))
        table.add_row(name, str(first["line"]), wells, numbers, *seen, _place(group))
    return table


def _middle(numbers: Iterable[float]) -> float:
    known = [number for number in numbers if not math.isnan(number)]
    return float(statistics.median(known)) if known else math.nan


def _two(number: float) -> str:
    return "–" if math.isnan(number) else f"{number:.2f}"


def _per_cent(number: float) -> str:
    return "–" if math.isnan(number) else f"{100 * number:.0f} %"


def _place(group: pd.DataFrame) -> str:
    """Say on how many plates the place of control wells matters."""
    p = group["p_place_adjusted"].dropna()
    if p.empty:
        return "not told"
    matters = sum(value < 0.05 for value in p.tolist())
    if len(group) == 1:
        return "matters" if matters else "fine"
    return f"matters ({matters})" if matters else "fine"
