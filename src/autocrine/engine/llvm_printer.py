"""Statements as LLVM IR, for one trajectory or for one in each lane of a register."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from autocrine.engine import elementary
from autocrine.engine.exponential import negative_power
from autocrine.engine.ir_writer import INT, POINTER, REAL, Value, Writer
from autocrine.engine.positive_power import positive_power
from autocrine.engine.statements import Block, Statement

_COMPARISONS = {"lt": "olt", "le": "ole", "eq": "oeq", "ne": "une"}
_INTRINSICS = {
    "abs": "fabs",
    "floor": "floor",
    "ceiling": "ceil",
    # these two let a NaN through, as max and min of C do not
    "max": "maximum",
    "min": "minimum",
}


def print_functions(blocks: Mapping[str, Block], rows: Mapping[str, tuple[int, int]]) -> str:
    """Return the LLVM IR of blocks of ``t, y, p, c, out``; those in ``rows`` get a loop ``<name>_many`` beside them.

    Parameters
    ----------
    rows : mapping of str to (int, int)
        Length of a row of states and of a row of results.
    """
    writer = Writer(lanes=1)
    names = ("y", "p", "c", "out")
    for name, block in blocks.items():
        with writer.function(name, [(REAL, "t"), *((POINTER, each) for each in names)]) as (t, *pointers):
            arrays: dict[str, Value] = dict(zip(names, pointers, strict=True))
            print_block(writer, block, arrays, {"t": t})
    for name, (states, results) in rows.items():
        _many(writer, name, states, results)
    return writer.module()


def print_block(
    writer: Writer,
    block: Block,
    arrays: Mapping[str, Value | Any],
    values: Mapping[str, Value] | None = None,
    *,
    part: int | None = None,
) -> None:
    """Write the statements of a block into the function that is being written.

    Parameters
    ----------
    arrays : mapping of str to Value or array
        Addresses of the arrays that the statements load from, and of ``out``; or what reads and writes with brackets.
    values : mapping of str to Value
        What is at hand as a value instead.
    part : int, optional
        After so many statements, what was loaded or stored is read again where it is needed. In a long block this
        spares the stores of what the compiler would keep on the stack though it stands in memory already.
    """
    terms = _Terms(writer, arrays, values or {})
    places: dict[int, list[int]] = {}
    for place, node in block.stores:
        places.setdefault(node, []).append(place)
    for number, statement in enumerate(block.statements, start=1):
        node, payload = statement.target, statement.payload
        if part and number % part == 0:
            terms.forget()
        if statement.operation == "number" and isinstance(payload, float):
            terms.known[node] = writer.number(payload)
        elif statement.operation == "load" and isinstance(payload, tuple):
            terms.load(node, *payload)
        else:
            terms.known[node] = _value(writer, statement, [terms[each] for each in statement.arguments])
        for place in places.get(node, ()):
            terms.store(node, place)


class _Terms:
    """The values of terms while a block is written, and where they stand in memory."""

    def __init__(self, writer: Writer, arrays: Mapping[str, Value | Any], values: Mapping[str, Value]) -> None:
        self._writer, self._values = writer, values
        self._arrays = {name: writer.array(each) if isinstance(each, Value) else each for name, each in arrays.items()}
        self.known: dict[int, Value] = {}
        self._in_memory: dict[int, tuple[str, int]] = {}

    def __getitem__(self, node: int) -> Value:
        if node not in self.known:
            self.load(node, *self._in_memory[node])
        return self.known[node]

    def load(self, node: int, array: str, index: int) -> None:
        """Read a term, or take what is at hand."""
        if array in self._values:
            self.known[node] = self._values[array]
        else:
            self.known[node], self._in_memory[node] = self._arrays[array][index], (array, index)

    def store(self, node: int, place: int) -> None:
        """Write a term into ``out``."""
        self._arrays["out"][place] = self[node]
        self._in_memory[node] = "out", place

    def forget(self) -> None:
        """Read again from here on what is in memory."""
        self._writer.split()
        self.known = {node: value for node, value in self.known.items() if node not in self._in_memory}


def _value(writer: Writer, statement: Statement, a: list[Value]) -> Value:
    operation = statement.operation
    if operation in _OPERATORS:
        return _OPERATORS[operation](writer, *a)
    if operation in _COMPARISONS:
        return a[0].compare(_COMPARISONS[operation], a[1])
    if operation in _INTRINSICS:
        return writer.intrinsic(_INTRINSICS[operation], *a)
    if operation in elementary.NAMES:
        return elementary.call(writer, operation, *a)
    raise NotImplementedError(operation)


def _sign(writer: Writer, a: Value) -> Value:
    one = writer.intrinsic("copysign", writer.number(1.0), a)
    return writer.select(a.compare("one", 0.0), one, a)


_OPERATORS: Mapping[str, Callable[..., Value]] = {
    "add": lambda _, a, b: a + b,
    "subtract": lambda _, a, b: a - b,
    "multiply": lambda _, a, b: a * b,
    "divide": lambda _, a, b: a / b,
    "and": lambda _, a, b: a & b,
    "or": lambda _, a, b: a | b,
    "not": lambda _, a: ~a,
    "select": lambda writer, condition, a, b: writer.select(condition, a, b),
    # the root of a negative number is zero, as its powers are
    "sqrt": lambda writer, a: writer.intrinsic("sqrt", writer.select(a < 0.0, 0.0, a)),
    "sign": _sign,
    "positive_power": positive_power,
    # a number, and another that may be NaN
    "floor_at": lambda writer, number, a: writer.select(a < number, number, a),
    "negative_power": negative_power,
}


def _many(writer: Writer, name: str, states: int, results: int) -> None:
    """Write the loop over rows of times (rows), states (rows, ``states``) and results (rows, ``results``).

    Row i uses the parameters and hoisted terms of member ``who[i]``; these lie ``p_step`` and ``c_step`` apart.
    """
    arguments = [(INT, "rows"), (INT, "p_step"), (INT, "c_step"), (POINTER, "who")]
    arguments += [(POINTER, each) for each in ("times", "y", "p", "c", "out")]
    with writer.function(f"{name}_many", arguments) as given:
        rows, p_step, c_step, who, times, y, p, c, out = given
        with writer.when(rows > 0), writer.loop(rows) as row:
            member = writer.array(who, INT)[row]
            places = ((y, row * states), (p, member * p_step), (c, member * c_step), (out, row * results))
            pointers = [writer.array(each, REAL).at(place) for each, place in places]
            writer.call(name, [writer.array(times, REAL)[row], *pointers])
