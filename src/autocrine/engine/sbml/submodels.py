"""Submodels of the SBML package comp, made one model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from autocrine.core import errors
from autocrine.engine import libsbml_process
from autocrine.engine.sbml import source

#: files that one document may lead to, each by external model definitions of the one before
_MOST_FILES = 100
_MOST_SUBMODELS, _DEEPEST = 2_000, 50


def flattened(document: Any, text: str, where: str, path: Path | None) -> tuple[Any, str]:
    """Return a document of one model, and its text: submodels of the package comp are written out.

    Parameters
    ----------
    document : libsbml.SBMLDocument
        The document.
    text : str
        The same as text.
    where : str
        Its name in messages.
    path : Path, optional
        Its file; models may be taken from files in its folder and below, from nowhere else.

    Raises
    ------
    InputError
        If a model is to be taken from elsewhere, or the submodels do not fit together.
    """
    if document.getPlugin("comp") is None:
        return document, text
    if path is not None:
        _check_files(document, path)
    elif _external(document):
        raise errors.InputError("text that is no file must not take models from files", _external(document)[0])
    _check_size(document, where)
    flat, reason = libsbml_process.flattened(text, "" if path is None else path.resolve().as_uri())
    if not flat:
        raise errors.InputError(f"submodels must fit together: {source.sentence(reason)}", where=where)
    return source.document(flat, f"{where}, with its submodels written out"), flat


def _check_size(document: Any, where: str) -> None:
    """Refuse submodels within submodels that would become very many."""
    plugin = document.getPlugin("comp")
    count = plugin.getNumModelDefinitions()
    definitions = {each.getId(): each for each in map(plugin.getModelDefinition, range(count))}
    known: dict[str, int] = {}
    total = _instances(document.getModel(), definitions, known, ())
    if total > _MOST_SUBMODELS:
        raise errors.InputError(f"a model must have at most {_MOST_SUBMODELS:,} submodels", total, where=where)


def _instances(model: Any, definitions: dict[str, Any], known: dict[str, int], above: tuple[str, ...]) -> int:
    """Return how many submodels a model has, those within them included."""
    plugin = model.getPlugin("comp")
    if len(above) > _DEEPEST:
        raise errors.InputError(f"submodels must be nested at most {_DEEPEST} deep", above[-1])
    total = 0
    for place in range(plugin.getNumSubmodels()):
        name = plugin.getSubmodel(place).getModelRef()
        if name in above:
            raise errors.InputError("a submodel must not contain itself", name)
        if name not in known:
            inner = definitions.get(name)
            known[name] = 1 if inner is None else 1 + _instances(inner, definitions, known, (*above, name))
        total += known[name]
    return total


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
        if inner.getPlugin("comp") is not None:
            _check_size(inner, str(target))
        waiting += [(target, each) for each in _external(inner)]
