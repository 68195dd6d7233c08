"""The page that autocrine curve writes: heat map first, then every curve."""

from __future__ import annotations

from typing import TYPE_CHECKING

from autocrine.cli.page_templates import page_templates

if TYPE_CHECKING:
    import pandas as pd

#: a heat map of more lines than this cannot be read on a page
_MOST_LINES = 200
#: about 15 kB each, so that a page stays under 10 MB
_MOST_PLOTS = 500


def page(
    source: str,
    summary: pd.DataFrame,
    notes: list[str],
    excluded: pd.DataFrame,
    *,
    plots: list[tuple[str, str]],
    plates: pd.DataFrame,
) -> str:
    """Return the whole report as one page that opens offline.

    Parameters
    ----------
    source : str
        The files that were read.
    summary : DataFrame
        One row per curve.
    notes : list of str
        How the files were understood.
    excluded : DataFrame
        Every value that was left out, and why.
    plots : list of (str, str)
        Title and SVG of every curve, in the order of ``summary``.
    plates : DataFrame
        One row per curve and plate of hierarchical fits; empty where there are none.
    """
    shown = [(*plot, why) for plot, why in zip(plots, summary["reason"], strict=True)][:_MOST_PLOTS]
    return (
        page_templates()
        .get_template("curves.html")
        .render(
            source=source,
            notes=notes,
            summary=summary.to_dict("records"),
            lines=summary["line"].nunique(),
            drugs=summary["drug"].nunique(),
            folds="fold_text" in summary.columns,
            maps=_maps(summary),
            measures=len(set(summary["measure"])) > 1 or bool((summary["arm"] != "").any()),
            shown=shown,
            left_out=len(plots) - len(shown),
            excluded=excluded.to_dict("records"),
            plates=plates.to_dict("records"),
        )
    )


def _maps(summary: pd.DataFrame) -> list[object]:
    """Return the heat maps of IC50 and GR50 where each line and drug has one."""
    from autocrine.cli.page_templates import picture
    from autocrine.plots import maps, svg

    table = summary.rename(columns={"ic50_nM": "value_nM", "ic50_censored": "censored", "ic50_bound_nM": "bound_nM"})
    drawn = []
    for measure, title in (("viability", "IC50"), ("GR", "GR50")):
        rows = table.loc[(table["measure"] == measure).to_numpy()]
        # a cell of the map has place for one arm and duration
        if len(rows) and rows["line"].nunique() <= _MOST_LINES and not rows.duplicated(["line", "drug"]).any():
            drawn.append(picture(svg(maps.draw_potency_map(rows, title=title))))
    return drawn
