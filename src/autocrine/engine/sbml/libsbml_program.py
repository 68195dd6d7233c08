"""What libsbml does with documents of strangers, in a process of its own, for `autocrine.engine.sbml.libsbml_process`.

libsbml crashes on some documents, above all when it looks for the units of maths and when it writes out submodels, and
nothing can be caught then. So that the process starts quickly it imports libsbml alone.
"""

from __future__ import annotations

from typing import Any

import libsbml

_FLATTENING = {
    "flatten comp": True,
    "leavePorts": False,
    "performValidation": False,
    "abortIfUnflattenable": "requiredOnly",
}
#: all categories of checks: who does not ask for one does not get it
_CATEGORIES = (
    libsbml.LIBSBML_CAT_GENERAL_CONSISTENCY,
    libsbml.LIBSBML_CAT_IDENTIFIER_CONSISTENCY,
    libsbml.LIBSBML_CAT_UNITS_CONSISTENCY,
    libsbml.LIBSBML_CAT_MATHML_CONSISTENCY,
    libsbml.LIBSBML_CAT_SBO_CONSISTENCY,
    libsbml.LIBSBML_CAT_OVERDETERMINED_MODEL,
    libsbml.LIBSBML_CAT_MODELING_PRACTICE,
)


def answer(asked: dict[str, Any]) -> dict[str, Any]:
    """Return what libsbml says.

    Parameters
    ----------
    asked : dict
        ``text`` of the document and what to ``do`` with it: ``read``, ``flatten`` (with the ``location`` of its file
        as URI, which files beside it are found by) or ``check`` (with the ``categories`` of checks).

    Returns
    -------
    dict
        Nothing; ``text`` without submodels, or an empty one and the ``reason``; or ``found``: category, line and
        message of each thing that is worth a warning.
    """
    document = libsbml.readSBMLFromString(asked["text"])
    if asked["do"] == "flatten":
        return _flattened(document, asked["location"])
    if asked["do"] == "check":
        return {"found": _found(document, asked["categories"])}
    elements = document.getListOfAllElements()
    for element in map(elements.get, range(elements.getSize())):
        if hasattr(element, "getMath") and element.getMath() is not None:
            element.getMath().isWellFormedASTNode()
    return {}


def drop_empty_laws(model: Any) -> None:
    """Take away kinetic laws without maths, which mean nothing.

    Where there are several laws and parameters without units, libsbml 5.20 looks at the maths that is not there to find
    the units (`UnitFormulaFormatter`), and destroys memory.
    """
    reactions = model.getListOfReactions()
    for place in range(reactions.size()):
        reaction = reactions.get(place)
        law = reaction.getKineticLaw()
        if law is not None and not law.isSetMath():
            reaction.unsetKineticLaw()


def _flattened(document: Any, location: str) -> dict[str, str]:
    if location:
        document.setLocationURI(location)
    options = libsbml.ConversionProperties()
    for name, value in _FLATTENING.items():
        options.addOption(name, value, "")
    document.getErrorLog().clearLog()
    if document.convert(options) == libsbml.LIBSBML_OPERATION_SUCCESS:
        return {"text": libsbml.writeSBMLToString(document), "reason": ""}
    log = document.getErrorLog()
    messages = [log.getError(place).getMessage() for place in range(log.getNumErrors())]
    return {"text": "", "reason": messages[-1] if messages else "no reason was given"}


def _found(document: Any, categories: list[int]) -> list[tuple[int, int, str]]:
    """Return what checks find in a document, as a program that converts old levels sees it."""
    drop_empty_laws(document.getModel())
    if document.getLevel() == 1:
        document.setLevelAndVersion(2, 4, False)
    for category in _CATEGORIES:
        document.setConsistencyChecks(category, category in categories)
    document.checkConsistency()
    troubles = [document.getError(place) for place in range(document.getNumErrors())]
    return [
        (trouble.getCategory(), trouble.getLine(), trouble.getMessage())
        for trouble in troubles
        if trouble.getSeverity() >= libsbml.LIBSBML_SEV_WARNING
    ]
