"""What objects show in a notebook: small tables and line pictures as HTML, every text escaped, nothing loaded."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

#: rows that are shown of a table; a notebook is no place for all of them
MOST = 12
#: colours that colour-blind readers tell apart (Okabe and Ito)
INKS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
_WIDTH, _HEIGHT, _MARGIN = 320, 120, 6
_TABLE = 'style="margin:6px 0"'
_CELL = 'style="text-align:left;padding:2px 10px 2px 0;border:0;vertical-align:top"'


def page(title: str, *parts: str) -> str:
    """Return a title and what stands below it; the parts are HTML, the title is text."""
    return f"<div><strong>{escape(title)}</strong>{''.join(parts)}</div>"


def lines(texts: Iterable[str]) -> str:
    """Return a list of sentences."""
    items = "".join(f"<li>{escape(text)}</li>" for text in texts)
    return f"<ul>{items}</ul>" if items else ""


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]], *, most: int = MOST) -> str:
    """Return a table; what is beyond ``most`` rows is counted, not shown.

    Parameters
    ----------
    columns : sequence of str
        The heads.
    rows : iterable of sequence
        The cells: numbers are written with three digits that count, all else as text.
    most : int
        Rows that are shown.
    """
    every = list(rows)
    head = "".join(f'<th scope="col" {_CELL}>{escape(name)}</th>' for name in columns)
    body = "".join(
        "<tr>" + "".join(f"<td {_CELL}>{escape(shown(cell))}</td>" for cell in row) + "</tr>" for row in every[:most]
    )
    more = f"<div><small>and {len(every) - most} more</small></div>" if len(every) > most else ""
    return f"<table {_TABLE}><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}"


def fields(pairs: Iterable[tuple[str, Any]]) -> str:
    """Return labels and what stands for each; one with several lines has them below one another."""
    rows = []
    for label, text in pairs:
        several = text if isinstance(text, tuple) else (text,)
        inside = "<br>".join(escape(shown(line)) for line in several)
        rows.append(f'<tr><th scope="row" {_CELL}>{escape(label)}</th><td {_CELL}>{inside}</td></tr>')
    return f"<table {_TABLE}><tbody>{''.join(rows)}</tbody></table>"


def shown(cell: Any) -> str:
    """Return a number with three digits that count, and all else as text."""
    if hasattr(cell, "item") and not isinstance(cell, str):
        cell = cell.item()
    if cell is None or (isinstance(cell, float) and math.isnan(cell)):
        return "none"
    if not isinstance(cell, float):
        return str(cell)
    return f"{cell:,.0f}" if 1000 <= abs(cell) < 1e6 else f"{cell:.3g}"


def picture(says: str, courses: Mapping[str, tuple[Iterable[float], Iterable[float]]]) -> str:
    """Draw courses as lines, each over the same span, each from 0 to the greatest of its own values.

    Parameters
    ----------
    says : str
        One sentence for who cannot see it.
    courses : mapping of str to (iterable, iterable)
        Name to places and values; values that are not finite are passed over.
    """
    drawn, legend = [], []
    for place, (name, (xs, ys)) in enumerate(courses.items()):
        points = [(float(x), float(y)) for x, y in zip(xs, ys, strict=True) if math.isfinite(x) and math.isfinite(y)]
        if not points:
            continue
        ink = INKS[place % len(INKS)]
        drawn.append(f'<polyline fill="none" stroke="{ink}" stroke-width="1.6" points="{_path(points)}"/>')
        top = max(y for _, y in points)
        legend.append(f'<span style="color:{ink}">&#9632;</span> {escape(name)} (to {shown(top)})')
    frame = f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="none" stroke="#D9D9D9"/>'
    label = escape(says, quote=True)
    image = (
        f'<svg role="img" aria-label="{label}" viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" height="{_HEIGHT}">'
    )
    return f"<div>{image}{frame}{''.join(drawn)}</svg><br><small>{'; '.join(legend)}</small></div>"


def _path(points: Sequence[tuple[float, float]]) -> str:
    left, right = min(x for x, _ in points), max(x for x, _ in points)
    bottom, top = min(0.0, *(y for _, y in points)), max(y for _, y in points)
    wide, high = (right - left) or 1.0, (top - bottom) or 1.0
    places = (
        (
            _MARGIN + (x - left) / wide * (_WIDTH - 2 * _MARGIN),
            _HEIGHT - _MARGIN - (y - bottom) / high * (_HEIGHT - 2 * _MARGIN),
        )
        for x, y in points
    )
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
