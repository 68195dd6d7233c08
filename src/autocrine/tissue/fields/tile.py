"""Sweeps along the contiguous axis, eight lines at once: tiles of 8 × 8 levels are turned in registers.

A tridiagonal sweep along the axis that is contiguous in memory cannot be vectorised along that axis, since each level
needs the one before it. Eight lines are swept together instead, one in each lane of a vector; their levels stand in
different rows, so that each tile of eight by eight is transposed on its way in and back on its way out. Numba has no
vectors of its own, and what LLVM makes of the plain loops takes three times as long, so that the two kernels are
written as LLVM instructions.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

#: lines that are swept together
LANES = 8
_INDEX = ir.IntType(32)
_VECTOR = ir.VectorType(ir.DoubleType(), LANES)
#: a product and a sum may become one fused instruction
_FUSED = ("contract",)


def _mask(lanes: list[int]) -> ir.Constant:
    return ir.Constant(ir.VectorType(_INDEX, LANES), lanes)


def _turned(builder: Any, rows: list[Any]) -> list[Any]:
    """Return the transposed tile: exchange single lanes, then pairs, then fours of neighbouring vectors."""
    for size in (1, 2, 4):
        low = _mask([k if not k & size else LANES + k - size for k in range(LANES)])
        high = _mask([k + size if not k & size else LANES + k for k in range(LANES)])
        new = list(rows)
        for i in range(LANES):
            if not i & size:
                new[i] = builder.shuffle_vector(rows[i], rows[i + size], low)
                new[i + size] = builder.shuffle_vector(rows[i], rows[i + size], high)
        rows = new
    return rows


class _Memory:
    """Vectors and numbers of one array."""

    def __init__(self, context: Any, builder: Any, kind: Any, array: Any) -> None:
        self._builder = builder
        self._base = context.make_array(kind)(context, builder, array).data

    def place(self, start: Any, stride: Any, i: int) -> Any:
        builder = self._builder
        offset = builder.add(start, builder.mul(stride, ir.Constant(start.type, i)))
        return builder.bitcast(builder.gep(self._base, [offset]), _VECTOR.as_pointer())

    def load(self, start: Any, stride: Any, i: int) -> Any:
        return self._builder.load(self.place(start, stride, i), align=8)

    def store(self, value: Any, start: Any, stride: Any, i: int) -> None:
        self._builder.store(value, self.place(start, stride, i), align=8)

    def spread(self, start: Any, i: int) -> Any:
        """Return one number in all lanes."""
        builder = self._builder
        number = builder.load(builder.gep(self._base, [builder.add(start, ir.Constant(start.type, i))]))
        one = builder.insert_element(ir.Constant(_VECTOR, ir.Undefined), number, ir.Constant(_INDEX, 0))
        return builder.shuffle_vector(one, one, _mask([0] * LANES))


@intrinsic
def eliminate(_typing, source, _start, _stride, turned, _first, own, before):
    """Eliminate ``turned[k + 1] = source[:, k] * own[k] + before[k] * turned[k]`` for eight k from ``_first``.

    ``source`` (8 rows, ``_stride`` numbers apart, from the number ``_start``) is turned on the way.
    """
    index = types.intp
    signature = types.void(source, index, index, turned, index, own, before)

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        memory = [
            _Memory(context, builder, signature.args[i], args[i]) if i in {0, 3, 5, 6} else None for i in range(7)
        ]
        given, kept, own_factor, before_factor = (memory[i] for i in (0, 3, 5, 6))
        assert given is not None and kept is not None and own_factor is not None and before_factor is not None  # noqa: S101, PT018
        eight = ir.Constant(args[4].type, LANES)
        at = builder.mul(args[4], eight)
        rows = _turned(builder, [given.load(args[1], args[2], i) for i in range(LANES)])
        last = kept.load(at, eight, 0)
        for i in range(LANES):
            carried = builder.fmul(last, before_factor.spread(args[4], i), flags=_FUSED)
            last = builder.fadd(
                builder.fmul(rows[i], own_factor.spread(args[4], i), flags=_FUSED), carried, flags=_FUSED
            )
            kept.store(last, at, eight, i + 1)
        return context.get_dummy_value()

    return signature, build


@intrinsic
def substitute(_typing, turned, _first, after, target, _start, _stride):
    """Substitute ``turned[k + 1] += after[k] * turned[k + 2]`` for eight k from ``_first``, and turn back."""
    index = types.intp
    signature = types.void(turned, index, after, target, index, index)

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        kept, factor, found = (_Memory(context, builder, signature.args[i], args[i]) for i in (0, 2, 3))
        eight = ir.Constant(args[1].type, LANES)
        at = builder.mul(args[1], eight)
        last = kept.load(at, eight, LANES + 1)
        rows: list[Any] = [last] * LANES
        for i in reversed(range(LANES)):
            carried = builder.fmul(last, factor.spread(args[1], i), flags=_FUSED)
            last = builder.fadd(kept.load(at, eight, i + 1), carried, flags=_FUSED)
            rows[i] = last
        kept.store(last, at, eight, 1)
        for i, row in enumerate(_turned(builder, rows)):
            found.store(row, args[4], args[5], i)
        return context.get_dummy_value()

    return signature, build
