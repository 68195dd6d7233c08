"""The templates of pages that commands write, which escape everything that is not marked as ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    import jinja2
    from markupsafe import Markup


def page_templates(**filters: Callable[..., str]) -> jinja2.Environment:
    """Return the templates with the style of all pages; an unknown name in a template is an error.

    Parameters
    ----------
    **filters : callable
        Words for values, by the names that templates use.
    """
    import jinja2

    surroundings = jinja2.Environment(
        loader=jinja2.PackageLoader("autocrine", "studies/templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    surroundings.globals["style"] = picture(surroundings.get_template("page.css").render())
    surroundings.filters |= {"number": two_digits, **filters}
    return surroundings


def picture(text: str) -> Markup:
    """Mark a picture or a style of our own as what a page need not escape."""
    from markupsafe import Markup

    return Markup(text)  # noqa: S704 - our own


def two_digits(value: float) -> str:
    """Return a number with two decimals; a dash where there is none."""
    return f"{value:.2f}" if value == value else "–"  # noqa: PLR0124
