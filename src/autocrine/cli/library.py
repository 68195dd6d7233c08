"""``autocrine library``: publications, their claims and verdicts, and the facts behind the parameters."""

from __future__ import annotations

import dataclasses
import json
import math
import textwrap
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from autocrine.cli import library_claims, library_records
from autocrine.cli.catalogue_file import LIBRARY, opened
from autocrine.evidence import Interval, catalogue, load_library

if TYPE_CHECKING:
    from autocrine.evidence import Claim
    from autocrine.evidence.finding import Finding
    from autocrine.evidence.record import Record

_WIDTH = 100
_LABEL = 18
_AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


@click.group()
def command() -> None:
    """Show publications, their claims and verdicts."""


@command.command("show")
@click.argument("record")
@click.option(
    "--run", "run", type=click.Path(path_type=Path), help="Directory of the run whose verdicts are shown [newest]."
)
@LIBRARY
@_AS_JSON
def show(record: str, run: Path | None, library_file: Path | None, as_json: bool) -> None:
    """Show the record of a publication, then its claims and verdicts."""
    library = load_library()
    if record not in library.records and opened.file(library_file) is not None:
        _show_imported(record, library_file, as_json)
        return
    found = library.record(record)
    checks = library.checks(record, run)
    findings, facts = library.findings_of(record), library.facts_of(record)
    claims, links = _stated(record, library_file)
    if as_json:
        judged = [{**dataclasses.asdict(claim), **_check_fields(checks.get(claim.id))} for claim in claims]
        _print_json({"record": found, "claims": judged, "findings": findings, "facts": [fact.key for fact in facts]})
        return
    _print_fields(found.labelled())
    click.echo("\nClaims (in our own words)")
    for claim in claims:
        _print_claim(claim, checks.get(claim.id), record, links[claim.id])
    if not claims:
        click.echo("  none")
    if checks:
        click.echo(f"\nVerdicts from {next(iter(checks.values())).run}")
    click.echo("\nFindings")
    for finding in findings:
        _print_finding(finding)
    if not findings:
        click.echo("  none")
    click.echo("\nFacts")
    _print_block(", ".join(fact.key for fact in facts) or "none", "  ")


def _stated(record: str, library_file: Path | None) -> tuple[tuple[Claim, ...], dict[str, tuple[Any, ...]]]:
    """Return the claims of a record, a person's own too where there is a catalogue, and where each disagrees."""
    library = load_library()
    if opened.file(library_file) is not None:
        with opened(library_file) as found:
            claims, library = found.claims_of(record), found.evidence()
    else:
        claims = library.claims_of(record)
    return claims, {claim.id: library.links_of(claim.id) for claim in claims}


def _show_imported(address: str, library_file: Path | None, as_json: bool) -> None:
    with opened(library_file) as found:
        answer, history = found.answer(address, public=False), found.history(address)
    claims, links = _stated(answer.address, library_file)
    if as_json:
        _print_json(
            {
                "state": answer.state,
                "address": answer.address,
                "record": answer.record,
                "history": history,
                "claims": claims,
            }
        )
        return
    if answer.state == "moved":
        click.echo(f"{address} was merged into {answer.address}\n")
    if answer.record is None:
        click.echo(f"{answer.address} is withdrawn")
    else:
        _print_fields(answer.record.labelled())
        _print_addresses(answer.record)
    if claims:
        click.echo("\nClaims (in your own words)")
    for claim in claims:
        _print_claim(claim, None, address, links[claim.id])
    click.echo("\nHistory")
    for event in history:
        click.echo(f"  {event.at}  {event.after}, by {event.who}")


def _print_addresses(record: Record) -> None:
    """Show the addresses taken apart, where more than what is printed can be said."""
    fuller = catalogue.full_names(record)
    places = [each for each in catalogue.addresses_of(record) if each.country or each.people]
    if places:
        click.echo("\nAddresses, taken apart")
    for number, each in enumerate(places, 1):
        where = ", ".join(part for part in (each.institution, each.place, each.country) if part)
        whose = f" [{'; '.join(each.people)}]" if each.people else ""
        click.echo(f"  {number}. {where}{whose}" + (" (for reprints)" if each.reprint else ""))
    for printed, full in fuller.items():
        click.echo(f"  {printed} is {full}")


@command.command("list")
@_AS_JSON
def list_records(as_json: bool) -> None:
    """List all records."""
    library = load_library()
    rows = [
        {
            "key": record.key,
            "citation": record.short,
            "claims": len(library.claims_of(record.key)),
            "findings": len(library.findings_of(record.key)),
            "facts": len(library.facts_of(record.key)),
            "workflow": record.workflow,
        }
        for record in library.records.values()
    ]
    if as_json:
        _print_json({"records": rows})
        return
    width = max(len(row["key"]) for row in rows)
    click.echo(f"{'record':{width}}  claims  findings  facts  citation")
    for row in rows:
        draft = "" if row["workflow"] == "approved" else f" [{row['workflow']}]"
        counts = f"{row['claims']:6d}  {row['findings']:8d}  {row['facts']:5d}"
        click.echo(f"{row['key']:{width}}  {counts}  {row['citation']}{draft}")


@command.command("fact")
@click.argument("key")
@_AS_JSON
def fact(key: str, as_json: bool) -> None:
    """Show one fact, by its key (P030) or its symbol (EC50_pSTAT3)."""
    library = load_library()
    found = library.fact(key)
    users = [finding for finding in library.findings.values() if found.key in finding.facts]
    record = library.record(found.record)
    if as_json:
        _print_json({"fact": found, "record": record, "findings": [finding.key for finding in users]})
        return
    _print_fields(found.labelled())
    _print_fields((("Citation", (record.short,)), ("Findings", tuple(_used(f) for f in users) or ("none",))))


def _used(finding: Finding) -> str:
    return f"{finding.key} ({finding.role})"


def _print_fields(fields: Iterable[tuple[str, tuple[str, ...]]]) -> None:
    for label, lines in fields:
        for number, line in enumerate(lines):
            _print_block(line, f"{label if number == 0 else '':{_LABEL}}")


def _print_block(text: str, first: str) -> None:
    # wrapped by width only, so that the output of one version is the same on every terminal
    click.echo(textwrap.fill(text, _WIDTH, initial_indent=first, subsequent_indent=" " * len(first)))


def _print_claim(claim: Claim, check: Any, record: str, links: tuple[Any, ...]) -> None:
    own = "" if claim.id in load_library().claims else "own "
    _print_block(claim.statement, f"  {own}{claim.number}. ")
    asked = f"{claim.measure} {claim.side} {claim.threshold:g}" if claim.measure else "none"
    verdict = _not_checked(claim, record) if check is None else check.verdict.value
    lines = [("Verdict", verdict)]
    if check is not None:
        lines.append(("Effect", _effect(check)))
        if claim.edge:
            lines.append(("With edge cut", _number(check.effect_when_cut)))
    lines += [
        ("Kind", claim.kind + (", encoded as an input of the model" if claim.encoded else "")),
        ("Stance", claim.stance),
        ("System", claim.system),
        ("Edge", claim.edge or "none"),
        ("Measure", asked),
        ("Threshold", claim.threshold_note or "none"),
    ]
    if claim.id not in load_library().claims:
        lines.append(("Curator", f"{claim.curator} ({claim.id})"))
    lines += [("Disagrees", f"with {each.partner(claim.id)}: {each.about}") for each in links]
    for label, line in lines:
        _print_block(line, f"     {label:14}")


def _not_checked(claim: Claim, record: str) -> str:
    if claim.id not in load_library().claims:
        return "autocrine library claim show " + claim.id if claim.measure else "none: the claim has no measure"
    if any(each.measure for each in load_library().claims_of(record)):
        return f"not checked yet: autocrine reproduce {record}"
    return "none: the claim has no measure, its findings are judged"


def _print_finding(finding: Finding) -> None:
    _print_block(f"{finding.readout}: {finding.amount} ({finding.system}; {finding.perturbation})", "  - ")
    _print_block(f"{finding.key}: {finding.role}, {finding.stance}, {finding.basis}", "    ")
    for line in (finding.magnitude, finding.note):
        if line:
            _print_block(line, "    ")


def _effect(check: Any) -> str:
    if None in {check.effect, check.low, check.high}:
        return _number(check.effect)
    return str(Interval(check.effect, check.low, check.high))


def _number(value: float | None) -> str:
    return "none" if value is None else f"{value:.3g}"


def _check_fields(check: Any) -> dict[str, Any]:
    names = ("verdict", "effect", "low", "high", "effect_when_cut", "run")
    return {name: None if check is None else getattr(check, name) for name in names}


def _print_json(content: dict[str, Any]) -> None:
    click.echo(json.dumps(_plain(content), indent=2, ensure_ascii=False, allow_nan=False))


def _plain(content: Any) -> Any:
    """Return only what JSON has: an infinite number becomes a text."""
    if dataclasses.is_dataclass(content) and not isinstance(content, type):
        content = dataclasses.asdict(content)
    if isinstance(content, dict):
        return {key: _plain(value) for key, value in content.items()}
    if isinstance(content, (list, tuple)):
        return [_plain(value) for value in content]
    if isinstance(content, float) and not math.isfinite(content):
        return str(content)
    return content


for each in (*library_records.COMMANDS, *library_claims.COMMANDS):
    command.add_command(each)
