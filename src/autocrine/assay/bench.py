"""A bench: cell lines, drugs and parameter values with which experiments are done, without noise."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from autocrine.assay.arm import Arm
from autocrine.assay.dose_response import DoseResponse
from autocrine.assay.protocol import Protocol
from autocrine.assay.readout import READOUTS
from autocrine.assay.stock import Overrides
from autocrine.assay.well import Course, Well, simulate_wells
from autocrine.assay.well_network import well_parameters
from autocrine.assay.well_sets import simulate_sets
from autocrine.circuit import Drug, Line, Lines, Pharmacology, cell
from autocrine.core import Parameters

if TYPE_CHECKING:
    from pandas import DataFrame

    from autocrine.assay.curve import Curve
    from autocrine.assay.growth_rate import GrowthRateCurve
    from autocrine.engine.petab import Problem

NO_ARM = Arm()


class Bench:
    """Lines, drugs and parameter values, and the experiments that one can do with them.

    Parameters
    ----------
    overrides : Overrides, optional
        Values that replace those of the records: a draw of the parameters, a step of a fit.
    lines : Lines, optional
        Cell lines by name; those that come with Autocrine by default.
    drugs : Pharmacology, optional
        Drugs by name; those that come with Autocrine by default.
    progress : callable, optional
        Called with the number of wells that are newly finished.
    """

    def __init__(
        self,
        overrides: Overrides | None = None,
        *,
        lines: Lines | None = None,
        drugs: Pharmacology | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> None:
        self.overrides = overrides or Overrides()
        self.lines = lines if lines is not None else Lines.load()
        self.drugs = drugs if drugs is not None else Pharmacology.load()
        self.progress = progress

    def with_values(
        self,
        cell: Mapping[str, float] | None = None,
        well: Mapping[str, float] | None = None,
        drugs: Mapping[str, Mapping[str, float]] | None = None,
    ) -> Bench:
        """Return this bench with other values of parameters of the circuit, the well or drugs."""
        old = self.overrides
        named = {name: {**old.drugs.get(name, {}), **values} for name, values in (drugs or {}).items()}
        overrides = Overrides({**old.cell, **(cell or {})}, {**old.well, **(well or {})}, {**old.drugs, **named})
        return Bench(overrides, lines=self.lines, drugs=self.drugs, progress=self.progress)

    @property
    def well_parameters(self) -> Parameters:
        """Parameters of medium, dish and geometry, with the values of this bench."""
        return well_parameters().changed(dict(self.overrides.well))

    def line(self, name: str) -> Line:
        """Return a line by name."""
        return self.lines.find(name)

    def drug(self, name: str) -> Drug:
        """Return a drug by name or synonym."""
        return self.drugs.find(name)

    def run(
        self, wells: Sequence[Well], time_h: Callable[[Protocol], Sequence[float]] | None = None, rtol: float = 1e-6
    ) -> list[Course]:
        """Simulate wells; see `simulate_wells`."""
        return simulate_wells(wells, time_h, overrides=self.overrides, rtol=rtol, progress=self.progress)

    def run_sets(
        self, wells: Sequence[Well], values: Mapping[str, np.ndarray], outputs: Sequence[str], *, rtol: float = 1e-4
    ) -> np.ndarray:
        """Simulate wells at many sets of parameters; see `simulate_sets`."""
        return simulate_sets(wells, values, outputs, overrides=self.overrides, rtol=rtol)

    def series(
        self,
        line_name: str,
        drug_name: str,
        protocol: Protocol,
        arm: Arm = NO_ARM,
        doses_nM: Sequence[float] | np.ndarray | None = None,
    ) -> DoseResponse:
        """Describe a dose-response of one line."""
        return self.mixture(((line_name, 1.0),), drug_name, protocol, arm, doses_nM)

    def mixture(
        self,
        shares: Sequence[tuple[str, float]],
        drug_name: str,
        protocol: Protocol,
        arm: Arm = NO_ARM,
        doses_nM: Sequence[float] | np.ndarray | None = None,
    ) -> DoseResponse:
        """Describe a dose-response of several lines in one medium, each with its share of the seeded cells."""
        drug = self.drug(drug_name)
        doses = drug.doses_nM if doses_nM is None else np.asarray(doses_nM, dtype=float)
        return DoseResponse(tuple((self.line(name), share) for name, share in shares), drug, doses, arm, protocol)

    @staticmethod
    def fit(measured: Sequence[tuple[DoseResponse, DataFrame]], *, interval: bool = True) -> list[Curve]:
        """Fit the viability of dose-responses, each with its `DoseResponse.table`, all at once.

        Parameters
        ----------
        measured : sequence of (DoseResponse, DataFrame)
            What was done and what was measured.
        interval : bool
            Whether each IC50 gets its interval, which is half of the work.
        """
        # imported late: wells are simulated without what fits curves to them
        from autocrine.assay.curve_series import fit_curves

        return fit_curves([one.viability_series(table, interval=interval) for one, table in measured])

    @staticmethod
    def fit_growth_rates(measured: Sequence[tuple[DoseResponse, DataFrame]]) -> list[GrowthRateCurve | None]:
        """Fit growth-rate values likewise; None where untreated cells did not grow, since GR is then not defined."""
        from autocrine.assay.curve_series import fit_curves
        from autocrine.assay.growth_rate import GrowthRateCurve

        series = [one.growth_rate_series(table) for one, table in measured]
        fitted = iter(fit_curves([each for each in series if each is not None]))
        return [None if each is None else GrowthRateCurve(next(fitted)) for each in series]

    def exact_ic50s(self, series: Sequence[DoseResponse]) -> np.ndarray:
        """Return the noiseless IC50 of several dose-responses in nM; NaN where a series does not reach it."""
        courses = iter(self.run([well for one in series for well in one.wells()]))
        return np.array([one.exact_ic50([next(courses) for _ in range(one.doses_nM.size + 1)]) for one in series])

    def levels(self, readout: str, wells: Sequence[Well]) -> np.ndarray:
        """Return the noiseless level of one readout at the end of each well."""
        return np.array([READOUTS[readout].level(course)[-1] for course in self.run(wells)])

    def secretion(self, line_name: str) -> float:
        """Return the IL-6 that a cell of a line secretes without feedback, in molecules per cell and hour."""
        values = cell.cell_parameters().values_by_name | dict(self.overrides.cell)
        values |= dict(self.line(line_name).values)
        drive = values["il6_basal"] + values["il6_transgene"] + values["edge_nfkb_il6"] * values["il6_nfkb"]
        copies = values["s_il6"] * drive * (1 - values["sirna_il6"]) / values["d_il6_mrna"]
        return values["k_il6_secretion"] * copies

    def own_il6_nM(self, line_name: str) -> float:
        """Return the IL-6 that an isolated cell of a line holds at its own surface, without feedback, in nM."""
        exposure = self.overrides.well.get("self_exposure", well_parameters()["self_exposure"].value)
        return self.secretion(line_name) * exposure

    def petab_problem(self, wells: Any, protocol: Protocol, estimated: Sequence[str]) -> Problem:
        """Return measured viability and the circuit as a problem of parameter estimation, for PEtab.

        Parameters
        ----------
        wells : DataFrame
            Columns ``line``, ``drug``, ``dose_nM``, ``viability`` (fraction of control) and, if it differs from that
            of the protocol, ``duration_h``: measured plates, as `plates.read_plates` reads them.
        protocol : Protocol
            What was done to every well.
        estimated : sequence of str
            Parameters of the circuit that are sought; see `plate_problem`.
        """
        # imported late: it needs tables, and a process that only simulates does without
        from autocrine.assay.plate_problem import MeasuredWell, plate_problem

        measured = []
        for row in wells.to_dict("records"):
            hours = row.get("duration_h")
            own = protocol if hours is None or np.isnan(hours) else replace(protocol, duration_h=float(hours))
            well = self.dosed(str(row["line"]), str(row["drug"]), float(row["dose_nM"]), own)
            measured.append(MeasuredWell(well, float(row["viability"])))
        return plate_problem(measured, self.overrides, estimated)

    def paired_problem(self, values: Any, parameters: DataFrame, observables: DataFrame) -> Problem:
        """Return measured wells, each beside the one that it is compared with, as a problem for PEtab.

        Parameters
        ----------
        values : sequence of tuple
            Well, the well with which it is compared, formulas of the parameters of either, row of the table of
            measurements: see `PairedValue`.
        parameters, observables : pandas.DataFrame
            Tables of PEtab 2; see `paired_problem.paired_problem`.
        """
        from autocrine.assay.paired_problem import PairedValue, paired_problem

        return paired_problem([PairedValue(*each) for each in values], parameters, observables, self.overrides)

    def well(self, line_name: str, protocol: Protocol, arm: Arm = NO_ARM) -> Well:
        """Describe a well of one line without a drug."""
        return Well(((self.line(line_name), 1.0),), arm, protocol)

    def dosed(self, line_name: str, drug_name: str, dose_nM: float, protocol: Protocol, arm: Arm = NO_ARM) -> Well:
        """Describe a well of one line with one dose of a drug or probe."""
        return Well(((self.line(line_name), 1.0),), arm, protocol, ((self.drug(drug_name), dose_nM),))
