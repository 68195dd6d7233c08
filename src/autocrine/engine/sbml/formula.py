"""From SymPy to the mathematics of SBML, node by node: no text is written that somebody would have to parse."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import libsbml
import sympy

from autocrine.core import errors
from autocrine.engine.delay import Delay
from autocrine.engine.names import TIME
from autocrine.engine.whole_division import Quotient, Remainder

#: functions that both sides have, by the class of SymPy
_FUNCTIONS: Mapping[Any, int] = {
    sympy.exp: libsbml.AST_FUNCTION_EXP,
    sympy.log: libsbml.AST_FUNCTION_LN,
    sympy.Abs: libsbml.AST_FUNCTION_ABS,
    sympy.floor: libsbml.AST_FUNCTION_FLOOR,
    sympy.ceiling: libsbml.AST_FUNCTION_CEILING,
    sympy.factorial: libsbml.AST_FUNCTION_FACTORIAL,
    Quotient: libsbml.AST_FUNCTION_QUOTIENT,
    Remainder: libsbml.AST_FUNCTION_REM,
    sympy.Max: libsbml.AST_FUNCTION_MAX,
    sympy.Min: libsbml.AST_FUNCTION_MIN,
    sympy.And: libsbml.AST_LOGICAL_AND,
    sympy.Or: libsbml.AST_LOGICAL_OR,
    sympy.Xor: libsbml.AST_LOGICAL_XOR,
    sympy.Not: libsbml.AST_LOGICAL_NOT,
    sympy.StrictLessThan: libsbml.AST_RELATIONAL_LT,
    sympy.LessThan: libsbml.AST_RELATIONAL_LEQ,
    sympy.StrictGreaterThan: libsbml.AST_RELATIONAL_GT,
    sympy.GreaterThan: libsbml.AST_RELATIONAL_GEQ,
    sympy.Equality: libsbml.AST_RELATIONAL_EQ,
    sympy.Unequality: libsbml.AST_RELATIONAL_NEQ,
} | {
    getattr(sympy, ours): getattr(libsbml, f"AST_FUNCTION_{theirs}")
    for ours, theirs in (
        *((name, name.upper()) for name in ("sin", "cos", "tan", "sec", "csc", "cot")),
        *((name, name.upper()) for name in ("sinh", "cosh", "tanh", "sech", "csch", "coth")),
        *((f"a{name}", f"ARC{name.upper()}") for name in ("sin", "cos", "tan", "sec", "csc", "cot")),
        *((f"a{name}", f"ARC{name.upper()}") for name in ("sinh", "cosh", "tanh", "sech", "csch", "coth")),
    )
}
#: functions of SymPy that have no name in SBML, in terms of others
_REWRITTEN: Mapping[Any, Callable[..., Any]] = {
    sympy.gamma: lambda a: sympy.factorial(a - 1, evaluate=False),
    # the remainder with the sign of the divisor; that of SBML (rem) has the sign of the dividend
    sympy.Mod: lambda a, b: a - b * sympy.floor(a / b),
    sympy.sign: lambda a: sympy.Piecewise((1, a > 0), (-1, a < 0), (0, True)),
    sympy.Heaviside: lambda a, middle: sympy.Piecewise((1, a > 0), (0, a < 0), (middle, True)),
    sympy.ITE: lambda c, yes, no: sympy.Or(sympy.And(c, yes), sympy.And(sympy.Not(c), no)),
    sympy.Implies: lambda a, b: sympy.Or(sympy.Not(a), b),
}
_CONSTANTS = {
    sympy.pi: libsbml.AST_CONSTANT_PI,
    sympy.E: libsbml.AST_CONSTANT_E,
    sympy.true: libsbml.AST_CONSTANT_TRUE,
    sympy.false: libsbml.AST_CONSTANT_FALSE,
}
_LARGEST_INTEGER = 2**31 - 1


class Formula:
    """Writes expressions of a network as mathematics of SBML.

    Parameters
    ----------
    identifiers : mapping of str to str
        The identifier in SBML of each name of the network.
    """

    def __init__(self, identifiers: Mapping[str, str]) -> None:
        self._identifiers = identifiers
        self._methods: dict[Any, Callable[[Any], libsbml.ASTNode]] = {
            sympy.Symbol: self._symbol,
            sympy.Number: number,
            sympy.NumberSymbol: lambda each: number(sympy.Float(each)),
            sympy.Add: self._sum,
            sympy.Mul: self._product,
            sympy.Pow: self._power,
            sympy.Piecewise: self._choice,
            Delay: self._delay,
        }

    def node(self, expression: Any) -> libsbml.ASTNode:
        """Return an expression, or a condition, as a tree that the caller owns.

        Raises
        ------
        InputError
            If it holds a function that SBML has not.
        """
        expression = sympy.sympify(expression)
        if expression in _CONSTANTS:
            return libsbml.ASTNode(_CONSTANTS[expression])
        for kind, method in self._methods.items():
            if isinstance(expression, kind):
                return method(expression)
        kind = type(expression)
        if kind in _FUNCTIONS:
            return self._call(_FUNCTIONS[kind], expression.args)
        if kind in _REWRITTEN:
            return self.node(_REWRITTEN[kind](*expression.args))
        known = ", ".join(sorted(each.__name__ for each in (*_FUNCTIONS, *_REWRITTEN)))
        raise errors.InputError("an expression must use functions that SBML knows", str(expression), hint=known)

    def _symbol(self, expression: sympy.Symbol) -> libsbml.ASTNode:
        if expression.name == TIME:
            node = libsbml.ASTNode(libsbml.AST_NAME_TIME)
            node.setName("time")
            return node
        node = libsbml.ASTNode(libsbml.AST_NAME)
        node.setName(self._identifiers[expression.name])
        return node

    def _call(self, kind: int, arguments: Iterable[Any]) -> libsbml.ASTNode:
        return joined(kind, [self.node(argument) for argument in arguments])

    def _sum(self, expression: Any) -> libsbml.ASTNode:
        """Write the terms in the order of SymPy, positive ones first: ``a + b - c``."""
        plus, minus = [], []
        for term in expression.as_ordered_terms():
            negative = term.could_extract_minus_sign()
            (minus if negative else plus).append(self.node(-term if negative else term))
        total = _folded(libsbml.AST_PLUS, plus) if plus else joined(libsbml.AST_MINUS, [minus.pop(0)])
        for node in minus:
            total = joined(libsbml.AST_MINUS, [total, node])
        return total

    def _product(self, expression: Any) -> libsbml.ASTNode:
        """Write numerator over denominator, with a minus before the whole."""
        if expression.could_extract_minus_sign():
            return joined(libsbml.AST_MINUS, [self.node(-expression)])
        above: list[libsbml.ASTNode] = []
        below: list[libsbml.ASTNode] = []
        for factor in expression.as_ordered_factors():
            if isinstance(factor, sympy.Rational) and not factor.is_Integer:
                above += [number(sympy.Integer(factor.p))] if factor.p != 1 else []
                below.append(number(sympy.Integer(factor.q)))
            elif isinstance(factor, sympy.Pow) and _is_negative(factor.exp):
                below.append(self.node(1 / factor))
            else:
                above.append(self.node(factor))
        return _quotient(above, below)

    def _power(self, expression: sympy.Pow) -> libsbml.ASTNode:
        base, exponent = expression.args
        if _is_negative(exponent):
            return joined(libsbml.AST_DIVIDE, [number(sympy.S.One), self.node(1 / expression)])
        if exponent == sympy.S.Half:
            return self._call(libsbml.AST_FUNCTION_ROOT, [2, base])
        return self._call(libsbml.AST_FUNCTION_POWER, [base, exponent])

    def _delay(self, expression: Any) -> libsbml.ASTNode:
        node = self._call(libsbml.AST_FUNCTION_DELAY, expression.args)
        node.setName("delay")
        return node

    def _choice(self, expression: Any) -> libsbml.ASTNode:
        nodes = []
        for value, condition in expression.args:
            nodes.append(self.node(value))
            if condition == sympy.true:
                break
            nodes.append(self.node(condition))
        return joined(libsbml.AST_FUNCTION_PIECEWISE, nodes)


def number(value: Any) -> libsbml.ASTNode:
    """Return a number; one that is neither zero nor infinite says that it has no dimension."""
    node = libsbml.ASTNode()
    if isinstance(value, sympy.Integer) and abs(int(value)) <= _LARGEST_INTEGER:
        node.setValue(int(value))
    elif isinstance(value, sympy.Rational) and max(abs(int(value.p)), int(value.q)) <= _LARGEST_INTEGER:
        return _quotient([number(sympy.Integer(value.p))], [number(sympy.Integer(value.q))])
    else:
        node.setValue(float(value))
    if value.is_finite and not value.is_zero:
        node.setUnits("dimensionless")
    return node


def joined(kind: int, children: Iterable[libsbml.ASTNode]) -> libsbml.ASTNode:
    """Return a node with its children."""
    node = libsbml.ASTNode(kind)
    for child in children:
        node.addChild(child)
    return node


def _folded(kind: int, nodes: list[libsbml.ASTNode]) -> libsbml.ASTNode:
    return nodes[0] if len(nodes) == 1 else joined(kind, nodes)


def _quotient(above: list[libsbml.ASTNode], below: list[libsbml.ASTNode]) -> libsbml.ASTNode:
    numerator = _folded(libsbml.AST_TIMES, above or [number(sympy.S.One)])
    return joined(libsbml.AST_DIVIDE, [numerator, _folded(libsbml.AST_TIMES, below)]) if below else numerator


def _is_negative(exponent: Any) -> bool:
    """Tell whether an exponent is written with a minus, as that of a denominator is."""
    if isinstance(exponent, sympy.Number):
        return bool(exponent.is_negative)
    return isinstance(exponent, sympy.Mul) and bool(exponent.args[0].is_negative)
