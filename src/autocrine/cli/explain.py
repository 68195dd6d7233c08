"""``autocrine explain``: what makes a line resistant, from a laboratory's own plates."""

from __future__ import annotations

import json
import math
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from autocrine.cli.command_line import typed
from autocrine.cli.plate_files import plate_files
from autocrine.cli.progress import shown_progress
from autocrine.core import errors

if TYPE_CHECKING:
    from autocrine.assay.plates.options import Options

_FILE = click.Path(path_type=Path)


@click.command()
@plate_files
@click.option("--il6", type=_FILE, help="ELISA of IL-6 in wells without drug.")
@click.option("--qpcr", type=_FILE, help="qPCR of ABCB1, as cycles or folds.")
@click.option("--western", type=_FILE, help="Folds of P-gp by western blot or cytometry.")
@click.option("--reference", metavar="LINE", default="", help="The line that others are compared with.")
@click.option("--same", multiple=True, metavar="NAME=DRUG", help="A name in the files is this drug of Autocrine.")
@click.option("--seeded", default="10000 cell", show_default=True, help="Cells seeded per well.")
@click.option("--medium", default="100 ul", show_default=True, help="Medium per well.")
@click.option("--preincubation", default="24 h", show_default=True, help="From seeding to the addition of drugs.")
@click.option("--duration", default="72 h", show_default=True, help="From there to the readout, if files do not say.")
@click.option("--quick", is_flag=True, help="Fewer draws: a first look.")
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Seed of all that is drawn.")
@click.option("--out", type=_FILE, help="Directory of the run [default: runs/explain-<file name>].")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")
def command(
    *, files: tuple[Path, ...], said: Options, seed: int, out: Path | None, as_json: bool, **given: Any
) -> None:
    """Say how much of a line's resistance is the IL-6 loop, and how sure that is.

    FILES hold the viability (or raw plates) of a resistant and of a parental line under drugs, in arms such as none,
    anti-IL-6R, anti-IL-6, "JAK inhibitor", "P-gp blocker" or IL-6. The report says first what such a design can tell,
    then which causes these data support (loop through the pump, through survival, amplification of ABCB1, something
    else), the share of each with its interval, and lists every value that was not used. After Ctrl-C the same command
    goes on where it was.
    """
    from autocrine.studies import explain

    brought = explain.Files(
        files, given["il6"], given["qpcr"], given["western"], said, _protocol(given), given["reference"],
        _same(given["same"]),
    )  # fmt: skip
    laboratory = explain.read_laboratory(brought)
    target = out or Path("runs") / f"explain-{files[0].stem}"
    effort = explain.QUICK if given["quick"] else explain.Effort()
    with shown_progress(quiet=as_json) as progress:
        found = explain.explain(laboratory, target, effort, seed=seed, command=typed(), progress=progress)
    if as_json:
        click.echo(json.dumps(_plain({"run": str(target), **found.as_object()})))
        return
    for title, lines in (
        ("What this design can tell", found.identified.sentences),
        ("Verdict", (*found.verdict.sentences, found.diagnosis.verdict)),
        ("Shares of the logarithm of fold resistance", _shares(found.as_object()["attribution"])),
        ("Blocking at the density of the laboratory", _reversed(found.as_object()["reversal"])),
        ("Next experiments that would tell most", _following(found.as_object()["next_experiments"])),
    ):
        click.echo(f"{title}:")
        for line in lines:
            click.echo(f"  {line}")
    click.echo(f"{len(laboratory.excluded)} values excluded")
    for reason, count in Counter(str(row["reason"]) for row in laboratory.excluded).most_common():
        click.echo(f"  {count}: {reason}")
    click.echo(f"report: {target / 'report.html'}")


def _protocol(given: dict[str, Any]) -> Any:
    from autocrine.assay import Protocol
    from autocrine.core import Document

    words = {"seeded": "seeded", "medium": "medium_volume", "preincubation": "preincubation", "duration": "duration"}
    table = {key: given[name] for name, key in words.items()}
    return Protocol.from_document(Document(table, "", "command line"))


def _same(pairs: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for pair in pairs:
        name, sign, drug = pair.partition("=")
        if not (sign and name.strip() and drug.strip()):
            raise errors.InputError("--same must be NAME=DRUG", pair, hint="--same ADR=doxorubicin")
        found[name.strip()] = drug.strip()
    return found


def _shares(rows: list[dict[str, Any]]) -> list[str]:
    return [
        f"{row['line']}, {row['drug']} (fold {row['fold']:.3g}), {row['cause']}: "
        + (
            f"{row['share']:.0%} ({row['share_low']:.0%} to {row['share_high']:.0%})"
            if math.isfinite(row["share"])
            else "no resistance to divide"
        )
        for row in rows
    ]


def _reversed(rows: list[dict[str, Any]]) -> list[str]:
    return [
        f"{row['line']}, {row['drug']}, {row['arm']}: {row['times_as_sensitive']:.3g} times as sensitive "
        f"({row['times_as_sensitive_low']:.3g} to {row['times_as_sensitive_high']:.3g})"
        for row in rows
        if row["density"] == "of the laboratory" and " + " not in row["arm"]
    ]


def _following(rows: list[dict[str, Any]]) -> list[str]:
    few = " (too few draws to tell how much, or which is best)"
    return [
        f"{row['experiment']}: {row['uncertainty_left']:.0%} (± {row['uncertainty_left_error']:.0%}) of the "
        f"uncertainty left{few if row['bound'] else ''}"
        for row in rows[:3]
    ]


def _plain(value: Any) -> Any:
    """Return a value that JSON can hold: numbers that are none are null."""
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    value = value.item() if hasattr(value, "item") else value
    return None if isinstance(value, float) and not math.isfinite(value) else value
