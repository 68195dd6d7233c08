"""What was measured, and how a prediction becomes a readout."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from autocrine.calibration.given.noise import Noise
from autocrine.core import errors

#: what is known of a measurement: its value, or only that it lies below, above, or between
KINDS = ("exact", "below", "above", "between")
Factor = float | str
PROFILED: Literal["profiled"] = "profiled"


@dataclass(frozen=True)
class Scaling:
    """How predictions of one experiment become readouts: ``offset + factor · prediction``.

    Attributes
    ----------
    factor, offset : float or str
        A number is known, a name is a parameter that is estimated, and ``"profiled"`` stands for the best value at
        any other parameters, which least squares give at once.
    """

    factor: Factor = 1.0
    offset: Factor = 0.0

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters that are estimated."""
        return tuple(part for part in (self.factor, self.offset) if isinstance(part, str) and part != PROFILED)

    @property
    def profiled(self) -> tuple[bool, bool]:
        """Whether factor and offset are profiled out."""
        return self.factor == PROFILED, self.offset == PROFILED


@dataclass(frozen=True)
class Observations:
    """Measurements, one for each prediction of a simulator.

    Attributes
    ----------
    values : array_like of shape (m,)
        The measurements; of a censored one the limit, of one between two limits the lower limit.
    noise : Noise or sequence of Noise
        The noise of all, or of each.
    sd : array_like of shape () or (m,)
        The part of the width that is known for each measurement.
    kinds : sequence of str, optional
        For each ``"exact"``, ``"below"`` (below detection), ``"above"`` (saturated) or ``"between"``.
    upper : array_like of shape (m,), optional
        The upper limit of what lies between two limits.
    experiments : sequence of str, optional
        The experiment of each.
    scalings : mapping of str to Scaling
        How predictions become readouts, by experiment; unchanged where there is none.
    labels : sequence of str, optional
        What each is called in reports.

    Raises
    ------
    InputError
        If lengths differ, a value is not finite, something cannot be logarithmic, an experiment is unknown, a factor
        cannot be profiled out, or a measurement has no width at all.
    """

    values: ArrayLike
    noise: Noise | Sequence[Noise] = field(default_factory=Noise)
    sd: ArrayLike = 0.0
    kinds: Sequence[str] | None = None
    upper: ArrayLike | None = None
    experiments: Sequence[str] | None = None
    scalings: Mapping[str, Scaling] = field(default_factory=dict)
    labels: Sequence[str] | None = None

    def __post_init__(self) -> None:
        values = np.atleast_1d(np.asarray(self.values, float))
        count = len(values)
        given = {
            "values": values,
            "noise": [self.noise] * count if isinstance(self.noise, Noise) else list(self.noise),
            "sd": np.broadcast_to(np.asarray(self.sd, float), count) if np.ndim(self.sd) == 0 else np.asarray(self.sd),
            "kinds": ["exact"] * count if self.kinds is None else list(self.kinds),
            "upper": np.full(count, np.nan) if self.upper is None else np.asarray(self.upper, float),
            "experiments": [""] * count if self.experiments is None else list(self.experiments),
            "labels": [f"measurement {k + 1}" for k in range(count)] if self.labels is None else list(self.labels),
        }
        for name, column in given.items():
            if len(column) != count or not count:
                raise errors.InputError(f"{name} must have one entry for each of {count} measurements", len(column))
            object.__setattr__(self, name, column)
        for place in range(count):
            self._check(place)
        self._check_scalings()

    def __len__(self) -> int:
        return len(self.column("values"))

    def column(self, name: Literal["values", "sd", "upper"]) -> np.ndarray:
        """Return a column of numbers, shape (m,)."""
        return np.asarray(getattr(self, name), float)

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters of noise and scaling that are estimated, each once."""
        found = [name for noise in self.noises for name in noise.names]
        found += [name for scaling in self.scalings.values() for name in scaling.names]
        return tuple(dict.fromkeys(found))

    @property
    def noises(self) -> list[Noise]:
        """The noise of each measurement."""
        return list(self.noise) if not isinstance(self.noise, Noise) else [self.noise]

    def _check(self, place: int) -> None:
        value, kind, noise = self.column("values")[place], list(self.kinds or ())[place], self.noises[place]
        high, sd, where = self.column("upper")[place], self.column("sd")[place], list(self.labels or ())[place]
        if not np.isfinite(value):
            raise errors.InputError("a measurement must be a finite number", value, where=where)
        if kind not in KINDS:
            raise errors.InputError(f"a measurement must be one of {', '.join(KINDS)}", kind, where=where)
        if kind == "between" and not value < high < np.inf:
            raise errors.InputError("the upper limit must lie above the lower", (value, high), where=where)
        if noise.on_log and not value > 0:
            hint = "kinds='below' with the limit of detection"
            raise errors.InputError("log-normal measurements must be positive", value, where=where, hint=hint)
        if not 0 <= sd < np.inf:
            raise errors.InputError("a standard deviation must be a number of at least 0", sd, where=where)
        if sd == 0 and noise.additive == 0.0:
            must = "a measurement must have a width that cannot be zero"
            raise errors.InputError(must, where=where, hint="sd, or an additive part of the noise")

    def _check_scalings(self) -> None:
        for name, scaling in self.scalings.items():
            mine = [k for k, each in enumerate(self.experiments or ()) if each == name]
            if not mine:
                raise errors.InputError("a scaling must be of an experiment with measurements", name)
            noises = [self.noises[k] for k in mine]
            if any(noise.on_log for noise in noises) and scaling.offset != 0.0:
                raise errors.InputError("log-normal readouts must not have an offset", scaling.offset, where=name)
            if not any(scaling.profiled):
                continue
            kinds = {list(self.kinds or ())[k] for k in mine}
            same = {(noise.family, noise.proportional) for noise in noises}
            if kinds != {"exact"} or len(same) > 1 or noises[0].family == "student" or noises[0].proportional != 0.0:
                must = "only factors of exact measurements with additive normal or log-normal noise can be profiled out"
                raise errors.InputError(must, where=name, hint="a parameter with a prior instead of 'profiled'")
