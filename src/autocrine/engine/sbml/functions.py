"""The functions that a model defines, looked at before libsbml works with them.

To find units libsbml writes functions out, without end where one calls itself, and looks at bodies that are not there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import libsbml

from autocrine.core import errors
from autocrine.engine.sbml.maths import DEEPEST, MOST_TERMS


def check(model: Any) -> None:
    """Refuse functions without a body, that call themselves, or that grow too large when they are written out.

    Raises
    ------
    InputError
        With the function.
    """
    items = model.getListOfFunctionDefinitions()
    definitions = [items.get(place) for place in range(items.size())]
    calls: dict[str, Counter[str]] = {}
    sizes: dict[str, int] = {}
    for each in definitions:
        name = each.getId()
        if each.isSetMath() and each.getBody() is None:
            raise errors.InputError("a function must be a lambda with a body, or have no maths", name)
        sizes[name], calls[name] = _counted(each.getBody())
    done: dict[str, tuple[int, int]] = {}
    for name in calls:
        _measure(name, calls, sizes, done)


def _counted(body: Any) -> tuple[int, Counter[str]]:
    """Return how many terms a body has, and which functions it calls how often."""
    count, calls, waiting = 0, Counter(), [] if body is None else [body]
    while waiting:
        node = waiting.pop()
        count += 1
        if node.getType() == libsbml.AST_FUNCTION:
            calls[node.getName()] += 1
        waiting += [node.getChild(place) for place in range(node.getNumChildren())]
    return count, calls


def _measure(
    first: str, calls: Mapping[str, Mapping[str, int]], sizes: Mapping[str, int], done: dict[str, tuple[int, int]]
) -> None:
    """Find how many terms a function and those that it calls have, and how deep they call one another."""
    waiting, opened = [first], set()
    while waiting:
        name = waiting[-1]
        missing = [each for each in calls[name] if each in calls and each not in done]
        if name in done or not missing:
            inner = [(done[each], count) for each, count in calls[name].items() if each in done]
            size = sizes[name] + sum(count * size for (size, _), count in inner)
            depth = 1 + max((depth for (_, depth), _ in inner), default=0)
            if size > MOST_TERMS or depth > DEEPEST:
                most = f"at most {MOST_TERMS} terms and {DEEPEST} levels"
                raise errors.InputError(f"a function must have {most} once all calls are written out", name)
            done[name] = size, depth
            opened.discard(name)
            waiting.pop()
        elif name in opened:
            raise errors.InputError("a function must not call itself", name)
        else:
            opened.add(name)
            waiting += missing
