"""The loop of one step over many cells, a register of cells at a time, as LLVM IR."""

from __future__ import annotations

from autocrine.engine.ir_writer import INT, POINTER, REAL, Value, Writer
from autocrine.engine.llvm_printer import print_block
from autocrine.engine.one_step import OneStep
from autocrine.engine.statements import Block

#: arguments of the loop: the state (n rows that lie ``stride`` numbers apart), addresses of the rows of inputs, terms
#: of parameters, marks of the cells that could not be stepped, a word that counts groups with such cells, and from
#: which cell to which, in whole registers
ARGUMENTS = (
    *((POINTER, name) for name in ("state", "inputs", "constants", "marks", "troubled")),
    *((INT, name) for name in ("stride", "first", "groups")),
)


def print_step(step: OneStep, lanes: int) -> str:
    """Return the LLVM IR of ``step`` for a processor; cells that fail keep their state."""
    w = Writer(lanes, inlines=True)
    with (
        w.function("step", ARGUMENTS) as (state, inputs, constants, marks, troubled, stride, first, groups),
        w.loop(groups) as group,
    ):
        cell = group * lanes + first
        taken = attempt(w, step, (state, inputs, constants), stride, cell)
        with w.when(w.any(~taken)):
            _Rows(w, marks, stride, cell)[0] = w.select(taken, 0.0, 1.0)
            words = w.array(troubled, INT)
            words[0] = words[0] + 1
    return w.module()


def print_view(block: Block, lanes: int) -> str:
    """Return the LLVM IR of ``view``, which writes values of ``y``, ``x`` and ``c`` into rows that lie ``apart``."""
    w = Writer(lanes, inlines=True)
    arguments = [(POINTER, name) for name in ("state", "inputs", "constants", "out")]
    arguments += [(INT, name) for name in ("stride", "apart", "first", "groups")]
    with w.function("view", arguments) as given, w.loop(given[-1]) as group:
        state, inputs, constants, out, stride, apart, first = given[:-1]
        cell = group * lanes + first
        arrays = {"y": _Rows(w, state, stride, cell), "x": _Addressed(w, inputs, cell), "c": _Shared(w, constants)}
        print_block(w, block, {**arrays, "out": _Rows(w, out, apart, cell)})
    return w.module()


def attempt(w: Writer, step: OneStep, pointers: tuple[Value, Value, Value], stride: Value, cell: Value) -> Value:
    """Write the new state of a group of cells where the step can be taken, and return where."""
    state, inputs, constants = pointers
    rows, found = _Rows(w, state, stride, cell), _Found()
    shared, outside = _Shared(w, constants), _Addressed(w, inputs, cell)
    print_block(w, step.step, {"y": rows, "x": outside, "c": shared, "out": found})
    taken = found[step.species]
    for i in range(step.species):
        rows[i] = w.select(taken, found[i], rows[i])
    return taken


class _Found(dict):
    """Results by place; they stay values."""


class _Rows:
    """Rows of a table with a column for each cell; numbers of neighbours lie side by side, not aligned."""

    def __init__(self, writer: Writer, pointer: Value, stride: Value, cell: Value) -> None:
        self.writer, self.pointer, self.stride, self.cell = writer, pointer, stride, cell

    def _place(self, row: int) -> Value:
        column = self.stride * row + self.cell if row else self.cell
        return self.writer.array(self.pointer, REAL).at(column)

    def __getitem__(self, row: int) -> Value:
        w = self.writer
        return w.write(w.real, f"load {w.real}, ptr {self._place(row).text}, align 8")

    def __setitem__(self, row: int, value: Value) -> None:
        self.writer.line(f"store {value.type} {value.text}, ptr {self._place(row).text}, align 8")


class _Addressed:
    """Rows that lie anywhere, by a table of their addresses."""

    def __init__(self, writer: Writer, table: Value, cell: Value) -> None:
        self.writer, self.table, self.cell = writer, table, cell

    def __getitem__(self, row: int) -> Value:
        w = self.writer
        pointer = w.array(self.table, POINTER)[row]
        return _Rows(w, pointer, w.constant(INT, 0), self.cell)[0]


class _Shared:
    """Numbers that all cells share: each is read once and spread over the lanes."""

    def __init__(self, writer: Writer, pointer: Value) -> None:
        self.writer, self.pointer = writer, pointer

    def __getitem__(self, index: int) -> Value:
        return self.writer.spread(self.writer.array(self.pointer, REAL)[index])
