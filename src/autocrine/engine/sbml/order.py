"""Rules in the order in which they can be worked out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autocrine.core import errors


def sorted_rules(rules: Mapping[str, Any]) -> dict[str, Any]:
    """Return rules so that each uses only those before it.

    Raises
    ------
    InputError
        If rules depend on one another in a circle.
    """
    needs = {name: sorted(str(s) for s in rule.free_symbols if str(s) in rules) for name, rule in rules.items()}
    done: dict[str, Any] = {}
    opened: set[str] = set()
    for first in rules:
        waiting = [first]  # no recursion: a chain of rules may be as long as the model
        while waiting:
            name = waiting[-1]
            missing = [] if name in done else [each for each in needs[name] if each not in done]
            if not missing:
                done.setdefault(name, rules[name])
                opened.discard(name)
                waiting.pop()
            elif name in opened:
                raise errors.InputError("rules must not depend on one another in a circle", name)
            else:
                opened.add(name)
                waiting += missing
    return done
