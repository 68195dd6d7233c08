"""Values and arrays of a program in LLVM IR: operators and brackets write its instructions."""

from __future__ import annotations

from typing import Protocol

_FLOAT = {"+": "fadd contract", "-": "fsub contract", "*": "fmul contract", "/": "fdiv"}
_WHOLE = {"+": "add", "-": "sub", "*": "mul"}
_ORDER = {"<": ("olt", "slt"), "<=": ("ole", "sle"), ">": ("ogt", "sgt"), ">=": ("oge", "sge"), "==": ("oeq", "eq")}


class Scribe(Protocol):
    """What values need of the writer of their program: see `Writer`, which is one."""

    def line(self, text: str) -> None:
        """Write an instruction without a result."""
        ...

    def write(self, type_: str, text: str) -> Value:
        """Write an instruction and return its result."""
        ...

    def constant(self, type_: str, number: float) -> Value:
        """Return a number."""
        ...

    def like(self, value: Value, other: Value | float) -> Value:
        """Return a value as it is, or a number in the type of another value."""
        ...

    def truth_of(self, type_: str) -> str:
        """Return the type of what comparisons of a type give."""
        ...

    def spread(self, value: Value) -> Value:
        """Return a number in every lane."""
        ...


class Value:
    """A value of the program that is being written; operators write instructions.

    Attributes
    ----------
    type : str
        Its LLVM type.
    text : str
        Its name, or its digits if it is a constant.
    """

    __slots__ = ("text", "type", "writer")

    def __init__(self, writer: Scribe, type_: str, text: str) -> None:
        self.writer, self.type, self.text = writer, type_, text

    def _with(self, sign: str, other: Value | float, *, swapped: bool = False) -> Value:
        a, b = self, self.writer.like(self, other)
        if swapped:
            a, b = b, a
        names = _WHOLE if "i64" in self.type else _FLOAT
        return self.writer.write(self.type, f"{names[sign]} {self.type} {a.text}, {b.text}")

    def __add__(self, other: Value | float) -> Value:
        return self._with("+", other)

    def __sub__(self, other: Value | float) -> Value:
        return self._with("-", other)

    def __mul__(self, other: Value | float) -> Value:
        return self._with("*", other)

    def __truediv__(self, other: Value | float) -> Value:
        return self._with("/", other)

    def __radd__(self, other: float) -> Value:
        return self._with("+", other, swapped=True)

    def __rsub__(self, other: float) -> Value:
        return self._with("-", other, swapped=True)

    def __rmul__(self, other: float) -> Value:
        return self._with("*", other, swapped=True)

    def __rtruediv__(self, other: float) -> Value:
        return self._with("/", other, swapped=True)

    def compare(self, how: str, other: Value | float) -> Value:
        """Return the truth of ``<``, ``<=``, ``>``, ``>=``, ``==``, or of any condition of ``fcmp`` by its name."""
        b = self.writer.like(self, other)
        whole = "i64" in self.type
        name = _ORDER[how][whole] if how in _ORDER else how
        kind = "icmp" if whole else "fcmp"
        return self.writer.write(self.writer.truth_of(self.type), f"{kind} {name} {self.type} {self.text}, {b.text}")

    def __lt__(self, other: Value | float) -> Value:
        return self.compare("<", other)

    def __le__(self, other: Value | float) -> Value:
        return self.compare("<=", other)

    def __gt__(self, other: Value | float) -> Value:
        return self.compare(">", other)

    def __ge__(self, other: Value | float) -> Value:
        return self.compare(">=", other)

    def equals(self, other: Value | float) -> Value:
        """Return whether two values are equal; never true of NaN."""
        return self.compare("==", other)

    def _logical(self, instruction: str, other: Value) -> Value:
        return self.writer.write(self.type, f"{instruction} {self.type} {self.text}, {other.text}")

    def __and__(self, other: Value) -> Value:
        return self._logical("and", other)

    def __or__(self, other: Value) -> Value:
        return self._logical("or", other)

    def __invert__(self) -> Value:
        return self._logical("xor", self.writer.constant(self.type, 1))

    def shifted(self, how: str, places: int) -> Value:
        """Return the bits of whole numbers moved by ``shl``, ``lshr`` or, with their sign, ``ashr``."""
        return self._logical(how, self.writer.constant(self.type, places))


class Array:
    """Numbers in memory that are read and written in groups of lanes: ``array[i]`` is the i-th group."""

    def __init__(self, writer: Scribe, pointer: Value, type_: str, first: int = 0) -> None:
        self.writer, self.pointer, self.type, self.first = writer, pointer, type_, first

    def _place(self, index: Value | int) -> Value:
        w = self.writer
        if isinstance(index, int):
            where = str(index + self.first)
        else:
            where = (index + self.first if self.first else index).text
        base = f"{self.pointer.type} {self.pointer.text}"
        return w.write(self.pointer.type, f"getelementptr inbounds {self.type}, {base}, i64 {where}")

    def __getitem__(self, index: Value | int) -> Value:
        place = self._place(index)
        return self.writer.write(self.type, f"load {self.type}, {place.type} {place.text}")

    def __setitem__(self, index: Value | int, value: Value | float) -> None:
        w = self.writer
        value = value if isinstance(value, Value) else w.constant(self.type, value)
        place = self._place(index)
        w.line(f"store {self.type} {value.text}, {place.type} {place.text}")

    def at(self, index: Value | int) -> Value:
        """Return the address of a group."""
        return self._place(index)


class Spread(Array):
    """Plain numbers in memory that are read into every lane: ``array[i]`` is the number at i times the stride."""

    def __init__(self, writer: Scribe, pointer: Value, stride: int = 1) -> None:
        super().__init__(writer, pointer, "double")
        self.stride = stride

    def __getitem__(self, index: Value | int) -> Value:
        return self.writer.spread(super().__getitem__(index * self.stride))
