"""Targets of SED-ML: the part of XPath that points to an element of SBML by its identifier, or to its attribute."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from autocrine.core import errors

_STEP = re.compile(r"/(?:[\w.-]+:)?([A-Za-z][\w.-]*)(?:\[\s*@([\w:.-]+)\s*=\s*(?:'([^']*)'|\"([^\"]*)\")\s*\])?")
_ATTRIBUTE = re.compile(r"/@([\w:.-]+)$")


@dataclass(frozen=True)
class Step:
    """One step down: the name of an element, and an attribute that it must have."""

    element: str
    attribute: str = ""
    value: str = ""


@dataclass(frozen=True)
class Target:
    """Where a target points to.

    Attributes
    ----------
    steps : tuple of Step
        From the root down.
    attribute : str
        The attribute of the last element; empty where the element itself is meant.
    """

    steps: tuple[Step, ...]
    attribute: str

    @property
    def identifier(self) -> str:
        """The identifier of the last element; empty where it is not told by it."""
        last = self.steps[-1]
        return last.value if last.attribute == "id" else ""


def parse_target(text: str, where: str) -> Target:
    """Read a target.

    Raises
    ------
    UnsupportedError
        If it is more than a path of elements that are told by one attribute.
    """
    found = _ATTRIBUTE.search(text)
    path, steps, place = (text[: found.start()] if found else text), [], 0
    while place < len(path):
        step = _STEP.match(path, place)
        if step is None:
            raise errors.UnsupportedError(f"the target {text!r}", where=where)
        value = step[3] if step[3] is not None else step[4]
        steps.append(Step(step[1], step[2] or "", value or ""))
        place = step.end()
    if not steps:
        raise errors.UnsupportedError(f"the target {text!r}", where=where)
    return Target(tuple(steps), found[1] if found else "")


def changed_attributes(text: str, changes: Sequence[tuple[str, str]], where: str) -> str:
    """Return XML with other values of attributes.

    Parameters
    ----------
    text : str
        XML that has been looked at: without entities, and not too deep.
    changes : sequence of (str, str)
        Targets and new values, in their order.

    Raises
    ------
    InputError
        If a target points to nothing, or to more than one element.
    UnsupportedError
        If a target cannot be read.
    """
    if not changes:
        return text
    from defusedxml.minidom import parseString

    document = parseString(text, forbid_dtd=True)
    for path, value in changes:
        target = parse_target(path, where)
        if not target.attribute:
            raise errors.UnsupportedError(f"a change of a whole element, {path!r}", where=where)
        found = _found(document, target.steps)
        if len(found) != 1:
            must = "the target of a change must be one element of the model"
            raise errors.InputError(must, f"{path} ({len(found)} found)", where=where)
        found[0].setAttribute(target.attribute, value)
    return document.toxml(encoding="UTF-8").decode("utf-8")


def _found(document: Any, steps: Sequence[Step]) -> list[Any]:
    nodes = [document]
    for step in steps:
        nodes = [child for node in nodes for child in node.childNodes if _fits(child, step)]
    return nodes


def _fits(node: Any, step: Step) -> bool:
    if node.nodeType != node.ELEMENT_NODE or node.localName != step.element:
        return False
    return not step.attribute or (node.hasAttribute(step.attribute) and node.getAttribute(step.attribute) == step.value)
