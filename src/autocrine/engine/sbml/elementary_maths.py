"""The functions of MathML that SBML allows, as SymPy expressions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import libsbml
import sympy

from autocrine.core import errors
from autocrine.engine.whole_division import Quotient, Remainder

_S = sympy.S


def evaluated(function: Callable[..., Any], arguments: Sequence[Any], where: str) -> Any:
    """Return a function of some arguments; of numbers as a machine would, with NaN and infinity.

    Raises
    ------
    InputError
        If it cannot have so many arguments.
    """
    if not arguments or any(each.free_symbols for each in arguments):
        value = called(function, arguments, where)
        # only division by a number that is zero gives this
        return value.xreplace({_S.ComplexInfinity: _S.Infinity}) if value.has(_S.ComplexInfinity) else value
    return _of_numbers(lambda *numbers: called(function, numbers, where), function, arguments)


def called(function: Callable[..., Any], arguments: Sequence[Any], where: str) -> Any:
    """Call a function; see `evaluated`."""
    try:
        return function(*arguments)
    except TypeError as error:
        raise errors.InputError("a function in maths must have its arguments", len(arguments), where=where) from error


def _of_numbers(call: Callable[..., Any], function: Callable[..., Any], arguments: Sequence[Any]) -> Any:
    """Return a function of numbers; it must be a number itself, or NaN, whatever SymPy makes of it."""
    if any(each is _S.NaN for each in arguments) and function not in (_sum, _product):
        return _S.NaN
    try:
        # machine numbers: neither 9**9**9 nor the factorial of a million is worked out to its last digit
        value = call(*(sympy.Float(float(each)) if _is_large(each) else each for each in arguments))
        if value.has(_S.ComplexInfinity):
            return -_S.Infinity if function is _FUNCTIONS_LOG else _S.Infinity
        if value.is_Number or value.is_NumberSymbol:
            return value
        number = complex(value.evalf())
    except (OverflowError, ZeroDivisionError, ValueError):
        return _S.NaN
    if number.imag:
        return _S.NaN
    # a number of the machine at once: an exact one, such as exp(exp(...)), is worked out again by each that holds it
    return sympy.Float(number.real)


def _is_large(value: Any) -> bool:
    return bool(value.is_Number) and (not value.is_Integer or abs(int(value)) > 20)


def _sum(*terms: Any) -> Any:
    return sympy.Add(*terms)


def _product(*factors: Any) -> Any:
    return sympy.Mul(*factors)


def _minus(a: Any, b: Any = None) -> Any:
    return -a if b is None else a - b


def _over(a: Any, b: Any) -> Any:
    if b.is_Number and b == 0:
        return a * _S.Infinity
    return a / b


def _power(base: Any, exponent: Any) -> Any:
    if exponent.is_Number and exponent == 0:
        return _S.One
    if exponent.is_Float and float(exponent).is_integer() and abs(float(exponent)) < 1000:
        exponent = sympy.Integer(int(exponent))
    return base**exponent


def _root(a: Any, b: Any = None) -> Any:
    degree, base = (sympy.Integer(2), a) if b is None else (a, b)
    return sympy.sqrt(base) if degree == 2 else base ** (1 / degree)


def _log(a: Any, b: Any = None) -> Any:
    base, x = (sympy.Integer(10), a) if b is None else (a, b)
    return _FUNCTIONS_LOG(x) / sympy.log(base)


def _unevaluated(function: Any) -> Callable[..., Any]:
    """Return a function that leaves terms with names as they are: SymPy would compare all of them."""

    def write(*terms: Any) -> Any:
        if not terms:
            raise TypeError("no arguments")
        return terms[0] if len(terms) == 1 and function in (sympy.Max, sympy.Min) else function(*terms, evaluate=False)

    return write


def _folded(function: Any) -> Callable[..., Any]:
    keep = _unevaluated(function)

    def write(*terms: Any) -> Any:
        return function(*terms) if all(not each.free_symbols for each in terms) and terms else keep(*terms)

    return write


_FUNCTIONS_LOG = sympy.log

FUNCTIONS: Mapping[int, Callable[..., Any]] = {
    libsbml.AST_PLUS: _sum,
    libsbml.AST_TIMES: _product,
    libsbml.AST_MINUS: _minus,
    libsbml.AST_DIVIDE: _over,
    libsbml.AST_POWER: _power,
    libsbml.AST_FUNCTION_POWER: _power,
    libsbml.AST_FUNCTION_ROOT: _root,
    libsbml.AST_FUNCTION_LN: _FUNCTIONS_LOG,
    libsbml.AST_FUNCTION_LOG: _log,
    libsbml.AST_FUNCTION_EXP: sympy.exp,
    libsbml.AST_FUNCTION_ABS: sympy.Abs,
    libsbml.AST_FUNCTION_FLOOR: _folded(sympy.floor),
    libsbml.AST_FUNCTION_CEILING: _folded(sympy.ceiling),
    libsbml.AST_FUNCTION_MAX: _folded(sympy.Max),
    libsbml.AST_FUNCTION_MIN: _folded(sympy.Min),
    libsbml.AST_FUNCTION_QUOTIENT: Quotient,
    libsbml.AST_FUNCTION_REM: Remainder,
    libsbml.AST_FUNCTION_FACTORIAL: sympy.factorial,
    libsbml.AST_FUNCTION_SIN: sympy.sin,
    libsbml.AST_FUNCTION_COS: sympy.cos,
    libsbml.AST_FUNCTION_TAN: sympy.tan,
    libsbml.AST_FUNCTION_SEC: lambda x: 1 / sympy.cos(x),
    libsbml.AST_FUNCTION_CSC: lambda x: 1 / sympy.sin(x),
    libsbml.AST_FUNCTION_COT: lambda x: 1 / sympy.tan(x),
    libsbml.AST_FUNCTION_SINH: sympy.sinh,
    libsbml.AST_FUNCTION_COSH: sympy.cosh,
    libsbml.AST_FUNCTION_TANH: sympy.tanh,
    libsbml.AST_FUNCTION_SECH: lambda x: 1 / sympy.cosh(x),
    libsbml.AST_FUNCTION_CSCH: lambda x: 1 / sympy.sinh(x),
    libsbml.AST_FUNCTION_COTH: lambda x: 1 / sympy.tanh(x),
    libsbml.AST_FUNCTION_ARCSIN: sympy.asin,
    libsbml.AST_FUNCTION_ARCCOS: sympy.acos,
    libsbml.AST_FUNCTION_ARCTAN: sympy.atan,
    libsbml.AST_FUNCTION_ARCSEC: lambda x: sympy.acos(1 / x),
    libsbml.AST_FUNCTION_ARCCSC: lambda x: sympy.asin(1 / x),
    libsbml.AST_FUNCTION_ARCCOT: lambda x: sympy.atan(1 / x),
    libsbml.AST_FUNCTION_ARCSINH: sympy.asinh,
    libsbml.AST_FUNCTION_ARCCOSH: sympy.acosh,
    libsbml.AST_FUNCTION_ARCTANH: sympy.atanh,
    libsbml.AST_FUNCTION_ARCSECH: lambda x: sympy.acosh(1 / x),
    libsbml.AST_FUNCTION_ARCCSCH: lambda x: sympy.asinh(1 / x),
    libsbml.AST_FUNCTION_ARCCOTH: lambda x: sympy.atanh(1 / x),
}
