"""Symbols by name: what a rate law is written in."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from autocrine.core import errors

if TYPE_CHECKING:
    import sympy

#: the name of time (h) in every network
TIME = "t"
#: how the names of parameters begin that hold delayed values, which change without an event
DELAYED = "_delayed_"


def symbol(name: str) -> sympy.Symbol:
    """Return the symbol of a name: every quantity is real, nothing else is assumed.

    Positive symbols would let SymPy split ``(x/K)**n`` into ``x**n*K**(-n)``, which costs a power and says less.
    """
    import sympy  # takes longer than all other imports, and what was compiled before needs no symbols

    return sympy.Symbol(name, real=True)


def nearest(name: str, known: Iterable[str]) -> str:
    """Offer the known name that is spelled most alike, or some of the known names."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.4)
    return near[0] if near else "one of " + ", ".join(names[:8])


class Names:
    """A namespace of symbols: ``y.il6r`` and ``y["il6r"]`` are the symbol of ``il6r``.

    Parameters
    ----------
    symbols : mapping of str to sympy.Expr
        The symbols, or expressions that stand for them; a name may be any identifier, also one that a method of
        this class bears.
    kind : str
        What the names are called in messages.
    """

    def __init__(self, symbols: Mapping[str, sympy.Expr], kind: str = "name") -> None:
        # symbols stand in the instance, so that even one called `of` is found before the method of the class
        self.__dict__.update(symbols)
        self.__dict__["__kind__"] = kind

    @classmethod
    def of(cls, names: Iterable[str], kind: str = "name") -> Names:
        """Make the symbols of some names."""
        return cls({name: symbol(name) for name in names}, kind)

    def __getattr__(self, name: str) -> sympy.Symbol:
        if name.startswith("__"):
            raise AttributeError(name)
        kind = self.__dict__["__kind__"]
        raise errors.InputError(f"a {kind} must be one that is declared", name, hint=nearest(name, self))

    def __getitem__(self, name: str) -> sympy.Symbol:
        return self.__dict__[name] if name in self else self.__getattr__(name)

    def __iter__(self) -> Iterator[str]:
        return (name for name in self.__dict__ if name != "__kind__")

    def __contains__(self, name: object) -> bool:
        return name in self.__dict__ and name != "__kind__"

    def __len__(self) -> int:
        return len(self.__dict__) - 1

    def __repr__(self) -> str:
        return f"Names({', '.join(self)})"
