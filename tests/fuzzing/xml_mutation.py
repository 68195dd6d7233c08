"""Mutations of XML that keep it XML: elements, attributes, maths and namespaces."""

from __future__ import annotations

import copy
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from random import Random

import defusedxml.ElementTree

from fuzzing.oddities import NAMES, doctypes, number, places

MATHML = "{http://www.w3.org/1998/Math/MathML}"
_COMP = "http://www.sbml.org/sbml/level3/version1/comp/version1"
_OPERATORS = (
    "plus minus times divide power root abs exp ln log floor ceiling factorial quotient max min rem and or xor not implies eq "
    "neq gt lt geq leq sin cos tan sec csc cot sinh cosh tanh sech csch coth arcsin arccos arctan arcsec arccsc arccot arcsinh "
    "arccosh arctanh arcsech arccsch arccoth"
).split()
_SYMBOLS = ("time", "delay", "avogadro", "rateOf")
_URIS = (
    "http://www.sbml.org/sbml/level1", "http://www.sbml.org/sbml/level2", "http://www.sbml.org/sbml/level2/version4",
    "http://www.sbml.org/sbml/level2/version5", "http://www.sbml.org/sbml/level3/version1/core",
    "http://www.sbml.org/sbml/level3/version2/core", "http://www.sbml.org/sbml/level4/version1/core", "urn:x", "",
)  # fmt: skip


class XmlMutation:
    """Changes XML documents.

    Parameters
    ----------
    rng : Random
        What decides.
    outside : str
        The folder that no reader may look into.
    """

    def __init__(self, rng: Random, outside: str) -> None:
        self._rng, self._outside = rng, outside
        self._of_trees: tuple[Callable[[ET.Element], None], ...] = (
            self._drop, self._repeat, self._move, self._swap, self._cut_attribute, self._odd_attribute, self._odd_attribute,
            self._other_attribute, self._other_attribute, self._odd_text, self._odd_text, self._other_operator, self._other_operator,
            self._nest, self._rename, self._many, self._odd_maths, self._odd_maths, self._other_maths, self._bare_maths,
            self._external,
        )  # fmt: skip

    def changed(self, given: str) -> str:
        """Return a document with one change or a few."""
        rng = self._rng
        if rng.random() < 0.12:
            return self._as_text(given)
        try:
            root = self._parsed(given)
        except (ET.ParseError, ValueError):
            return given
        for _ in range(rng.choice((1, 1, 1, 2, 3))):
            rng.choice(self._of_trees)(root)
        return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode")

    @staticmethod
    def _parsed(given: str) -> ET.Element:
        found = re.search(r'<(?:\w+:)?\w+[^>]*?\sxmlns="([^"]+)"', given)
        if found:
            ET.register_namespace("", found[1])
        for prefix, uri in re.findall(r'xmlns:(\w+)="([^"]+)"', given):
            if not re.fullmatch(r"ns\d+", prefix):
                ET.register_namespace(prefix, uri)
        return defusedxml.ElementTree.fromstring(given)

    def _pairs(self, root: ET.Element) -> list[tuple[ET.Element, ET.Element]]:
        return [(parent, child) for parent in root.iter() for child in parent]

    def _pair(self, root: ET.Element) -> tuple[ET.Element, ET.Element] | None:
        pairs = self._pairs(root)
        return self._rng.choice(pairs) if pairs else None

    def _drop(self, root: ET.Element) -> None:
        if found := self._pair(root):
            found[0].remove(found[1])

    def _repeat(self, root: ET.Element) -> None:
        if found := self._pair(root):
            found[0].insert(self._rng.randrange(len(found[0]) + 1), copy.deepcopy(found[1]))

    def _many(self, root: ET.Element) -> None:
        if found := self._pair(root):
            for _ in range(self._rng.choice((10, 300))):
                found[0].append(copy.deepcopy(found[1]))

    def _move(self, root: ET.Element) -> None:
        found, other = self._pair(root), self._pair(root)
        if found and other:
            other[0].insert(self._rng.randrange(len(other[0]) + 1), copy.deepcopy(found[1]))

    def _swap(self, root: ET.Element) -> None:
        found, other = self._pair(root), self._pair(root)
        if found and other:
            one, two = copy.deepcopy(found[1]), copy.deepcopy(other[1])
            found[0][list(found[0]).index(found[1])] = two
            if other[1] in list(other[0]):
                other[0][list(other[0]).index(other[1])] = one

    def _with_attributes(self, root: ET.Element) -> ET.Element:
        found = [each for each in root.iter() if each.attrib]
        return self._rng.choice(found or [root])

    def _cut_attribute(self, root: ET.Element) -> None:
        element = self._with_attributes(root)
        if element.attrib:
            element.attrib.pop(self._rng.choice(sorted(element.attrib)))

    def _odd_attribute(self, root: ET.Element) -> None:
        element = self._with_attributes(root)
        if not element.attrib:
            return
        odd = self._rng.choice((number(self._rng), self._rng.choice(NAMES), self._rng.choice(places(self._outside))))
        key = self._rng.choice(sorted(element.attrib))
        was = element.attrib[key]
        if was in ("true", "false"):
            odd = self._rng.choice(("false" if was == "true" else "true", "1", "maybe"))
        element.attrib[key] = odd.replace("\0", "")

    def _other_attribute(self, root: ET.Element) -> None:
        """Give an attribute the value of another: names that stand twice, or that mean something else."""
        element, other = self._with_attributes(root), self._with_attributes(root)
        if not (element.attrib and other.attrib):
            return
        shared = sorted(set(element.attrib) & set(other.attrib))
        if shared and self._rng.random() < 0.5:
            key = self._rng.choice(shared)
            element.attrib[key] = other.attrib[key]
        else:
            key = self._rng.choice(sorted(other.attrib))
            to = self._rng.choice(sorted(element.attrib)) if self._rng.random() < 0.7 else key
            element.attrib[to] = other.attrib[key]

    def _odd_text(self, root: ET.Element) -> None:
        found = [each for each in root.iter() if each.text and each.text.strip()]
        if not found:
            return
        element, other = self._rng.choice(found), self._rng.choice(found)
        pick = self._rng.random()
        element.text = number(self._rng) if pick < 0.35 else other.text if pick < 0.85 else self._rng.choice(NAMES)

    def _maths(self, root: ET.Element, tag: str) -> list[ET.Element]:
        return list(root.iter(MATHML + tag))

    def _other_operator(self, root: ET.Element) -> None:
        applied = [each for each in self._maths(root, "apply") if len(each)]
        if applied:
            element = self._rng.choice(applied)
            element[0] = self._operator(root)

    def _operator(self, root: ET.Element) -> ET.Element:
        pick = self._rng.random()
        if pick < 0.75:
            return ET.Element(MATHML + self._rng.choice(_OPERATORS))
        if pick < 0.87:
            return self._symbol()
        return self._identifier(root)

    def _symbol(self) -> ET.Element:
        name = self._rng.choice(_SYMBOLS)
        element = ET.Element(
            MATHML + "csymbol", encoding="text", definitionURL=f"http://www.sbml.org/sbml/symbols/{name}"
        )
        element.text = name
        return element

    def _identifier(self, root: ET.Element) -> ET.Element:
        ids = [each.attrib["id"] for each in root.iter() if "id" in each.attrib]
        element = ET.Element(MATHML + "ci")
        element.text = self._rng.choice(ids or ["x"])
        return element

    def _odd_maths(self, root: ET.Element) -> None:
        """Put some generated maths in the place of some."""
        inner = [
            each
            for each in root.iter()
            if each.tag in (MATHML + "apply", MATHML + "math", MATHML + "piece") and len(each)
        ]
        if inner:
            element = self._rng.choice(inner)
            element[self._rng.randrange(len(element))] = self._generated(root, self._rng.choice((1, 2, 3)))

    def _generated(self, root: ET.Element, depth: int) -> ET.Element:
        pick = self._rng.random()
        if depth == 0 or pick < 0.2:
            if pick < 0.1:
                return self._symbol()
            if pick < 0.5:
                return self._identifier(root)
            element = ET.Element(MATHML + "cn")
            element.text = number(self._rng)
            if self._rng.random() < 0.2:
                element.attrib["type"] = self._rng.choice(("integer", "real", "e-notation", "rational", "complex"))
                ET.SubElement(element, MATHML + "sep").tail = number(self._rng)
            return element
        if pick < 0.3:
            element = ET.Element(MATHML + "piecewise")
            for _ in range(self._rng.randrange(3)):
                piece = ET.SubElement(element, MATHML + "piece")
                piece.extend([self._generated(root, depth - 1) for _ in range(self._rng.choice((2, 2, 2, 1, 3)))])
            ET.SubElement(element, MATHML + "otherwise").append(self._generated(root, depth - 1))
            return element
        if pick < 0.33:
            return ET.Element(
                MATHML
                + self._rng.choice(("pi", "exponentiale", "true", "false", "infinity", "notanumber", "lambda", "bvar"))
            )
        element = ET.Element(MATHML + "apply")
        element.append(self._operator(root))
        element.extend([self._generated(root, depth - 1) for _ in range(self._rng.choice((0, 1, 1, 2, 2, 2, 3, 4)))])
        return element

    def _other_maths(self, root: ET.Element) -> None:
        """Put the maths of one thing in the place of another's: circles of rules, functions of themselves."""
        found = [each for each in self._maths(root, "math") if len(each)]
        if len(found) > 1:
            one, two = self._rng.sample(found, 2)
            one[:] = [copy.deepcopy(each) for each in two]

    def _bare_maths(self, root: ET.Element) -> None:
        for element in self._maths(root, "math")[:1]:
            element[:] = []

    def _nest(self, root: ET.Element) -> None:
        found = [each for each in self._maths(root, "math") if len(each)]
        if not found:
            return
        element = self._rng.choice(found)
        inner = element[0]
        head = self._rng.choice(("minus", "plus", "exp", "not", "power", "piecewise", "abs"))
        for _ in range(self._rng.choice((20, 60, 95, 130, 195, 390))):
            outer = ET.Element(MATHML + ("piecewise" if head == "piecewise" else "apply"))
            if head == "piecewise":
                ET.SubElement(outer, MATHML + "otherwise").append(inner)
            else:
                ET.SubElement(outer, MATHML + head)
                outer.append(inner)
                if head == "power":
                    outer.append(copy.deepcopy(ET.Element(MATHML + "pi")))
            inner = outer
        element[0] = inner

    def _rename(self, root: ET.Element) -> None:
        elements = list(root.iter())
        self._rng.choice(elements).tag = self._rng.choice(elements).tag

    def _external(self, root: ET.Element) -> None:
        """Let a model come from a place outside."""
        core = root.tag[1:].split("}")[0]
        models = [each for each in root if each.tag == f"{{{core}}}model"]
        if "level3" not in core or not models:
            return
        ET.register_namespace("comp", _COMP)
        root.attrib[f"{{{_COMP}}}required"] = "true"
        outer = ET.SubElement(root, f"{{{_COMP}}}listOfExternalModelDefinitions")
        place = self._rng.choice(places(self._outside)).replace("\0", "")
        given = {f"{{{_COMP}}}id": "far", f"{{{_COMP}}}source": place}
        if self._rng.random() < 0.5:
            given[f"{{{_COMP}}}modelRef"] = self._rng.choice(("outer", "far", "x"))
        ET.SubElement(outer, f"{{{_COMP}}}externalModelDefinition", given)
        inner = ET.SubElement(models[0], f"{{{_COMP}}}listOfSubmodels")
        ET.SubElement(inner, f"{{{_COMP}}}submodel", {f"{{{_COMP}}}id": "sub", f"{{{_COMP}}}modelRef": "far"})

    def _as_text(self, given: str) -> str:
        rng = self._rng
        pick = rng.randrange(7)
        if pick == 6:
            head, count = rng.choice(("minus", "not", "plus", "exp")), rng.choice((1000, 100_000))
            return re.sub(r"(<math[^>]*>)([^<]*<(?:apply|cn|ci).*?)(</math>)", lambda found: f"{found[1]}{f'<apply><{head}/>' * count}"
                          f"{found[2]}{'</apply>' * count}{found[3]}", given, count=1, flags=re.DOTALL)  # fmt: skip
        if pick == 0:
            declared, used = rng.choice(doctypes(self._outside))
            body = re.sub(r"^\s*<\?xml[^>]*\?>", "", given)
            body = body.replace(">", f">{used}", 3) if used else body
            return f'<?xml version="1.0" encoding="UTF-8"?>\n{declared}\n{body}'
        if pick == 1:
            uri = re.search(r'xmlns="([^"]+)"', given)
            return given.replace(uri[1], rng.choice(_URIS)) if uri else given
        if pick == 2:
            encoding = rng.choice(("UTF-16", "latin-1", "IBM037", "x", "utf-7", "US-ASCII", "UTF-32"))
            return re.sub(r"encoding=['\"][^'\"]*['\"]", f'encoding="{encoding}"', given)
        if pick == 3:
            return re.sub(r'version="\d"', lambda _: f'version="{number(rng)}"', given, count=rng.choice((1, 2)))
        if pick == 4:
            return re.sub(r'level="\d"', f'level="{number(rng)}"', given, count=1)
        at = rng.randrange(len(given) + 1)
        return (
            given[:at]
            + rng.choice(
                ("<!-- -- -->", "<![CDATA[x]]>", "<?php ?>", "\0", "&#0;", "&lt;", "<a>", "</model>", "\ufeff")
            )
            + given[at:]
        )
