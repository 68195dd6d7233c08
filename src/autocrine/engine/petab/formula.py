"""The mathematical expressions of PEtab, read as its grammar says."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import sympy
from sympy.logic.boolalg import Boolean

from autocrine.core import errors
from autocrine.engine.names import symbol

#: what PEtab calls the time of the model; a reserved word there, so no quantity bears it
TIME = "time"
_LONGEST, _DEEPEST = 20_000, 100
_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)|(?P<name>[A-Za-z_]\w*)"
    r"|(?P<sign>\*\*|<=|>=|==|!=|&&|\|\||[-+*/^<>!(),]))",
    re.ASCII,
)
_COMPARISONS = {"<": sympy.Lt, "<=": sympy.Le, ">": sympy.Gt, ">=": sympy.Ge, "==": sympy.Eq, "!=": sympy.Ne}


def _reciprocal(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda x: 1 / function(x)


def _inverted(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda x: function(1 / x)


_FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "exp": sympy.exp,
    "sqrt": sympy.sqrt,
    "log": sympy.log,
    "ln": sympy.log,
    "log2": lambda x: sympy.log(x) / sympy.log(2),
    "log10": lambda x: sympy.log(x) / sympy.log(10),
    "abs": sympy.Abs,
    "sign": sympy.sign,
    "sin": sympy.sin,
    "cos": sympy.cos,
    "tan": sympy.tan,
    "sec": _reciprocal(sympy.cos),
    "csc": _reciprocal(sympy.sin),
    "cot": lambda x: sympy.cos(x) / sympy.sin(x),
    "sinh": sympy.sinh,
    "cosh": sympy.cosh,
    "tanh": sympy.tanh,
    "sech": _reciprocal(sympy.cosh),
    "csch": _reciprocal(sympy.sinh),
    "coth": _reciprocal(sympy.tanh),
    "arcsin": sympy.asin,
    "arccos": sympy.acos,
    "arctan": sympy.atan,
    # the branch of pi/2 - arctan, which is continuous at zero
    "arccot": lambda x: sympy.pi / 2 - sympy.atan(x),
    "arcsec": _inverted(sympy.acos),
    "arccsc": _inverted(sympy.asin),
    "arcsinh": sympy.asinh,
    "arccosh": sympy.acosh,
    "arctanh": sympy.atanh,
    "arccoth": _inverted(sympy.atanh),
    "arcsech": _inverted(sympy.acosh),
    "arccsch": _inverted(sympy.asinh),
}
_OTHERS = ("pow", "min", "max", "piecewise")
#: names that no identifier may have, whatever their case
RESERVED = frozenset({*_FUNCTIONS, *_OTHERS, "true", "false", "inf", "nan", TIME})


def formula(text: str, where: str = "") -> Any:
    """Return the SymPy expression of a formula, in the symbols of the engine and ``time``.

    Parameters
    ----------
    text : str
        The formula; ``**`` is taken as ``^``, as older problems write it.
    where : str
        File, row and column, for messages.

    Raises
    ------
    InputError
        If the text is no formula, with the place at which it ends to be one.

    Notes
    -----
    Operators bind in the order: power (from the right), sign and not, product, sum, comparison, and/or. Truth values
    become 1 and 0 in sums, numbers are true where they are not 0 in conditions. Nothing is evaluated as text.

    References
    ----------
    PEtab data format specification 2.0, "Math expressions syntax", petab.readthedocs.io.
    """
    return as_number(_Reader(text, where).whole())


def as_number(value: Any) -> Any:
    """Return a truth value as 1 or 0, and a number as it is."""
    if _is_truth(value):
        return sympy.Piecewise((sympy.S.One, value), (sympy.S.Zero, True))
    return value


def number(value: float) -> Any:
    """Return a SymPy number, a whole one where it is whole: powers are then products."""
    if math.isinf(value):
        return sympy.oo if value > 0 else -sympy.oo
    return sympy.Integer(int(value)) if value == int(value) and abs(value) < 2.0**53 else sympy.Float(value)


def _is_truth(value: Any) -> bool:
    return isinstance(value, Boolean) and not isinstance(value, sympy.Expr)


def _as_truth(value: Any) -> Any:
    return value if _is_truth(value) else sympy.Ne(value, 0)


class _Reader:
    """Reads one formula from left to right."""

    def __init__(self, text: str, where: str) -> None:
        self._text, self._where = text, where
        if len(text) > _LONGEST:
            raise errors.InputError(f"a formula must have at most {_LONGEST} characters", len(text), where=where)
        self._tokens = self._cut()
        self._next, self._depth = 0, 0

    def _cut(self) -> list[tuple[str, str, int]]:
        tokens, place, end = [], 0, len(self._text.rstrip())
        while place < end:
            found = _TOKEN.match(self._text, place)
            if found is None or found.end() > end:
                raise self._refusal(place)
            tokens.append((str(found.lastgroup), found[str(found.lastgroup)], found.start(str(found.lastgroup))))
            place = found.end()
        return tokens

    def _refusal(self, place: int, hint: str = "") -> errors.InputError:
        must = f"a formula must be one of PEtab, but is none from character {place + 1}"
        return errors.InputError(must, self._text, where=self._where, hint=hint)

    def whole(self) -> Any:
        if not self._tokens:
            raise errors.InputError("a formula must not be empty", self._text, where=self._where)
        found = self._either()
        if self._next < len(self._tokens):
            raise self._refusal(self._tokens[self._next][2])
        return found

    def _take(self, *signs: str) -> str:
        """Return the next sign and go on, if it is one of these."""
        if self._next < len(self._tokens):
            kind, text, _ = self._tokens[self._next]
            if kind == "sign" and text in signs:
                self._next += 1
                return text
        return ""

    def _expect(self, sign: str) -> None:
        if not self._take(sign):
            place = self._tokens[self._next][2] if self._next < len(self._tokens) else len(self._text)
            raise self._refusal(place, f"a {sign!r} there")

    def _either(self) -> Any:
        self._depth += 1
        if self._depth > _DEEPEST:
            must = f"a formula must be nested at most {_DEEPEST} deep"
            raise errors.InputError(must, self._text, where=self._where)
        left = self._comparison()
        while sign := self._take("&&", "||"):
            right = _as_truth(self._comparison())
            left = (sympy.And if sign == "&&" else sympy.Or)(_as_truth(left), right)
        self._depth -= 1
        return left

    def _comparison(self) -> Any:
        left = self._sum()
        while sign := self._take(*_COMPARISONS):
            right = self._sum()
            if sign in ("==", "!=") and _is_truth(left) and _is_truth(right):
                left = sympy.Equivalent(left, right) if sign == "==" else sympy.Xor(left, right)
            else:
                left = _COMPARISONS[sign](as_number(left), as_number(right))
        return left

    def _sum(self) -> Any:
        left = self._product()
        while sign := self._take("+", "-"):
            right = as_number(self._product())
            left = as_number(left) + right if sign == "+" else as_number(left) - right
        return left

    def _product(self) -> Any:
        left = self._signed()
        while sign := self._take("*", "/"):
            right = as_number(self._signed())
            if sign == "/" and right == 0:
                raise errors.InputError("a formula must not divide by zero", self._text, where=self._where)
            left = as_number(left) * right if sign == "*" else as_number(left) / right
        return left

    def _signed(self) -> Any:
        negative = negated = changed = False
        while sign := self._take("+", "-", "!"):
            # a row of signs is read in one go, so that a long one does not go deep
            changed = True
            if sign == "!":
                negated = not negated
            elif negated:
                raise self._refusal(self._tokens[self._next - 1][2], "parentheses")
            else:
                negative ^= sign == "-"
        value = self._power()
        if negated or (changed and _is_truth(value) and not negative):
            value = sympy.Not(_as_truth(value)) if negated else as_number(value)
        return -as_number(value) if negative else value

    def _power(self) -> Any:
        operands = [self._atom()]
        signs = []
        while self._take("^", "**"):
            negative = False
            while sign := self._take("+", "-"):
                negative ^= sign == "-"
            signs.append(negative)
            operands.append(as_number(self._atom()))
        value = operands[-1]
        for base, negative in zip(reversed(operands[:-1]), reversed(signs), strict=True):
            value = self._raised(as_number(base), -value if negative else value)
        return value

    def _raised(self, base: Any, exponent: Any) -> Any:
        """Return a power; one of two numbers as a float, because exact ones may be astronomically long."""
        if base.is_number and exponent.is_number:
            return self._real(lambda: float(base) ** float(exponent))
        return sympy.Pow(base, exponent)

    def _real(self, value: Callable[[], Any]) -> Any:
        try:
            found = value()
        except (OverflowError, ZeroDivisionError, TypeError):
            found = None
        if not isinstance(found, float):
            raise errors.InputError("a formula must have real, finite constants", self._text, where=self._where)
        return number(found)

    def _atom(self) -> Any:
        if self._next >= len(self._tokens):
            raise self._refusal(len(self._text))
        if self._take("("):
            found = self._either()
            self._expect(")")
            return found
        kind, text, place = self._tokens[self._next]
        self._next += 1
        if kind == "number":
            return self._real(lambda: float(text))
        if kind == "sign":
            raise self._refusal(place)
        if self._take("("):
            return self._called(text, self._arguments(), place)
        if text in ("true", "false"):
            return sympy.true if text == "true" else sympy.false
        if text == "inf":
            return sympy.oo
        if text.lower() == "nan":
            raise self._refusal(place, "a number")
        return symbol(text)

    def _arguments(self) -> list[Any]:
        found = [self._either()]
        while self._take(","):
            found.append(self._either())
        self._expect(")")
        return found

    def _called(self, name: str, arguments: list[Any], place: int) -> Any:
        count = len(arguments)
        if name == "piecewise" and count % 2 and count > 1:
            return self._pieces(arguments)
        values = [as_number(each) for each in arguments]
        if name in _FUNCTIONS and count == 1:
            return self._applied(_FUNCTIONS[name], values[0])
        if count == 2 and name == "log":
            return self._applied(sympy.log, values[0]) / self._applied(sympy.log, values[1])
        if count == 2 and name == "pow":
            return self._raised(*values)
        if count == 2 and name in ("min", "max"):
            return (sympy.Min if name == "min" else sympy.Max)(*values)
        known = name in _FUNCTIONS or name in _OTHERS
        hint = "another number of arguments" if known else "one of " + ", ".join((*_OTHERS, *_FUNCTIONS))
        raise self._refusal(place, hint)

    def _applied(self, function: Callable[[Any], Any], value: Any) -> Any:
        if function is sympy.log and value == 0:
            return -sympy.oo
        if not value.is_number or value.is_infinite:
            return function(value)
        # with digits, because exact values of constants may take for ever to be found
        return self._real(lambda: float(function(sympy.Float(float(value)))))

    @staticmethod
    def _pieces(arguments: list[Any]) -> Any:
        *pairs, otherwise = arguments
        pieces = [(as_number(v), _as_truth(c)) for v, c in zip(pairs[::2], pairs[1::2], strict=True)]
        return sympy.Piecewise(*pieces, (as_number(otherwise), True))
