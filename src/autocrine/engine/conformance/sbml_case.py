"""One case of the SBML Test Suite: a model, what to simulate, and what must come out."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from autocrine.core import errors
from autocrine.engine.network import Network
from autocrine.engine.sbml import Quantity
from autocrine.engine.simulation import simulate

#: our tolerances lie this far below those of a case
_BELOW = 1e-4
_TIGHTEST, _LOOSEST = 1e-12, 1e-7
#: the relative tolerance may not go below what rounding allows
_TIGHTEST_RELATIVE = 1e-10


@dataclass(frozen=True)
class SbmlCase:
    """A case of the suite.

    Attributes
    ----------
    name : str
        Its number.
    model : Path
        The file of the highest level and version.
    expected : ndarray of shape (T, k + 1)
        Times and values.
    names : tuple of str
        The k variables.
    amounts, concentrations : frozenset of str
        Species that are wanted in amounts, and in concentrations, whatever their identifiers mean.
    absolute, relative : float
        The tolerances of the suite.
    """

    name: str
    model: Path
    expected: np.ndarray
    names: tuple[str, ...]
    amounts: frozenset[str]
    concentrations: frozenset[str]
    absolute: float
    relative: float

    @classmethod
    def load(cls, folder: Path) -> SbmlCase:
        """Read the files of a case.

        Raises
        ------
        InputError
            If one is missing or cannot be read.
        """
        name = folder.name
        models = sorted(folder.glob(f"{name}-sbml-l*v*.xml"))
        if not models:
            raise errors.InputError("a case must have an SBML file", f"{name}-sbml-l*v*.xml", where=str(folder))
        settings = _settings(folder / f"{name}-settings.txt")
        with (folder / f"{name}-results.csv").open(newline="", encoding="utf-8-sig") as file:
            rows = [row for row in csv.reader(file) if row]
        return cls(
            name,
            models[-1],
            np.array([[float(x) for x in row] for row in rows[1:]]),
            tuple(each.strip() for each in rows[0][1:]),
            frozenset(_listed(settings["amount"])),
            frozenset(_listed(settings["concentration"])),
            float(settings["absolute"]),
            float(settings["relative"]),
        )

    def absent_files(self) -> str:
        """Return the files that the model takes models from and that are not in the suite."""
        text = self.model.read_text(encoding="utf-8-sig")
        sources = re.findall(r"<\w+:externalModelDefinition[^>]*\bsource=\"([^\"]+)\"", text)
        return ", ".join(sorted({each for each in sources if not (self.model.parent / each).is_file()}))

    def simulate(self, network: Network, quantities: Mapping[str, Quantity]) -> np.ndarray:
        """Return the values of a network at the times of the case, shape (T, k).

        Parameters
        ----------
        network : Network
            The model as a network.
        quantities : mapping of str to Quantity
            What the identifiers of the model mean.
        """
        rtol = max(self.relative * _BELOW, _TIGHTEST_RELATIVE)
        atol = min(max(self.absolute * _BELOW, _TIGHTEST), _LOOSEST)
        times = self.expected[:, 0]
        found = simulate(network, times, rtol=rtol, atol=atol)

        def column(key: str) -> np.ndarray:
            name = quantities[key].name if key in quantities else key
            if name in network.parameters:
                return np.full(len(times), network.parameters[name].value)
            return found[name][0]

        columns = []
        for key in self.names:
            values, quantity = column(key), quantities.get(key)
            if quantity is not None and quantity.kind == "species":
                if key in self.amounts and not quantity.only_substance:
                    values = values * column(quantity.compartment)
                elif key in self.concentrations and quantity.only_substance:
                    values = values / column(quantity.compartment)
            columns.append(values)
        return np.stack(columns, axis=1)

    def worst(self, found: np.ndarray) -> str:
        """Return where values miss the expected ones most; nothing if all are within the tolerances.

        Notes
        -----
        A value passes if it is as far from the expected one as absolute + relative abs(expected) or nearer, infinities
        and NaN if they are the same.
        """
        expected = self.expected[:, 1:]
        allowed = self.absolute + self.relative * np.abs(expected)
        with np.errstate(invalid="ignore"):
            excess = np.abs(found - expected) / allowed
        same = (found == expected) | (np.isnan(found) & np.isnan(expected))
        excess = np.where(same, 0.0, np.where(np.isfinite(excess), excess, np.inf))
        row, place = np.unravel_index(int(np.argmax(excess)), excess.shape)
        if excess[row, place] <= 1.0:
            return ""
        wanted, was = expected[row, place], found[row, place]
        return f"{self.names[place]} at {self.expected[row, 0]:g} is {was:.10g}, expected {wanted:.10g}"


def _settings(path: Path) -> dict[str, str]:
    found = {"amount": "", "concentration": ""}
    for line in path.read_text(encoding="utf-8-sig").splitlines():
        key, colon, value = line.partition(":")
        if colon:
            found[key.strip()] = value.strip()
    for key in ("absolute", "relative"):
        if key not in found:
            raise errors.InputError("settings must give", key, where=str(path))
    return found


def _listed(text: str) -> list[str]:
    return [each for each in re.split(r"[,\s]+", text) if each]
