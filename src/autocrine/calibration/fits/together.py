"""Searches that run in step, so that their evaluations become one ensemble."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from queue import SimpleQueue
from typing import Any

import numpy as np

#: from one point to a value, or values, and derivatives
Evaluate = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]
Task = Callable[[Evaluate], Any]


class _StoppedError(Exception):
    """A search is asked to end."""


class Together:
    """Run searches in threads; whenever all of them wait for a value, evaluate their points at once.

    Parameters
    ----------
    function : callable
        From points of shape (n, p) to values and derivatives, each with n rows. It is only called in the thread that
        called `run`, so that Ctrl-C reaches it.
    width : int
        How many searches run at a time.
    """

    def __init__(self, function: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]], width: int) -> None:
        self._function, self._width = function, width
        self._said: SimpleQueue[tuple[int, bool, Any]] = SimpleQueue()
        self._mail: dict[int, SimpleQueue[Any]] = {}
        self._asked: dict[int, np.ndarray] = {}

    def run(self, tasks: Iterable[Task], done: Callable[[int, Any], None] | None = None) -> list[Any]:
        """Return what each task returns.

        Parameters
        ----------
        tasks : iterable of callable
            Functions of an evaluation, which each of them calls as often as it likes.
        done : callable, optional
            Called with number and result of each task as soon as it ends.

        Raises
        ------
        BaseException
            What an evaluation or a task raises, when all searches have ended; so too after Ctrl-C.
        """
        waiting, results = list(enumerate(tasks))[::-1], {}
        threads: list[threading.Thread] = []
        try:
            while waiting or self._mail:
                while waiting and len(self._mail) < self._width:
                    number, task = waiting.pop()
                    self._mail[number] = SimpleQueue()
                    thread = threading.Thread(target=self._follow, args=(task, number, self._mail[number]), daemon=True)
                    threads.append(thread)
                    thread.start()
                for number, result in self._ended():
                    results[number] = result
                    if done is not None:
                        done(number, result)
                if (
                    self._asked
                    and len(self._asked) == len(self._mail)
                    and not (waiting and len(self._mail) < self._width)
                ):
                    self._answer()
        finally:
            for mail in self._mail.values():
                mail.put(_StoppedError())
            for thread in threads:
                thread.join()
        return [results[number] for number in sorted(results)]

    def _ended(self) -> list[tuple[int, Any]]:
        """Wait until every search has asked or ended; return what ended, in the order of the tasks."""
        ended: dict[int, Any] = {}
        while len(self._asked) + len(ended) < len(self._mail):
            number, is_point, content = self._said.get()
            (self._asked if is_point else ended)[number] = content
        for number in ended:
            del self._mail[number]
        for result in ended.values():
            if isinstance(result, BaseException):
                raise result
        return sorted(ended.items())

    def _answer(self) -> None:
        numbers = sorted(self._asked)
        points = np.stack([self._asked[number] for number in numbers])
        self._asked.clear()
        values, gradients = self._function(points)
        for row, number in enumerate(numbers):
            self._mail[number].put((values[row], gradients[row]))

    def _follow(self, task: Task, number: int, mail: SimpleQueue[Any]) -> None:
        def evaluate(point: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            self._said.put((number, True, np.array(point, float)))
            answer = mail.get()
            if isinstance(answer, _StoppedError):
                raise answer
            return answer

        try:
            result = task(evaluate)
        except _StoppedError:
            return
        except BaseException as error:  # raised again in the thread that runs the searches
            result = error
        self._said.put((number, False, result))
