"""``autocrine tumour export``: the course of a tumour for Simularium, PhysiCell's tools, ParaView, or as a movie."""

from __future__ import annotations

from pathlib import Path

import click

from autocrine.cli.command_line import typed

_FORMATS = ("simularium", "multicellds", "vtk", "gif", "png")


@click.command("export")
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--to", type=click.Choice(_FORMATS), required=True, help="What is written.")
@click.option("--out", type=click.Path(path_type=Path), help="File or directory [default: beside RUN, with its name].")
@click.option("--number", type=click.IntRange(min=0), help="Which tumour of a run of several, as in its tumour.zarr.")
@click.option("--every", type=click.IntRange(min=1), default=1, show_default=True, help="Every n-th frame.")
@click.option("--level", default="il6", show_default=True, help="Substrate that gif and png show beside the cells.")
def command(*, run: Path, to: str, out: Path | None, number: int | None, every: int, level: str) -> None:
    """Write the course of one tumour for other programs.

    RUN is the directory of a run. A simularium file opens at simularium.allencell.org, multicellds in PhysiCell's
    tools, vtk in ParaView; gif is a movie and png its single pictures. How many moments there are, the key frames of
    the table [tumour] of the design says.
    """
    from autocrine.studies import tumours

    place = tumours.export_tumour(
        run, to, out, number=number, every=every, level=level, command=typed()
    )  # fmt: skip
    click.echo(f"{place} (for {tumours.FORMATS[to].read_by})")
