"""``autocrine tumour physicell``: settings of PhysiCell as a design, and what was not understood of them."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("physicell")
@click.argument("settings", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="The design [default: NAME.toml].")
@click.option("--force", is_flag=True, help="Write over a design that stands there.")
def command(*, settings: Path, out: Path | None, force: bool) -> None:
    """Turn PhysiCell's settings into a design, and list what was not understood.

    Read are domain, times, oxygen, IL-6 and known drugs, and of each cell definition volume, cycle, death, forces and
    motion. The circuit takes the place of PhysiCell's rates of division, secretion and rules.
    """
    from autocrine.core import Document, errors
    from autocrine.tissue import TumourDesign, physicell

    found = physicell.read_physicell(settings)
    place = out or Path(f"{settings.stem}.toml")
    if place.exists() and not force:
        raise errors.OutputError(f"a design must not be lost, but {place} exists; try another --out, or --force")
    try:
        place.write_text(found.text, encoding="utf-8")
    except OSError as error:
        raise errors.OutputError(f"the design {place} must be writable ({error.strerror or error})") from error
    click.echo(f"design: {place}")
    click.echo(f"not understood ({len(found.unread)}, also at the head of the design):")
    for line in found.unread:
        click.echo(f"  {line}")
    try:
        TumourDesign.from_document(Document.parse(found.text, str(place)))
    except errors.InputError as error:
        click.echo(f"as it stands this design is refused: {error}", err=True)
