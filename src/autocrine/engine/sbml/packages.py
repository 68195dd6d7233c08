"""Packages of SBML Level 3: which are refused, which may be ignored, and submodels made one model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import libsbml

from autocrine.core import errors
from autocrine.engine.sbml import source

#: what these hold does not change a simulation of the core model
_HARMLESS = frozenset({"layout", "render", "groups", "l3v2extendedmath", "annot", "req"})
#: files that one document may lead to, each by external model definitions of the one before
_MOST_FILES = 100
_FLAT = {"flatten comp": True, "leavePorts": False, "performValidation": False, "abortIfUnflattenable": "requiredOnly"}


def check(document: Any, where: str, path: Path | None) -> None:
    """Refuse packages that change what a model means, and models from files that a document must not lead to.

    Parameters
    ----------
    document : libsbml.SBMLDocument
        The document; libsbml is told where it lies, because its checks open the files that it leads to.
    where : str
        Its name in messages.
    path : Path, optional
        Its file; models may be taken from files in its folder and below, from nowhere else.

    Raises
    ------
    InputError
        If a model is to be taken from elsewhere.
    UnsupportedError
        With the name of the package.
    """
    for place in range(document.getNumPlugins()):
        name = document.getPlugin(place).getPackageName()
        if name not in _HARMLESS and name != "comp" and document.getPackageRequired(name):
            raise errors.UnsupportedError(f"the SBML package {name}", where=where)
        if name in {"fbc", "qual", "spatial", "multi", "distrib", "arrays", "dyn"}:
            raise errors.UnsupportedError(f"the SBML package {name}", where=where)
    for place in range(document.getNumUnknownPackages()):
        uri = document.getUnknownPackageURI(place)
        if document.getPackageRequired(uri):
            raise errors.UnsupportedError(f"the SBML package {uri}", where=where)
    if path is not None:
        _check_files(document, path)
        document.setLocationURI(path.resolve().as_uri())
    elif _external(document):
        must = "text that is no file must not take models from files"
        raise errors.InputError(must, _external(document)[0], where=where)


def flattened(document: Any, where: str) -> Any:
    """Return a document of one model: submodels of the package comp are written out.

    Parameters
    ----------
    document : libsbml.SBMLDocument
        The document, which has been checked; changed in place.
    where : str
        Its name in messages.

    Raises
    ------
    InputError
        If the submodels do not fit together.
    """
    if document.getPlugin("comp") is None:
        return document
    options = libsbml.ConversionProperties()
    for name, value in _FLAT.items():
        options.addOption(name, value, "")
    document.getErrorLog().clearLog()
    if document.convert(options) != libsbml.LIBSBML_OPERATION_SUCCESS:
        log = document.getErrorLog()
        messages = [log.getError(place).getMessage() for place in range(log.getNumErrors())]
        reason = source.sentence(messages[-1]) if messages else "no reason was given"
        raise errors.InputError(f"submodels must fit together: {reason}", where=where)
    return document


def _external(document: Any) -> list[str]:
    plugin = document.getPlugin("comp")
    if plugin is None:
        return []
    count = plugin.getNumExternalModelDefinitions()
    return [plugin.getExternalModelDefinition(place).getSource() for place in range(count)]


def _check_files(document: Any, path: Path) -> None:
    """Look at all files that a document leads to, before libsbml opens them."""
    folder, seen = path.resolve().parent, {path.resolve()}
    waiting = [(path.resolve(), name) for name in _external(document)]
    while waiting:
        owner, name = waiting.pop()
        where = str(owner)
        plain = name.removeprefix("file:")
        if "://" in name or plain.startswith(("/", "\\\\")) or ":" in plain:
            raise errors.InputError("an external model must be a file beside the document", name, where=where)
        target = (owner.parent / plain).resolve()
        if not target.is_relative_to(folder):
            raise errors.InputError("an external model must lie in the folder of the document", name, where=where)
        if target in seen:
            continue
        seen.add(target)
        if len(seen) > _MOST_FILES:
            raise errors.InputError(f"a document must lead to at most {_MOST_FILES} files", where=str(path))
        inner = source.document(source.load(target), str(target))
        waiting += [(target, each) for each in _external(inner)]
