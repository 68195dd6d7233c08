"""``autocrine tumour``: run tumours in space, and give their course to other programs."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path

import click

from autocrine.cli import tumour, tumour_export, tumour_physicell

_HELP = """Run tumours: producers among non-producers, in space, with the whole circuit in every cell.

A DESIGN is a TOML file, or producers, disc or spheroid, which come with Autocrine.

\b
  autocrine tumour producers --quick           a first tumour, in a minute or two
  autocrine tumour my_tumour.toml              your own, into runs/NAME
  autocrine tumour my_tumour.toml --resume     go on where it was cut off
  autocrine tumour export runs/NAME --to gif   a movie; also simularium, multicellds, vtk, png
  autocrine tumour physicell SETTINGS.xml      a design from PhysiCell's settings

\b
"tumour DESIGN" is short for "tumour run DESIGN", whose options
"autocrine tumour run --help" lists.
"""


_COMMANDS = {"run": tumour.command, "export": tumour_export.command, "physicell": tumour_physicell.command}


class Tumours(click.Group):
    """A group whose first word may be a design instead of a command."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put ``run`` before a design."""
        if args and args[0] not in self.commands and args[0] not in ctx.help_option_names:
            if len(args) > 1 and not Path(args[0]).exists() and (near := get_close_matches(args[0], self.commands, 1)):
                raise click.UsageError(f"there is neither a design nor a command '{args[0]}'; try {near[0]}", ctx)
            args = ["run", *args]
        return super().parse_args(ctx, args)


command = Tumours("tumour", help=_HELP, commands=_COMMANDS)
