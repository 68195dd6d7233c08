"""Files with plates as they are named on the command line, and what the user says beside them."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from autocrine.assay.plates import Options

#: option of the command line → words of help; each fills a gap in the files and overrides nothing
_SAID = {
    "dose-unit": "Unit of doses in a file that gives none, as uM.",
    "time-unit": "Unit of times in a file that gives none, as h.",
    "value-unit": "Unit of values in a file that gives none, as pg/ml.",
    "line": "The line of a file without such a column.",
    "drug": "The drug of a file without such a column.",
    "decimal": "The decimal sign, . or , where the cells leave it open.",
    "reference-gene": "The gene that qPCR is divided by.",
    "calibrator": "The line whose untreated samples have fold 1 in qPCR.",
}


def plate_files(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the argument FILES and the options that say what files leave open, as one ``said``."""

    @functools.wraps(command)
    def called(**given: Any) -> Any:
        from autocrine.assay import plates

        said = {name.replace("-", "_"): given.pop(name.replace("-", "_")) or "" for name in _SAID}
        return command(said=plates.Options(**said, exclude_bad=given.pop("exclude_bad")), **given)

    wrapped: Callable[..., Any] = called
    for name, words in reversed(_SAID.items()):
        wrapped = click.option(f"--{name}", help=words)(wrapped)
    bad = click.option("--exclude-bad", is_flag=True, help="Leave rows with impossible numbers out, and list them.")
    files = click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
    return files(bad(wrapped))


def digest_of(files: tuple[Path, ...]) -> str:
    """Return a hash of the contents of files."""
    total = hashlib.sha256()
    for file in files:
        total.update(file.read_bytes())
    return total.hexdigest()[:16]


def words_of(said: Options) -> list[str]:
    """Return what was said, as a person types it."""
    words = [(f"--{name}", getattr(said, name.replace("-", "_"))) for name in _SAID]
    return [part for name, word in words if word for part in (name, word)] + (["--exclude-bad"] * said.exclude_bad)
