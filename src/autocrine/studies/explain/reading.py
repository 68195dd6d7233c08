"""From a user's files to a laboratory."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from autocrine.assay import Arm, Bench, Protocol, plates
from autocrine.core import errors
from autocrine.studies.explain.arm_words import read_arm
from autocrine.studies.explain.laboratory import Laboratory, Measurement, alike, user_lines

if TYPE_CHECKING:
    import pandas as pd

    from autocrine.assay.plates.dose_series import DoseSeries
    from autocrine.assay.plates.observations import Observations
    from autocrine.assay.well import Well

#: readout of files → ours
_LEVELS = {
    "il6": "il6",
    **dict.fromkeys(("abcb1_mrna", "mdr1_mrna"), "abcb1_mrna"),
    **dict.fromkeys(("pgp_protein", "p-gp_protein", "p-glycoprotein_protein", "abcb1_protein", "mdr1_protein"), "pgp"),
}
#: factor to ng/ml
_MASS = {"ng/ml": 1.0, "pg/ml": 1e-3, "ug/ml": 1e3, "ug/l": 1.0}
#: chosen: with fewer doses neither potency nor steepness can be told from these data
_FEW_DOSES = 3
#: reasons in a message
_SHOWN = 3
_EQUAL = "all values of the series are equal: nothing was measured, or the detector is full"
_LISTED = ("file", "row", "line", "drug", "column", "value", "reason")


_nothing_said = plates.Options


@dataclass(frozen=True)
class Files:
    """What a user brings.

    Attributes
    ----------
    plates : sequence of Path
        Viability, intensities or counts.
    il6, qpcr, western : Path or None
        ELISA of IL-6, qPCR of ABCB1, and western folds of P-gp, in wells without drug.
    options : plates.Options
        What the files do not say.
    protocol : Protocol
        Seeding, volumes and times of every well.
    reference : str
        The line that others are compared with; the most sensitive one if empty.
    named : mapping of str to str
        Names of drugs in the files → names here.
    """

    plates: Sequence[Path]
    il6: Path | None = None
    qpcr: Path | None = None
    western: Path | None = None
    options: Any = field(default_factory=_nothing_said)
    protocol: Protocol = field(default_factory=Protocol)
    reference: str = ""
    named: Mapping[str, str] = field(default_factory=dict)


def read_laboratory(files: Files, bench: Bench | None = None) -> Laboratory:
    """Read files of a user.

    Raises
    ------
    InputError
        If a drug or an arm is unknown, there is one line only, or nothing can be used; see also `plates.read_plates`.
    """
    reader = _Reader(files, bench or Bench())
    read = plates.read_plates(list(files.plates), files.options)
    reader.viability(read)
    # folds of other assays are over the line that everything is compared with, if nobody says another
    said = replace(files.options, calibrator=files.options.calibrator or files.reference)
    for path in (files.il6, files.qpcr, files.western):
        if path is not None:
            reader.levels(plates.read_plates(path, said), path)
    return reader.laboratory()


class _Reader:
    """Collects wells and values."""

    def __init__(self, files: Files, bench: Bench) -> None:
        self.files, self.drugs = files, bench.drugs
        self.rows: list[tuple[str, float, tuple, tuple | None, str, str]] = []
        self.excluded: list[dict[str, Any]] = []
        self.notes: list[str] = []
        self._arms: dict[str, Arm] = {}

    def viability(self, read: Observations) -> None:
        found = plates.dose_series(read)
        self._keep_account(read, found.excluded)
        source = ", ".join(str(path) for path in self.files.plates)
        used = 0
        for series in found.series:
            if series.measure != "viability":
                continue
            drug = "" if self._left_out(series, source) else self._drug(series, source)
            if not drug:
                continue
            for dose, value in zip(series.dose_nM.tolist(), series.value.tolist(), strict=True):
                if not math.isfinite(value):
                    where = {"file": source, "line": series.line, "drug": series.drug, "column": "viability"}
                    self._exclude("is not finite", value=value, **where)
                    continue
                well = (series.line, series.arm, series.time_h, drug, dose)
                label = f"{series.line}, {series.drug} {dose:g} nM" + (f", {series.arm}" if series.arm else "")
                self.rows.append(("viability", value, well, (*well[:4], 0.0), "exact", label))
                used += 1
        if not used:
            must = "plates must hold the viability of a line under a drug"
            reasons = list(dict.fromkeys(str(row["reason"]) for row in self.excluded))
            why = "; ".join(reasons[:_SHOWN]) + (f" and {len(reasons) - _SHOWN} more" if len(reasons) > _SHOWN else "")
            strange = any("no drug that" in reason for reason in reasons)
            known = ", ".join(each.name for each in self.drugs.values() if each.kind == "cytotoxic")
            hint = f"--same NAME=DRUG with one of {known}" if strange else "autocrine plates check"
            raise errors.InputError(must, why or "nothing of the kind", where=source, hint=hint)
        self._refuse_few_doses(source)

    def _left_out(self, series: DoseSeries, source: str) -> bool:
        """Say whether a series cannot be used, and list its values if so."""
        where = {"file": source, "line": series.line, "drug": series.drug, "column": "viability"}
        if series.problem:
            # the wells themselves are listed where they could be read
            if not self._is_listed(series.line, series.drug, series.problem):
                self._exclude(series.problem, **where)
            return True
        flat = len(series.value) > 2 and float(np.ptp(series.value)) == 0
        for value in series.value.tolist() if flat else ():
            self._exclude(_EQUAL, value=value, **where)
        return flat

    def _drug(self, series: DoseSeries, source: str) -> str:
        """Return the drug of a series by its name here; empty, with its values listed, if there is no such drug."""
        named = self.files.named.get(series.drug, series.drug)
        try:
            return self.drugs.find(named, where=source).name
        except errors.InputError:
            if named != series.drug:
                raise  # what was said on the command line must be right
        where = {"file": source, "line": series.line, "drug": series.drug, "column": "viability"}
        for value in series.value.tolist():
            self._exclude(f"{series.drug} is no drug that Autocrine knows", value=value, **where)
        return ""

    def _is_listed(self, line: str, drug: str, reason: str) -> bool:
        return any((row["line"], row["drug"], row["reason"]) == (line, drug, reason) for row in self.excluded)

    def _refuse_few_doses(self, source: str) -> None:
        """Refuse plates on which no drug has enough doses, and say of which a fold rests on priors."""
        doses: dict[tuple[str, str], set[float]] = {}
        for _, _, (line, _, _, drug, dose), *_ in self.rows:
            doses.setdefault((line, drug), set()).update({dose} if dose > 0 else set())
        most = max(map(len, doses.values()))
        if most < _FEW_DOSES:
            must = f"a line must have met {_FEW_DOSES} doses of a drug or more"
            raise errors.InputError(must, most, where=source, hint="a dilution series of the drug in both lines")
        self.notes += [
            f"{line} met fewer than {_FEW_DOSES} doses of {drug}: its fold rests on what is believed before"
            for (line, drug), met in doses.items()
            if len(met) < _FEW_DOSES
        ]

    def levels(self, read: Observations, path: Path) -> None:
        self._keep_account(read, None)
        table = read.table
        base = self._calibrator(table)
        used = 0
        for row in table.to_dict("records"):
            name = _LEVELS.get(str(row["readout"]).lower())
            if name is None or (row["drug"] and row["dose_nM"] == row["dose_nM"] and row["dose_nM"] > 0):
                reason = f"{row['readout']} is not used" if name is None else "only wells without drug are used"
                self._exclude(reason, **self._place(row, path))
                continue
            value = float(row["value"]) * (self._mass(row, path) if name == "il6" else 1.0)
            if not value > 0:
                self._exclude("must be positive", **self._place(row, path))
                continue
            kind = {"<": "below", ">": "above"}.get(str(row["censored"]), "exact")
            well = (str(row["line"]), str(row["arm"]), float(row["time_h"]), "", 0.0)
            against = None if name == "il6" else (base, "", well[2], "", 0.0)
            if against == well:
                self._exclude("is the calibrator", **self._place(row, path))
                continue
            self.rows.append((name, value, well, against, kind, f"{row['readout']} of {well[0]} {well[1]}".strip()))
            used += 1
        if not used:
            must = "the file must hold il6, ABCB1 mRNA (qPCR) or P-gp (fold) of wells without drug"
            raise errors.InputError(must, sorted(map(str, table["readout"].unique())), where=str(path))

    def _place(self, row: Mapping[str, Any], path: Path) -> dict[str, object]:
        named = {name: row[name] for name in ("row", "line", "drug", "value")}
        return {"file": str(path), "column": row["readout"], **named}

    def _calibrator(self, table: pd.DataFrame) -> str:
        said = self.files.options.calibrator
        lines = [str(line) for line in table["line"].unique() if str(line)]
        return next((line for line in lines if line.lower() == said.lower()), said) if said else self.files.reference

    def _mass(self, row: Mapping[str, Any], path: Path) -> float:
        unit = str(row["unit"])
        if unit not in _MASS:
            must = "IL-6 must be given in ng/ml or pg/ml"
            raise errors.UnitError(must, unit, where=f"{path}, row {row['row']}")
        return _MASS[unit]

    def _keep_account(self, read: Observations, more: pd.DataFrame | None) -> None:
        self.notes += [note for note in read.notes if note not in self.notes]
        for table in (read.excluded, more):
            if table is not None and len(table):
                self.excluded += [{name: row.get(name, "") for name in _LISTED} for row in table.to_dict("records")]

    def _exclude(self, reason: str, **what: object) -> None:
        self.excluded.append({name: what.get(name, "") for name in _LISTED} | {"reason": reason})

    def _arm(self, text: str) -> Arm:
        if text not in self._arms:
            self._arms[text] = read_arm(text, self.drugs, where=str(self.files.plates[0]))
        return self._arms[text]

    def laboratory(self) -> Laboratory:
        """Return the wells and values."""
        lines = list(dict.fromkeys(row[2][0] for row in self.rows if row[0] == "viability"))
        rows = [row for row in self.rows if row[2][0] in lines and (row[3] is None or row[3][0] in lines)]
        for row in self.rows:
            if row not in rows:
                self._exclude("the plates have no such line", line=row[2][0], column=row[0], value=row[1])
        reference = self._reference(lines)
        bench = Bench(lines=user_lines(lines), drugs=self.drugs)
        keys = list(dict.fromkeys(key for row in rows for key in (row[2], row[3]) if key is not None))
        kept, places = alike([self._well(key, bench) for key in keys])
        at = dict(zip(keys, places, strict=True))
        measured = [
            Measurement(name, value, at[well], None if against is None else at[against], kind, label)
            for name, value, well, against, kind, label in rows
        ]
        return Laboratory(reference, tuple(kept), tuple(measured), tuple(self.notes), tuple(self.excluded))

    def _well(self, key: tuple, bench: Bench) -> Well:
        line, arm, time, drug, dose = key
        protocol = self.files.protocol
        if math.isfinite(time) and time > 0:
            protocol = replace(protocol, duration_h=time)
        made = self._arm(arm)
        return bench.dosed(line, drug, dose, protocol, made) if drug else bench.well(line, protocol, made)

    def _reference(self, lines: list[str]) -> str:
        said = self.files.reference
        if said and said not in lines:
            raise errors.InputError("the reference must be a line of the plates", said, hint=", ".join(lines))
        if len(lines) < 2:
            must = "resistance must be that of one line over another: the plates must hold two lines at least"
            raise errors.InputError(must, lines, hint="the plates of the parental line too")
        if said:
            return said
        means = {
            line: float(np.mean([row[1] for row in self.rows if row[0] == "viability" and row[2][0] == line]))
            for line in lines
        }
        found = min(means, key=lambda line: means[line])
        self.notes.append(
            f"{found} is the reference: on average the fewest of its cells survive (--reference says another)"
        )
        return found
