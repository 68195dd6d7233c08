"""SBML text from strangers: looked at before libsbml sees it, and read."""

from __future__ import annotations

import xml.parsers.expat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import libsbml

from autocrine.core import errors
from autocrine.engine import libsbml_process
from autocrine.engine.sbml import functions, packages
from autocrine.engine.sbml.libsbml_program import drop_empty_laws
from autocrine.engine.sbml.maths_shape import MathsShape

#: genome-scale models have some 40 MB
LARGEST_FILE = 100_000_000
#: levels of elements; libsbml reads them by recursion, and maths beyond some hundred levels is no model
DEEPEST_ELEMENT = 400
_SBML = "http://www.sbml.org/sbml/level"
#: elements of one file
MOST_ELEMENTS = 5_000_000
#: (level, version) → namespace; others end the process within libsbml 5.20, by an exception that nothing catches
_NAMESPACES = {("1", version): f"{_SBML}1" for version in "12"}
_NAMESPACES |= {("2", version): f"{_SBML}2" + (f"/version{version}" if version != "1" else "") for version in "12345"}
_NAMESPACES |= {("3", version): f"{_SBML}3/version{version}/core" for version in "12"}


def load(path: Path) -> str:
    """Return the text of a file that may be SBML.

    Raises
    ------
    InputError
        If it cannot be read, is too large, is not UTF-8, or is XML that must not be trusted.
    """
    where = str(path)
    try:
        size = path.stat().st_size
        if size > LARGEST_FILE:
            raise errors.InputError(f"a file must have at most {LARGEST_FILE:,} bytes", size, where=where)
        raw = path.read_bytes()
    except OSError as error:
        raise errors.InputError("a file must be readable", error.strerror or str(error), where=where) from error
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise errors.InputError("SBML must be written in UTF-8", where=f"{where}, line {line}") from error
    check(text, where)
    return text


def check(text: str, where: str) -> None:
    """Refuse text that is no XML, declares entities, is nested too deeply, or holds maths without sense.

    Raises
    ------
    InputError
        With the line.
    """
    _Scan(where).read(text)


def check_xml(text: str, where: str) -> None:
    """Refuse text as `check` does, of any root: of another language in XML.

    Raises
    ------
    InputError
        With the line.
    """
    _Scan(where, any_root=True).read(text)


def document(text: str, where: str) -> Any:
    """Return the libsbml document of a text that has been checked.

    Raises
    ------
    UnsupportedError
        If it needs a package that is not there.
    InputError
        With line and message, if libsbml cannot read it, or crashes when it does.
    """
    libsbml_process.try_reading(text, where)
    found = libsbml.readSBMLFromString(text)
    packages.check(found, where)  # first, because libsbml objects to documents that lack what a package wants
    for place in range(found.getNumErrors()):
        trouble = found.getError(place)
        if trouble.getSeverity() in {libsbml.LIBSBML_SEV_ERROR, libsbml.LIBSBML_SEV_FATAL}:
            raise errors.InputError(
                f"SBML must be valid: {sentence(trouble.getMessage())}", where=f"{where}, line {trouble.getLine()}"
            )
    if found.getModel() is None:
        raise errors.InputError("SBML must hold a model", where=where)
    with errors.inside(where):
        functions.check(found.getModel())
    _check_maths(found, where)
    drop_empty_laws(found.getModel())
    return found


def _check_maths(document: Any, where: str) -> None:
    """Refuse functions without their arguments: libsbml crashes when it looks for the units of some."""
    elements = document.getListOfAllElements()
    for element in map(elements.get, range(elements.getSize())):
        tree = element.getMath() if hasattr(element, "getMath") else None
        if tree is not None and not tree.isWellFormedASTNode():
            line = f"{where}, line {element.getLine()}"
            raise errors.InputError("every function in maths must have its arguments", where=line)


def sentence(message: str) -> str:
    """Return the gist of a message of libsbml: its last paragraph that is no reference, which says what was found."""
    parts = [" ".join(part.split()) for part in message.strip().split("\n") if part.strip()]
    parts = [part for part in parts if not part.startswith("Reference:")]
    text = parts[-1] if parts else "unknown error"
    return text if len(text) <= 300 else text[:297] + "..."


class _Scan:
    """One pass of expat over a text, which builds nothing."""

    def __init__(self, where: str, *, any_root: bool = False) -> None:
        self._where, self._depth, self._count = where, 0, 0
        self._any_root = any_root
        self._shape = MathsShape(self._refuse)
        self._parser = xml.parsers.expat.ParserCreate(namespace_separator=" ")
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.StartDoctypeDeclHandler = self._refuse_doctype
        self._parser.EntityDeclHandler = self._refuse_doctype

    def read(self, text: str) -> None:
        try:
            self._parser.Parse(text, True)
        except xml.parsers.expat.ExpatError as error:
            reason = xml.parsers.expat.errors.messages.get(error.code, "unknown error")
            raise errors.InputError(f"a file must be XML: {reason}", where=self._line(error.lineno)) from error

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        if not self._count and not self._any_root:
            self._check_root(name, attributes)
        self._depth += 1
        self._count += 1
        if self._depth > DEEPEST_ELEMENT:
            self._refuse(f"elements must be nested at most {DEEPEST_ELEMENT} deep")
        if self._count > MOST_ELEMENTS:
            self._refuse(f"a file must have at most {MOST_ELEMENTS:,} elements")
        self._shape.start(name, attributes)

    def _check_root(self, name: str, attributes: Mapping[str, str]) -> None:
        """Refuse a root that libsbml would break off at."""
        space, _, local = name.rpartition(" ")
        where = self._line(self._parser.CurrentLineNumber)
        if local != "sbml":
            raise errors.InputError("SBML must begin with the element sbml", local, where=where)
        level, version = attributes.get("level", ""), attributes.get("version", "")
        if (level, version) not in _NAMESPACES or space != _NAMESPACES[level, version]:
            shown = f"level {level!r}, version {version!r}, namespace {space!r}"
            raise errors.InputError("SBML must have a level and version with their namespace", shown, where=where)

    def _end(self, _: str) -> None:
        self._depth -= 1
        self._shape.end()

    def _refuse_doctype(self, *_: object) -> None:
        self._refuse(
            "a file must not declare a document type or entities, which can read other files or fill the memory"
        )

    def _refuse(self, must: str) -> None:
        raise errors.InputError(must, where=self._line(self._parser.CurrentLineNumber))

    def _line(self, number: int) -> str:
        return f"{self._where}, line {number}"
