"""Statements as LLVM IR text, one trajectory at a time."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence

from autocrine.engine.statements import Block, Program, Statement

_DECLARATIONS = """
declare double @llvm.exp.f64(double)
declare double @llvm.log.f64(double)
declare double @llvm.pow.f64(double, double)
declare double @llvm.sqrt.f64(double)
declare double @llvm.sin.f64(double)
declare double @llvm.cos.f64(double)
declare double @llvm.fabs.f64(double)
declare double @llvm.floor.f64(double)
declare double @llvm.ceil.f64(double)
declare double @llvm.maximum.f64(double, double)
declare double @llvm.minimum.f64(double, double)
declare double @llvm.copysign.f64(double, double)
declare double @tanh(double)
"""
_ARITHMETIC = {"add": "fadd", "subtract": "fsub", "multiply": "fmul", "divide": "fdiv"}
_COMPARISONS = {"lt": "olt", "le": "ole", "eq": "oeq", "ne": "une"}
_CALLS = {
    "exp": "llvm.exp.f64",
    "log": "llvm.log.f64",
    "sin": "llvm.sin.f64",
    "cos": "llvm.cos.f64",
    "abs": "llvm.fabs.f64",
    "floor": "llvm.floor.f64",
    "ceiling": "llvm.ceil.f64",
    "tanh": "tanh",
    # these two let a NaN through, as max and min of C do not
    "max": "llvm.maximum.f64",
    "min": "llvm.minimum.f64",
}
_ARGUMENTS = "double %t, ptr noalias %y, ptr noalias %p, ptr noalias %c, ptr noalias %out"


def print_llvm(program: Program) -> str:
    """Return the LLVM IR of a program.

    Every block is a function of ``t, y, p, c, out``; ``outputs_many`` calls ``outputs`` for rows of times and states.
    """
    functions = [_function(block) for block in program.blocks.values()]
    return "\n".join([_DECLARATIONS, *functions, _rows(len(program.species), len(program.outputs))])


def literal(number: float) -> str:
    """Return a number as LLVM reads it without rounding."""
    return f"0x{struct.unpack('<Q', struct.pack('<d', number))[0]:016X}"


def _function(block: Block) -> str:
    lines = [f"define void @{block.name}({_ARGUMENTS}) {{", "entry:"]
    names: dict[int, str] = {}
    for statement in block.statements:
        lines += _lines(statement, names)
    for place, node in block.stores:
        lines.append(f"  %s{place} = getelementptr inbounds double, ptr %out, i64 {place}")
        lines.append(f"  store double {names[node]}, ptr %s{place}")
    return "\n".join([*lines, "  ret void", "}", ""])


def _lines(statement: Statement, names: dict[int, str]) -> list[str]:
    operation, payload = statement.operation, statement.payload
    if operation == "number" and isinstance(payload, float):
        names[statement.target] = literal(payload)
        return []
    if operation == "load" and isinstance(payload, tuple):
        return _load(statement.target, payload, names)
    v = names[statement.target] = f"%v{statement.target}"
    a = [names[argument] for argument in statement.arguments]
    if operation in _ARITHMETIC:
        return [f"  {v} = {_ARITHMETIC[operation]} double {a[0]}, {a[1]}"]
    if operation in _COMPARISONS:
        return [f"  {v} = fcmp {_COMPARISONS[operation]} double {a[0]}, {a[1]}"]
    if operation in _CALLS:
        return [f"  {v} = call double @{_CALLS[operation]}({', '.join('double ' + each for each in a)})"]
    return _SPECIAL[operation](v, a)


def _load(target: int, payload: tuple, names: dict[int, str]) -> list[str]:
    array, index = payload
    if array == "t":
        names[target] = "%t"
        return []
    names[target] = f"%v{target}"
    return [
        f"  %a{target} = getelementptr inbounds double, ptr %{array}, i64 {index}",
        f"  %v{target} = load double, ptr %a{target}",
    ]


def _select(v: str, a: Sequence[str]) -> list[str]:
    return [f"  {v} = select i1 {a[0]}, double {a[1]}, double {a[2]}"]


def _logical(instruction: str) -> Callable[[str, Sequence[str]], list[str]]:
    return lambda v, a: [f"  {v} = {instruction} i1 {a[0]}, {a[1]}"]


def _not(v: str, a: Sequence[str]) -> list[str]:
    return [f"  {v} = xor i1 {a[0]}, true"]


def _power(v: str, a: Sequence[str]) -> list[str]:
    zero = literal(0.0)
    return [
        f"  {v}.r = call double @llvm.pow.f64(double {a[0]}, double {a[1]})",
        f"  {v}.f = call double @llvm.floor.f64(double {a[1]})",
        f"  {v}.b = fcmp olt double {a[0]}, {zero}",
        f"  {v}.e = fcmp one double {a[1]}, {v}.f",
        f"  {v}.n = and i1 {v}.b, {v}.e",
        f"  {v} = select i1 {v}.n, double {zero}, double {v}.r",
    ]


def _sqrt(v: str, a: Sequence[str]) -> list[str]:
    zero = literal(0.0)
    return [
        f"  {v}.b = fcmp olt double {a[0]}, {zero}",
        f"  {v}.x = select i1 {v}.b, double {zero}, double {a[0]}",
        f"  {v} = call double @llvm.sqrt.f64(double {v}.x)",
    ]


def _sign(v: str, a: Sequence[str]) -> list[str]:
    zero, one = literal(0.0), literal(1.0)
    return [
        f"  {v}.s = call double @llvm.copysign.f64(double {one}, double {a[0]})",
        f"  {v}.z = fcmp one double {a[0]}, {zero}",
        f"  {v} = select i1 {v}.z, double {v}.s, double {a[0]}",
    ]


_SPECIAL: Mapping[str, Callable[[str, Sequence[str]], list[str]]] = {
    "select": _select,
    "and": _logical("and"),
    "or": _logical("or"),
    "not": _not,
    "power": _power,
    "sqrt": _sqrt,
    "sign": _sign,
}


def _rows(species: int, outputs: int) -> str:
    """Return the loop over rows of times (rows), states (rows, species) and outputs (rows, outputs)."""
    return f"""
define void @outputs_many(i64 %rows, ptr %times, ptr %y, ptr %p, ptr %c, ptr %out) {{
entry:
  %any = icmp sgt i64 %rows, 0
  br i1 %any, label %loop, label %done
loop:
  %row = phi i64 [ 0, %entry ], [ %next, %loop ]
  %time = getelementptr inbounds double, ptr %times, i64 %row
  %t = load double, ptr %time
  %first = mul i64 %row, {species}
  %state = getelementptr inbounds double, ptr %y, i64 %first
  %place = mul i64 %row, {outputs}
  %target = getelementptr inbounds double, ptr %out, i64 %place
  call void @outputs(double %t, ptr %state, ptr %p, ptr %c, ptr %target)
  %next = add i64 %row, 1
  %more = icmp slt i64 %next, %rows
  br i1 %more, label %loop, label %done
done:
  ret void
}}
"""
