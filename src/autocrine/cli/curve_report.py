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

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Dose-response curves</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
 body{font:15px/1.5 "Helvetica Neue",Arial,sans-serif;color:#222;max-width:72rem;margin:2rem auto;padding:0 1rem}
 h1{font-size:1.5rem} h2{font-size:1.15rem;margin-top:2rem}
 table{border-collapse:collapse;font-size:.82rem}
 td,th{padding:.15rem .7rem .15rem 0;border-bottom:1px solid #ddd;text-align:left}
 .plots{display:grid;grid-template-columns:repeat(auto-fill,minmax(20rem,1fr));gap:.6rem}
 figure{margin:0} svg{max-width:100%;height:auto} figcaption{font-size:.78rem;color:#555;padding-left:.5rem}
 .scroll{overflow-x:auto} .note{color:#555}
</style></head><body>
<h1>Dose-response curves</h1>
<p class="note">{{ source }}: {{ summary|length }} curves of {{ lines }} lines and {{ drugs }} drugs.
{% for note in notes %}{{ note }}. {% endfor %}</p>
<p>IC50 is absolute: the dose where the fitted curve crosses half of the control. Outside of the tested doses it is
censored and never extrapolated. Intervals are 95 % profile likelihood; <i>open</i> means that the data do not exclude a
dose outside of the tested range.</p>
{% if map %}<h2>IC50 of every line and drug</h2>{{ map }}{% endif %}
<h2>Curves</h2>
{% if left_out %}<p class="note">{{ left_out }} more are in the folder plots.</p>{% endif %}
<div class="plots">
{% for title, picture, reason in shown %}<figure id="curve-{{ loop.index }}" role="img" aria-label="{{ title }}">
{{ picture|safe }}{% if reason %}<figcaption>{{ reason }}</figcaption>{% endif %}</figure>
{% endfor %}</div>
<h2>Numbers</h2>
<div class="scroll"><table>
<tr><th>line</th><th>drug</th><th>status</th><th>IC50</th><th>EC50 (relative)</th><th>E_0</th>
<th>E_max</th><th>hill slope</th><th>AUC</th>{% if folds %}<th>fold resistance</th>{% endif %}<th>reason</th></tr>
{% for r in summary %}<tr><td>{{ r.line }}</td><td>{{ r.drug }}</td><td>{{ r.status }}</td><td>{{ r.ic50_text }}</td>
<td>{{ r.ec50_text }}</td><td>{{ r.e_0|number }}</td><td>{{ r.e_max|number }}</td><td>{{ r.hill_slope|number }}</td>
<td>{{ r.auc|number }}</td>{% if folds %}<td>{{ r.fold_text }}</td>{% endif %}<td>{{ r.reason }}</td></tr>
{% endfor %}</table></div>
<h2>Excluded</h2>
{% if excluded %}<div class="scroll"><table>
<tr><th>line of file</th><th>line</th><th>drug</th><th>column</th><th>value</th><th>reason</th></tr>
{% for r in excluded[:1000] %}<tr><td>{{ r.row }}</td><td>{{ r.line }}</td><td>{{ r.drug }}</td><td>{{ r.column }}</td>
<td>{{ r.value }}</td><td>{{ r.reason }}</td></tr>
{% endfor %}</table></div>{% if excluded|length > 1000 %}<p>The first 1000 of {{ excluded|length }}; all are in
excluded.csv.</p>{% endif %}{% else %}<p>No row was left out.</p>{% endif %}
<p class="note">Research software: nothing here is advice about a person. Versions and command: provenance.json.</p>
</body></html>
"""


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

    surroundings = jinja2.Environment(autoescape=True)
    surroundings.filters["number"] = lambda value: f"{value:.2f}" if value == value else "–"  # noqa: PLR0124
    shown = list(zip(titles, pictures, summary["reason"], strict=True))[:_MOST_PLOTS]
    return surroundings.from_string(_PAGE).render(
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
