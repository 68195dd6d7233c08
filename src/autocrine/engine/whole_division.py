"""Division with a whole quotient that is rounded towards zero, as the MathML of SBML has it."""

from __future__ import annotations

from typing import Any

import sympy


class Quotient(sympy.Function):
    """``Quotient(x, y)``: x/y without its fraction, towards zero."""

    nargs = 2

    @classmethod
    def eval(cls, *args: Any) -> Any:
        """Return the number where both arguments are numbers."""
        x, y = args
        if x.is_Number and y.is_Number and x.is_finite and y.is_finite and y != 0:
            ratio = sympy.Rational(x) / sympy.Rational(y)
            return sympy.floor(ratio) if ratio >= 0 else sympy.ceiling(ratio)
        return None

    def _eval_is_real(self) -> bool | None:
        return True if all(each.is_real for each in self.args) else None


class Remainder(sympy.Function):
    """``Remainder(x, y)``: x - y Quotient(x, y), which has the sign of x; ``sympy.Mod`` has the sign of y.

    Notes
    -----
    It is exact to one rounding error of x, so that of an x far larger than y little may be left.
    """

    nargs = 2

    @classmethod
    def eval(cls, *args: Any) -> Any:
        """Return the number where both arguments are numbers."""
        x, y = args
        whole = Quotient.eval(x, y)
        if whole is None:
            return None
        rest = sympy.Rational(x) - sympy.Rational(y) * whole
        return sympy.Float(rest) if x.is_Float or y.is_Float else rest

    def _eval_is_real(self) -> bool | None:
        return True if all(each.is_real for each in self.args) else None
