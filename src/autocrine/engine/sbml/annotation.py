"""What SBML has no place for: roles, ranges and evidence keys in a namespace of ours, sources as MIRIAM annotations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from xml.sax.saxutils import escape, quoteattr

import libsbml

#: the namespace of what only Autocrine reads; other programs keep it or ignore it
NAMESPACE = "urn:autocrine:network"
_MARK = "mark"


def mark(element: libsbml.SBase, words: Mapping[str, str]) -> None:
    """Mark an element with words that are not empty, as attributes of one XML element; to be done before `describe`.

    Parameters
    ----------
    words : mapping of str to str
        ``role`` (``network``, ``observable``, ``rule``, ``part``, ``rate``, ``timed``) and what goes with it, ``unit``,
        ``evidence``, ``basis``, ``low``, ``high``, ``module``, ``rank``.
    """
    attributes = " ".join(f"{key}={quoteattr(value)}" for key, value in words.items() if value)
    if attributes:
        element.appendAnnotation(f'<autocrine:{_MARK} xmlns:autocrine="{NAMESPACE}" {attributes}/>')


def marks(element: libsbml.SBase) -> dict[str, str]:
    """Return the words that `mark` left at an element; none where there is no mark."""
    annotation = element.getAnnotation()
    if annotation is None:
        return {}
    for number in range(annotation.getNumChildren()):
        child = annotation.getChild(number)
        if child.getName() == _MARK and child.getURI() == NAMESPACE:
            return {child.getAttrName(i): child.getAttrValue(i) for i in range(child.getAttributesLength())}
    return {}


def describe(element: libsbml.SBase, sources: Iterable[str]) -> None:
    """Annotate an element with the sources that describe it (bqbiol:isDescribedBy), in their order, once each.

    References
    ----------
    Le Novère et al. 2005, Nat Biotechnol 23:1509-1515, doi:10.1038/nbt1156 (MIRIAM).
    """
    named = list(dict.fromkeys(sources))
    if not named:
        return
    if not element.isSetMetaId():
        element.setMetaId(f"meta_{element.getId()}")
    term = libsbml.CVTerm(libsbml.BIOLOGICAL_QUALIFIER)
    term.setBiologicalQualifierType(libsbml.BQB_IS_DESCRIBED_BY)
    for source in named:
        term.addResource(source)
    element.addCVTerm(term)


def note(element: libsbml.SBase, *paragraphs: str) -> None:
    """Set the notes that a person reads."""
    text = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in paragraphs if paragraph)
    if text:
        element.setNotes(f'<body xmlns="http://www.w3.org/1999/xhtml">{text}</body>')
