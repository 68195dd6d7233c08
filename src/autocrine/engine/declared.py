"""What may be declared: identifiers other than that of time, each once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from autocrine.core import errors
from autocrine.engine.names import TIME


def check_declared(where: str, names: Sequence[str]) -> None:
    """Refuse names that are no identifiers, or stand twice.

    Raises
    ------
    InputError
        With the first such name.
    """
    for name in names:
        if not name.isidentifier() or name == TIME:
            must = "a name must be an identifier other than t, which is time"
            raise errors.InputError(must, name, where=where, hint="letters, digits and _")
    check_once(where, "a name", names)


def check_once(where: str, what: str, names: Sequence[str]) -> None:
    """Refuse names that stand twice.

    Raises
    ------
    InputError
        With the first such name.
    """
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise errors.InputError(f"{what} must be declared once", twice[0], where=where)
