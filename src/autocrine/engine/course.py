"""One time course of a model, to be described in a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Course:
    """One time course of a model.

    Attributes
    ----------
    name : str
        What it is called, any text.
    values : mapping of str to float
        Other values of parameters, and other initial values of species.
    end : float
        Last output time, in the unit of the model.
    steps : int
        Intervals between output times.
    """

    name: str
    values: Mapping[str, float] = field(default_factory=dict)
    end: float = 100.0
    steps: int = 100
