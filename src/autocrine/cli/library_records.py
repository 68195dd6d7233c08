"""``autocrine library import``, ``search``, ``export``, ``duplicates``, ``merge``, ``state``: records, in and out."""

from __future__ import annotations

import getpass
import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from autocrine.cli.catalogue_file import LIBRARY, opened
from autocrine.core import errors
from autocrine.evidence import catalogue

if TYPE_CHECKING:
    from collections.abc import Iterable

    from autocrine.evidence.catalogue.search import Found
    from autocrine.evidence.record import Record

_FORMAT = click.option("--format", "kind", type=click.Choice(list(catalogue.FORMATS)), help="Of the file [found].")
_PUBLIC = click.option("--public", is_flag=True, help="Only approved records.")
_AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
WHO = click.option("--who", help="Who does it, for the history [the name of the account].")


def person(who: str | None) -> str:
    """Return who is named, else the name of the account."""
    if who is not None:
        return who
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError) as error:
        raise errors.InputError("the account must have a name", hint="--who") from error


@click.command("import")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@_FORMAT
@click.option("--encoding", default="utf-8", show_default=True, help="Of the files, unless they have a mark.")
@WHO
@LIBRARY
def import_records(
    paths: tuple[Path, ...], kind: str | None, encoding: str, who: str | None, library_file: Path | None
) -> None:
    """Import records as drafts: RIS, BibTeX, nbib, PubMed XML, CSL-JSON, pages of a library.

    The same text twice is imported once. Nothing is imported where one of the files cannot be read.
    """
    records = [record for path in paths for record in catalogue.read_records(path, kind, encoding)]
    with opened(library_file, new=True) as found:
        done = found.add(records, person(who))
        pairs = [pair for pair in found.duplicates() if set(pair) & set(done.added)]
    click.echo(f"{len(done.added)} imported, {len(done.known)} known already")
    for address in done.added:
        click.echo(f"  {address}")
    for one, other in pairs:
        click.echo(f"  {other} is the same publication as {one}: autocrine library merge {one} {other}")


@click.command("search")
@click.argument("text", nargs=-1)
@click.option("--page", default=1, show_default=True, help="Page of 20 records.")
@click.option("--facets", is_flag=True, help="Count what is found by year, type, journal and state.")
@_PUBLIC
@LIBRARY
@_AS_JSON
def search(  # noqa: PLR0917 - one argument for each option
    text: tuple[str, ...], page: int, facets: bool, public: bool, library_file: Path | None, as_json: bool
) -> None:
    r"""Find records, nearest first: words, "phrases", author: title: journal: year:1999..2004, OR, NOT, begin*.

    Names of one thing are one (MDR1, ABCB1, P-gp), Greek letters, accents and hyphens do not matter.
    """
    asked = " ".join(text)
    with opened(library_file) as found:
        hits = found.search(asked, page=page, public=public)
        counts = found.facets(asked, public) if facets else {}
    if as_json:
        rows = [{"key": r.key, "citation": r.short, "title": r.title, "workflow": r.workflow} for r in hits]
        click.echo(json.dumps({"count": hits.count, "records": rows, "facets": counts}, indent=2, ensure_ascii=False))
        return
    _print_hits(hits)
    for name, values in counts.items():
        click.echo(f"\n{name}: " + ", ".join(f"{value} ({count})" for value, count in list(values.items())[:12]))


def _print_hits(hits: Found) -> None:
    click.echo(f"{hits.count} found" + (f", {len(hits)} shown" if len(hits) < hits.count else ""))
    for record in hits:
        state = "" if record.workflow == "approved" else f" [{record.workflow}]"
        click.echo(f"{record.key:24}{record.short}{state}")
        if record.title:
            click.echo(f"{'':24}{record.title}")


@click.command("export")
@click.argument("text", nargs=-1)
@click.option("--format", "kind", type=click.Choice(list(catalogue.FORMATS)), default="bibtex", show_default=True)
@click.option("--style", help=f"Citations instead: {', '.join(catalogue.STYLES)}, or a file .csl.")
@click.option("--out", type=click.Path(path_type=Path), help="File to write [printed].")
@_PUBLIC
@LIBRARY
def export(  # noqa: PLR0917 - one argument for each option
    text: tuple[str, ...], kind: str, style: str | None, out: Path | None, public: bool, library_file: Path | None
) -> None:
    """Export all records that a search finds, in a format or as citations in a style."""
    with opened(library_file) as found:
        hits = found.search(" ".join(text), size=0, public=public)
    if not hits.count:
        raise errors.InputError("a search must find something to export", hits.text)
    write(as_text(hits, kind, style), out)


def as_text(records: Iterable[Record], kind: str, style: str | None) -> str:
    """Return records in a format, or as citations where there is a style."""
    if style is None:
        return catalogue.write_records(records, kind)
    return "\n".join(catalogue.cite(records, style)) + "\n"


def write(text: str, out: Path | None) -> None:
    """Print a text, or write it to a file."""
    if out is None:
        click.echo(text, nl=False)
        return
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise errors.OutputError(f"{out} must be writable, but the system says: {error.strerror}") from error


@click.command("duplicates")
@LIBRARY
def duplicates(library_file: Path | None) -> None:
    """List pairs of records that are the same publication."""
    with opened(library_file) as found:
        pairs = found.duplicates()
    click.echo("\n".join(f"{one}  {other}" for one, other in pairs) or "none")


@click.command("merge")
@click.argument("kept")
@click.argument("other")
@WHO
@LIBRARY
def merge(kept: str, other: str, who: str | None, library_file: Path | None) -> None:
    """Merge a record into another: nothing is lost, and the old address leads to the record that is kept."""
    with opened(library_file, new=True) as found:
        found.merge(kept, other, person(who))
    click.echo(f"{other} is merged into {kept}")


@click.command("state")
@click.argument("address")
@click.argument("state", type=click.Choice(["draft", "submitted", "approved", "withdrawn"]))
@WHO
@LIBRARY
def state(address: str, state: str, who: str | None, library_file: Path | None) -> None:
    """Take a record one step on: draft, submitted, approved, withdrawn."""
    with opened(library_file, new=True) as found:
        found.advance(address, state, person(who))
    click.echo(f"{address} is {state}")


COMMANDS = (import_records, search, export, duplicates, merge, state)
