"""LLVM IR written as if it were Python: values with operators, arrays with brackets, loops and branches as contexts."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from autocrine.engine.ir_value import Array, Value

INT, BOOL, REAL, POINTER = "i64", "i1", "double", "ptr"
#: the address of what only one thread of a GPU can see; other processors take it as any address
LOCAL = "ptr addrspace(5)"


def literal(number: float) -> str:
    """Return a number as LLVM reads it without rounding."""
    return f"0x{struct.unpack('<Q', struct.pack('<d', number))[0]:016X}"


class Writer:
    """Writes functions of one module.

    Parameters
    ----------
    lanes : int
        Trajectories that one value of `real` holds, one in each lane of a register; 1 for plain numbers.
    inlines : bool
        Whether elementary functions are written where they are called.
    own : str
        Type of the addresses of a thread's own memory: `POINTER` or `LOCAL`.
    """

    def __init__(self, lanes: int, *, inlines: bool = False, own: str = POINTER) -> None:
        self.lanes, self.inlines, self.own = lanes, inlines, own
        self.real, self.truth, self.whole = (self._of_lanes(each) for each in (REAL, BOOL, INT))
        self.functions: dict[str, str] = {}
        self._declarations: dict[str, str] = {}
        self._lines: list[str] = []
        self._count, self._label = 0, "entry"

    def include(self, other: Writer) -> None:
        """Take the functions of another writer, which may have other lanes, into this module."""
        self.functions |= other.functions
        self._declarations |= other._declarations

    def module(self) -> str:
        """Return the text of all functions."""
        return "\n".join([*self._declarations.values(), "", *self.functions.values()])

    @contextmanager
    def function(self, name: str, arguments: Sequence[tuple[str, str]], returns: str = "void", how: str = ""):
        """Write a function; the context gives its arguments as values. ``how`` is the linkage."""
        outer = self._lines, self._count, self._label
        self._lines, self._count, self._label = [], 0, "entry"
        yield [Value(self, type_, f"%{argument}") for type_, argument in arguments]
        given = ", ".join(
            f"{type_}{' noalias' if type_ in (POINTER, LOCAL) else ''} %{each}" for type_, each in arguments
        )
        head = f"define {how} {returns} @{name}({given}) {{"
        if returns == "void":
            self.line("ret void")
        self.functions[name] = "\n".join([head, "entry:", *self._lines, "}", ""])
        self._lines, self._count, self._label = outer

    def give(self, value: Value) -> None:
        """Return a value from the function."""
        self.line(f"ret {value.type} {value.text}")

    def line(self, text: str) -> None:
        """Write an instruction without a result."""
        self._lines.append("  " + text)

    def write(self, type_: str, text: str) -> Value:
        """Write an instruction and return its result."""
        self._count += 1
        name = f"%v{self._count}"
        self._lines.append(f"  {name} = {text}")
        return Value(self, type_, name)

    def constant(self, type_: str, number: float) -> Value:
        """Return a number as a value; every lane holds the same."""
        scalar = REAL if "double" in type_ else INT if "i64" in type_ else BOOL
        digits = literal(number) if scalar == REAL else str(int(number))
        if type_ == scalar or self.lanes == 1:
            return Value(self, type_, digits)
        return Value(self, type_, "<" + ", ".join([f"{scalar} {digits}"] * self.lanes) + ">")

    def number(self, number: float) -> Value:
        """Return a number in every lane."""
        return self.constant(self.real, number)

    def like(self, value: Value, other: Value | float) -> Value:
        """Return ``other`` as a value of the type of ``value``."""
        return other if isinstance(other, Value) else self.constant(value.type, other)

    def truth_of(self, type_: str) -> str:
        """Return the type of a comparison of two values of a type."""
        return self.truth if type_ in (self.real, self.whole) and self.lanes > 1 else BOOL

    def select(self, condition: Value, yes: Value | float, no: Value | float) -> Value:
        """Return one value or the other, lane by lane."""
        first = yes if isinstance(yes, Value) else no if isinstance(no, Value) else self.number(0.0)
        a, b = self.like(first, yes), self.like(first, no)
        text = f"select {condition.type} {condition.text}, {a.type} {a.text}, {b.type} {b.text}"
        return self.write(a.type, text)

    def intrinsic(self, name: str, *arguments: Value) -> Value:
        """Call an intrinsic of LLVM such as ``fabs`` or ``sqrt``, lane by lane."""
        type_ = arguments[0].type
        suffix = "f64" if type_ == REAL else f"v{self.lanes}f64"
        full = f"llvm.{name}.{suffix}"
        self._declarations[full] = f"declare {type_} @{full}({', '.join(each.type for each in arguments)})"
        given = ", ".join(f"{each.type} {each.text}" for each in arguments)
        return self.write(type_, f"call contract {type_} @{full}({given})")

    def special(self, name: str) -> Value:
        """Return a number of 32 bits that an intrinsic without arguments gives, such as that of a thread."""
        full = f"llvm.{name}"
        self._declarations[full] = f"declare i32 @{full}()"
        short = self.write("i32", f"call i32 @{full}()")
        return self.write(INT, f"zext i32 {short.text} to i64")

    def fetch_and_add(self, address: Value, number: Value) -> Value:
        """Add to a whole number in memory, whatever other threads do to it, and return what it was."""
        return self.write(INT, f"atomicrmw add ptr {address.text}, i64 {number.text} monotonic")

    def room(self, type_: str, length: int) -> Value:
        """Return the address of memory that lasts as long as this call, and that no other thread sees."""
        room = self.write(POINTER, f"alloca [{length} x {type_}], align 16")
        return self.write(LOCAL, f"addrspacecast {POINTER} {room.text} to {LOCAL}")

    def call(self, name: str, arguments: Sequence[Value], returns: str = "void") -> Value:
        """Call a function of this module."""
        given = ", ".join(f"{each.type} {each.text}" for each in arguments)
        if returns == "void":
            self.line(f"call void @{name}({given})")
            return Value(self, returns, "")
        return self.write(returns, f"call {returns} @{name}({given})")

    def maximum(self, a: Value, b: Value | float) -> Value:
        """Return the larger of two numbers; the second if one is NaN."""
        return self.select(a > b, a, b)

    def minimum(self, a: Value, b: Value | float) -> Value:
        """Return the smaller of two numbers; the second if one is NaN."""
        return self.select(a < b, a, b)

    def any(self, truth: Value) -> Value:
        """Return whether a condition holds in any lane."""
        if self.lanes == 1:
            return truth
        name = f"llvm.vector.reduce.or.v{self.lanes}i1"
        self._declarations[name] = f"declare i1 @{name}({self.truth})"
        return self.write(BOOL, f"call i1 @{name}({self.truth} {truth.text})")

    def spread(self, value: Value) -> Value:
        """Return one number in every lane."""
        if self.lanes == 1:
            return value
        one = self.write(self.real, f"insertelement {self.real} poison, {value.type} {value.text}, i64 0")
        zeros = f"<{self.lanes} x i32> zeroinitializer"
        return self.write(self.real, f"shufflevector {self.real} {one.text}, {self.real} poison, {zeros}")

    def bits(self, value: Value) -> Value:
        """Return the bits of numbers as whole numbers, or back."""
        other = self.whole if value.type == self.real else self.real
        return self.write(other, f"bitcast {value.type} {value.text} to {other}")

    def array(self, pointer: Value, type_: str = "", first: int = 0) -> Array:
        """Return the memory at an address as an array, by default of groups of lanes."""
        return Array(self, pointer, type_ or self.real, first)

    def pointer(self, address: Value, type_: str = POINTER) -> Value:
        """Return a whole number as an address."""
        return self.write(type_, f"inttoptr i64 {address.text} to {type_}")

    def address(self, pointer: Value) -> Value:
        """Return an address as a whole number."""
        return self.write(INT, f"ptrtoint {pointer.type} {pointer.text} to i64")

    @contextmanager
    def loop(self, stop: Value | int) -> Iterator[Value]:
        """Repeat for an index from 0 to ``stop`` (at least 1)."""
        end = str(stop) if isinstance(stop, int) else stop.text
        body, after, before = self._new("loop"), self._new("done"), self._label
        self.line(f"br label %{body}")
        self._begin(body)
        place = len(self._lines)
        index = self.write(INT, "")
        yield index
        following = index + 1
        self._lines[place] = f"  {index.text} = phi i64 [ 0, %{before} ], [ {following.text}, %{self._label} ]"
        more = self.write(BOOL, f"icmp slt i64 {following.text}, {end}")
        self.line(f"br i1 {more.text}, label %{body}, label %{after}")
        self._begin(after)

    def transposed(self, rows: Sequence[Value]) -> list[Value]:
        """Return as many vectors as there are lanes, the first with the first lanes of all, and so on."""
        rows, distance = list(rows), 1
        while distance < self.lanes:
            for i in range(self.lanes):
                if not i & distance:
                    a, b = rows[i], rows[i + distance]
                    low = [k if not k & distance else k - distance + self.lanes for k in range(self.lanes)]
                    high = [k + distance if not k & distance else k + self.lanes for k in range(self.lanes)]
                    rows[i], rows[i + distance] = self._shuffled(a, b, low), self._shuffled(a, b, high)
            distance *= 2
        return rows

    def _shuffled(self, a: Value, b: Value, places: Sequence[int]) -> Value:
        mask = f"<{len(places)} x i32> <{', '.join(f'i32 {each}' for each in places)}>"
        return self.write(a.type, f"shufflevector {a.type} {a.text}, {b.type} {b.text}, {mask}")

    def split(self) -> None:
        """Begin a new block, so that what was read is read again."""
        label = self._new("next")
        self.line(f"br label %{label}")
        self._begin(label)

    @contextmanager
    def when(self, condition: Value) -> Iterator[None]:
        """Do something only if a condition holds."""
        body, after = self._new("then"), self._new("after")
        self.line(f"br i1 {condition.text}, label %{body}, label %{after}")
        self._begin(body)
        yield
        self.line(f"br label %{after}")
        self._begin(after)

    def cases(self, index: Value, count: int) -> Iterator[int]:
        """Do one thing for each value of a whole number below ``count``: yields what to write instructions for."""
        labels, after = [self._new("case") for _ in range(count)], self._new("after")
        table = " ".join(f"i64 {value}, label %{label}" for value, label in enumerate(labels))
        self.line(f"switch i64 {index.text}, label %{after} [ {table} ]")
        for value, label in enumerate(labels):
            self._begin(label)
            yield value
            self.line(f"br label %{after}")
        self._begin(after)

    @contextmanager
    def repeat(self) -> Iterator[Repeat]:
        """Repeat while the condition that the context is given holds; it is asked at the top."""
        repeat = Repeat(self, self._new("again"), self._new("inside"), self._new("over"))
        self.line(f"br label %{repeat.top}")
        self._begin(repeat.top)
        yield repeat
        self.line(f"br label %{repeat.top}")
        self._begin(repeat.over)

    def _of_lanes(self, scalar: str) -> str:
        return scalar if self.lanes == 1 else f"<{self.lanes} x {scalar}>"

    def _new(self, what: str) -> str:
        self._count += 1
        return f"{what}{self._count}"

    def _begin(self, label: str) -> None:
        self._lines.append(f"{label}:")
        self._label = label


class Repeat:
    """A loop whose condition is asked at its top."""

    def __init__(self, writer: Writer, top: str, inside: str, over: str) -> None:
        self.writer, self.top, self.inside, self.over = writer, top, inside, over

    def as_long_as(self, condition: Value) -> None:
        """Leave the loop unless a condition holds."""
        self.writer.line(f"br i1 {condition.text}, label %{self.inside}, label %{self.over}")
        self.writer._begin(self.inside)
