"""The page of equations of a network: everything that is integrated, for a person to read, as HTML or LaTeX."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sympy

from autocrine.core import errors
from autocrine.engine import latex, mathml, unit_check
from autocrine.engine.names import TIME, symbol
from autocrine.engine.network import Network

_TEX = str.maketrans(
    {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}"}
    | {">": r"\textgreater{}", "µ": r"\ensuremath{\mu}", "→": r"\ensuremath{\rightarrow}"}
    | {letter: "\\" + letter for letter in "&%$#_{}"}
)
#: the first letter beyond Latin-1, which the fonts of LaTeX do not have
_BEYOND = 0x250


@dataclass(frozen=True)
class Script:
    """How formulas are written: ``formula`` sets expressions and signs in a row, ``derivative`` the left of an ODE."""

    formula: Callable[..., str]
    derivative: Callable[[str], str]


def page(network: Network, form: str) -> str:
    """Return the page of equations.

    Parameters
    ----------
    network : Network
        Any network.
    form : {"html", "tex"}
        HTML that loads nothing from elsewhere, or LaTeX that needs usual packages only.

    Raises
    ------
    InputError
        If there is no such form.
    """
    scripts = {"html": Script(mathml.formula, mathml.derivative), "tex": Script(_tex, latex.derivative)}
    if form not in scripts:
        raise errors.InputError("a page of equations must be html or tex", form)
    template = _templates(form).get_template(f"equations.{form}")
    return template.render(**_content(network, scripts[form]))


def write_page(network: Network, path: Path | str) -> None:
    """Write the page of equations to a file that ends with .html or .tex.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    text = page(network, Path(path).suffix.removeprefix("."))
    try:
        Path(path).write_text(text, encoding="utf-8")
    except OSError as error:
        raise errors.OutputError(f"{path} cannot be written ({error.strerror or error})") from error


def own_rules(network: Network) -> dict[str, Any]:
    """Return the rules without those that only name the rate of a reaction, as files in SBML have them."""
    rates = {each.name: each.rate for each in network.reactions}
    return {name: rule for name, rule in network.rules.items() if rates.get(name) != rule}


def scheme(reaction: Any) -> tuple[list[tuple[Any, str]], list[tuple[Any, str]]]:
    """Return what a reaction takes and makes: coefficient and name of each, coefficients without their sign."""
    taken, made = [], []
    for name, given in reaction.stoichiometry.items():
        change = sympy.sympify(given)
        if change.could_extract_minus_sign():
            taken.append((-change, name))
        elif not change.is_zero:
            made.append((change, name))
    return taken, made


def _content(network: Network, script: Script) -> dict[str, Any]:
    units, formula = unit_check.found_units(network), script.formula
    return {
        "network": network,
        "species": [(each, formula(symbol(each.name)), formula(each.initial)) for each in network.species],
        "reactions": [
            (each, _scheme(each, script), formula(_rate(number), "=", each.rate), units.get(f"rate of {each.name}", ""))
            for number, each in enumerate(network.reactions, start=1)
        ],
        "rules": [(formula(symbol(name), "=", rule), units.get(name, "")) for name, rule in own_rules(network).items()],
        "observables": [
            (formula(symbol(name), "=", each), units.get(name, "")) for name, each in network.observables.items()
        ],
        "odes": _odes(network, script),
        "events": [_event(event.in_expressions(), script) for event in network.events],
        "parameters": list(network.parameters.values()),
    }


def _scheme(reaction: Any, script: Script) -> str:
    parts: list[Any] = []
    for number, side in enumerate(scheme(reaction)):
        parts += ["→"] if number else []
        parts += ["∅"] if not side else []
        for place, (coefficient, name) in enumerate(side):
            parts += ["+"] if place else []
            parts += [] if coefficient == 1 else [coefficient, "·"]
            parts.append(symbol(name))
    return script.formula(*parts)


def _odes(network: Network, script: Script) -> list[str]:
    """Return the equation of each species, in terms of the numbered rates."""
    sums: dict[str, Any] = {each.name: sympy.S.Zero for each in network.species}
    for number, reaction in enumerate(network.reactions, start=1):
        for name, change in reaction.stoichiometry.items():
            sums[name] += sympy.sympify(change) * _rate(number)
    return [script.formula(script.derivative(name), "=", right) for name, right in sums.items()]


def _rate(number: int) -> sympy.Symbol:
    return symbol(f"v_{number}")


def _event(event: Any, script: Script) -> tuple[str, str, list[str]]:
    when: list[Any] = [symbol(TIME), "=", event.time] if event.trigger is None else [event.trigger]
    if not sympy.sympify(event.delay).is_zero:
        when += ["+", event.delay]
    return (
        event.name,
        script.formula(*when),
        [script.formula(symbol(name), "←", value) for name, value in event.assignments.items()],
    )


_TEX_SIGNS = {"→": r"\rightarrow", "←": r"\leftarrow", "∅": r"\varnothing", "·": r"\cdot"}


def _tex(*expressions: Any) -> str:
    return " ".join(
        _TEX_SIGNS.get(each, each) if isinstance(each, str) else latex.formula(each) for each in expressions
    )


def tex_text(text: Any) -> str:
    """Return text that LaTeX prints as it stands; letters that its fonts lack become their number."""
    plain = str(text).translate(_TEX)
    return "".join(each if ord(each) < _BEYOND else f"U+{ord(each):04X}" for each in plain)


def _templates(form: str) -> Any:
    import jinja2

    surroundings = jinja2.Environment(
        loader=jinja2.PackageLoader("autocrine", "engine/templates"),
        autoescape=form == "html",  # noqa: S701 - LaTeX has an escape of its own, the filter tex
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    surroundings.filters |= {"tex": tex_text, "short": lambda value: f"{value:.6g}"}
    return surroundings
