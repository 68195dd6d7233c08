"""``autocrine library claim add``, ``show``, ``link``, ``withdraw``: claims in a person's own words."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from autocrine.circuit import cell
from autocrine.cli.catalogue_file import LIBRARY, opened
from autocrine.cli.library_records import WHO, person
from autocrine.core import errors
from autocrine.evidence import Interval, load_library

if TYPE_CHECKING:
    from autocrine.evidence import Claim
    from autocrine.evidence.catalogue.checks import Checked

_KINDS = ("observation", "causal", "mediation", "hypothesis")
_STANCES = ("supports", "contradicts", "unsure")
#: what stands instead of verdicts where there are none, with and without a measure
_NEVER = {True: "  none: autocrine library check RUN", False: "  none: the claim has no measure"}


@click.group("claim")
def claim() -> None:
    """State claims in your own words, and say where claims disagree."""


@claim.command("add")
@click.argument("record")
@click.option("--statement", required=True, help="What is claimed, in your own words (240 characters).")
@click.option("--kind", type=click.Choice(_KINDS), required=True)
@click.option("--stance", type=click.Choice(_STANCES), required=True, help="How the publication stands to it.")
@click.option("--system", required=True, help="The cells or patients it is about.")
@click.option("--assay", help="Kind of evidence, a term of the Evidence and Conclusion Ontology: ECO:0000006.")
@click.option("--parameter", "about", multiple=True, help="A parameter that it is about; can be repeated.")
@click.option("--reaction", "reactions", multiple=True, metavar="NAME=SBO", help='"edge_il6_cebp=SBO:0000170".')
@click.option("--measure", help="What a run computes of it, as of a claim of the package.")
@click.option("--edge", help="The edge whose cut a causal claim with a measure is tested by.")
@click.option("--threshold", type=float, help="The bound that the effect must pass.")
@click.option("--threshold-note", help="Why this bound.")
@click.option("--side", type=click.Choice(["above", "below"]), help="Of the threshold [above].")
@WHO
@LIBRARY
def add(record: str, who: str | None, library_file: Path | None, **given: Any) -> None:
    """State a claim of a publication in your own words; you are its curator.

    With --measure it gets a verdict from every run that autocrine library check records.
    """
    fields = {name: value for name, value in given.items() if value not in (None, ())}
    fields["parameters"] = [_known_parameter(name) for name in fields.pop("about", ())]
    fields["reactions"] = [_reaction(text) for text in fields.pop("reactions", ())]
    _check_measure(fields)
    with opened(library_file, new=True) as found:
        made = found.add_claim(record, person(who), **fields)
    click.echo(f"{made.id}  {made.statement}")


@claim.command("link")
@click.argument("one")
@click.argument("other")
@click.option("--about", required=True, help="On what they disagree.")
@click.option("--explained", default="", help="What may explain it, such as other cells.")
@WHO
@LIBRARY
def link(  # noqa: PLR0917 - one argument for each option
    one: str, other: str, about: str, explained: str, who: str | None, library_file: Path | None
) -> None:
    """Say that two claims disagree, and on what."""
    with opened(library_file, new=True) as found:
        made = found.disagree(one, other, about, person(who), explained)
    click.echo(f"{made.key}  {one} disagrees with {other}: {about}")


@claim.command("withdraw")
@click.argument("key")
@WHO
@LIBRARY
def withdraw(key: str, who: str | None, library_file: Path | None) -> None:
    """Withdraw a claim or a disagreement of your own; its key is never given again."""
    with opened(library_file, new=True) as found:
        found.withdraw_claim(key, person(who))
    click.echo(f"{key} is withdrawn")


@claim.command("show")
@click.argument("key")
@LIBRARY
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def show(key: str, library_file: Path | None, as_json: bool) -> None:
    """Show one claim: fields, disagreements, verdicts by version of the model, history."""
    with opened(library_file) as found:
        shown, links = found.claim(key), found.disagreements(key)
        others = {each.key: found.claim(each.partner(key)) for each in links}
        checks, history = found.checks(key), found.claim_history(key)
    if as_json:
        content = {"claim": shown, "disagreements": links, "checks": checks, "history": history}
        plain = {name: _plain(each) for name, each in content.items()}
        click.echo(json.dumps(plain, indent=2, ensure_ascii=False))
        return
    for label, text in _lines(shown):
        click.echo(f"{label:16}{text}")
    click.echo("\nDisagrees with")
    for each in links:
        other = others[each.key]
        click.echo(f"  {other.id}  {other.statement} [{other.stance}; {other.system}]")
        click.echo(f"    on {each.about}" + (f"; perhaps: {each.explained}" if each.explained else ""))
    if not links:
        click.echo("  none")
    click.echo("\nVerdicts")
    click.echo("\n".join(_verdict(each) for each in checks) or _NEVER[bool(shown.measure)])
    if history:
        click.echo("\nHistory")
    for event in history:
        click.echo(f"  {event.at}  {event.after}, by {event.who}")


def _verdict(check: Checked) -> str:
    shown = f"  {check.started}  {check.model} ({check.parameters})  {check.verdict.value}"
    if check.effect is None or check.low is None or check.high is None:
        return shown
    shown += f"  {Interval(check.effect, check.low, check.high)}"
    return shown if check.effect_when_cut is None else f"{shown}, with the edge cut {check.effect_when_cut:.3g}"


def _lines(shown: Claim) -> list[tuple[str, str]]:
    asked = f"{shown.measure} {shown.side} {shown.threshold:g}" if shown.measure else "none"
    return [
        ("Claim", shown.id),
        ("Statement", shown.statement),
        ("Stance", f"{shown.record} {shown.stance} it" if shown.stance != "unsure" else f"{shown.record} is unsure"),
        ("Kind", shown.kind),
        ("System", shown.system),
        ("Assay", shown.assay or "none"),
        ("Parameters", ", ".join(shown.parameters) or "none"),
        ("Reactions", ", ".join(f"{name} ({term})" for name, term in shown.reactions) or "none"),
        ("Measure", asked + (f", with {shown.edge} cut" if shown.edge else "")),
        ("Threshold", shown.threshold_note or "none"),
        ("Curator", shown.curator or "unknown"),
    ]


def _plain(content: Any) -> Any:
    if isinstance(content, tuple):
        return [dataclasses.asdict(each) for each in content]
    return dataclasses.asdict(content)


def _known_parameter(name: str) -> str:
    known = cell.sourced_parameters()
    if name not in known:
        raise errors.InputError(
            "the parameter must be one of the model", name, hint="autocrine library coverage --json"
        )
    return name


def _reaction(text: str) -> dict[str, str]:
    """Read ``edge_il6_cebp=SBO:0000170``: the name of an edge or of a reaction of the cell, and its term."""
    name, equals, term = text.rpartition("=")
    if not equals or not name:
        raise errors.InputError("a reaction must be NAME=SBO:0000000", text, where="--reaction")
    if name not in cell.sourced_parameters() and name not in {each.name for each in cell.cell_network().reactions}:
        hint = "an edge such as edge_il6_cebp, or a name that docs/equations.py prints"
        raise errors.InputError("the reaction must be one of the cell", name, where="--reaction", hint=hint)
    return {"name": name, "sbo": term}


def _check_measure(fields: dict[str, Any]) -> None:
    """Refuse a measure that no run computes: it would never get a verdict."""
    if "measure" not in fields:
        return
    fields.setdefault("threshold_note", "Chosen by the curator.")
    asked = [each for each in load_library().claims.values() if each.measure]
    names = sorted({each.measure for each in asked})
    if fields["measure"] not in names:
        raise errors.InputError(f"measure must be one of {', '.join(names)}", fields["measure"], where="--measure")
    edges = sorted({each.edge for each in asked if each.measure == fields["measure"] and each.edge})
    if fields["kind"] in {"causal", "mediation"} and fields.get("edge", edges[0] if edges else "") not in edges:
        must = f"edge must be one with which a run computes this measure: {', '.join(edges) or 'none'}"
        raise errors.InputError(must, fields.get("edge", ""), where="--edge")
