"""The one tree of exceptions.

::

    AutocrineError                 everything that Autocrine raises on purpose
    ├── InputError                 something a person gave cannot be used
    │   ├── UnitError              ... because its unit does not fit
    │   ├── DesignError            ... because the experiment is impossible
    │   └── UnsupportedError       ... because it needs what Autocrine does not have; names it
    ├── OutputError                a result cannot be written
    ├── SolverError                an integration failed; carries time and species
    └── DeviceError                a GPU or its driver failed

Every message says what must be, what was, where, and what to try.
"""

from __future__ import annotations

import math
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class AutocrineError(Exception):
    """Everything that Autocrine raises on purpose."""


class InputError(AutocrineError):
    """Something a person gave cannot be used.

    Parameters
    ----------
    must : str
        What must be, as the end of a sentence: ``"dose must be a positive number"``.
    was : object
        What was found instead; shown with ``repr`` unless it is an empty string.
    where : str
        File, line and key, as far as they are known.
    hint : str
        What to try.
    """

    def __init__(self, must: str, was: object = "", *, where: str = "", hint: str = "") -> None:
        self.must, self.was, self.where, self.hint = must, was, where, hint
        super().__init__(self._text())

    def _text(self) -> str:
        # an array is compared element by element, so only text is compared with no text
        text = self.must if isinstance(self.was, str) and not self.was else f"{self.must} but was {_shown(self.was)}"
        if self.where:
            text = f"{self.where}: {text}"
        return f"{text}; try {self.hint}" if self.hint else text

    def locate(self, place: str) -> None:
        """Put a place before where it was found, unless the message names it already."""
        if place not in str(self):
            self.where = f"{place}, {self.where}" if self.where else place
            self.args = (self._text(),)


class UnitError(InputError):
    """A quantity has a unit that does not fit its place."""


class DesignError(InputError):
    """The experiment that was described cannot be done."""


class UnsupportedError(InputError):
    """A file needs what Autocrine does not have; it is refused before anything runs.

    Parameters
    ----------
    feature : str
        What it needs, by the name that its standard gives it.
    where, hint : str
        As in `InputError`.
    """

    def __init__(self, feature: str, *, where: str = "", hint: str = "") -> None:
        self.feature = feature
        super().__init__(f"a file must not need {feature}, which is not supported", where=where, hint=hint)


class OutputError(AutocrineError):
    """A result cannot be written."""


class SolverError(AutocrineError):
    """An integration failed.

    Parameters
    ----------
    cause : str
        What the solver said.
    trajectory : int
        Index of the failed trajectory in its ensemble.
    time_h : float
        The time that was reached: in hours, unless the network has another unit of time.
    species : str
        The species that looks worst (not finite, or most negative), if one does.

    Attributes
    ----------
    time_unit : str
        The unit of the time, which whoever knows the network sets.
    """

    def __init__(self, cause: str, *, trajectory: int = 0, time_h: float = float("nan"), species: str = "") -> None:
        self.cause, self.trajectory, self.time_h, self.species = cause, trajectory, time_h, species
        self.time_unit = "h"
        super().__init__(cause)

    def __str__(self) -> str:
        """Say what failed, when and where; made late, so that the error survives the way between two processes."""
        of = f", species {self.species}" if self.species else ""
        unit = "" if self.time_unit in {"", "1"} else f" {self.time_unit}"
        at = "" if math.isnan(self.time_h) else f" at time {self.time_h:g}{unit}"
        return (
            f"trajectory {self.trajectory} failed{at}{of}: {self.cause}; "
            "try a smaller rtol, or look for a parameter far outside its range"
        )


class DeviceError(AutocrineError):
    """A GPU or its driver failed.

    Parameters
    ----------
    cause : str
        What the driver said.
    """

    def __init__(self, cause: str) -> None:
        self.cause = cause
        super().__init__(cause)

    def __str__(self) -> str:
        """Say what failed and what to try."""
        return f"{self.cause}; try fewer trajectories or output times at once, or device='cpu'"


@contextmanager
def inside(place: str) -> Iterator[None]:
    """Let every `InputError` that is raised inside say a place, such as a file, if it does not yet."""
    try:
        yield
    except InputError as error:
        error.locate(place)
        raise


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 240 else text[:237] + "..."
