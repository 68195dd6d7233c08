"""Pairs of cells in vectors: a cell is four numbers, x, y, z and radius, and moves through memory as one.

What LLVM makes of plain loops takes each number of a pair by itself: four loads, four stores and three sums where one
of each does. Numba has no vectors of its own, so that the three loops of the forces that touch memory are written as
LLVM instructions. No product is fused with a sum, and sums are made in the order of the pairs.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

#: numbers of a cell, and pairs that are turned at once
OF_A_CELL, LANES = 4, 8
_REAL, _BITS, _PLACE = ir.DoubleType(), ir.IntType(64), ir.IntType(32)
_CELL, _EIGHT = ir.VectorType(_REAL, OF_A_CELL), ir.VectorType(_REAL, LANES)
#: turns the sign of the radius
_SIGN = ir.Constant(ir.VectorType(_BITS, OF_A_CELL), [0, 0, 0, 1 << 63])


class _Memory:
    """Vectors and numbers of one array whose first axis has steps of four."""

    def __init__(self, context: Any, builder: Any, kind: Any, array: Any) -> None:
        self._builder, self._base = builder, context.make_array(kind)(context, builder, array).data

    def _at(self, index: Any, kind: Any) -> Any:
        return self._builder.bitcast(self._builder.gep(self._base, [index]), kind.as_pointer())

    def load(self, index: Any, kind: Any) -> Any:
        return self._builder.load(self._at(index, kind), align=8)

    def store(self, value: Any, index: Any) -> None:
        self._builder.store(value, self._at(index, value.type), align=8)

    def cell(self, row: Any) -> Any:
        return self.load(self._four(row), _CELL)

    def put_cell(self, value: Any, row: Any) -> None:
        self.store(value, self._four(row))

    def whole(self, index: Any) -> Any:
        """Return a whole number without sign, as an index."""
        return self._builder.zext(self._builder.load(self._builder.gep(self._base, [index])), _BITS)

    def spread(self, index: Any) -> Any:
        """Return one number in all four lanes."""
        number = self._builder.load(self._builder.gep(self._base, [index]))
        one = self._builder.insert_element(ir.Constant(_CELL, ir.Undefined), number, ir.Constant(_PLACE, 0))
        return self._builder.shuffle_vector(one, one, _mask([0] * OF_A_CELL))

    def _four(self, row: Any) -> Any:
        return self._builder.mul(row, ir.Constant(_BITS, OF_A_CELL))


def _mask(lanes: list[int]) -> ir.Constant:
    return ir.Constant(ir.VectorType(_PLACE, len(lanes)), lanes)


def _arrays(context: Any, builder: Any, signature: Any, args: Any) -> list[Any]:
    kinds = zip(signature.args, args, strict=True)
    return [_Memory(context, builder, kind, arg) if isinstance(kind, types.Array) else arg for kind, arg in kinds]


@intrinsic
def differ(_typing, packed, _i, neighbours, _start, _end, apart, _q):
    """Write the differences of cell i and its neighbours from ``start`` to ``end`` to rows of ``apart`` from q.

    A row holds the differences of x, y and z, and the sum of both radii.
    """
    index = types.intp
    signature = types.void(packed, index, neighbours, index, index, apart, index)

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        cells, i, listed, start, end, out, q = _arrays(context, builder, signature, args)
        own = cells.cell(i)
        with cgutils.for_range(builder, builder.sub(end, start)) as loop:
            other = builder.bitcast(cells.cell(listed.whole(builder.add(start, loop.index))), _SIGN.type)
            other = builder.bitcast(builder.xor(other, _SIGN), _CELL)
            out.put_cell(builder.fsub(own, other), builder.add(q, loop.index))
        return context.get_dummy_value()

    return signature, build


@intrinsic
def turn(_typing, apart, _q, square, contact):
    """Write the squared distances and the sums of radii of eight pairs from q side by side."""
    index = types.intp
    signature = types.void(apart, index, square, contact)

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        given, q, squares, contacts = _arrays(context, builder, signature, args)
        first = builder.mul(q, ir.Constant(_BITS, OF_A_CELL))
        two = [given.load(builder.add(first, ir.Constant(_BITS, LANES * k)), _EIGHT) for k in range(4)]
        axes = []
        for low in (0, 2):
            four = _mask([low, low + 4, low + 8, low + 12, low + 1, low + 5, low + 9, low + 13])
            halves = [builder.shuffle_vector(two[k], two[k + 1], four) for k in (0, 2)]
            axes += [
                builder.shuffle_vector(*halves, _mask([*range(at, at + 4), *range(at + 8, at + 12)])) for at in (0, 4)
            ]
        dx, dy, dz, sums = axes
        found = builder.fadd(builder.fmul(dx, dx), builder.fmul(dy, dy))
        squares.store(builder.fadd(found, builder.fmul(dz, dz)), q)
        contacts.store(sums, q)
        return context.get_dummy_value()

    return signature, build


@intrinsic
def push(_typing, apart, factor, _q, neighbours, _start, _both, _end, velocity, _i):
    """Add ``factor`` times the difference of each pair to cell i, and take it from the other one before ``both``."""
    index = types.intp
    signature = types.void(apart, factor, index, neighbours, index, index, index, velocity, index)

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        apart, factors, q, listed, start, both, end, sums, i = _arrays(context, builder, signature, args)
        own = cgutils.alloca_once_value(builder, sums.cell(i))
        for first, last, shared in ((start, both, True), (both, end, False)):
            with cgutils.for_range(builder, builder.sub(last, first)) as loop:
                at = builder.add(first, loop.index)
                row = builder.add(q, builder.sub(at, start))
                pushed = builder.fmul(factors.spread(row), apart.cell(row))
                builder.store(builder.fadd(builder.load(own), pushed), own)
                if shared:
                    other = listed.whole(at)
                    sums.put_cell(builder.fsub(sums.cell(other), pushed), other)
        sums.put_cell(builder.load(own), i)
        return context.get_dummy_value()

    return signature, build


@intrinsic
def near_eight(_typing, along, _stride, members, _p, cell, _reach, _own, _i, _first):
    """Return which of eight cells from p are on a list of cell i, as bits.

    ``along`` holds places and radii in rows of ``_stride`` numbers. On a list are cells that are nearer than ``own``
    plus ``reach`` times their radius, and that lie above i or below ``first``.
    """
    index = types.intp
    signature = types.uint64(along, index, members, index, cell, types.double, types.double, index, index)

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        rows, stride, numbers, p, place, reach, own, i, first = _arrays(context, builder, signature, args)
        offset, terms = p, []
        for axis in range(OF_A_CELL - 1):
            there = rows.load(offset, _EIGHT)
            d = builder.fsub(there, _spread(builder, builder.extract_value(place, axis), _EIGHT))
            terms.append(builder.fmul(d, d))
            offset = builder.add(offset, stride)
        radii = builder.fmul(rows.load(offset, _EIGHT), _spread(builder, reach, _EIGHT))
        touching = builder.fadd(radii, _spread(builder, own, _EIGHT))
        square = builder.fadd(builder.fadd(terms[0], terms[1]), terms[2])
        near = builder.fcmp_ordered("<", square, builder.fmul(touching, touching))
        whole = ir.VectorType(_PLACE, LANES)
        j = numbers.load(p, whole)
        above = builder.icmp_signed(">", j, _spread(builder, builder.trunc(i, _PLACE), whole))
        below = builder.icmp_signed("<", j, _spread(builder, builder.trunc(first, _PLACE), whole))
        listed = builder.and_(near, builder.or_(above, below))
        return builder.zext(builder.bitcast(listed, ir.IntType(LANES)), _BITS)

    return signature, build


def _spread(builder: Any, number: Any, kind: Any) -> Any:
    one = builder.insert_element(ir.Constant(kind, ir.Undefined), number, ir.Constant(_PLACE, 0))
    return builder.shuffle_vector(one, one, _mask([0] * kind.count))


@intrinsic
def lowest(_typing, _bits):
    """Return the place of the lowest bit that is set."""

    def build(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return builder.cttz(args[0], ir.Constant(ir.IntType(1), 1))

    return types.uint64(types.uint64), build
