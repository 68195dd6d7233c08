"""A problem of parameter estimation: models, what was done, what was measured, and what is sought."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from autocrine.engine.petab.model import Model
from autocrine.engine.petab.noise import Noise
from autocrine.engine.petab.prior import Prior
from autocrine.engine.petab.scale import Scale


@dataclass(frozen=True)
class Quantity:
    """A row of the parameter table.

    Attributes
    ----------
    name : str
        Its identifier.
    nominal : float
        Its value as it is; NaN where none is given (then it must be estimated).
    estimated : bool
        Whether it is sought.
    lower, upper : float
        Its bounds as it is.
    scale : {"lin", "log", "log10"}
        The scale on which it is sought.
    prior : Prior, optional
        Its prior in the objective.
    starting : Prior, optional
        What starting points are drawn from (PEtab v1).
    label : str
        A name for people.
    """

    name: str
    nominal: float
    estimated: bool = True
    lower: float = -math.inf
    upper: float = math.inf
    scale: Scale = "lin"
    prior: Prior | None = None
    starting: Prior | None = None
    label: str = ""


@dataclass(frozen=True)
class Observable:
    """What can be measured, and how far off.

    Attributes
    ----------
    name : str
        Its identifier.
    formula, width : sympy.Expr
        What is simulated, and the width of its noise, in quantities of the model, parameters, placeholders and
        ``time``; the width may use the name of the observable for what is simulated.
    noise : Noise
        The density of the noise.
    placeholders, width_placeholders : tuple of str
        Names that each measurement fills in.
    label : str
        A name for people.
    """

    name: str
    formula: Any
    width: Any
    noise: Noise = field(default_factory=Noise)
    placeholders: tuple[str, ...] = ()
    width_placeholders: tuple[str, ...] = ()
    label: str = ""


@dataclass(frozen=True)
class Period:
    """A part of an experiment.

    Attributes
    ----------
    time : float
        When it begins; -infinity for what lasts until nothing changes any more.
    changes : mapping of str to sympy.Expr
        New values by target, all found before any is set.
    conditions : tuple of str
        What the changes are called.
    """

    time: float
    changes: Mapping[str, Any] = field(default_factory=dict)
    conditions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Experiment:
    """What is done to the model, one period after the other; nothing where there are no periods."""

    name: str
    periods: tuple[Period, ...] = ()


@dataclass(frozen=True)
class Measurement:
    """One number that was measured.

    Attributes
    ----------
    observable, experiment : str
        What was measured, and in which experiment (or ``""``).
    time : float
        When; infinity for a steady state.
    value : float
        The number.
    fillings, width_fillings : tuple of float or str
        What stands for the placeholders: numbers or parameters.
    where : str
        File and line, for messages.
    """

    observable: str
    experiment: str
    time: float
    value: float
    fillings: tuple[float | str, ...] = ()
    width_fillings: tuple[float | str, ...] = ()
    where: str = ""


@dataclass(frozen=True)
class Part:
    """One model with its experiments and measurements.

    Attributes
    ----------
    model : Model
        The model.
    experiments : mapping of str to Experiment
        What is done, by name; ``""`` is nothing.
    observables : mapping of str to Observable
        What can be measured, by name.
    measurements : tuple of Measurement
        What was measured.
    """

    model: Model
    experiments: Mapping[str, Experiment]
    observables: Mapping[str, Observable]
    measurements: tuple[Measurement, ...]


@dataclass(frozen=True)
class Problem:
    """Parameters, and parts that share them.

    Attributes
    ----------
    parameters : mapping of str to Quantity
        All parameters of the table, by name.
    parts : tuple of Part
        The parts.
    version : int
        The version of PEtab that it was read from: 1 or 2.
    name : str
        What it is called.
    """

    parameters: Mapping[str, Quantity]
    parts: tuple[Part, ...]
    version: int = 2
    name: str = "problem"

    @property
    def estimated(self) -> tuple[str, ...]:
        """Names of the parameters that are sought, in their order."""
        return tuple(name for name, each in self.parameters.items() if each.estimated)
