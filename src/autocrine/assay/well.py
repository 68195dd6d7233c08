"""A well, and the simulation of many wells as one ensemble."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from autocrine.assay.arm import Arm
from autocrine.assay.population import pgp_factors
from autocrine.assay.protocol import Protocol
from autocrine.assay.schedule import NEVER
from autocrine.assay.stock import Overrides, stock_states
from autocrine.assay.well_network import well_network
from autocrine.circuit import Drug, Line
from autocrine.core import errors
from autocrine.engine import Network, simulate

BINS = 5


@dataclass(frozen=True)
class Well:
    """One well of a plate.

    Attributes
    ----------
    populations : tuple of (Line, float)
        The lines in the well and the fraction of the seeded cells that each makes up.
    arm : Arm
        Agents and genetic changes.
    protocol : Protocol
        Seeding, volumes, times.
    drugs : tuple of (Drug, float)
        Drugs and probes added after the pre-incubation, with their dose in nM.
    """

    populations: tuple[tuple[Line, float], ...]
    arm: Arm
    protocol: Protocol
    drugs: tuple[tuple[Drug, float], ...] = ()

    def __post_init__(self) -> None:
        """Refuse a mixture that does not add up and a dose that is none."""
        total = sum(fraction for _, fraction in self.populations)
        if not (abs(total - 1) <= 1e-9 and all(fraction >= 0 for _, fraction in self.populations)):
            raise errors.DesignError("the fractions of the populations must be zero or positive and add up to 1", total)
        for drug, dose_nM in self.drugs:
            if not (np.isfinite(dose_nM) and dose_nM >= 0):
                raise errors.DesignError(f"the dose of {drug.name} must be zero or positive (nM)", dose_nM)
            if drug.kind == "blocker":
                raise errors.DesignError(
                    f"a dose-response must be of a drug or a probe, but {drug.name} is a blocker",
                    hint=f'an arm with agents = {{ {drug.name} = "..." }}',
                )

    @property
    def shape(self) -> tuple[int, int]:
        """Number of populations and of drugs: wells of one shape share a network."""
        return len(self.populations), max(1, len(self.drugs))

    def parameters(self, overrides: Overrides) -> dict[str, float]:
        """Return the values of the well's network that differ from its defaults."""
        protocol = self.protocol
        values = {
            "medium_volume": protocol.medium_volume_l,
            "capacity": protocol.capacity_cells,
            "addition_time": protocol.preincubation_h,
            "exchange_time": NEVER if protocol.medium_change_h is None else protocol.medium_change_h,
            "exchange_fraction": protocol.medium_change_fraction,
            "washout_time": NEVER if protocol.washout_h is None else protocol.preincubation_h + protocol.washout_h,
        }
        values |= {f"start_{name}": level for name, level in self.arm.medium.items()}
        if self.arm.antibody_kd_nM is not None:
            values["kd_siltuximab"] = self.arm.antibody_kd_nM
        factors = pgp_factors(protocol.pgp_cv, BINS)
        for i, (line, fraction) in enumerate(self.populations, start=1):
            changes = {**overrides.cell, **line.values, **self.arm.changes}
            values |= {f"p{i}_{name}": value for name, value in changes.items()}
            values[f"p{i}_seeded"] = fraction * protocol.seeded_cells
            values |= {f"p{i}_pgp_factor_{k}": factor for k, factor in enumerate(factors, start=1)}
        for j, (drug, dose_nM) in enumerate(self.drugs, start=1):
            values[f"added_drug{j}"] = dose_nM
            values |= {f"d{j}_{name}": value for name, value in overrides.of_drug(drug).items()}
        return values | dict(overrides.well)

    def network(self, overrides: Overrides | None = None) -> Network:
        """Return the network of this well alone: its values are the defaults, its cells are as they were seeded."""
        given = overrides or Overrides()
        shape, (start,) = well_network(*self.shape, BINS), _starts([self], given)
        return Network(
            "well of " + " and ".join([line.name for line, _ in self.populations]),
            [replace(each, initial=start.get(each.name, each.initial)) for each in shape.species],
            shape.parameters.changed(self.parameters(given)),
            shape.reactions,
            events=shape.events,
            observables=shape.observables,
        )


@dataclass(frozen=True)
class Course:
    """What happened in one well.

    Attributes
    ----------
    well : Well
        The well.
    time_h : numpy.ndarray, shape (T,)
        Times since seeding.
    levels : mapping of str to numpy.ndarray, each shape (T,)
        Species and observables of the well's network.
    """

    well: Well
    time_h: np.ndarray
    levels: Mapping[str, np.ndarray]


def simulate_wells(
    wells: Sequence[Well],
    time_h: Callable[[Protocol], Sequence[float]] | None = None,
    *,
    overrides: Overrides | None = None,
    rtol: float = 1e-6,
    progress: Callable[[int], None] | None = None,
) -> list[Course]:
    """Simulate many wells at once.

    Parameters
    ----------
    wells : sequence of Well
        In any order; the result keeps it.
    time_h : callable, optional
        Gives the output times of a protocol, in hours since seeding; by default the addition of drugs and the readout.
    overrides : Overrides, optional
        Other values of parameters, for every well.
    rtol : float
        Relative tolerance of the integration.
    progress : callable, optional
        Called with the number of wells that are newly finished.

    Returns
    -------
    list of Course
        One per well.
    """
    overrides = overrides or Overrides()
    time_h = time_h or (lambda protocol: (protocol.preincubation_h, protocol.end_h))
    found: dict[int, Course] = {}
    for indices in _alike(wells, time_h):
        chosen = [wells[i] for i in indices]
        for index, course in zip(indices, _together(chosen, time_h, overrides, rtol, progress), strict=True):
            found[index] = course
    return [found[i] for i in range(len(wells))]


def _alike(wells: Sequence[Well], time_h: Callable[[Protocol], Sequence[float]]) -> Iterable[list[int]]:
    """Group the wells that can run in one ensemble: same shape, same times."""
    groups: dict[object, list[int]] = {}
    for index, well in enumerate(wells):
        groups.setdefault((well.shape, tuple(time_h(well.protocol))), []).append(index)
    return groups.values()


def _together(wells, time_h, overrides: Overrides, rtol: float, progress) -> Iterable[Course]:
    network = well_network(*wells[0].shape, BINS)
    rows = [well.parameters(overrides) for well in wells]
    states = _starts(wells, overrides)
    times = np.array(time_h(wells[0].protocol), dtype=float)
    begun = np.array(sorted({0.0, *times.tolist()}))
    values, initial = _columns(rows, network), _columns(states, network)
    result = simulate(network, begun, values, initial=initial, rtol=rtol, atol=1e-9, progress=_steps(progress))
    keep = np.searchsorted(begun, times)
    names = [*result.names]
    for index, well in enumerate(wells):
        values = result.values[index][keep]
        yield Course(well, times, {name: values[:, column] for column, name in enumerate(names)})


def _steps(progress: Callable[[int], None] | None) -> Callable[[int], None] | None:
    """Turn the count so far, which the engine reports, into the number newly finished."""
    if progress is None:
        return None
    seen = 0

    def newly(finished: int) -> None:
        nonlocal seen
        progress(finished - seen)
        seen = finished

    return newly


def _columns(rows: Sequence[Mapping[str, float]], network: Network) -> dict[str, np.ndarray]:
    """Turn one mapping per trajectory into one array per name; what a row leaves out has the network's default."""
    names = dict.fromkeys(name for row in rows for name in row)
    defaults = network.parameters.values_by_name
    return {name: np.array([row[name] if name in row else defaults[name] for row in rows]) for name in names}


def _starts(wells: Sequence[Well], overrides: Overrides) -> list[dict[str, float]]:
    """Return the state of the seeded cells of each well: as in the flasks that they come from."""
    lines = {id(line): line for well in wells for line, _ in well.populations}
    flasks = dict(zip(lines, stock_states(list(lines.values()), overrides), strict=True))
    states = []
    for well in wells:
        seeded = [(i, flasks[id(line)]) for i, (line, _) in enumerate(well.populations, start=1)]
        states.append({f"p{i}_{name}": level for i, flask in seeded for name, level in flask.items()})
    return states
