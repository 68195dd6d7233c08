"""Threads that share the planes of a grid."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

from autocrine.core import errors


class Crew:
    """Some threads; kernels release the interpreter, so that they run side by side.

    Parameters
    ----------
    threads : int
        How many.
    """

    def __init__(self, threads: int) -> None:
        if isinstance(threads, bool) or not isinstance(threads, int) or threads < 1:
            raise errors.InputError("threads must be a whole number from 1", threads)
        self.threads = threads
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="fields") if threads > 1 else None

    def share(self, count: int) -> list[tuple[int, int, int]]:
        """Return (thread, first, last) for the parts of ``count`` planes."""
        cuts = [count * i // self.threads for i in range(self.threads + 1)]
        return [(i, cuts[i], cuts[i + 1]) for i in range(self.threads) if cuts[i] < cuts[i + 1]]

    def run(self, tasks: Iterable[tuple[int, Callable[[], None]]], /) -> None:
        """Run all tasks and wait; an error of one is raised here.

        Parameters
        ----------
        tasks : iterable of (thread, task)
            Tasks of one thread run one after the other, so that they may share its scratch.
        """
        lists: list[list[Callable[[], None]]] = [[] for _ in range(self.threads)]
        for thread, task in tasks:
            lists[thread].append(task)
        if self._pool is None:
            _run_all(lists[0])
            return
        for future in [self._pool.submit(_run_all, each) for each in lists]:
            future.result()


def _run_all(tasks: Iterable[Callable[[], None]]) -> None:
    for task in tasks:
        task()
