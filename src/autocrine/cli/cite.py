"""``autocrine cite``: the citations of everything that a result used."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from autocrine.cli.library_records import write
from autocrine.core import RunDirectory, errors
from autocrine.evidence import catalogue, load_library

_FILE = "evidence.json"


@click.command("cite")
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--format", "kind", type=click.Choice(list(catalogue.FORMATS)), default="bibtex", show_default=True)
@click.option("--style", help=f"Citations instead: {', '.join(catalogue.STYLES)}, or a file .csl.")
@click.option("--out", type=click.Path(path_type=Path), help="File to write [printed].")
def command(run: Path, kind: str, style: str | None, out: Path | None) -> None:
    """Print the citations of all publications behind the claims, findings and parameters of a finished run."""
    records = catalogue.used_records(_used(run), load_library())
    write(
        catalogue.write_records(records, kind) if style is None else "\n".join(catalogue.cite(records, style)) + "\n",
        out,
    )


def _used(run: Path) -> frozenset[str]:
    path = run / _FILE
    if not (run / RunDirectory.MARK).is_file() or not path.is_file():
        must = f"a finished run must hold {RunDirectory.MARK} and {_FILE}"
        raise errors.InputError(
            must, where=str(run), hint="autocrine reproduce again: older runs do not say what they used"
        )
    try:
        content: Any = json.loads(path.read_text(encoding="utf-8"))
        keys = [*content["facts"], *content["records"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise errors.InputError(f"the file must list facts and records ({error!r})", where=str(path)) from error
    if not all(isinstance(key, str) for key in keys):
        raise errors.InputError("the file must list facts and records as texts", where=str(path))
    return frozenset(keys)
