"""The command ``autocrine``: its list of commands, and one place where errors become messages."""

from __future__ import annotations

import importlib
import os
import sys

import click

from autocrine.core import errors

#: command → module that defines it and the line that help shows; modules are imported when their command is called
COMMANDS = {
    "reproduce": ("autocrine.cli.reproduce", "Run a published experiment and judge its claims."),
    "simulate": ("autocrine.cli.simulate", "Run your own experiment, described in TOML."),
    "baseline": ("autocrine.cli.baseline", "Fit the default parameters again to the findings with role fit."),
    "curve": ("autocrine.cli.curve", "Fit dose-response curves to measured viability."),
    "plates": ("autocrine.cli.plates", "Check plates before they are fitted."),
    "tumour": ("autocrine.cli.tumours", "Run tumours in space: producers among non-producers, from TOML."),
    "explain": ("autocrine.cli.explain", "Say what makes a line resistant: loop, amplification or something else."),
    "sensitivity": ("autocrine.cli.sensitivity", "Say which parameters a readout depends on: Sobol, Morris."),
    "prognosis": ("autocrine.cli.prognosis", "Ask a cohort of patients whether a marker is prognostic."),
    "meta-analysis": ("autocrine.cli.meta_analysis", "Pool a marker's hazard ratio over analysed cohorts."),
    "model": ("autocrine.cli.model", "Show, convert and simulate models: SBML, Antimony, COMBINE archives."),
    "petab": ("autocrine.cli.petab", "Check, evaluate and convert PEtab problems; write plates as one."),
    "trial": ("autocrine.cli.trial", "Simulate a trial of virtual patients and analyse it as a real one."),
    "serve": ("autocrine.cli.serve", "Run experiments and read the evidence in a browser."),
    "library": ("autocrine.cli.library", "Import, find, show and export publications, claims and verdicts."),
    "cite": ("autocrine.cli.cite", "Print the citations of everything that a result used."),
}


class LazyGroup(click.Group):
    """A group that imports a command only when it is called, so that help starts at once."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the commands in the order in which a newcomer needs them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command."""
        if cmd_name not in COMMANDS:
            return None
        return importlib.import_module(COMMANDS[cmd_name][0]).command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="autocrine")
def autocrine() -> None:
    """Simulate the autocrine IL-6 loop of drug resistance and judge published claims.

    Research software: nothing it prints is advice about a person.
    """


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and leave with 0, or with 2 and a message without traceback.

    An interruption leaves with 130, as shells expect; a defect of the program with 70, and its traceback only where
    ``AUTOCRINE_DEBUG`` is set.
    """
    try:
        autocrine.main(args=arguments, prog_name="autocrine", standalone_mode=False)
    except click.exceptions.Abort:
        _leave("interrupted; nothing half-written was kept", 130)
    except KeyboardInterrupt:
        _leave("interrupted; nothing half-written was kept", 130)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except errors.AutocrineError as error:
        _leave(str(error), 2)
    except BrokenPipeError:
        sys.exit(0)
    except Exception as error:
        if os.environ.get("AUTOCRINE_DEBUG"):
            raise
        _leave(f"this is a defect of autocrine ({type(error).__name__}: {error}); AUTOCRINE_DEBUG=1 shows where", 70)


def _leave(message: str, code: int) -> None:
    click.echo(f"autocrine: {message}", err=True)
    sys.exit(code)
