"""The templates of pages, which escape everything that is not marked as ours."""

from __future__ import annotations

import jinja2
from markupsafe import Markup


def page_templates() -> jinja2.Environment:
    """Return the templates, with the style of the house and formats of numbers."""
    surroundings = jinja2.Environment(
        loader=jinja2.PackageLoader("autocrine", "studies/templates"),
        autoescape=True,
        undefined=jinja2.ChainableUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style = surroundings.get_template("page.css").render()
    surroundings.globals["style"] = Markup(style)  # noqa: S704 - our own file
    surroundings.filters["two"] = lambda value: f"{value:.2f}" if value == value else "–"  # noqa: PLR0124
    surroundings.filters["short"] = lambda value: f"{value:.3g}" if value == value else "–"  # noqa: PLR0124
    surroundings.filters["percent"] = lambda value: f"{100 * value:.0f} %" if value == value else "–"  # noqa: PLR0124
    return surroundings
