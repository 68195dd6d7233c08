"""A table of whole numbers by name: what compiled code is told, counts and addresses."""

from __future__ import annotations

from collections.abc import Sequence

from autocrine.engine.ir_writer import INT, REAL, Array, Value, Writer


class Words:
    """The words of a table while instructions are written.

    Parameters
    ----------
    writer : Writer
        Writes the function.
    pointer : Value
        The address of the table.
    names : sequence of str
        What stands in it, one word each.
    """

    def __init__(self, writer: Writer, pointer: Value, names: Sequence[str]) -> None:
        self.writer, self.pointer, self._names = writer, pointer, names
        self._words = writer.array(pointer, INT)

    def __getitem__(self, name: str) -> Value:
        return self._words[self._names.index(name)]

    def __setitem__(self, name: str, value: Value) -> None:
        self._words[self._names.index(name)] = value

    def place(self, name: str) -> Value:
        """Return where the word itself stands."""
        return self._words.at(self._names.index(name))

    def address(self, name: str) -> Value:
        """Return the word as an address."""
        return self.writer.pointer(self[name])

    def array(self, name: str, type_: str = REAL) -> Array:
        """Return the array at the address."""
        return self.writer.array(self.address(name), type_)
