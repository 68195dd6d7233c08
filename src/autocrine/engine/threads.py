"""Work in parts on all processors, its results in order."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

import numpy as np

Result = TypeVar("Result")


def in_order(
    parts: Iterable[slice], work: Callable[[slice], Result], workers: int, stop: np.ndarray, ahead: int = 4
) -> Generator[tuple[slice, Result], None, None]:
    """Yield each part with its result, in order; few wait at a time, so that memory does not grow with their number.

    Parameters
    ----------
    parts : iterable of slice
        The parts.
    work : callable
        Makes the result of a part; it must end soon once ``stop[0]`` is not 0.
    workers : int
        Number of threads.
    stop : ndarray of int64, shape (1,)
        Set to 1 when a part raises, or when this is closed or interrupted; no thread is left then.
    ahead : int
        Parts that are given to each thread before the first of them is asked for.
    """
    waiting: deque[tuple[slice, Future[Result]]] = deque()
    # even a single thread is another one, so that Ctrl-C reaches this one
    with ThreadPoolExecutor(workers) as pool:
        try:
            for part in parts:
                waiting.append((part, pool.submit(work, part)))
                if len(waiting) > ahead * workers:
                    first, future = waiting.popleft()
                    yield first, future.result()
            while waiting:
                first, future = waiting.popleft()
                yield first, future.result()
        except BaseException:
            stop[0] = 1
            pool.shutdown(wait=True, cancel_futures=True)
            raise


def available_processors() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
