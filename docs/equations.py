"""Write ``docs/equations.md`` from the model itself: ``.venv/bin/python docs/equations.py``.

The page is made, never edited: what it shows is what is integrated.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from autocrine.assay.well_network import well_network
from autocrine.circuit import cell
from autocrine.engine import Names

_SURROUNDINGS = ("il6_at_cell", "il6_sil6r", "il6r_block", "jak_block")
#: reactions of a well with one population, one drug and one bin of P-gp that no page of the cell has
_OF_THE_WELL = (
    "p1 IL-6 secretion",
    "IL-6 loss in medium",
    "siltuximab binds IL-6",
    "soluble IL-6R binds IL-6",
    "p1_b1_cells division",
    "p1_b1_cells death",
    "p1_b1_drug1 uptake",
    "p1_b1_drug1 leak",
    "p1_b1_drug1 efflux",
    "p1_b1_damage1 change",
)


def pages() -> Iterator[tuple[str, list[str]]]:
    """Yield the name of each page of the circuit and the names of its reactions."""
    y = Names.of([species.name for species in cell.SPECIES], "species")
    p, x = Names.of(cell.cell_parameters(), "parameter"), Names.of(_SURROUNDINGS, "surrounding")
    for page in cell.PAGES:
        name = page.__name__.rsplit(".", 1)[-1]
        yield name, [reaction.name for reaction in getattr(page, name)(y, p, x)]


def section(title: str, names: list[str], latex: Mapping[str, str]) -> list[str]:
    """Return one section: each reaction with its rate."""
    lines = [f"## {title}", ""]
    for name in names:
        if name in latex:
            lines += [f"**{name}**", "", f"$${latex[name]}$$", ""]
    return lines


def parameters(module: str) -> list[str]:
    """Return the table of the parameters of one page."""
    rows = [p for p in cell.cell_parameters().values() if p.module == module]
    lines = ["| parameter | value | range | unit | basis | evidence |", "|---|---|---|---|---|---|"]
    for p in rows:
        lines.append(
            f"| `{p.name}` | {p.value:.4g} | {p.low:.4g} to {p.high:.4g} | {p.unit} | {p.basis} | {p.evidence} |"
        )
    return [*lines, ""]


def page() -> str:
    """Return the whole page."""
    latex = cell.cell_network().latex()
    lines = [
        "# Equations",
        "",
        "Made by `docs/equations.py` from the model. Rates of named reactions, page by page.",
        "",
    ]
    for name, reactions in pages():
        lines += section(f"Page `{name}`", reactions, latex) + parameters(name)
    well = well_network(1, 1, 1)
    rates = {name: rate for each in _OF_THE_WELL for name, rate in well.latex(each).items()}
    return "\n".join([*lines, *section("The well", list(_OF_THE_WELL), rates), *parameters("growth")])


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_name("equations.md")
    target.write_text(page(), encoding="utf-8")
