"""Elements of XML for SED-ML, read from strangers and written.

SED-ML is read without libsedml: its Python module and that of libsbml register the same types, and whichever is
imported last breaks the other one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from autocrine.core import errors

MATHML = "http://www.w3.org/1998/Math/MathML"


class Element:
    """An element that was read.

    Parameters
    ----------
    node : xml.dom.minidom.Element
        The element.
    where : str
        What the file is called in messages.
    """

    def __init__(self, node: Any, where: str) -> None:
        self._node, self._file = node, where

    @property
    def name(self) -> str:
        """Its name without prefix."""
        return self._node.localName

    @property
    def where(self) -> str:
        """The file, and which element it is."""
        key = self.get("id")
        return f"{self._file}, {self.name}" + (f" {key!r}" if key else "")

    def get(self, attribute: str, default: str = "") -> str:
        """Return an attribute."""
        return self._node.getAttribute(attribute) if self._node.hasAttribute(attribute) else default

    def must(self, attribute: str) -> str:
        """Return an attribute that must be there.

        Raises
        ------
        InputError
            If it is not.
        """
        if not self.get(attribute):
            raise errors.InputError(f"a {self.name} must have the attribute {attribute}", where=self.where)
        return self.get(attribute)

    def number(self, attribute: str) -> float:
        """Return an attribute that must be a number; see `must`."""
        try:
            return float(self.must(attribute))
        except ValueError as error:
            raise errors.InputError(f"{attribute} must be a number", self.get(attribute), where=self.where) from error

    def children(self, name: str = "") -> Iterator[Element]:
        """Yield the elements right below, all or those with a name."""
        for node in self._node.childNodes:
            if node.nodeType == node.ELEMENT_NODE and (not name or node.localName == name):
                yield Element(node, self._file)

    def listed(self, name: str) -> list[Element]:
        """Return the elements of a list below, e.g. of ``listOfModels``."""
        return [each for found in self.children(name) for each in found.children()]

    def mathml(self) -> str:
        """Return the maths below as MathML without prefixes; empty where there is none."""
        found = next(self.children("math"), None)
        return "" if found is None else _plain(found._node)


def read_element(text: str, where: str) -> Element:
    """Return the root of XML that has been looked at: without entities, and not too deep."""
    from defusedxml.minidom import parseString

    return Element(parseString(text, forbid_dtd=True).documentElement, where)


def written(name: str, attributes: Mapping[str, object], *inside: str) -> str:
    """Return an element as text, with elements inside it."""
    given = "".join(f" {key}={quoteattr(str(value))}" for key, value in attributes.items())
    return f"<{name}{given}>{''.join(inside)}</{name}>\n" if inside else f"<{name}{given}/>\n"


def _plain(node: Any) -> str:
    if node.nodeType != node.ELEMENT_NODE:
        return escape(node.data) if node.nodeType in {node.TEXT_NODE, node.CDATA_SECTION_NODE} else ""
    given = {each.localName: each.value for each in node.attributes.values() if not each.name.startswith("xmlns")}
    if node.localName == "math":
        given = {"xmlns": MATHML}
    return written(node.localName, given, *(_plain(child) for child in node.childNodes)).rstrip("\n")
