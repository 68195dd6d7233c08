"""Doing a study: all its wells in one ensemble per part, measured with noise, fitted, and put into tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from autocrine.assay import Arm, Bench, fold_resistance, readout
from autocrine.core import notebook
from autocrine.studies.design import Design

#: columns of the table of results, which every part fills as far as it applies
COLUMNS = (
    "part", "line", "arm", "drug", "dose_nM", "seeded_cells", "producer_fraction", "time_h", "replicate", "readout",
    "value", "unit",
)  # fmt: skip


@dataclass(frozen=True)
class Results:
    """What a study measured.

    Attributes
    ----------
    wells : pandas.DataFrame
        One row per measured value, columns `COLUMNS`.
    potencies : pandas.DataFrame
        One row per line, drug and arm: IC50 and GR50 with interval and censoring, fold resistance over the first line.
    curves : dict
        By (line, drug, arm): the fitted curve, and that of growth rates or None.
    """

    wells: pd.DataFrame
    potencies: pd.DataFrame
    curves: dict[tuple[str, str, str], Any]

    def _repr_html_(self) -> str:
        columns = [name for name in ("line", "drug", "arm", "ic50", "fold") if name in self.potencies]
        table = notebook.table(columns, self.potencies[columns].itertuples(index=False))
        title = f"{len(self.wells)} measured values, {len(self.curves)} curves"
        return notebook.page(title, self._picture(), table)

    def _picture(self) -> str:
        """Draw the curves of the first drug without treatment, as the report does."""
        from autocrine.plots import draw_dose_response, svg

        first = next(iter(self.curves), None)
        if first is None:
            return ""
        same = {key[0]: curve for key, (curve, _) in self.curves.items() if key[1:] == first[1:]}
        frames = [curve.frames(line) for line, curve in list(same.items())[:4]]
        points, lines, potencies = (pd.concat(each, ignore_index=True) for each in zip(*frames, strict=True))
        return f"<div>{svg(draw_dose_response(points, lines, potencies, title=f'{first[1]}, {first[2]}'))}</div>"

    def part(self, name: str) -> pd.DataFrame:
        """Return the values of one part."""
        return self.wells.loc[self.wells["part"] == name]


class Experiment:
    """A design with its seed, to be run once.

    Parameters
    ----------
    design : Design
        What to do.
    seed : int
        Seed of all noise: equal seeds give equal tables.
    progress : callable, optional
        Called with the number of wells that are newly finished.
    """

    def __init__(self, design: Design, seed: int, progress: Callable[[int], None] | None = None) -> None:
        self.design, self.seed = design, seed
        self.bench = Bench(
            design.bench.overrides, lines=design.bench.lines, drugs=design.bench.drugs, progress=progress
        )  # fmt: skip

    @property
    def size(self) -> int:
        """Number of wells that will be simulated."""
        d = self.design
        curves = sum(d.doses(drug).size + 1 for drug in d.drugs) * len(d.lines) * len(d.arms)
        untreated = len(d.lines) * len(d.arms) * (1 + len(d.probes))
        density = len(d.density.cells) * len(d.density.lines) * (self._short_doses().size + 1) if d.density else 0
        mixed = len(d.coculture.fractions) * 2 * (self._short_doses().size + 1) if d.coculture else 0
        return curves + untreated + density + mixed + (len(d.time_course.lines) if d.time_course else 0)

    def run(self) -> Results:
        """Do all parts."""
        responses, curves = self._dose_responses()
        parts = [responses, self._readouts(), self._probes(), self._density(), self._coculture(), self._time_course()]
        wells = pd.concat([part for part in parts if not part.empty], ignore_index=True)
        return Results(wells.reindex(columns=list(COLUMNS)), self._potencies(curves), curves)

    def _dose_responses(self) -> tuple[pd.DataFrame, dict[tuple[str, str, str], Any]]:
        d = self.design
        series = [
            self.bench.series(line, drug, d.protocol, arm, d.doses(drug))
            for line in d.lines
            for drug in d.drugs
            for arm in d.arms
        ]
        courses = iter(self.bench.run([well for one in series for well in one.wells()]))
        measured = []
        for one in series:
            mine = [next(courses) for _ in range(one.doses_nM.size + 1)]
            measured.append((one, one.table(mine, d.replicates, self.seed, d.name)))
        keys = [(one.line_name, one.drug.name, one.arm.name) for one in series]
        curves = zip(self.bench.fit(measured), self.bench.fit_growth_rates(measured), strict=True)
        tables = [table for _, table in measured]
        return _as_rows(pd.concat(tables, ignore_index=True), d.protocol.end_h), dict(zip(keys, curves, strict=True))

    def _readouts(self) -> pd.DataFrame:
        """Measure untreated wells of every line and arm at the end."""
        d = self.design
        if not d.readouts:
            return pd.DataFrame()
        labelled = [(line, arm) for line in d.lines for arm in d.arms]
        courses = self.bench.run([self.bench.well(line, d.protocol, arm) for line, arm in labelled])
        rows = [
            {"part": "readout", "line": line, "arm": arm.name, "time_h": d.protocol.end_h, **row}
            for (line, arm), course in zip(labelled, courses, strict=True)
            for row in self._measured(course, d.readouts, line, arm.name)
        ]
        return pd.DataFrame(rows)

    def _probes(self) -> pd.DataFrame:
        """Measure what an hour with a probe leaves in the cells of every line and arm."""
        d = self.design
        if not d.probes:
            return pd.DataFrame()
        change, end = d.protocol.medium_change_h, d.protocol.preincubation_h + 1.0
        before = change if change is not None and change < end else None
        protocol = replace(d.protocol, duration_h=1.0, washout_h=None, medium_change_h=before)
        rows = []
        for probe in d.probes:
            labelled = [(line, arm) for line in d.lines for arm in d.arms]
            dose = self.bench.drug(probe).doses_nM[0]
            wells = [self.bench.dosed(line, probe, dose, protocol, arm) for line, arm in labelled]
            for (line, arm), course in zip(labelled, self.bench.run(wells), strict=True):
                for row in self._measured(course, ("probe",), line, arm.name, probe):
                    rows.append({"part": "probe", "line": line, "arm": arm.name, "drug": probe, "dose_nM": dose, **row})
        return pd.DataFrame(rows)

    def _density(self) -> pd.DataFrame:
        """Measure IL-6 and the IC50 of one drug at rising density."""
        density = self.design.density
        if density is None:
            return pd.DataFrame()
        labelled = [(line, cells) for line in density.lines for cells in density.cells]
        series = [
            self.bench.series(
                line, density.drug, replace(self.design.protocol, seeded_cells=cells), doses_nM=self._short_doses()
            )
            for line, cells in labelled
        ]
        rows = []
        for (line, cells), found in zip(labelled, self._compared(series), strict=True):
            rows += [
                {"part": "density", "line": line, "arm": "none", "drug": density.drug, "seeded_cells": cells, **row}
                for row in found
            ]
        return pd.DataFrame(rows)

    def _coculture(self) -> pd.DataFrame:
        """Measure IL-6 and the IC50 of one drug with a rising share of producers, with and without anti-IL-6R."""
        mixed = self.design.coculture
        if mixed is None:
            return pd.DataFrame()
        arms = [Arm(), Arm.known_arm("anti-IL-6R", self.bench.drugs)]
        labelled = [(fraction, arm) for fraction in mixed.fractions for arm in arms]
        series = [
            self.bench.mixture(
                ((mixed.producers, fraction), (mixed.others, 1 - fraction)), mixed.drug, self.design.protocol, arm,
                self._short_doses(),
            )
            for fraction, arm in labelled
        ]  # fmt: skip
        rows = []
        for (fraction, arm), found in zip(labelled, self._compared(series), strict=True):
            at = {"part": "coculture", "line": f"{mixed.producers} in {mixed.others}", "arm": arm.name}
            rows += [{**at, "drug": mixed.drug, "producer_fraction": fraction, **row} for row in found]
        return pd.DataFrame(rows)

    def _time_course(self) -> pd.DataFrame:
        """Follow the readouts of untreated wells."""
        part = self.design.time_course
        if part is None:
            return pd.DataFrame()
        end = self.design.protocol.end_h
        times = np.append(np.arange(0.0, end, part.every_h), end)
        courses = self.bench.run(
            [self.bench.well(line, self.design.protocol) for line in part.lines], lambda _: tuple(times)
        )
        rows = []
        for line, course in zip(part.lines, courses, strict=True):
            for name in ("live_count", *self.design.readouts):
                kind = readout.READOUTS[name]
                at = {"part": "time_course", "line": line, "arm": "none", "readout": name, "unit": kind.unit}
                rows += [
                    {**at, "time_h": time, "value": level, "replicate": 0}
                    for time, level in zip(times, kind.level(course), strict=True)
                ]
        return pd.DataFrame(rows)

    def _compared(self, series: Sequence[Any]) -> Iterator[list[dict[str, Any]]]:
        """Yield, for each series, the IC50 and the IL-6 of its untreated well; without noise."""
        courses = iter(self.bench.run([well for one in series for well in one.wells()]))
        for one in series:
            mine = [next(courses) for _ in range(one.doses_nM.size + 1)]
            common = {"time_h": self.design.protocol.end_h, "replicate": 0}
            yield [
                {**common, "readout": "il6", "value": readout.READOUTS["il6"].level(mine[0])[-1], "unit": "ng/ml"},
                {**common, "readout": "ic50", "value": one.exact_ic50(mine), "unit": "nM"},
            ]

    def _measured(self, course: Any, names: Sequence[str], *keys: object) -> Iterator[dict[str, Any]]:
        for name in names:
            kind = readout.READOUTS[name]
            values = kind.measure(course, self.design.replicates, self.seed, self.design.name, *keys)[:, -1]
            for repeat, value in enumerate(values, start=1):
                yield {"readout": name, "value": value, "unit": kind.unit, "replicate": repeat}

    def _short_doses(self) -> np.ndarray:
        """Return the doses with which density and co-culture are compared: the range of the drug, fewer of them."""
        part = self.design.density or self.design.coculture
        if part is None:
            return np.zeros(0)
        doses = self.design.doses(part.drug)
        return np.geomspace(doses.min(), doses.max(), min(9, max(doses.size, 2)))

    def _potencies(self, curves: dict[tuple[str, str, str], Any]) -> pd.DataFrame:
        """Return potencies, and fold resistance over the first line of the study in the same arm."""
        reference = self.design.lines[0]
        rows = []
        for (line, drug, arm), (curve, growth) in curves.items():
            fold = fold_resistance(curve.ic50, curves[reference, drug, arm][0].ic50)
            if line == reference and fold.value is not None:
                fold = replace(fold, value=1.0, low=1.0, high=1.0)  # over itself: no noise can change it
            gr50 = growth.gr50 if growth is not None else None
            rows.append(
                {"line": line, "drug": drug, "arm": arm, "status": curve.status, "reason": curve.reason}
                | _columns("ic50", curve.ic50)
                | (_columns("gr50", gr50) if gr50 is not None else {"gr50": "not defined: control did not grow"})
                | {"fold": str(fold), "fold_value": _number(fold.value), "fold_low": fold.low, "fold_high": fold.high}
            )
        return pd.DataFrame(rows)


def _as_rows(table: pd.DataFrame, end_h: float) -> pd.DataFrame:
    """Turn dose-response tables into rows of one value each."""
    table = table.assign(part="dose_response", time_h=end_h)
    keys = ["part", "line", "arm", "drug", "dose_nM", "time_h", "replicate"]
    long = table.melt(keys, ["live_count", "viability"], "readout", "value")
    units = {name: readout.READOUTS[name].unit for name in ("live_count", "viability")}
    return long.assign(unit=[units[name] for name in long["readout"]])


def _columns(name: str, potency: Any) -> dict[str, Any]:
    return {
        name: str(potency),
        f"{name}_nM": _number(potency.value_nM),
        f"{name}_low_nM": potency.low,
        f"{name}_high_nM": potency.high,
        f"{name}_censored": potency.censored,
    }


def _number(value: float | None) -> float:
    return float("nan") if value is None else float(value)
