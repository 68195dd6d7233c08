"""``autocrine library claims``, ``check``, ``coverage`` and ``parameter``: what the model rests on and says."""

from __future__ import annotations

import dataclasses
import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from autocrine.circuit import cell
from autocrine.cli.catalogue_file import LIBRARY, opened
from autocrine.cli.library_claim import claim
from autocrine.evidence import catalogue, load_library

if TYPE_CHECKING:
    from autocrine.evidence import Claim

_AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


@click.command("claims")
@click.argument("record", required=False)
@click.option("--own", is_flag=True, help="Only your own.")
@click.option("--disagreeing", is_flag=True, help="Only claims that disagree with another.")
@LIBRARY
@_AS_JSON
def claims(record: str | None, own: bool, disagreeing: bool, library_file: Path | None, as_json: bool) -> None:
    """List claims with stance, assay, curator, links, disagreement, and all verdicts by version of the model."""
    with opened(library_file) as found:
        wanted = (
            found.claims if record is None else {each.id: each for each in found.claims_of(_address(found, record))}
        )
        against = {key: found.disagreements(key) for key in wanted}
        chosen = [
            each
            for key, each in wanted.items()
            if not (own and key in found.library.claims) and not (disagreeing and not against[key])
        ]
        histories = {each.id: found.checks(each.id) for each in chosen}
    if as_json:
        rows = [
            {
                **dataclasses.asdict(each),
                "disagreements": [dataclasses.asdict(link) for link in against[each.id]],
                "checks": [dataclasses.asdict(check) for check in histories[each.id]],
            }
            for each in chosen
        ]
        _print_json({"claims": rows})
        return
    for each in chosen:
        _print_claim(each, against[each.id], histories[each.id])


def _address(found: catalogue.Catalogue, record: str) -> str:
    """Return the address of a record of the package, or of the catalogue; the complaint names the nearest."""
    library = found.library
    return found.record(record).key if record in found else library.record(record).key


def _print_claim(claim: Claim, against: tuple[Any, ...], history: tuple[Any, ...]) -> None:
    click.echo(f"{claim.id}  {claim.statement}")
    about = ", ".join([f"{name} ({term})" for name, term in claim.reactions]) or "none"
    click.echo(f"    {claim.kind}, {claim.stance}; assay {claim.assay or 'none'}; by {claim.curator or 'unknown'}")
    click.echo(f"    about: {about}")
    others = [f"{link.partner(claim.id)} ({link.about})" for link in against]
    click.echo(f"    disagrees with: {'; '.join(others) or 'none'}")
    for each in history:
        click.echo(f"    {each.started}  {each.model} ({each.parameters})  {each.verdict.value}")
    if not history:
        asked = "no check is recorded: autocrine library check RUN" if claim.measure else "no measure: never checked"
        click.echo(f"    {asked}")


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
@LIBRARY
@_AS_JSON
def parameter(name: str, library_file: Path | None, as_json: bool) -> None:
    """Show all evidence for and against one parameter, with ranges; your own claims too."""
    with opened(library_file) as found:
        page = catalogue.parameter_page(cell.sourced_parameters(), name, found.evidence())
    if as_json:
        _print_json(dataclasses.asdict(page))
        return
    unit = "" if page.unit == "1" else f" {page.unit}"
    click.echo(f"{page.name}  {page.value:g}{unit} ({page.low:g} to {page.high:g}), {page.basis}")
    click.echo(page.note or "no note")
    click.echo("\nFacts")
    for fact in page.facts:
        click.echo(f"  {fact.key:6}{fact.amount}, {fact.basis}; {fact.quantity} ({fact.record})")
    for label, every in (("For", page.supports), ("Against", page.contradicts), ("Unsure", page.unsure)):
        click.echo(f"\n{label}")
        for each in every:
            click.echo(f"  {getattr(each, 'key', '') or getattr(each, 'id', '')}: {_said(each)}")
            click.echo(f"    in {each.system}")
        if not every:
            click.echo("  none")
    click.echo("\nDisagreements between these")
    for link in page.disagreements:
        why = f"; perhaps: {link.explained}" if link.explained else ""
        click.echo(f"  {link.one} and {link.other}: {link.about}{why}")
    if not page.disagreements:
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


COMMANDS = (claim, claims, check, coverage, parameter)
