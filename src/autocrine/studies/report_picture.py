"""A figure on a page: its drawing, and the sentence that says what it shows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup

from autocrine.plots import svg

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_TAG = re.compile(r"<[^<>]*>")
_OWN = re.compile(r'(\bid="|url\(#|href="#)')


@dataclass(frozen=True)
class Picture:
    """A figure on a page.

    Attributes
    ----------
    name : str
        Its anchor; no two pictures of a page share it.
    drawing : Markup
        SVG.
    says : str
        One sentence, shown below the figure and read aloud in its place.
    size : str
        ``wide`` takes the whole column, ``half`` shares it, ``small`` is one of many.
    """

    name: str
    drawing: Markup
    says: str
    size: str = "wide"


def picture(name: str, figure: Figure, says: str, size: str = "wide") -> Picture:
    """Return a figure as a picture whose inner names cannot clash with those of other pictures on the page."""
    # names stand in tags only: < and > of any text in a drawing are escaped
    own = _TAG.sub(lambda tag: _OWN.sub(lambda found: found[1] + name + "-", tag[0]), svg(figure))
    return Picture(name, Markup(own), says, size)  # noqa: S704 - our own drawing, whose texts matplotlib escapes
