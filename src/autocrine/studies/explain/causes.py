"""What is estimated, and what it means in the wells: the way from a draw of the posterior to the circuit.

A *draw* is a mapping from parameter names to arrays of shape (n,). `Causes.network_values` turns draws into parameters
of the network of each well, of shape (n, W), which `Bench.run_sets` simulates; `Causes.line_values` gives those of one
line with one drug, for wells that were never made (another arm, dose or density).

Only what explains resistance is free:

=========================  =====================================================================================
``pump_arm``               strength of STAT3 → C/EBP → ABCB1, in units of the circuit's own
``survival_arm``           gain of the survival factor at full drive
``loop_<line>``            drive of the IL6 gene in a line, in units of one transgene; the reference has none
``copies_<line>``          amplification of ABCB1 over the reference
``other_<line>``           logarithm of the potency that a line needs more of any drug, whatever the cause
``other_<line>_<drug>``    the same of one drug only
``potency_<drug>`` ...     record of the drug: ``steepness``, ``death_max``, and ``pump_ratio`` of a substrate
``division_<line>``        division rate
``scale_<line>_<arm>``     error of the controls of a plate, as a factor of viability
``offset_viability``       signal of dead cells
``scale_il6``              calibration of the ELISA
``noise_<readout>``        noise between wells
=========================  =====================================================================================
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from autocrine.calibration import given
from autocrine.circuit import Drug, cell
from autocrine.core import errors
from autocrine.studies.explain.laboratory import Laboratory, line_of, plain

#: parameter → value without the cause
WITHOUT = {"pump_arm": 0.0, "survival_arm": 0.0, "loop": 0.0, "copies": 1.0, "other": 0.0}
#: centre and width of priors of what no table knows; all are chosen, wide, and on the natural logarithm
_LOOP, _PUMP, _COPIES, _OTHER, _OTHER_OF_DRUG = (0.3, 1.5), (1.0, 0.7), 2.0, 0.7, 0.25
_SCALE, _OFFSET, _ELISA = 0.03, 0.02, 0.3
_NOISE = {"viability": (0.05, 0.7), "il6": (0.15, 0.5), "abcb1_mrna": (0.2, 0.5), "pgp": (0.2, 0.5)}
OF_DRUG = ("potency", "steepness", "death_max")


@dataclass(frozen=True)
class Causes:
    """The parameters of a laboratory.

    Attributes
    ----------
    laboratory : Laboratory
        What was measured.
    """

    laboratory: Laboratory

    @cached_property
    def priors(self) -> given.Priors:
        """What is believed before there are data, of all parameters."""
        lab = self.laboratory
        rows = [
            given.Prior("pump_arm", math.log(_PUMP[0]), _PUMP[1], "log"),
            self._of_table("survival_arm", cell.cell_parameters()["survival_gain"], wider=2.0),
        ]
        for line in lab.others:
            rows.append(given.Prior(plain("loop", line), math.log(_LOOP[0]), _LOOP[1], "log"))
            rows.append(given.Prior(plain("copies", line), 0.0, _COPIES, "log", 0.0))
            rows.append(given.Prior(plain("other", line), 0.0, _OTHER))
        rows += [given.Prior(plain("other", line, drug), 0.0, _OTHER_OF_DRUG) for line, drug in lab.pairs]
        rows += [prior for drug in lab.drugs for prior in self._of_drug(drug)]
        division = cell.cell_parameters()["division_rate_max"]
        rows += [self._of_table(plain("division", line), division) for line in lab.lines]
        return given.Priors([*rows, *self._of_readouts()])

    def _of_table(self, name: str, parameter, wider: float = 1.0) -> given.Prior:
        prior = given.Prior.of(replace(parameter, name=name))
        return given.Prior(name, prior.centre, prior.width * wider, prior.scale)

    def _of_drug(self, drug: Drug) -> list[given.Prior]:
        names = [*OF_DRUG, "pump_ratio"] if drug.is_substrate else list(OF_DRUG)
        return [self._of_table(plain(name, drug.name), drug.parameters[name]) for name in names]

    def _of_readouts(self) -> list[given.Prior]:
        lab, rows = self.laboratory, []
        for name in lab.readouts:
            centre, width = _NOISE[name]
            rows.append(given.Prior(plain("noise", name), math.log(centre), width, "log"))
        if "viability" in lab.readouts:
            rows.append(given.Prior("offset_viability", 0.0, _OFFSET))
            rows += [given.Prior(name, 0.0, _SCALE, "log") for name in self.scales]
        if "il6" in lab.readouts:
            rows.append(given.Prior("scale_il6", 0.0, _ELISA, "log"))
        return rows

    @property
    def scales(self) -> tuple[str, ...]:
        """The factors of viability: one for each line and arm, whose wells share their controls."""
        lab = self.laboratory
        wells = [lab.wells[each.well] for each in lab.measurements if each.readout == "viability"]
        return tuple(dict.fromkeys(scale_of(well) for well in wells))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The parameters that change the wells; the others belong to readouts."""
        ends = ("noise", "offset", "scale")
        return tuple(name for name in self.priors if not name.startswith(ends))

    def line_values(self, draw: Mapping[str, np.ndarray], line: str, drug: Drug | None) -> dict[str, np.ndarray]:
        """Return parameters of the network of a well of one line with one drug, each of shape (n,).

        Parameters
        ----------
        draw : mapping of str to ndarray of shape (n,)
            Draws; what is absent has no effect (a cause is not there).
        line : str
            The line.
        drug : Drug or None
            The drug, if there is one.
        """

        def at(*words: str) -> np.ndarray:
            return np.atleast_1d(np.asarray(draw.get(plain(*words), WITHOUT[words[0]]), float))

        found = {
            "p1_edge_il6_cebp": at("pump_arm"),
            "p1_survival_gain": at("survival_arm"),
            "p1_il6_nfkb": at("loop", line),
            "p1_abcb1_copies": at("copies", line),
            "p1_division_rate_max": np.atleast_1d(np.asarray(draw[plain("division", line)], float)),
        }
        if drug is None:
            return found
        for name in (*OF_DRUG, *(("pump_ratio",) if drug.is_substrate else ())):
            found[f"d1_{name}"] = np.atleast_1d(np.asarray(draw[plain(name, drug.name)], float))
        found["d1_potency"] = found["d1_potency"] * np.exp(at("other", line) + at("other", line, drug.name))
        return found

    def network_values(self, draw: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Return parameters of the network of every well, each of shape (n, W); a well without drug has any."""
        if "pump_arm" not in draw and "survival_arm" not in draw and not draw:
            raise errors.InputError("a draw must hold parameters", sorted(draw))
        lab = self.laboratory
        rows = [self.line_values(draw, line_of(well), well.drugs[0][0] if well.drugs else None) for well in lab.wells]
        columns: dict[str, np.ndarray] = {}
        count = max(np.size(value) for value in draw.values())
        for name in dict.fromkeys(name for row in rows for name in row):
            # a record keeps its own number where a well says nothing: a drug that P-gp does not carry
            default = [self._default(name, well) for well in lab.wells]
            columns[name] = np.stack(
                [np.broadcast_to(row.get(name, value), count) for row, value in zip(rows, default, strict=True)], axis=1
            )
        return columns

    def _default(self, name: str, well) -> float:
        if not name.startswith("d1_"):
            return float("nan")
        drug = well.drugs[0][0] if well.drugs else self.laboratory.drugs[0]
        return drug.parameters[name.removeprefix("d1_")].value


def scale_of(well) -> str:
    """Return the name of the factor that the wells of a line and arm share."""
    return plain("scale", line_of(well), well.arm.name)
