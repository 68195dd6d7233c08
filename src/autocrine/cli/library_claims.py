"""``autocrine library claims``, ``check``, ``coverage`` and ``parameter``: what the model rests on and says."""

from __future__ import annotations

import dataclasses
import json
import math
from pathlib import Path
from typing import Any

import click

from autocrine.circuit import cell
from autocrine.cli.catalogue_file import LIBRARY, opened
from autocrine.evidence import catalogue, load_library

_AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


@click.command("claims")
@click.argument("record", required=False)
@LIBRARY
@_AS_JSON
def claims(record: str | None, library_file: Path | None, as_json: bool) -> None:
    """List claims with stance, assay, curator, links, disagreement, and all verdicts by version of the model."""
    with opened(library_file) as found:
        library = found.library
        wanted = library.claims.values() if record is None else library.claims_of(library.record(record).key)
        histories = {claim.id: found.checks(claim.id) for claim in wanted}
    if as_json:
        rows = [
            {**dataclasses.asdict(library.claims[key]), "checks": [dataclasses.asdict(each) for each in history]}
            for key, history in histories.items()
        ]
        _print_json({"claims": rows})
        return
    against = library.disagreements()
    for key, history in histories.items():
        claim = library.claims[key]
        click.echo(f"{key}  {claim.statement}")
        about = ", ".join([f"{name} ({term})" for name, term in claim.reactions]) or "none"
        click.echo(f"    {claim.kind}, {claim.stance}; assay {claim.assay or 'none'}; by {claim.curator or 'unknown'}")
        click.echo(f"    about: {about}")
        others = [two.id if one is claim else one.id for one, two in against if claim in (one, two)]
        click.echo(f"    disagrees with: {', '.join(others) or 'none'}")
        for each in history:
            click.echo(f"    {each.started}  {each.model} ({each.parameters})  {each.verdict.value}")
        if not history:
            click.echo("    no check is recorded: autocrine library check RUN")


@click.command("check")
@click.argument("run", type=click.Path(path_type=Path))
@LIBRARY
def check(run: Path, library_file: Path | None) -> None:
    """Record the verdicts of a finished run in the history of its claims."""
    with opened(library_file, new=True) as found:
        checked = found.check(run)
    for each in checked:
        click.echo(f"{each.claim:16}{each.verdict.value:14}{each.model} ({each.parameters})")


@click.command("coverage")
@_AS_JSON
def coverage(as_json: bool) -> None:
    """Report how many parameters rest on read, derived, fitted, recalled and chosen values."""
    found = catalogue.coverage(cell.sourced_parameters(), load_library())
    if as_json:
        _print_json({"parameters": found.total, **dataclasses.asdict(found)})
        return
    for basis, names in found.names.items():
        click.echo(f"{basis:10}{len(names):4d}  {len(names) / max(found.total, 1):4.0%}")
    click.echo(f"{'all':10}{found.total:4d}")
    click.echo(f"{len(found.with_evidence)} name their evidence; {len(found.unresolved)} of these keys lead nowhere")


@click.command("parameter")
@click.argument("name")
@_AS_JSON
def parameter(name: str, as_json: bool) -> None:
    """Show all evidence for and against one parameter, with ranges."""
    page = catalogue.parameter_page(cell.sourced_parameters(), name, load_library())
    if as_json:
        _print_json(dataclasses.asdict(page))
        return
    click.echo(f"{page.name}  {page.value:g} {page.unit} ({page.low:g} to {page.high:g}), {page.basis}")
    click.echo(page.note or "no note")
    click.echo("\nFacts")
    for fact in page.facts:
        click.echo(f"  {fact.key:6}{fact.amount}, {fact.basis}; {fact.quantity} ({fact.record})")
    for label, every in (("For", page.supports), ("Against", page.contradicts), ("Unsure", page.unsure)):
        click.echo(f"\n{label}")
        for each in every:
            click.echo(f"  {getattr(each, 'key', '') or getattr(each, 'id', '')}: {_said(each)}")
        if not every:
            click.echo("  none")
    click.echo("\nRecords")
    for record in page.records:
        click.echo(f"  {record.key}: {record.short}")


def _said(each: Any) -> str:
    """Return the sentence of a claim, or readout and amount of a finding."""
    return each.statement if hasattr(each, "statement") else f"{each.readout}: {each.amount}"


def _print_json(content: dict[str, Any]) -> None:
    click.echo(json.dumps(_plain(content), indent=2, ensure_ascii=False, allow_nan=False))


def _plain(content: Any) -> Any:
    if isinstance(content, dict):
        return {key: _plain(value) for key, value in content.items()}
    if isinstance(content, (list, tuple)):
        return [_plain(value) for value in content]
    return str(content) if isinstance(content, float) and not math.isfinite(content) else content


COMMANDS = (claims, check, coverage, parameter)
