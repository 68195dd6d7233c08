"""The shape of MathML: what libsbml takes for granted, looked at before libsbml sees it.

Given maths of another shape, above all `rateOf` without an argument, libsbml 5.20 reads memory that is not its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

_MANY = 10**9
_ONE = (
    "abs exp ln log root floor ceiling factorial not sin cos tan sec csc cot sinh cosh tanh sech csch coth arcsin "
    "arccos arctan arcsec arccsc arccot arcsinh arccosh arctanh arcsech arccsch arccoth"
)
#: operator → how many arguments it may have, degree and logbase not counted
_ARGUMENTS: Mapping[str, tuple[int, int]] = {
    **dict.fromkeys(_ONE.split(), (1, 1)),
    **dict.fromkeys(("divide", "power", "quotient", "rem", "implies", "neq"), (2, 2)),
    **dict.fromkeys(("plus", "times", "and", "or", "xor"), (0, _MANY)),
    **dict.fromkeys(("max", "min"), (1, _MANY)),
    **dict.fromkeys(("eq", "gt", "lt", "geq", "leq"), (2, _MANY)),
    "minus": (1, 2),
}
_SYMBOLS: Mapping[str, tuple[int, int]] = {"delay": (2, 2), "rateOf": (1, 1)}
_QUALIFIERS = frozenset({"degree", "logbase"})
#: other elements → how many children they may have
_CHILDREN: Mapping[str, tuple[int, int]] = {
    "math": (0, 1), "piece": (2, 2), "otherwise": (1, 1), "lambda": (1, _MANY), "apply": (1, _MANY),
    **dict.fromkeys(("bvar", *_QUALIFIERS), (1, 1)),
}  # fmt: skip
_PARENTS: Mapping[str, frozenset[str]] = {
    "lambda": frozenset({"math", "semantics"}), "bvar": frozenset({"lambda"}), "piece": frozenset({"piecewise"}),
    "otherwise": frozenset({"piecewise"}), **dict.fromkeys(_QUALIFIERS, frozenset({"apply"})),
}  # fmt: skip


@dataclass
class _Element:
    name: str
    symbol: str = ""
    children: list[_Element] = field(default_factory=list)


class MathsShape:
    """Follows the elements of a document through its maths.

    Parameters
    ----------
    refuse : callable
        Is given what must be, and raises.
    """

    def __init__(self, refuse: Callable[[str], None]) -> None:
        self._refuse = refuse
        self._open: list[_Element] = []

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Note the begin of an element, whose namespace stands before its name."""
        name = tag.rpartition(" ")[2]
        if not self._open and name != "math":
            return
        symbol = attributes.get("definitionURL", "").rpartition("/")[2] if name == "csymbol" else ""
        element = _Element(name, symbol)
        if self._open:
            parent = self._open[-1]
            self._check_place(element, parent)
            parent.children.append(element)
        self._open.append(element)

    def end(self) -> None:
        """Note the end of an element."""
        if self._open:
            element = self._open.pop()
            self._check(element)
            element.children = [_Element(each.name, each.symbol) for each in element.children]  # no tree is kept

    def _check_place(self, element: _Element, parent: _Element) -> None:
        name = element.name
        if name in _PARENTS and parent.name not in _PARENTS[name]:
            self._refuse(f"{name} in maths must stand in {' or '.join(sorted(_PARENTS[name]))}")
        is_head = name in _ARGUMENTS or element.symbol in _SYMBOLS
        if is_head and (parent.name != "apply" or parent.children):
            self._refuse(f"{element.symbol or name} in maths must be the first thing of an apply")

    def _check(self, element: _Element) -> None:
        low, high = _CHILDREN.get(element.name, (0, _MANY))
        if not low <= len(element.children) <= high:
            self._refuse(f"{element.name} in maths must hold {_shown(low, high)}, not {len(element.children)}")
        if element.name == "apply":
            self._check_arguments(element)

    def _check_arguments(self, element: _Element) -> None:
        head, *rest = element.children
        given = [each for each in rest if each.name not in _QUALIFIERS]
        low, high = _ARGUMENTS.get(head.name) or _SYMBOLS.get(head.symbol) or (0, _MANY)
        shown = head.symbol or head.name
        if not low <= len(given) <= high:
            self._refuse(f"{shown} in maths must have {_shown(low, high)}, not {len(given)}")
        if len(rest) - len(given) > (head.name in ("root", "log")):
            self._refuse(f"{shown} in maths must not have a degree or logbase")
        if head.symbol == "rateOf" and given[0].name != "ci":
            self._refuse("rateOf in maths must be asked of an identifier")
        if head.name not in _ARGUMENTS and head.name not in ("ci", "csymbol"):
            self._refuse(f"an apply in maths must begin with a function, not with {shown}")


def _shown(low: int, high: int) -> str:
    if low == high:
        return f"{low}"
    return f"at least {low}" if high == _MANY else f"{low} to {high}"
