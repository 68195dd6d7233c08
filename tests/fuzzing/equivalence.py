"""Changes of SBML that leave its meaning: whatever is simulated must be the same before and after."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

_TIMES = (0.0, 0.7, 1.0, 2.5)
_RELATIVE, _ABSOLUTE = 1e-5, 1e-8


def pair(rng: Random, text: str) -> dict[str, bytes]:
    """Return a model, the same model written in another way, and its new names."""
    import libsbml

    document = libsbml.readSBMLFromString(text)
    names: dict[str, str] = {}
    if document.getModel() is not None and document.getPlugin("comp") is None:
        for change in rng.sample(_CHANGES, rng.choice((1, 1, 2, 3))):
            change(rng, document, names)
    other = libsbml.writeSBMLToString(document)
    return {"model.xml": text.encode(), "other.xml": other.encode(), "names.json": json.dumps(names).encode()}


def compare(folder: Path) -> str:
    """Simulate both and compare.

    Raises
    ------
    AssertionError
        If they differ.
    """
    from autocrine.core import errors
    from autocrine.engine import read_sbml, simulate

    first = read_sbml(folder / "model.xml")
    names = json.loads((folder / "names.json").read_text())
    one = simulate(first, _TIMES, rtol=1e-9, atol=1e-11, threads=1)
    try:
        other = simulate(read_sbml(folder / "other.xml"), _TIMES, rtol=1e-9, atol=1e-11, threads=1)
    except errors.AutocrineError as error:
        raise AssertionError(f"refused once it is written in another way: {error}") from error
    found = []
    for name in one.names:
        new = names.get(name, name)
        if new in other.names and not np.allclose(
            one[name], other[new], rtol=_RELATIVE, atol=_ABSOLUTE, equal_nan=True
        ):
            found.append(f"{name}: {one[name][0]} became {new}: {other[new][0]}")
    if found:
        raise AssertionError("; ".join(found))
    return f"the same: {len(one.names)}"


def _each(items: Any) -> list[Any]:
    return [items.get(place) for place in range(items.size())]


def _converted(document: Any, option: str) -> None:
    import libsbml

    options = libsbml.ConversionProperties()
    options.addOption(option, True, "")
    document.convert(options)


def _promote(rng: Random, document: Any, names: dict[str, str]) -> None:
    _converted(document, "promoteLocalParameters")


def _inline(rng: Random, document: Any, names: dict[str, str]) -> None:
    _converted(document, "expandFunctionDefinitions")


def _rename(rng: Random, document: Any, names: dict[str, str]) -> None:
    """Give some identifiers others."""
    import libsbml

    model = document.getModel()
    lists = (
        model.getListOfSpecies(),
        model.getListOfParameters(),
        model.getListOfCompartments(),
        model.getListOfReactions(),
    )
    items = [item for items in lists for item in _each(items)]
    shadowed = {
        p.getId()
        for r in _each(model.getListOfReactions())
        if r.getKineticLaw()
        for p in _each(r.getKineticLaw().getListOfParameters())
    }
    everything = document.getListOfAllElements()
    for place, item in enumerate(items):
        old = item.getId()
        if old in shadowed or rng.random() < 0.4 or (old in names and not names[old]):
            continue
        new = (
            rng.choice(("e", "pi", "lambda", "I", "S", "zz", "_", "nan", "time_", "amount", "sin", "x" * 40))
            + f"_{place}"
        )
        if rng.random() < 0.3:
            new = ("t", "e", "pi", "I", "S", "N", "E", "Q", "time", "lambda", "nan", "oo", "zoo", "sin", "exp")[
                place % 15
            ]
        if model.getElementBySId(new) is not None or new in shadowed:
            continue
        item.setId(new)
        for each in range(everything.getSize()):
            everything.get(each).renameSIdRefs(old, new)
        if f"<ci> {old} </ci>" in libsbml.writeSBMLToString(document):  # stoichiometryMath is left out by libsbml
            item.setId(old)
            for each in range(everything.getSize()):
                everything.get(each).renameSIdRefs(new, old)
            continue
        _note(names, old, new)


def _note(names: dict[str, str], old: str, new: str) -> None:
    for first in [first for first, then in names.items() if then == old] or [old]:
        names[first] = new


def _reorder(rng: Random, document: Any, names: dict[str, str]) -> None:
    """Write lists in another order."""
    model = document.getModel()
    lists = [model.getListOfSpecies(), model.getListOfParameters(), model.getListOfCompartments(), model.getListOfReactions(),
             model.getListOfInitialAssignments()]  # fmt: skip
    if document.getLevel() == 3:
        lists += [model.getListOfRules(), model.getListOfFunctionDefinitions()]
    for items in lists:
        taken = [items.remove(0) for _ in range(items.size())]
        rng.shuffle(taken)
        for item in taken:
            items.appendAndOwn(item.clone())


def _localise(rng: Random, document: Any, names: dict[str, str]) -> None:
    """Make constants of the model parameters of one reaction."""
    model = document.getModel()
    fixed = {r.getVariable() for r in _each(model.getListOfRules())} | {
        i.getSymbol() for i in _each(model.getListOfInitialAssignments())
    }
    fixed |= {a.getVariable() for e in _each(model.getListOfEvents()) for a in _each(e.getListOfEventAssignments())}
    constants = [
        p for p in _each(model.getListOfParameters()) if p.getConstant() and p.getId() not in fixed and p.isSetValue()
    ]
    for reaction in _each(model.getListOfReactions()):
        law = reaction.getKineticLaw()
        if law is None or not law.isSetMath():
            continue
        for parameter in constants:
            if rng.random() < 0.5 or law.getParameter(parameter.getId()) is not None:
                continue
            local = law.createLocalParameter() if document.getLevel() == 3 else law.createParameter()
            new = f"local_{parameter.getId()}"
            law.renameSIdRefs(parameter.getId(), new)
            local.setId(new)
            local.setValue(parameter.getValue())


def _halve(rng: Random, document: Any, names: dict[str, str]) -> None:
    """Write a reaction as two of half the rate."""
    import libsbml

    model = document.getModel()
    text = libsbml.writeSBMLToString(document)
    for reaction in _each(model.getListOfReactions()):
        references = [*_each(reaction.getListOfReactants()), *_each(reaction.getListOfProducts())]
        law = reaction.getKineticLaw()
        if law is None or not law.isSetMath() or reaction.getFast() or any(each.isSetId() for each in references):
            continue
        if f"<ci> {reaction.getId()} </ci>" in text:
            continue
        half = libsbml.ASTNode(libsbml.AST_TIMES)
        factor = libsbml.ASTNode(libsbml.AST_REAL)
        factor.setValue(0.5)
        half.addChild(factor)
        half.addChild(law.getMath().deepCopy())
        law.setMath(half)
        copy = reaction.clone()
        copy.setId(f"second_{reaction.getId()}")
        _note(names, reaction.getId(), "")  # its rate is another
        copy.unsetMetaId()
        model.addReaction(copy)


_CHANGES = (_promote, _inline, _rename, _reorder, _localise, _halve)
