"""Statements as plain Python: the check of the compiled functions, and the rarely called ones."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, MutableSequence, Sequence
from typing import Any

import numpy as np
from scipy import special

from autocrine.engine.statements import Block

_INFIX = {
    "add": "+",
    "subtract": "-",
    "multiply": "*",
    "lt": "<",
    "le": "<=",
    "eq": "==",
    "ne": "!=",
    "and": "and",
    "or": "or",
}
Function = Callable[[float, Sequence[float], Sequence[float], Sequence[float], MutableSequence[float]], None]


def print_python(block: Block) -> str:
    """Return the source of a block as a Python function of ``t, y, p, c, out``."""
    names: dict[int, str] = {}
    lines = [f"def {block.name}(t, y, p, c, out):"]
    for statement in block.statements:
        operation, payload = statement.operation, statement.payload
        arguments = [names[argument] for argument in statement.arguments]
        if operation == "number" and isinstance(payload, float):
            names[statement.target] = repr(payload)
            continue
        if operation == "load" and isinstance(payload, tuple):
            names[statement.target] = "t" if payload[0] == "t" else f"{payload[0]}[{payload[1]}]"
            continue
        name = names[statement.target] = f"v{statement.target}"
        if operation in _INFIX:
            text = f"{arguments[0]} {_INFIX[operation]} {arguments[1]}"
        elif operation == "not":
            text = f"not {arguments[0]}"
        elif operation == "select":
            text = f"{arguments[1]} if {arguments[0]} else {arguments[2]}"
        else:
            text = f"{operation}({', '.join(arguments)})"
        lines.append(f"    {name} = {text}")
    lines += [f"    out[{place}] = {names[node]}" for place, node in block.stores]
    return "\n".join([*lines, "    return None", ""])


def as_function(block: Block) -> Function:
    """Return a block as a callable."""
    scope: dict[str, object] = dict(_FUNCTIONS)
    exec(print_python(block), scope)  # noqa: S102 - the text comes from the printer above, of numbers and indices only
    return scope[block.name]  # pyright: ignore[reportReturnType]


def _divide(a: float, b: float) -> float:
    with np.errstate(all="ignore"):
        return float(np.float64(a) / np.float64(b))


def _power(base: float, exponent: float, negative: float) -> float:
    with np.errstate(all="ignore"):
        magnitude = float(np.float64(abs(base)) ** np.float64(exponent))
    if base < 0:
        return magnitude * negative if negative else 0.0
    return magnitude


def _negative_power(exponent: float) -> float:
    if exponent != np.floor(exponent):
        return 0.0 * exponent
    return 1.0 - 2.0 * (exponent % 2)


def _quiet(function: Callable[..., Any]) -> Callable[[float], float]:
    """Return a function that gives NaN and infinity without a warning."""

    def quiet(a: float) -> float:
        with np.errstate(all="ignore"):
            return float(function(a))

    return quiet


def _sqrt(a: float) -> float:
    return 0.0 if a < 0 else math.sqrt(a)


_FUNCTIONS: Mapping[str, object] = {
    "nan": math.nan,
    "inf": math.inf,
    "divide": _divide,
    "power": _power,
    "negative_power": _negative_power,
    "exp": _quiet(np.exp),
    "log": _quiet(np.log),
    "sqrt": _sqrt,
    "sin": _quiet(np.sin),
    "cos": _quiet(np.cos),
    "asin": _quiet(np.arcsin),
    "acos": _quiet(np.arccos),
    "atan": _quiet(np.arctan),
    "sinh": _quiet(np.sinh),
    "cosh": _quiet(np.cosh),
    "tanh": _quiet(np.tanh),
    "asinh": _quiet(np.arcsinh),
    "acosh": _quiet(np.arccosh),
    "atanh": _quiet(np.arctanh),
    "gamma": _quiet(special.gamma),
    "digamma": _quiet(special.psi),
    "trigamma": _quiet(lambda a: special.polygamma(1, a)),
    "abs": abs,
    "sign": lambda a: float(np.sign(a)),
    "floor": lambda a: float(np.floor(a)),
    "ceiling": lambda a: float(np.ceil(a)),
    "max": lambda a, b: float(np.maximum(a, b)),
    "min": lambda a, b: float(np.minimum(a, b)),
}
