"""A network as SBML, Level 3 Version 2 core."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import libsbml
import sympy

from autocrine.core import errors
from autocrine.engine import unit_check
from autocrine.engine.names import TIME, symbol
from autocrine.engine.network import Network
from autocrine.engine.reaction import Reaction
from autocrine.engine.sbml.annotation import describe, mark, note
from autocrine.engine.sbml.event_writer import write_events
from autocrine.engine.sbml.formula import Formula
from autocrine.engine.sbml.identifiers import Identifiers
from autocrine.engine.sbml.rate_law import sbo_term
from autocrine.engine.sbml.unit_definitions import UnitDefinitions, in_one_litre

References = Mapping[str, str | Sequence[str]]
_REACTANT, _PRODUCT, _MODIFIER, _CONTINUOUS = 10, 11, 19, 293
_ABOUT = (
    "Written by Autocrine. Every species is in one compartment of one litre: a concentration is an "
    "amount in it, everything else is an amount as such. SBML counts molecules and cells in the same unit, item; the "
    "name of a unit definition says which. A reaction whose effect on some species depends on volumes or cell numbers "
    "is written as several reactions with the same name before the bracket."
)
_POWERS = "A fractional power of a negative number counts as zero in Autocrine; other programs give an error or NaN."


def write_sbml(network: Network, path: Path | str, *, references: References | None = None) -> None:
    """Write a network as an SBML file, Level 3 Version 2 core.

    Parameters
    ----------
    network : Network
        Any network.
    path : Path or str
        The file, which is replaced if it is there.
    references : mapping of str to str or sequence of str, optional
        Addresses (identifiers.org) of the sources behind evidence keys. Each parameter is annotated with those of its
        key, each reaction with those of the parameters in its rate; keys without an address are kept as words.

    Raises
    ------
    InputError
        If the network holds what SBML has not: a function, or a unit.
    OutputError
        If the file cannot be written, or what was written is not consistent.

    Notes
    -----
    Stoichiometry times rate is the change of a species per time in both. Stoichiometric coefficients that are
    expressions become part of the rate, one reaction for each different coefficient, because few programs read
    coefficients that change. Observables are parameters with an assignment rule and a mark.

    References
    ----------
    Hucka et al. 2019, SBML Level 3 Version 2 Core, J Integr Bioinform 16(2):20190021, doi:10.1515/jib-2019-0021.
    """
    text = sbml_text(network, references=references)
    try:
        Path(path).write_text(text, encoding="utf-8")
    except OSError as error:
        raise errors.OutputError(f"{path} cannot be written ({error.strerror or error})") from error


def sbml_text(network: Network, *, references: References | None = None) -> str:
    """Return a network as SBML text; see `write_sbml`."""
    document = libsbml.SBMLDocument(libsbml.SBMLNamespaces(3, 2))
    _Writer(network, document, references or {}).write()
    document.setConsistencyChecks(libsbml.LIBSBML_CAT_UNITS_CONSISTENCY, False)
    document.checkConsistency()
    wrong = [document.getError(i) for i in range(document.getNumErrors())]
    worst = [each.getMessage().strip() for each in wrong if each.getSeverity() >= libsbml.LIBSBML_SEV_ERROR]
    if worst:
        raise errors.OutputError(f"network {network.name} cannot be written as consistent SBML: {worst[0]}")
    return libsbml.writeSBMLToString(document)


class _Writer:
    """Writes one network into one document."""

    def __init__(self, network: Network, document: libsbml.SBMLDocument, references: References) -> None:
        self.network, self.references = network, references
        self.model = document.createModel()
        self.identifiers = Identifiers.of(network)
        self.formula = Formula(self.identifiers)
        self.units = UnitDefinitions(self.model)
        self.volume = self.identifiers.free("unit_volume")
        self.identifiers[self.volume] = self.volume
        self.rates = {one.name for one in network.reactions if _names_its_rate(network, one)}
        self.dissolved = {each.name for each in network.species if in_one_litre(each.unit) is not None}
        self.changed = {name for event in network.events for name in event.assignments}
        self.moving = {*(each.name for each in network.species), *network.rules, *self.changed, TIME}

    def write(self) -> None:
        """Write everything."""
        self._model()
        for species in self.network.species:
            self._species(species.name, species.unit, species.initial)
        for name in self.network.parameters:
            self._parameter(name)
        found = unit_check.found_units(self.network)
        for role, named in (("rule", self.network.rules), ("observable", self.network.observables)):
            for name, expression in named.items():
                if name not in self.rates:
                    self._rule(name, expression, role, found.get(name, ""))
        for reaction in self.network.reactions:
            self._reaction(reaction)
        write_events(self.model, self.network, self.identifiers, self.formula)

    def _model(self) -> None:
        model = self.model
        model.setId(self.identifiers.free(self.network.name))
        model.setName(self.network.name)
        model.setSBOTerm(_CONTINUOUS)
        mark(model, {"role": "network", "unit": self.network.time_unit})
        model.setTimeUnits(self.units.id_of(self.network.time_unit))
        model.setVolumeUnits("litre")
        note(model, *self.network.notes, _ABOUT, _POWERS)
        compartment = model.createCompartment()
        compartment.setId(self.volume)
        compartment.setName("one litre")
        compartment.setSpatialDimensions(3)
        compartment.setSize(1.0)
        compartment.setUnits("litre")
        compartment.setConstant(True)

    def _species(self, name: str, unit: str, initial: Any) -> None:
        made = self.model.createSpecies()
        made.setId(self.identifiers[name])
        made.setName(name)
        made.setCompartment(self.volume)
        made.setBoundaryCondition(False)
        made.setConstant(False)
        held = in_one_litre(unit)
        made.setHasOnlySubstanceUnits(held is None)
        amount = self.units.id_of(held) if held else self.units.amount_of(unit)
        mark(made, {"unit": unit})
        if amount is not None:  # a species may have any unit here, but must be an amount there
            made.setSubstanceUnits(amount)
        if not initial.is_number:
            self._initial(name, initial)
        elif held is None:
            made.setInitialAmount(float(initial))
        else:
            made.setInitialConcentration(float(initial))

    def _initial(self, name: str, expression: Any) -> None:
        assignment = self.model.createInitialAssignment()
        assignment.setSymbol(self.identifiers[name])
        assignment.setMath(self.formula.node(expression))

    def _parameter(self, name: str) -> None:
        parameter = self.network.parameters[name]
        made = self.model.createParameter()
        made.setId(self.identifiers[name])
        made.setName(name)
        made.setValue(parameter.value)
        made.setUnits(self.units.id_of(parameter.unit))
        made.setConstant(name not in self.changed)
        note(made, parameter.note)
        # repr keeps every digit
        ends = {"low": repr(parameter.low), "high": repr(parameter.high)}
        known = {"evidence": parameter.evidence, "basis": parameter.basis, "module": parameter.module}
        mark(made, {"unit": parameter.unit, **ends, **known})
        describe(made, self._sources([name]))

    def _rule(self, name: str, expression: Any, role: str, unit: str) -> None:
        made = self.model.createParameter()
        made.setId(self.identifiers[name])
        made.setName(name)
        made.setConstant(False)
        if unit:
            made.setUnits(self.units.id_of(unit))
        mark(made, {"role": role, "unit": unit})
        rule = self.model.createAssignmentRule()
        rule.setVariable(self.identifiers[name])
        rule.setMath(self.formula.node(expression))

    def _reaction(self, reaction: Reaction) -> None:
        parts = list(_parts(reaction))
        term = sbo_term(reaction, self.moving)
        sources = self._sources(self._behind(reaction))
        for label, changes, rate in parts:
            whole = len(parts) == 1
            made = self.model.createReaction()
            free = self.identifiers.free
            known = self.identifiers[reaction.name] if reaction.name in self.rates else ""
            made.setId(known or free(reaction.name if whole else f"{reaction.name} {label}"))
            made.setName(reaction.name if whole else f"{reaction.name} ({label})")
            made.setReversible(False)
            if not whole:
                mark(made, {"role": "part", "of": reaction.name})
            elif known:
                mark(made, {"role": "rate"})
            describe(made, sources)
            self._participants(made, changes, rate)
            law = made.createKineticLaw()
            law.setMath(self.formula.node(self._extent(changes, rate)))
            if term is not None:
                law.setSBOTerm(term)

    def _extent(self, changes: Mapping[str, float], rate: Any) -> Any:
        """Return a rate as SBML wants it, in amounts: that of a concentration times the volume, which is one litre."""
        return rate * symbol(self.volume) if self.dissolved & set(changes) else rate

    def _participants(self, made: libsbml.Reaction, changes: Mapping[str, float], rate: Any) -> None:
        for name, change in changes.items():
            reference = made.createReactant() if change < 0 else made.createProduct()
            reference.setSpecies(self.identifiers[name])
            reference.setStoichiometry(abs(change))
            reference.setConstant(True)
            reference.setSBOTerm(_REACTANT if change < 0 else _PRODUCT)
        used = {each.name for each in rate.free_symbols}
        for species in self.network.species:
            if species.name in used and species.name not in changes:
                modifier = made.createModifier()
                modifier.setSpecies(self.identifiers[species.name])
                modifier.setSBOTerm(_MODIFIER)

    def _behind(self, reaction: Reaction) -> list[str]:
        """Return the names of the parameters that a reaction depends on, those behind rules too."""
        written = self.network.written_out()
        terms: list[Any] = [reaction.rate, *reaction.stoichiometry.values()]
        used = {each.name for term in terms for each in term.xreplace(written).free_symbols}
        return [name for name in self.network.parameters if name in used]

    def _sources(self, names: Iterable[str]) -> list[str]:
        found: list[str] = []
        for name in names:
            given = self.references.get(self.network.parameters[name].evidence, ())
            found += [given] if isinstance(given, str) else given
        return found


def _names_its_rate(network: Network, reaction: Reaction) -> bool:
    """Tell whether a rule only names the rate of a reaction, which the identifier of the reaction does in SBML."""
    whole = all(sympy.sympify(change).is_number for change in reaction.stoichiometry.values())
    return whole and network.rules.get(reaction.name) == reaction.rate


def _parts(reaction: Reaction) -> Iterator[tuple[str, dict[str, float], Any]]:
    """Split a reaction by its coefficients: a label, changes that are numbers, and the rate."""
    numbers: dict[str, float] = {}
    shared: dict[Any, dict[str, float]] = {}
    for name, given in reaction.stoichiometry.items():
        change: Any = sympy.sympify(given)
        if change.is_number:
            numbers |= {} if change.is_zero else {name: float(change)}
        else:
            sign = -1.0 if change.could_extract_minus_sign() else 1.0
            shared.setdefault(change * int(sign), {})[name] = sign
    if numbers or not shared:
        yield ", ".join(numbers), numbers, reaction.rate
    for factor, changes in shared.items():
        yield ", ".join(changes), changes, factor * reaction.rate
