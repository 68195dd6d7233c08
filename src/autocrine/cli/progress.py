"""Progress bars on a terminal, silence elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autocrine.studies import Progress


@contextmanager
def shown_progress(*, quiet: bool) -> Iterator[Progress]:
    """Give a `Progress` that draws one bar per stage on standard error, if that is a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from autocrine import studies

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=quiet or not console.is_terminal) as bars:

        def begin(what: str, steps: int) -> None:
            bars.add_task(what, total=steps)

        def step(steps: int) -> None:
            bars.advance(bars.task_ids[-1], steps)

        yield studies.Progress(begin, step)
