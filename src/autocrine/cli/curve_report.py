"""The page that autocrine curve writes: heat map first, then every curve."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from autocrine.assay.plate_table import PlateTable

#: a heat map of more lines than this cannot be read on a page
_MOST_LINES = 200
#: about 15 kB each, so that a page stays under 10 MB
_MOST_PLOTS = 500


def page(source: str, summary: pd.DataFrame, read: PlateTable, titles: list[str], pictures: list[str]) -> str:
    """Return the whole report as one page that opens offline.

    Parameters
    ----------
    source : str
        The table that was read.
    summary : DataFrame
        One row per curve.
    read : PlateTable
        Notes and excluded rows.
    titles, pictures : list of str
        Title and SVG of every curve, in the order of ``summary``.
    """
    import jinja2
    from markupsafe import Markup

    surroundings = jinja2.Environment(
        loader=jinja2.PackageLoader("autocrine", "studies/templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style = surroundings.get_template("page.css").render()
    surroundings.globals["style"] = Markup(style)  # noqa: S704 - our own file
    surroundings.filters["number"] = lambda value: f"{value:.2f}" if value == value else "–"  # noqa: PLR0124
    shown = list(zip(titles, pictures, summary["reason"], strict=True))[:_MOST_PLOTS]
    return surroundings.get_template("curves.html").render(
        source=source,
        notes=read.notes,
        summary=summary.to_dict("records"),
        lines=summary["line"].nunique(),
        drugs=summary["drug"].nunique(),
        folds="fold_text" in summary.columns,
        map=_map(summary),
        shown=shown,
        left_out=len(pictures) - len(shown),
        excluded=read.excluded.to_dict("records"),
    )


def _map(summary: pd.DataFrame) -> object:
    from markupsafe import Markup

    from autocrine.plots import draw_potency_map, svg

    # a cell of the map has place for one duration
    if len(set(summary["line"])) > _MOST_LINES or len(set(summary["duration_h"].fillna(-1.0))) > 1:
        return ""
    table = summary.rename(columns={"ic50_nM": "value_nM", "ic50_censored": "censored", "ic50_bound_nM": "bound_nM"})
    return Markup(svg(draw_potency_map(table, title="IC50")))  # noqa: S704 - our own picture
