"""Which unknown each equation determines, and which equations have to be solved together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def pairs(choices: Sequence[Sequence[int]]) -> dict[int, int]:
    """Return an unknown for each equation, no unknown twice; equations that get none are left out.

    Parameters
    ----------
    choices : sequence of sequence of int
        The unknowns of each equation, the likelier first.

    Notes
    -----
    Augmenting paths, found with a stack: a chain of equations may be as long as the model.
    """
    owner: dict[int, int] = {}
    for row in range(len(choices)):
        _augment(row, choices, owner)
    return {row: unknown for unknown, row in owner.items()}


def _augment(row: int, choices: Sequence[Sequence[int]], owner: dict[int, int]) -> None:
    came_from: dict[int, int] = {}  # unknown → the equation that asks for it
    waiting = [row]
    while waiting:
        asking = waiting.pop(0)
        for unknown in choices[asking]:
            if unknown in came_from:
                continue
            came_from[unknown] = asking
            if unknown not in owner:
                _take(unknown, came_from, owner)
                return
            waiting.append(owner[unknown])


def _take(unknown: int | None, came_from: Mapping[int, int], owner: dict[int, int]) -> None:
    """Let every equation on the path to an unknown take what it asked for."""
    while unknown is not None:
        asking = came_from[unknown]
        before = next((each for each, row in owner.items() if row == asking), None)
        owner[unknown] = asking
        unknown = before


def blocks(choices: Sequence[Sequence[int]], found: Mapping[int, int]) -> list[list[int]]:
    """Return groups of equations that determine their unknowns together.

    Equations are in one group if each depends, directly or not, on the unknown of the other.
    """
    row_of = {unknown: row for row, unknown in found.items()}
    needs = {row: {row_of[u] for u in choices[row] if u in row_of and row_of[u] != row} for row in found}
    reach = {row: _reached(row, needs) for row in found}
    groups: list[list[int]] = []
    done: set[int] = set()
    for row in found:
        if row not in done:
            group = sorted({row} | {other for other in reach[row] if row in reach[other]})
            done |= set(group)
            groups.append(group)
    return groups


def _reached(row: int, needs: Mapping[int, set[int]]) -> set[int]:
    seen: set[int] = set()
    waiting = list(needs[row])
    while waiting:
        each = waiting.pop()
        if each not in seen:
            seen.add(each)
            waiting += needs[each]
    return seen
