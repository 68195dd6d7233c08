"""The model of a problem: SBML text, and networks of it in which some values at the start are free."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from autocrine.core import errors
from autocrine.engine.network import Network

#: what an identifier of a model is: a constant (parameter or compartment), a state, given by a rule, or a reaction
Kind = Literal["constant", "state", "rule", "reaction"]


@dataclass(frozen=True)
class Start:
    """How the value of a state at the start is given in a network.

    Attributes
    ----------
    value : str
        The parameter that is the value.
    chosen : str
        The parameter that is 1 where this value is meant and 0 where that of the model is; empty if it always is.
    """

    value: str
    chosen: str = ""


@dataclass(frozen=True)
class Prepared:
    """A network of a model, and how some values at its start are given.

    Attributes
    ----------
    network : Network
        The network.
    starts : mapping of str to Start
        By state, or by constant with an initial assignment.
    """

    network: Network
    starts: Mapping[str, Start]


@dataclass(frozen=True)
class Model:
    """An SBML model.

    Attributes
    ----------
    name : str
        What it is called.
    text : str
        Its SBML.
    kinds : mapping of str to Kind
        What its identifiers are.
    aliases : mapping of str to str
        Its identifiers by the names that tables use instead.
    """

    name: str
    text: str
    kinds: Mapping[str, Kind] = field(repr=False)
    aliases: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path, name: str = "", aliases: Mapping[str, str] | None = None) -> Model:
        """Read a file.

        Parameters
        ----------
        path : Path
            The file.
        name : str
            What it shall be called; by default as the file.
        aliases : mapping of str to str
            Identifiers by the names that tables use instead; parameters of reactions, which are written
            ``reaction.parameter``, become parameters of the model with these names.

        Raises
        ------
        InputError
            If it cannot be used.
        """
        from autocrine.engine.sbml import source

        return cls.of(source.load(path), name or path.stem, aliases, path)

    @classmethod
    def of(cls, text: str, name: str, aliases: Mapping[str, str] | None = None, path: Path | None = None) -> Model:
        """Take the text of a model."""
        document = _document(text, path.name if path else name, path)
        plain = {}
        for short, full in (aliases or {}).items():
            if "." in full:
                _promote(document.getModel(), short, full)
            else:
                plain[short] = full
        return cls(name, _written(document), _kinds(document.getModel()), plain)

    def prepared(self, constants: Iterable[str], starts: Mapping[str, bool], set_later: Iterable[str]) -> Prepared:
        """Return a network in which some values at the start are parameters.

        Parameters
        ----------
        constants : iterable of str
            Constants whose own initial assignments no longer count.
        starts : mapping of str to bool
            Identifiers whose value at the start is given, and whether this is so for all trajectories.
        set_later : iterable of str
            Identifiers that are given new values in the course of a trajectory.

        Raises
        ------
        InputError
            If a rule gives one of them its value, or the model is none that can be simulated.
        """
        from autocrine.engine.sbml import read_text

        document = _document(self.text, self.name, None)
        model, given = document.getModel(), {}
        for name in (*constants, *starts):
            if self.kinds.get(name) in ("rule", "reaction"):
                must = "a value can be given to what no rule gives its value, and"
                raise errors.InputError(f"{must} not", name, where=self.name)
        for name in constants:
            model.removeInitialAssignment(name)
            _complete(model, name)
        for name, always in starts.items():
            plain = self.kinds[name] == "constant" and (always or model.getInitialAssignment(name) is None)
            if plain:
                model.removeInitialAssignment(name)
                _complete(model, name)
            else:
                given[name] = _free(model, name, always)
        for name in set_later:
            if self.kinds[name] == "constant" and model.getInitialAssignment(name) is not None:
                _loosen(model, name)
        return Prepared(read_text(_written(document), self.name), given)


def _document(text: str, where: str, path: Path | None) -> Any:
    from autocrine.engine.sbml import source, submodels

    source.check(text, where)
    document = source.document(text, where)
    document, _ = submodels.flattened(document, text, where, path)
    old = document.getLevel() == 1 or (document.getLevel() == 2 and document.getVersion() < 2)
    if old and not document.setLevelAndVersion(2, 4, False):
        raise errors.InputError("old SBML must convert to Level 2 Version 4", where=where)
    return document


def _written(document: Any) -> str:
    import libsbml

    return libsbml.writeSBMLToString(document)


def _each(items: Any) -> list[Any]:
    return [items.get(place) for place in range(items.size())]


def _kinds(model: Any) -> dict[str, Kind]:
    """Return what the identifiers of a model are."""
    found: dict[str, Kind] = {item.getId(): "constant" for item in _each(model.getListOfParameters())}
    found |= {item.getId(): "constant" for item in _each(model.getListOfCompartments())}
    found |= {item.getId(): "state" for item in _each(model.getListOfSpecies())}
    found |= {item.getId(): "reaction" for item in _each(model.getListOfReactions())}
    for rule in _each(model.getListOfRules()):
        if rule.isRate():
            found[rule.getVariable()] = "state"
        elif rule.isAssignment():
            found[rule.getVariable()] = "rule"
    for event in _each(model.getListOfEvents()):
        for item in _each(event.getListOfEventAssignments()):
            found[item.getVariable()] = "state"
    return found


def _complete(model: Any, name: str) -> None:
    """Give a constant some number, where it has none: the trajectories give it theirs."""
    item = model.getElementBySId(name)
    if hasattr(item, "getSize") and not math.isfinite(item.getSize()):
        item.setSize(1.0)
    elif hasattr(item, "getValue") and not math.isfinite(item.getValue()):
        item.setValue(1.0)


def _parameter(model: Any, wish: str, value: float) -> str:
    name = wish
    while model.getElementBySId(name) is not None:
        name += "_"
    item = model.createParameter()
    item.setId(name)
    item.setValue(value)
    item.setConstant(True)
    return name


def _free(model: Any, name: str, always: bool) -> Start:
    """Make the value of a state at the start a parameter."""
    import libsbml

    start = _parameter(model, f"start_of_{name}", 1.0)
    before = _initial(model, name)
    model.removeInitialAssignment(name)
    assignment = model.createInitialAssignment()
    assignment.setSymbol(name)
    if always or before is None:
        assignment.setMath(_name(start))
        return Start(start)
    chosen = _parameter(model, f"start_is_given_of_{name}", 0.0)
    condition = _node(libsbml.AST_RELATIONAL_GT, _name(chosen), _number(0.5))
    assignment.setMath(_node(libsbml.AST_FUNCTION_PIECEWISE, _name(start), condition, before))
    return Start(start, chosen)


def _initial(model: Any, name: str) -> Any:
    """Return the value at the start of an identifier as maths; None where a model gives none."""
    import libsbml

    assignment, item = model.getInitialAssignment(name), model.getElementBySId(name)
    if assignment is not None:
        return assignment.getMath().deepCopy()
    if not hasattr(item, "getCompartment"):
        value = item.getSize() if hasattr(item, "getSize") else item.getValue()
        return _number(value) if math.isfinite(value) else None
    by_amount = item.isSetInitialAmount()
    value = item.getInitialAmount() if by_amount else item.getInitialConcentration()
    if not math.isfinite(value):
        return None
    if by_amount == item.getHasOnlySubstanceUnits():
        return _number(value)
    operation = libsbml.AST_DIVIDE if by_amount else libsbml.AST_TIMES
    return _node(operation, _number(value), _name(item.getCompartment()))


def _loosen(model: Any, name: str) -> None:
    """Make a constant that follows from others a state that nothing changes, so that an event may."""
    model.getElementBySId(name).setConstant(False)
    rule = model.createRateRule()
    rule.setVariable(name)
    rule.setMath(_number(0.0))


def _name(name: str) -> Any:
    import libsbml

    node = libsbml.ASTNode(libsbml.AST_NAME)
    node.setName(name)
    return node


def _number(value: float) -> Any:
    import libsbml

    node = libsbml.ASTNode(libsbml.AST_REAL)
    node.setValue(value)
    return node


def _node(kind: int, *children: Any) -> Any:
    import libsbml

    node = libsbml.ASTNode(kind)
    for child in children:
        node.addChild(child)
    return node


def _promote(model: Any, short: str, full: str) -> None:
    """Make a parameter of a reaction one of the model, under another name."""
    reaction = model.getReaction(full.split(".", 1)[0])
    law: Any = None if reaction is None else reaction.getKineticLaw()
    local = None if law is None else law.getParameter(full.split(".", 1)[1])
    if law is None or local is None or model.getElementBySId(short) is not None:
        must = "a name must be given to a parameter of a reaction, and to that alone,"
        raise errors.InputError(must, f"{short} for {full}", where="mapping table")
    item = model.createParameter()
    item.setId(short)
    if local.isSetValue():
        item.setValue(local.getValue())
    if local.isSetUnits():
        item.setUnits(local.getUnits())
    item.setConstant(True)
    maths = law.getMath()
    maths.renameSIdRefs(local.getId(), short)
    remove = law.removeParameter if law.getLevel() < 3 else law.removeLocalParameter
    remove(local.getId())
