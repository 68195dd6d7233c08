"""SBML mathematics to SymPy: from the syntax trees of libsbml, also those of its formula parser."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import libsbml
import sympy
from sympy.core.relational import Relational

from autocrine.core import errors
from autocrine.engine.composition import is_condition
from autocrine.engine.delay import Delay
from autocrine.engine.names import TIME, nearest, symbol
from autocrine.engine.sbml import elementary_maths

#: the value of Avogadro's constant in SBML Level 3 (Core, section 3.4.6), which is not that of SI of 2019
AVOGADRO = 6.02214179e23
#: terms that one expression may have once its functions are written out; a model of thousands of reactions is far below
MOST_TERMS = 200_000
#: and all of a model together
MOST_IN_ALL = 2_000_000
#: levels of brackets, functions within functions included; each costs some frames of the stack
DEEPEST = 100
#: of these a chain counts as one level, however it is bracketed
_CHAINS = {libsbml.AST_PLUS, libsbml.AST_TIMES, libsbml.AST_LOGICAL_AND, libsbml.AST_LOGICAL_OR}
_LOGIC = {libsbml.AST_LOGICAL_AND: sympy.And, libsbml.AST_LOGICAL_OR: sympy.Or}
_RELATIONS: Mapping[int, type[Relational]] = {
    libsbml.AST_RELATIONAL_EQ: sympy.Eq,
    libsbml.AST_RELATIONAL_NEQ: sympy.Ne,
    libsbml.AST_RELATIONAL_LT: sympy.StrictLessThan,
    libsbml.AST_RELATIONAL_LEQ: sympy.LessThan,
    libsbml.AST_RELATIONAL_GT: sympy.StrictGreaterThan,
    libsbml.AST_RELATIONAL_GEQ: sympy.GreaterThan,
}
_NUMBERS = {libsbml.AST_INTEGER, libsbml.AST_REAL, libsbml.AST_REAL_E, libsbml.AST_RATIONAL}
_POWERS = {libsbml.AST_POWER, libsbml.AST_FUNCTION_POWER}
_CONSTANTS: Mapping[int, Any] = {
    libsbml.AST_CONSTANT_E: sympy.E,
    libsbml.AST_CONSTANT_PI: sympy.pi,
    libsbml.AST_CONSTANT_TRUE: sympy.true,
    libsbml.AST_CONSTANT_FALSE: sympy.false,
    libsbml.AST_NAME_AVOGADRO: sympy.Float(AVOGADRO),
    libsbml.AST_NAME_TIME: symbol(TIME),
}


@dataclass(frozen=True)
class Function:
    """A function that a file defines: the names of its arguments, and its body; none where it has no maths."""

    arguments: tuple[str, ...]
    body: Any


class Maths:
    """Writes syntax trees of libsbml as SymPy expressions.

    Parameters
    ----------
    symbols : mapping of str to sympy.Expr
        What stands for each identifier.
    functions : mapping of str to Function, optional
        The functions that may be called.
    rate_of : callable, optional
        Gives what stands for the time derivative of an identifier.

    Notes
    -----
    Truth values that stand where a number is meant count as 1 and 0, numbers other than 0 as true (SBML Level 3
    Version 2, section 3.4.9). Beyond the last condition of a piecewise function without otherwise it is NaN.
    """

    def __init__(
        self,
        symbols: Mapping[str, Any],
        functions: Mapping[str, Function] | None = None,
        *,
        rate_of: Callable[[str], Any] | None = None,
    ) -> None:
        self._symbols, self._functions = symbols, functions or {}
        self._rate_of = rate_of
        self._terms = 0
        #: terms written so far, with functions written out, and those of the largest expression
        self.terms = self.largest = 0
        #: powers whose exponent is neither a number nor a name
        self.odd_powers = 0

    def number(self, node: Any, where: str = "", local: Mapping[str, Any] | None = None) -> Any:
        """Return a tree as an expression.

        Parameters
        ----------
        node : libsbml.ASTNode
            The tree.
        where : str
            Whose maths it is, for messages.
        local : mapping of str to sympy.Expr, optional
            Names that stand before those of the model here.

        Raises
        ------
        InputError
            If it is too large or too deep, or names what is not there.
        UnsupportedError
            If it uses what the engine cannot evaluate.
        """
        return as_number(self._begin(node, where, local))

    def condition(self, node: Any, where: str = "", local: Mapping[str, Any] | None = None) -> Any:
        """Return a tree as a condition; see `number`."""
        return as_condition(self._begin(node, where, local))

    def _begin(self, node: Any, where: str, local: Mapping[str, Any] | None) -> Any:
        if node is None:
            raise errors.InputError("there must be maths", where=where)
        self._terms = 0
        return _Walk(self, where, ()).value(node, local or {}, 0)

    def count(self, where: str) -> None:
        """Count a term; refuse expressions that grow too large when functions are written out."""
        self._terms += 1
        self.terms, self.largest = self.terms + 1, max(self.largest, self._terms)
        if self._terms > MOST_TERMS or self.terms > MOST_IN_ALL:
            must = (
                f"maths must have at most {MOST_TERMS:,} terms with its functions written out, a model {MOST_IN_ALL:,}"
            )
            raise errors.InputError(must, where=where)

    def named(self, name: str, where: str) -> Any:
        """Return what stands for an identifier."""
        if name not in self._symbols:
            hint = nearest(name, self._symbols) if self._symbols else ""
            raise errors.InputError("an identifier in maths must be declared", name, where=where, hint=hint)
        return self._symbols[name]

    def function(self, name: str, where: str) -> Function:
        """Return a function that the file defines."""
        if name not in self._functions:
            raise errors.InputError("a function in maths must be defined", name, where=where)
        return self._functions[name]

    def rate(self, name: str, where: str) -> Any:
        """Return what stands for the time derivative of an identifier."""
        if self._rate_of is None:
            raise errors.UnsupportedError("rateOf here", where=where)
        return self._rate_of(name)


@dataclass(frozen=True)
class _Walk:
    """A walk through one tree; ``calls`` are the functions that are being written out."""

    maths: Maths
    where: str
    calls: tuple[str, ...]

    def value(self, node: Any, local: Mapping[str, Any], depth: int) -> Any:
        """Return what a tree stands for, a number or a condition."""
        if depth > DEEPEST:
            raise errors.InputError(f"maths must be nested at most {DEEPEST} deep", where=self.where)
        self.maths.count(self.where)
        kind = node.getType()
        if kind in _NUMBERS or kind in _CONSTANTS:
            return _number(node) if kind in _NUMBERS else _CONSTANTS[kind]
        if kind == libsbml.AST_NAME:
            name = node.getName()
            return local[name] if name in local else self.maths.named(name, self.where)
        if kind == libsbml.AST_FUNCTION_RATE_OF:
            name = node.getChild(0).getName()
            return sympy.S.Zero if name in local else self.maths.rate(name, self.where)
        children = [self.value(child, local, depth + 1) for child in _children(node, kind)]
        if kind == libsbml.AST_FUNCTION:
            return self._call(node.getName(), children, depth)
        return self._combined(kind, node, children)

    def _combined(self, kind: int, node: Any, children: Sequence[Any]) -> Any:
        if kind == libsbml.AST_FUNCTION_PIECEWISE:
            return _piecewise(children)
        if kind in _RELATIONS:
            return _relation(_RELATIONS[kind], [as_number(each) for each in children])
        if kind in _LOGIC:
            return _LOGIC[kind](*(as_condition(each) for each in children))
        if kind in {libsbml.AST_LOGICAL_NOT, libsbml.AST_LOGICAL_XOR, libsbml.AST_LOGICAL_IMPLIES}:
            return _logic(kind, [as_condition(each) for each in children])
        if kind in _POWERS and node.getNumChildren() > 1 and node.getChild(1).getNumChildren():
            self.maths.odd_powers += 1
        numbers = [as_number(each) for each in children]
        if kind == libsbml.AST_FUNCTION_DELAY:
            return elementary_maths.called(Delay, numbers, self.where)
        found = elementary_maths.FUNCTIONS.get(kind)
        if found is None:
            raise errors.UnsupportedError(f"the function {node.getName() or kind!r} in maths", where=self.where)
        return elementary_maths.evaluated(found, numbers, self.where)

    def _call(self, name: str, given: Sequence[Any], depth: int) -> Any:
        function = self.maths.function(name, self.where)
        if name in self.calls:
            raise errors.InputError("a function must not call itself", name, where=self.where)
        if len(given) != len(function.arguments):
            must = f"function {name} must be called with {len(function.arguments)} arguments"
            raise errors.InputError(must, len(given), where=self.where)
        if function.body is None:
            return sympy.nan
        inner = _Walk(self.maths, self.where, (*self.calls, name))
        return inner.value(function.body, dict(zip(function.arguments, given, strict=True)), depth + 1)


def _children(node: Any, kind: int) -> list[Any]:
    """Return the arguments of a node, with those of nodes of the same kind below where brackets do not matter."""
    found, waiting = [], [node.getChild(i) for i in reversed(range(node.getNumChildren()))]
    while waiting:
        child = waiting.pop()
        if kind in _CHAINS and child.getType() == kind:
            waiting += [child.getChild(i) for i in reversed(range(child.getNumChildren()))]
        else:
            found.append(child)
    return found


def as_number(value: Any) -> Any:
    """Return a truth value as 1 or 0, a number as it is."""
    if not is_condition(value):
        return value
    if value in (sympy.true, sympy.false):
        return sympy.S.One if value == sympy.true else sympy.S.Zero
    return sympy.Piecewise((sympy.S.One, value), (sympy.S.Zero, True), evaluate=False)


def as_condition(value: Any) -> Any:
    """Return a number as the condition that it is not zero, a condition as it is."""
    if is_condition(value):
        return value
    return _relation(sympy.Ne, [value, sympy.S.Zero])


def exact(value: float) -> Any:
    """Return a number for SymPy: small whole ones as such, the others as floats, so that no power of them is long."""
    if math.isnan(value):
        return sympy.nan
    if math.isinf(value):
        return sympy.oo if value > 0 else -sympy.oo
    return sympy.Integer(int(value)) if value == int(value) and abs(value) <= 1000 else sympy.Float(value)


def _number(node: Any) -> Any:
    if node.getType() == libsbml.AST_INTEGER:
        return exact(float(node.getInteger()))
    if node.getType() == libsbml.AST_RATIONAL:
        below = node.getDenominator()
        return exact(node.getNumerator() / below) if below else sympy.nan
    return exact(node.getReal())


def _piecewise(children: Sequence[Any]) -> Any:
    pairs = [(as_number(a), as_condition(b)) for a, b in zip(children[::2], children[1::2], strict=False)]
    if len(children) % 2:
        pairs.append((as_number(children[-1]), sympy.true))
    kept: list[tuple[Any, Any]] = []
    for value, condition in pairs:
        if condition != sympy.false:
            kept.append((value, condition))
        if condition == sympy.true:
            break
    if not kept:
        return sympy.nan
    return kept[0][0] if kept[0][1] == sympy.true else sympy.Piecewise(*kept, evaluate=False)


def _relation(kind: type[Relational], sides: Sequence[Any]) -> Any:
    """Return a chain of comparisons; two numbers are compared as machine numbers, as in a simulation."""
    pairs = [_compared(kind, a, b) for a, b in itertools.pairwise(sides)]
    return sympy.And(*pairs)


def _compared(kind: type[Relational], a: Any, b: Any) -> Any:
    if a.is_Number and b.is_Number:
        a, b = sympy.Float(float(a)), sympy.Float(float(b))
        if sympy.nan in (a, b):
            return sympy.true if kind is sympy.Ne else sympy.false
        return kind(a, b)
    return kind(a, b, evaluate=False)


def _logic(kind: int, terms: Sequence[Any]) -> Any:
    if kind == libsbml.AST_LOGICAL_NOT:
        return sympy.Not(terms[0])
    if kind == libsbml.AST_LOGICAL_IMPLIES:
        return sympy.Or(sympy.Not(terms[0]), terms[1])
    odd = sympy.false
    for each in terms:  # written in and, or, not, which the engine has
        odd = sympy.Or(sympy.And(odd, sympy.Not(each)), sympy.And(sympy.Not(odd), each))
    return odd
