"""Time courses for ``autocrine model simulate``."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from autocrine.core import errors

if TYPE_CHECKING:
    import pandas as pd

    from autocrine.engine import Network


def course(
    network: Network, *, start: float, end: float | None, points: int, given: Sequence[str], only: str, rtol: float
) -> pd.DataFrame:
    """Return the time course as a table with the column ``time`` before the others.

    Raises
    ------
    errors.InputError
        If a time, a value or a name cannot be used.
    """
    import numpy as np
    import pandas as pd

    from autocrine.engine import simulate

    if end is None:
        raise errors.InputError("a simulation must have an end", hint="--end 100")
    if not end > start:
        raise errors.InputError(f"--end must lie after the start, {start:g},", end)
    levels = {each.name for each in network.species}
    values = dict(_value(each, network) for each in given)
    times = np.linspace(start, end, points)
    found = simulate(
        network,
        times,
        {name: value for name, value in values.items() if name not in levels},
        initial={name: value for name, value in values.items() if name in levels},
        outputs=[name.strip() for name in only.split(",")] if only else None,
        rtol=rtol,
        start=min(0.0, start),
    )
    return pd.DataFrame({"time": times, **{name: found[name][0] for name in found.names}})


def give(table: pd.DataFrame, network: Network, out: Path | None) -> None:
    """Print a table, or write it to a file as table or picture."""
    if out is None:
        click.echo(table.to_csv(index=False), nl=False)
        return
    if out.suffix not in {".csv", ".svg"}:
        raise errors.InputError("--out must end with .csv or .svg", out.name)
    text = table.to_csv(index=False) if out.suffix == ".csv" else _picture(table, network)
    _write(out, text)
    click.echo(f"{len(table)} times, {table.shape[1] - 1} columns: {out}")


def is_archive(model: str) -> bool:
    """Tell whether a model is a COMBINE archive."""
    return zipfile.is_zipfile(model)


def run_archive(path: Path, out: Path | None) -> None:
    """Run what the SED-ML of an archive describes, and give its reports as tables."""
    from autocrine.engine import standards

    found = standards.simulate_archive(path)
    for note in found.notes:
        click.echo(f"note: {note}")
    folder = out or Path("runs") / path.stem
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise errors.OutputError(f"{folder} must be a folder ({error.strerror})") from error
    for name, table in found.tables.items():
        _write(folder / f"{name}.csv", table.to_csv(index=False))
        click.echo(f"{name}: {len(table)} rows, {table.shape[1]} columns: {folder / name}.csv")


def _value(text: str, network: Network) -> tuple[str, float]:
    name, sign, number = (part.strip() for part in text.partition("="))
    known: list[Any] = [*network.parameters, *(each.name for each in network.species)]
    if not sign:
        raise errors.InputError("--set must be NAME=VALUE", text)
    if name not in known:
        import difflib

        near = difflib.get_close_matches(name, known, n=3, cutoff=0.4)
        raise errors.InputError("--set must name a parameter or species", name, hint=" or ".join(near))
    try:
        return name, float(number)
    except ValueError as error:
        raise errors.InputError(f"--set {name} must be a number", number) from error


def _picture(table: pd.DataFrame, network: Network) -> str:
    from autocrine.plots import draw_time_course, svg

    units = {each.name: each.unit for each in network.species}
    rows = table.melt("time", var_name="name").rename(columns={"time": "time_h"})
    rows["panel"] = [f"{name} ({units[name]})" if name in units else str(name) for name in rows["name"]]
    rows["series"] = network.name
    figure = draw_time_course(rows, title=network.name)
    unit = "" if network.time_unit in {"", "1"} else f" ({network.time_unit})"
    for axes in figure.axes:
        if axes.get_xlabel():  # models of others may count time in another unit than hours
            axes.set_xlabel(f"time{unit}")
    return svg(figure)


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise errors.OutputError(f"{path} cannot be written ({error.strerror or error})") from error
