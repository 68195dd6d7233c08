"""The design of a tumour, read from TOML and checked before anything of it is made."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from autocrine.circuit import Drug, Line, Lines, Pharmacology
from autocrine.core import Document, errors, units
from autocrine.tissue.cells import Phenotype
from autocrine.tissue.cells.force import ForceLaw
from autocrine.tissue.cells.memory import check_memory, fitting_cells
from autocrine.tissue.cells.network import tissue_network
from autocrine.tissue.complexes import bindings_of, complexes_of
from autocrine.tissue.fields import Grid, Substrate, Vessels
from autocrine.tissue.fields.binding import Binding
from autocrine.tissue.fields.plasma import Plasma
from autocrine.tissue.substrates import MEDIUM, read_substrates, read_vessels, refuse_unknown
from autocrine.tissue.treatment import load_treatment

ARRANGEMENTS = ("mixed", "clustered")
_TABLES = ("tumour", "domain", "clone", "producers", "substrate", "vessels", "plasma", "treatment", "vary", "quick")
_TUMOUR = (
    "name", "title", "duration", "tick", "chemistry_step", "growth_step", "dimensions", "cells", "most_cells",
    "spacing", "shape", "frames", "follows",
)  # fmt: skip
_DOMAIN, _PRODUCERS = ("size", "voxel"), ("fraction", "arrangement")
#: a step of fields and circuit where a design says nothing (h): its error is in docs/decisions/tissue-chemistry.md
CHEMISTRY_H = 0.4 / 60
#: what a blocker blocks, by the target of its record; an antibody against IL-6 itself binds it in the fluid
_BLOCKS = {"il6r": "il6r_block", "jak": "jak_block", "pgp": "pump_block"}


@dataclass(frozen=True)
class Clone:
    """A clone of a design: its name, line, phenotype, and its share of the first cells."""

    name: str
    line: Line
    phenotype: Phenotype
    fraction: float


@dataclass(frozen=True)
class TumourDesign:
    """One tumour.

    Attributes
    ----------
    name, title : str
        What it is called.
    duration_h, tick_h, growth_h : float
        Length of the run, of a tick, and of a step of growth and death (h).
    chemistry_ticks : int
        Ticks of one step of fields and circuit.
    dimensions, cells : int
        2 or 3; cells at the start.
    spacing_um : float
        Between two cells at the start.
    shape : str
        ``ball`` (a disc in two dimensions) or ``scattered``.
    size_um, voxel_um : float
        Edge of the domain and of a voxel.
    clones : tuple of Clone
        The clones.
    producer_fraction : float
        Share of cells that make IL-6.
    arrangement : str
        ``mixed``, or ``clustered``: the cells around one place.
    substrates, drugs, blockers, vessels
        What diffuses; drugs of the circuit; what blocks what, and its Ki; voxels with vessels.
    bindings : tuple of Binding
        What binds in the fluid: IL-6 with an antibody against it, and with soluble IL-6R.
    most_cells : int
        More cells stop the run: what the design says, or what fits into memory.
    oxygen_uptake_1_h : float
        Volumes of its own that a cell clears of oxygen.
    text : str
        All that was read, by which a checkpoint knows its design.
    frames : int
        Moments that are kept for movies, beside the start.
    follows : str
        Substrate whose gradient moving cells follow; none if empty.
    """

    name: str
    title: str
    duration_h: float
    tick_h: float
    growth_h: float
    chemistry_ticks: int
    dimensions: int
    cells: int
    spacing_um: float
    shape: str
    size_um: float
    voxel_um: float
    clones: tuple[Clone, ...]
    producer_fraction: float
    arrangement: str
    substrates: tuple[Substrate, ...]
    drugs: tuple[Drug, ...]
    blockers: Mapping[str, tuple[str, float]]
    vessels: Vessels | None
    plasma: Mapping[str, Plasma] = field(default_factory=dict)
    oxygen_uptake_1_h: float = 0.0
    bindings: tuple[Binding, ...] = ()
    most_cells: int = 0
    text: str = ""
    frames: int = 24
    follows: str = ""

    @property
    def grid(self) -> Grid:
        """The grid of the fields."""
        voxels = math.ceil(self.size_um / self.voxel_um)
        return Grid((voxels,) * self.dimensions, self.voxel_um)

    @classmethod
    def from_document(cls, document: Document) -> TumourDesign:
        """Read a design.

        Raises
        ------
        InputError
            If a key, substrate, line or drug is unknown, or a quantity has another unit.
        DesignError
            If cells need more memory than there is, or do not fit.
        """
        return _Reader(document).design()


class _Reader:
    """Reads one design."""

    def __init__(self, document: Document) -> None:
        document.allow(_TABLES)
        self._document, self._drugs = document, Pharmacology.load()
        self._tumour, self._domain = document.table("tumour"), document.table("domain")
        self._tumour.allow(_TUMOUR)
        self._domain.allow(["size", "voxel"])

    def design(self) -> TumourDesign:
        tumour, producers = self._tumour, self._document.table("producers")
        for table, keys in ((tumour, _TUMOUR), (self._domain, _DOMAIN), (producers, _PRODUCERS)):
            table.allow(keys)
        names = refuse_unknown(self._document.table("substrate"), (*MEDIUM, *self._drugs))
        drugs, blockers, antibodies = self._acting(names)
        cells, dimensions = self._count("cells", 1), self._count("dimensions", 2)
        most_cells = self._check_size(cells, dimensions, len(drugs))
        grid = self._grid(dimensions, len(names))
        substrates, oxygen_uptake = read_substrates(self._document.table("substrate"))
        bindings = bindings_of(names, antibodies, blockers)
        substrates += complexes_of(bindings, substrates)
        plasma = self._plasma(substrates)
        vessels = read_vessels(self._document.table("vessels"), grid, plasma)
        return TumourDesign(
            tumour.get("name", str),
            tumour.get("title", str, tumour.get("name", str)),
            self._time("duration"),
            *self._pace(),
            dimensions,
            cells,
            _length(tumour, "spacing", "16 um"),
            self._word(tumour, "shape", ("ball", "scattered")),
            grid.shape[0] * grid.spacing_um,
            grid.spacing_um,
            self._clones(),
            self._share(producers, "fraction", 0.0),
            self._word(producers, "arrangement", ARRANGEMENTS),
            substrates,
            drugs,
            blockers,
            vessels,
            plasma,
            oxygen_uptake,
            bindings,
            most_cells,
            self._text(),
            self._count("frames", 1, 24),
            self._follows(names),
        )

    def _grid(self, dimensions: int, substrates: int) -> Grid:
        size_um, voxel_um = (_length(self._domain, key) for key in _DOMAIN)
        with errors.inside(self._domain.where()):
            grid = Grid((math.ceil(size_um / voxel_um),) * dimensions, voxel_um)
            grid.check_memory(substrates)
        return grid

    def _text(self) -> str:
        """Return all that was read but the limit of cells: a run may go on with another one."""
        values = dict(self._document.values)
        values["tumour"] = {key: value for key, value in values["tumour"].items() if key != "most_cells"}
        return repr(values)

    def _pace(self) -> tuple[float, float, int]:
        """Return the tick and the step of growth (h), and the ticks of one step of chemistry."""
        tick_h = self._time("tick", "0.3 min")
        growth_h = max(self._time("growth_step", "6 min"), tick_h)
        return tick_h, growth_h, self._chemistry_ticks(tick_h, growth_h)

    def _chemistry_ticks(self, tick_h: float, growth_h: float) -> int:
        """Return the ticks of one step of chemistry; where nothing is said, the most that fit into 0.4 min."""
        growth = max(1, round(growth_h / tick_h))
        if "chemistry_step" not in self._tumour.values:
            fitting = [n for n in range(1, growth + 1) if growth % n == 0 and n * tick_h <= CHEMISTRY_H * (1 + 1e-9)]
            return max(fitting, default=1)
        asked_h = self._time("chemistry_step")
        found = max(1, round(asked_h / tick_h))
        if abs(found * tick_h - asked_h) > 1e-6 * asked_h or growth % found:
            raise errors.InputError(
                "chemistry_step must be a whole number of ticks, and growth_step of its own",
                self._tumour.values["chemistry_step"],
                where=self._tumour.where("chemistry_step"),
            )
        return found

    def _check_size(self, cells: int, dimensions: int, drugs: int) -> int:
        """Refuse cells that do not fit; return how many there may be."""
        if dimensions not in {2, 3}:
            raise errors.InputError("dimensions must be 2 or 3", dimensions, where=self._tumour.where("dimensions"))
        species = len(tissue_network(drugs).outline.species)
        most = self._count("most_cells", 1, max(cells, fitting_cells(species)))
        if most < cells:
            raise errors.InputError(
                f"most_cells must be at least the {cells} of the start", most, where=self._tumour.where("most_cells")
            )
        with errors.inside(self._tumour.where("cells")):
            check_memory(most, species)
        return most

    def _acting(self, names: list[str]) -> tuple[tuple[Drug, ...], dict[str, tuple[str, float]], dict[str, float]]:
        """Return drugs, what blockers block and their Ki, and antibodies against IL-6 and their Kd."""
        known = [self._drugs[name] for name in names if name in self._drugs]
        blockers, antibodies = {}, {}
        for drug in known:
            if drug.kind == "blocker" and drug.target == "il6":
                antibodies[drug.name] = drug.parameters["ki"].value
            elif drug.kind == "blocker":
                blockers[drug.name] = (_BLOCKS[drug.target], drug.parameters["ki"].value)
        return tuple(drug for drug in known if drug.kind != "blocker"), blockers, antibodies

    def _plasma(self, substrates: tuple[Substrate, ...]) -> dict[str, Plasma]:
        treatment = self._document.table("treatment")
        treatment.allow(["without"])
        without = treatment.get("without", list, [])
        unit_of = {each.name: each.unit for each in substrates}
        masses = {name: self._drugs[name].molar_mass_g_mol for name in unit_of if name in self._drugs}
        raw = self._document
        found = load_treatment(
            Document({"plasma": raw.get("plasma", dict, {})}, raw.text, raw.name, raw.path), unit_of, masses
        )
        for name in without:
            if name not in found:
                raise errors.InputError(
                    "without must name what plasma holds", name, where=treatment.where("without"), hint=", ".join(found)
                )
        return {name: Plasma(0.0) if name in without else each for name, each in found.items()}

    def _clones(self) -> tuple[Clone, ...]:
        lines, found = Lines.load(), []
        for name, table in self._document.tables("clone"):
            table.allow(["line", "fraction", "phenotype", "mechanics"])
            line = lines.find(table.get("line", str), where=table.where("line"))
            law = _law(table.table("mechanics"))
            with errors.inside(table.where("phenotype")):
                phenotype = Phenotype(table.get("phenotype", dict, {}), law)
            found.append(Clone(name, line, phenotype, self._share(table, "fraction", 1.0)))
        if not found:
            raise errors.InputError(
                "a tumour must have a clone", where=self._document.where(), hint="[clone.sensitive]"
            )
        total = sum(each.fraction for each in found)
        if abs(total - 1) > 1e-9:
            raise errors.InputError(
                "the fractions of the clones must sum to 1", total, where=self._document.where("clone")
            )
        return tuple(found)

    def _follows(self, names: list[str]) -> str:
        name = self._tumour.get("follows", str, "")
        if name and name not in names:
            raise errors.InputError(
                "follows must be a substrate", name, where=self._tumour.where("follows"), hint=", ".join(names)
            )
        return name

    def _count(self, key: str, least: int, default: Any = ...) -> int:
        value = self._tumour.get(key, int, 3 if key == "dimensions" else default)
        if value < least:
            raise errors.InputError(f"{key} must be at least {least}", value, where=self._tumour.where(key))
        return value

    def _time(self, key: str, default: Any = ...) -> float:
        value = units.read(self._tumour.get(key, str, default), "h", where=self._tumour.where(key))
        if not value > 0:
            raise errors.InputError(f"{key} must be positive", value, where=self._tumour.where(key))
        return value

    def _share(self, table: Document, key: str, default: float) -> float:
        value = float(table.get(key, float, default))
        if not 0 <= value <= 1:
            raise errors.InputError(f"{key} must lie between 0 and 1", value, where=table.where(key))
        return value

    def _word(self, table: Document, key: str, known: tuple[str, ...]) -> str:
        value = table.get(key, str, known[0])
        if value not in known:
            raise errors.InputError(f"{key} must be one of {', '.join(known)}", value, where=table.where(key))
        return value


def _law(table: Document) -> ForceLaw:
    """Read how cells of a clone push and pull."""
    table.allow(["adhesion", "repulsion", "reach"])
    usual = ForceLaw()
    adhesion, repulsion = (
        units.read(table.get(key, str, f"{value} um/h"), "um/h", where=table.where(key))
        for key, value in (("adhesion", usual.adhesion_um_h), ("repulsion", usual.repulsion_um_h))
    )
    with errors.inside(table.where()):
        return ForceLaw(adhesion, repulsion, float(table.get("reach", float, usual.relative_reach)))


def _length(table: Document, key: str, default: Any = ...) -> float:
    value = units.read(table.get(key, str, default), "um", where=table.where(key))
    if not value > 0:
        raise errors.InputError(f"{key} must be positive", value, where=table.where(key))
    return value
