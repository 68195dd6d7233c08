"""A network as tables on the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.table import Table

    from autocrine.engine import Network

_WIDEST_NAME = 34


def tables(network: Network, units: Mapping[str, str]) -> Iterator[Table]:
    """Yield the tables of a network: species, rules, reactions, events, observables, parameters.

    Parameters
    ----------
    units : mapping of str to str
        Units of rules, observables and, behind ``"rate of "``, of rates.
    """
    from autocrine.engine import standards

    yield _table("Species", ("name", "at the start", "unit"), (
        (each.name, _short(each.initial), each.unit) for each in network.species
    ))  # fmt: skip
    yield from _named("Rules", standards.own_rules(network), units)
    yield _table("Reactions", ("reaction", "scheme, and rate in its unit"), (
        (each.name, _law(each, units.get(f"rate of {each.name}", ""))) for each in network.reactions
    ), lines=True)  # fmt: skip
    if network.events:
        yield _table("Events", ("event", "when", "what"), (_event(each) for each in network.events))
    yield from _named("Observables", network.observables, units)
    yield _table("Parameters", ("name", "value", "unit", "range", "basis", "evidence"), (
        (p.name, _short(p.value), p.unit, "" if p.low == p.high else f"{_short(p.low)} to {_short(p.high)}", p.basis,
         p.evidence) for p in network.parameters.values()
    ))  # fmt: skip


def counts(network: Network) -> str:
    """Return in one line what a network holds."""
    from autocrine.engine import standards

    parts = {
        "species": len(network.species),
        "reactions": len(network.reactions),
        "rules": len(standards.own_rules(network)),
        "events": len(network.events),
        "observables": len(network.observables),
        "parameters": len(network.parameters),
    }
    return ", ".join(
        f"{count} {name.removesuffix('s') if count == 1 and name != 'species' else name}"
        for name, count in parts.items()
        if count
    )


def _named(title: str, expressions: Mapping[str, Any], units: Mapping[str, str]) -> Iterator[Table]:
    if expressions:
        yield _table(title, ("name", "is", "unit"), ((n, str(e), units.get(n, "")) for n, e in expressions.items()))


def _table(title: str, columns: tuple[str, ...], rows: Iterator[tuple[str, ...]], *, lines: bool = False) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title, title_justify="left", title_style="bold", show_lines=lines)
    for number, name in enumerate(columns):
        table.add_column(name, overflow="fold", max_width=_WIDEST_NAME if number == 0 else None)
    for row in rows:
        table.add_row(*(Text(each) for each in row))  # text, since [a] is a style elsewhere
    return table


def _law(reaction: Any, unit: str) -> str:
    """Return the scheme of a reaction, and its rate below."""
    return f"{_scheme(reaction.stoichiometry)}\n{reaction.rate}" + (f"   [{unit}]" if unit not in {"", "1"} else "")


def _scheme(stoichiometry: Mapping[str, Any]) -> str:
    sides: tuple[list[str], list[str]] = ([], [])
    for name, given in stoichiometry.items():
        taken = _is_taken(given)
        change = -given if taken else given
        shown = _short(change)
        sides[not taken].append(
            name if shown == "1" else f"{shown} {name}" if shown[0].isdigit() else f"({shown}) {name}"
        )
    return " → ".join(" + ".join(side) or "∅" for side in sides)


def _is_taken(change: Any) -> bool:
    return bool(change.could_extract_minus_sign()) if hasattr(change, "could_extract_minus_sign") else change < 0


def _event(event: Any) -> tuple[str, str, str]:
    when = f"t = {_short(event.time)}" if event.trigger is None else str(event.trigger)
    delay = _short(event.delay)
    what = "\n".join(f"{name} ← {_short(value)}" for name, value in event.assignments.items())
    return event.name, when if delay == "0" else f"{when}, after {delay}", what


def _short(value: Any) -> str:
    """Return a number with six digits, an expression as it is."""
    try:
        return f"{float(value):.6g}"
    except TypeError:
        return str(value)
