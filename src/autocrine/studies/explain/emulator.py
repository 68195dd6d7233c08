"""The wells of a laboratory, exactly and as polynomials that a sampler can ask ten thousand times.

The exact way integrates every well (`Emulator.exact`). The fast way is a polynomial for each line and drug in the few
coordinates on which its wells depend, fitted to exact wells where the posterior lies; how far it is from them is part
of the width of the noise, and draws are weighted with the exact wells in the end (`inference`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from autocrine.assay import Bench, readout
from autocrine.calibration import given
from autocrine.studies.explain.causes import WITHOUT, Causes, scale_of
from autocrine.studies.explain.laboratory import LEVELS, Laboratory, Measurement, line_of, plain
from autocrine.studies.explain.polynomial import Polynomials, bent, straight

#: coordinates: loop, pump arm, survival arm, P-gp, potency, steepness, maximal death, division
_LOOP, _PUMP, _SURVIVAL, _PGP, _POTENCY, _STEEPNESS, _DEATH, _DIVISION = range(8)
#: below these values a cause has next to no effect: its coordinate is linear there and logarithmic above
_SMALL = {"loop": 0.02, "pump_arm": 0.2, "survival_arm": 1.0}


class Emulator:
    """Predictions of all measurements of a laboratory.

    Parameters
    ----------
    causes : Causes
        The parameters of the laboratory.
    bench : Bench, optional
        What simulates wells.
    """

    def __init__(self, causes: Causes, bench: Bench | None = None) -> None:
        self.causes, self.bench = causes, bench or Bench()
        self.laboratory: Laboratory = causes.laboratory
        lab = self.laboratory
        self.levels = tuple(dict.fromkeys(level for row in lab.measurements for level in _parts(row)))
        self.groups = tuple(dict.fromkeys(self._group(level) for level in self.levels))
        self.of_group = [[k for k, one in enumerate(self.levels) if self._group(one) == group] for group in self.groups]

    def _group(self, level: Level) -> tuple[str, str]:
        well = self.laboratory.wells[level.well]
        return line_of(well), well.drugs[0][0].name if well.drugs and level.readout == "viability" else ""

    def exact(self, draw: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return levels of shape (n, L): viability as it is, all others as logarithms; NaN where a well failed."""
        lab = self.laboratory
        outputs = list(dict.fromkeys(LEVELS[name] for name in lab.readouts))
        found = self.bench.run_sets(lab.wells, self.causes.network_values(draw), outputs)
        columns = []
        with np.errstate(divide="ignore", invalid="ignore"):
            for level in self.levels:
                column = found[:, level.well, outputs.index(LEVELS[level.readout])]
                if level.readout == "viability":
                    columns.append(column / found[:, level.against, outputs.index("cells")])
                else:
                    unit = readout.NG_PER_ML_PER_NM if level.readout == "il6" else 1.0
                    columns.append(np.log(np.maximum(column * unit, 1e-12)))
        return np.stack(columns, axis=1)

    def terms(self, group: tuple[str, str]) -> list[tuple[int, str]]:
        """Return which parameters add up to which coordinates of a group."""
        line, drug = group
        found = [
            (_LOOP, plain("loop", line)),
            (_PUMP, "pump_arm"),
            (_SURVIVAL, "survival_arm"),
            (_PGP, plain("copies", line)),
            (_DIVISION, plain("division", line)),
        ]
        if drug:
            found += [
                (_PGP, plain("pump_ratio", drug)),
                (_POTENCY, plain("potency", drug)),
                (_POTENCY, plain("other", line)),
                (_POTENCY, plain("other", line, drug)),
                (_STEEPNESS, plain("steepness", drug)),
                (_DEATH, plain("death_max", drug)),
            ]
        return [term for term in found if term[1] in self._known]

    @cached_property
    def _known(self) -> set[str]:
        return set(self.causes.names)

    @cached_property
    def mix(self) -> np.ndarray:
        """How each parameter of the wells, entered as it enters, adds to the coordinates, shape (E, G, 8)."""
        names = self.causes.names
        found = np.zeros((len(names), len(self.groups), 8))
        for group, key in enumerate(self.groups):
            for to, name in self.terms(key):
                found[names.index(name), group, to] += 1.0
        return found

    @cached_property
    def enters(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Which parameters enter as logarithms, which as they are, and below which value the others are linear."""
        kinds = [name if name in _SMALL else name.split("_", maxsplit=1)[0] for name in self.causes.names]
        small = np.array([_SMALL.get(kind, 1.0) for kind in kinds])
        plainly = np.array([kind == "other" for kind in kinds])
        return np.array([kind not in _SMALL for kind in kinds]) & ~plainly, plainly, small

    def values(self, draw: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return all parameters of the wells, shape (n, E); causes that a draw lacks are not there."""
        count = max(np.size(value) for value in draw.values())
        columns = [np.broadcast_to(draw[name] if name in draw else without(name), count) for name in self.causes.names]
        return np.stack(columns, axis=1)

    def coordinates(self, values: np.ndarray) -> np.ndarray:
        """Return the coordinates of every group, shape (n, G, 8), of parameters of shape (n, E)."""
        logs, plainly, small = self.enters
        with np.errstate(divide="ignore", invalid="ignore"):
            entered = np.where(logs, np.log(np.where(logs, values, 1.0)), np.log1p(np.maximum(values, 0.0) / small))
        entered = np.where(plainly, values, entered)
        return (entered @ self.mix.reshape(len(self.mix), -1)).reshape(len(values), len(self.groups), 8)

    def pulled(self, by: np.ndarray, values: np.ndarray) -> np.ndarray:
        """Turn derivatives by coordinates, shape (n, G, 8), into those by parameters, shape (n, E)."""
        return (by.reshape(len(by), -1) @ self.mix.reshape(len(self.mix), -1).T) * self._slopes(values)

    def _slopes(self, values: np.ndarray) -> np.ndarray:
        logs, plainly, small = self.enters
        found = 1.0 / np.where(logs, values, small + np.maximum(values, 0.0))
        return np.where(plainly, 1.0, found)

    def fit(self, values: np.ndarray, levels: np.ndarray, near: np.ndarray | None = None) -> Polynomials:
        """Fit polynomials to exact levels at parameters of the wells; points at which a well failed are left out.

        Parameters
        ----------
        values : ndarray of shape (n, E)
            Parameters.
        levels : ndarray of shape (n, L)
            Exact levels.
        near : ndarray of shape (k, E), optional
            Points near which the polynomials must hold.
        """
        good = np.isfinite(levels).all(axis=1)
        wide = max(len(places) for places in self.of_group)
        outputs = np.zeros((int(good.sum()), len(self.groups), wide))
        for group, places in enumerate(self.of_group):
            own = levels[good][:, places]
            outputs[:, group, : len(places)] = bent(own) if self.groups[group][1] else own
        there = None if near is None else self.coordinates(near)
        return Polynomials.fit(self.coordinates(values[good]), outputs, near=there, seen=self._seen)

    def _seen(self, outputs: np.ndarray, group: int) -> np.ndarray:
        return straight(outputs)[0] if self.groups[group][1] else outputs

    def straightened(self, found: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return levels of outputs of polynomials, shape (n, G, k), and their derivatives."""
        viable = np.array([bool(drug) for _, drug in self.groups])[None, :, None]
        level, slope = straight(found)
        return np.where(viable, level, found), np.where(viable, slope, 1.0)

    def observations(self, errors: np.ndarray | None = None) -> given.Observations:
        """Return the measurements with their noise.

        Parameters
        ----------
        errors : ndarray of shape (L,), optional
            Standard deviations of the levels around the exact ones.
        """
        rows = self.laboratory.measurements
        sd = np.zeros(len(rows))
        if errors is not None:
            places = {level: k for k, level in enumerate(self.levels)}
            sd = np.array([np.sqrt(sum(errors[places[level]] ** 2 for level in _parts(row))) for row in rows])
        names = [self.experiment(row) for row in rows]
        scalings = {
            name: given.Scaling("scale_il6") if name == "il6" else given.Scaling(name, "offset_viability")
            for name in dict.fromkeys(names)
            if name
        }
        noises = {
            name: given.Noise("normal" if name == "viability" else "log-normal", plain("noise", name))
            for name in self.laboratory.readouts
        }
        return given.Observations(
            [row.value for row in rows],
            [noises[row.readout] for row in rows],
            sd,
            [row.kind for row in rows],
            experiments=names,
            scalings=scalings,
            labels=[row.label for row in rows],
        )

    def experiment(self, row: Measurement) -> str:
        """Return the name of the scaling of a measurement; empty if there is none."""
        if row.readout == "viability":
            return scale_of(self.laboratory.wells[row.well])
        return "il6" if row.readout == "il6" else ""

    @cached_property
    def places(self) -> np.ndarray:
        """Where each level stands in an array of shape (G, k)."""
        wide = max(len(places) for places in self.of_group)
        found = np.empty(len(self.levels), int)
        for group, places in enumerate(self.of_group):
            found[places] = group * wide + np.arange(len(places))
        return found

    def spread(self, by_group: np.ndarray) -> np.ndarray:
        """Return numbers of shape (..., G, k) as those of the levels, shape (..., L)."""
        return by_group.reshape(*by_group.shape[:-2], -1)[..., self.places]

    def simulator(self, names: Sequence[str], polynomials: Polynomials | None) -> given.Simulator:
        """Return predictions of the measurements as a function of some parameters; the other causes are absent."""
        return _Fast(self, tuple(names), polynomials) if polynomials is not None else _Exact(self, tuple(names))

    @cached_property
    def parts(self) -> tuple[np.ndarray, np.ndarray]:
        """For each measurement the place of its level, and of the one that it is divided by (-1 if there is none)."""
        places = {level: k for k, level in enumerate(self.levels)}
        rows = [[places[level] for level in _parts(row)] for row in self.laboratory.measurements]
        return np.array([row[0] for row in rows]), np.array([row[1] if len(row) > 1 else -1 for row in rows])

    @cached_property
    def on_log(self) -> np.ndarray:
        """Which measurements are made of logarithms."""
        return np.array([row.readout != "viability" for row in self.laboratory.measurements])

    def predictions(self, levels: np.ndarray, slopes: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Return predictions, shape (n, m), of levels, shape (n, L), and derivatives, shape (n, m, p)."""
        over, under = self.parts
        divided = (under >= 0)[None]
        found = levels[:, over] - np.where(divided, levels[:, under], 0.0)
        along = np.empty((*found.shape, 0))
        if slopes is not None:
            along = slopes[:, over] - np.where(divided[..., None], slopes[:, under], 0.0)
        whole = np.where(self.on_log, np.exp(np.where(self.on_log, found, 0.0)), found)
        return whole, np.where(self.on_log[None, :, None], whole[..., None], 1.0) * along


@dataclass(frozen=True)
class Level:
    """What is simulated for a measurement: a readout of a well, or of a well as a fraction of another."""

    readout: str
    well: int
    against: int | None = None


def _parts(row: Measurement) -> tuple[Level, ...]:
    """Return the level of a measurement, and that by which it is divided where both are logarithms."""
    if row.readout == "viability":
        return (Level("viability", row.well, row.against),)
    first = Level(row.readout, row.well)
    return (first,) if row.against is None else (first, Level(row.readout, row.against))


def without(name: str) -> float:
    """Return the value of a parameter of a cause that is not there."""
    return WITHOUT[name] if name in WITHOUT else WITHOUT[name.split("_", maxsplit=1)[0]]


@dataclass(frozen=True)
class _Exact:
    """Predictions by integration of every well."""

    emulator: Emulator
    names: tuple[str, ...]

    def predict(self, values: np.ndarray) -> np.ndarray:
        return self.emulator.predictions(self.emulator.exact(dict(zip(self.names, values.T, strict=True))))[0]

    def predict_with_gradient(self, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return given.Function(self.names, self.predict).predict_with_gradient(values)


@dataclass(frozen=True)
class _Fast:
    """Predictions by polynomials."""

    emulator: Emulator
    names: tuple[str, ...]
    polynomials: Polynomials

    def predict(self, values: np.ndarray) -> np.ndarray:
        whole = self.emulator.values(dict(zip(self.names, values.T, strict=True)))
        found, _ = self.polynomials.predict(self.emulator.coordinates(whole))
        return self.emulator.predictions(self.emulator.spread(self.emulator.straightened(found)[0]))[0]

    def predict_with_gradient(self, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        emulator = self.emulator
        whole = emulator.values(dict(zip(self.names, values.T, strict=True)))
        found, back = self.polynomials.predict(emulator.coordinates(whole))
        found, by_output = emulator.straightened(found)
        by = np.zeros((len(values), len(emulator.levels), whole.shape[1]))
        for place in range(found.shape[2]):
            one = np.zeros_like(found)
            one[:, :, place] = by_output[:, :, place]
            slopes = back(one)
            for group, places in enumerate(emulator.of_group):
                if place < len(places):
                    alone = np.zeros_like(slopes)
                    alone[:, group] = slopes[:, group]
                    by[:, places[place]] = emulator.pulled(alone, whole)
        own = [emulator.causes.names.index(name) for name in self.names]
        return emulator.predictions(emulator.spread(found), by[:, :, own])
