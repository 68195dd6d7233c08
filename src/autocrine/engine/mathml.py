"""Expressions as MathML, which browsers set without any script."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape
from typing import Any

import sympy
from sympy.core.relational import Relational

_SUM, _PRODUCT, _POWER, _ATOM = 1, 2, 3, 4
_LOGIC = {sympy.And: "∧", sympy.Or: "∨", sympy.Xor: "⊻"}
#: functions whose name is not that of SymPy
_CALLED = {sympy.log: "ln", sympy.Max: "max", sympy.Min: "min", sympy.sign: "sgn", sympy.Heaviside: "θ"}
_SPACE = '<mspace width="0.2em"/>'
_EQUAL_SIGN: Mapping[Any, str] = {
    sympy.StrictLessThan: "<",
    sympy.LessThan: "≤",
    sympy.StrictGreaterThan: ">",
    sympy.GreaterThan: "≥",
    sympy.Equality: "=",
    sympy.Unequality: "≠",
}


class Piece(str):
    """A text that is MathML already."""


def formula(*expressions: Any) -> str:
    """Return a ``math`` element of expressions, and of signs between them that are given as text.

    Parameters
    ----------
    expressions : sympy.Basic, str or Piece
        ``formula(a, "=", b)``.
    """
    inner = "".join(each if isinstance(each, Piece) else _row(each) for each in expressions)
    return f'<math displaystyle="true">{inner}</math>'


def _row(each: Any) -> str:
    return _sign(each) if isinstance(each, str) else _set(each, 0)


def derivative(name: str) -> Piece:
    """Return the left side of the equation of a species."""
    top, below = f"<mi>d</mi>{_SPACE}{name_of(name)}", f"<mi>d</mi>{_SPACE}<mi>t</mi>"
    return Piece(f"<mfrac><mrow>{top}</mrow><mrow>{below}</mrow></mfrac>")


def name_of(name: str) -> str:
    """Return a name, what follows its first underscore as its index."""
    head, _, tail = name.partition("_")
    if not head or not tail:
        return f"<mi>{escape(name)}</mi>"
    return f"<msub><mi>{escape(head)}</mi><mtext>{escape(tail.replace('_', ' '))}</mtext></msub>"


def _set(expression: Any, around: int) -> str:
    """Return an expression, in brackets where what is around it binds more tightly."""
    text, strength = _written(expression)
    return f"<mrow><mo>(</mo>{text}<mo>)</mo></mrow>" if strength < around else text


def _written(expression: Any) -> tuple[str, int]:
    """Return an expression and how tightly it binds."""
    if isinstance(expression, sympy.Symbol):
        return name_of(expression.name), _ATOM
    if isinstance(expression, sympy.Number | sympy.NumberSymbol):
        return _constant(expression)
    for kind, write in _KINDS.items():
        if isinstance(expression, kind):
            return write(expression)
    return _condition(expression)


def _constant(value: Any) -> tuple[str, int]:
    if isinstance(value, sympy.Rational) and not value.is_Integer:
        return _product(value)
    return _number(value), _SUM if value.is_negative else _ATOM


def _condition(expression: Any) -> tuple[str, int]:
    if isinstance(expression, Relational):
        sign = _sign(_EQUAL_SIGN[type(expression)])
        return f"<mrow>{_set(expression.lhs, 0)}{sign}{_set(expression.rhs, 0)}</mrow>", _SUM
    if type(expression) in _LOGIC:
        parts = [_set(each, _PRODUCT) for each in expression.args]
        return f"<mrow>{_sign(_LOGIC[type(expression)]).join(parts)}</mrow>", _SUM
    if isinstance(expression, sympy.Not):
        return f"<mrow>{_sign('¬')}{_set(expression.args[0], _ATOM)}</mrow>", _PRODUCT
    return _call(expression), _ATOM


def _sign(text: str) -> str:
    return f"<mo>{escape(text)}</mo>"


def _number(value: Any) -> str:
    if value.is_infinite or value is sympy.nan:
        return _sign("−") * bool(value.is_negative) + ("<mi>∞</mi>" if value.is_infinite else "<mi>NaN</mi>")
    if value is sympy.pi or value is sympy.E:
        return "<mi>π</mi>" if value is sympy.pi else "<mi>e</mi>"
    digits, _, exponent = f"{float(value):.6g}".replace("-", "−").partition("e")
    text = f"<mn>{digits}</mn>"
    if exponent:
        power = f"<msup><mn>10</mn><mn>{'−' if '−' in exponent else ''}{exponent.lstrip('+−0')}</mn></msup>"
        text = power if digits == "1" else f"{text}<mo>·</mo>{power}"
    return f"<mrow>{text}</mrow>"


def _sum(expression: Any) -> tuple[str, int]:
    """Write positive terms first."""
    terms = [(each.could_extract_minus_sign(), each) for each in expression.as_ordered_terms()]
    text = ""
    for negative, term in sorted(terms, key=lambda pair: pair[0]):
        text += _sign("−") if negative else _sign("+") * bool(text)
        text += _set(-term if negative else term, _PRODUCT)
    return f"<mrow>{text}</mrow>", _SUM


def _product(expression: Any) -> tuple[str, int]:
    if expression.could_extract_minus_sign():
        return f"<mrow>{_sign('−')}{_set(-expression, _PRODUCT)}</mrow>", _SUM
    above, below = sympy.fraction(expression)
    if below == 1:
        return f"<mrow>{_factors(above)}</mrow>", _PRODUCT
    return f"<mfrac><mrow>{_factors(above)}</mrow><mrow>{_factors(below)}</mrow></mfrac>", _PRODUCT


def _factors(expression: Any) -> str:
    """Return the factors side by side; one alone needs no brackets."""
    factors = expression.as_ordered_factors()
    return _set(factors[0], 0) if len(factors) == 1 else _SPACE.join(_set(each, _PRODUCT) for each in factors)


def _power(expression: Any) -> tuple[str, int]:
    base, exponent = expression.args
    if exponent == sympy.S.Half:
        return f"<msqrt>{_set(base, 0)}</msqrt>", _ATOM
    if exponent.could_extract_minus_sign():
        return _product(expression)
    return f"<msup>{_set(base, _ATOM)}<mrow>{_set(exponent, 0)}</mrow></msup>", _POWER


def _choice(expression: Any) -> tuple[str, int]:
    rows = "".join(
        f"<mtr><mtd>{_set(value, 0)}</mtd><mtd>{_otherwise(condition)}</mtd></mtr>"
        for value, condition in expression.args
    )
    return f'<mrow><mo stretchy="true">{{</mo><mtable columnalign="left left">{rows}</mtable></mrow>', _ATOM


def _otherwise(condition: Any) -> str:
    return "<mtext>otherwise</mtext>" if condition == sympy.true else f"<mtext>if </mtext>{_set(condition, 0)}"


def _call(expression: Any) -> str:
    if isinstance(expression, sympy.Abs):
        return f"<mrow><mo>|</mo>{_set(expression.args[0], 0)}<mo>|</mo></mrow>"
    called = _CALLED.get(type(expression), type(expression).__name__.lower())
    if expression in (sympy.true, sympy.false):
        return f"<mtext>{str(expression).lower()}</mtext>"
    inside = "<mo>,</mo>".join(_set(each, 0) for each in expression.args)
    return f"<mrow><mi>{escape(called)}</mi><mo>(</mo>{inside}<mo>)</mo></mrow>"


_KINDS: Mapping[Any, Callable[[Any], tuple[str, int]]] = {
    sympy.Add: _sum,
    sympy.Mul: _product,
    sympy.Pow: _power,
    sympy.Piecewise: _choice,
}
