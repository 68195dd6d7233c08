"""Work that is spread over processes or machines by Dask, or done here one piece after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from autocrine.core import errors

Item = TypeVar("Item")
Result = TypeVar("Result")


def spread(
    work: Callable[[Item], Result], items: Sequence[Item], *, workers: int = 1, scheduler: str = ""
) -> Iterator[tuple[Item, Result]]:
    """Do a piece of work for each item, and yield items with results as they are finished.

    Parameters
    ----------
    work : callable
        Must depend on the item alone, so that it does not matter where it is done, and how often.
    items : sequence
        What is to be done.
    workers : int
        Processes on this machine; 1 works in this process, more start a local Dask cluster.
    scheduler : str
        Address of a running Dask scheduler, such as ``tcp://10.0.0.1:8786``, instead.

    Raises
    ------
    InputError
        If the scheduler cannot be reached.

    Notes
    -----
    A worker that dies costs the pieces it was at: they are given to others, at most twice.
    """
    if not scheduler and workers < 2:
        for item in items:
            yield item, work(item)
        return
    from distributed import as_completed

    with _client(workers, scheduler) as client:
        waiting = {client.submit(work, item, pure=False, retries=2): item for item in items}
        for future, result in as_completed(list(waiting), with_results=True):
            future.release()  # not all results stand in memory
            yield waiting.pop(future), result


def _client(workers: int, scheduler: str) -> Any:
    """Return a client of a running scheduler, or of a cluster of processes on this machine."""
    from distributed import Client, LocalCluster

    if not scheduler:
        cluster = LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address="")
        return _Owning(Client(cluster), cluster)
    try:
        return Client(scheduler, timeout="10s")
    except (OSError, ValueError) as error:
        raise errors.InputError(
            f"the scheduler must be reachable ({type(error).__name__})", scheduler, hint="tcp://HOST:8786"
        ) from error


class _Owning:
    """A client together with the cluster that was started for it."""

    def __init__(self, client: Any, cluster: Any) -> None:
        self.client, self.cluster = client, cluster

    def __enter__(self) -> Any:
        return self.client

    def __exit__(self, *_: object) -> None:
        self.client.close()
        self.cluster.close()
