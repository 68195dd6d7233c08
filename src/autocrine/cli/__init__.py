"""The command line: parse, call one room, show."""

from autocrine.cli.main import main

__all__ = ["main"]
