"""The report of a virtual trial as one page."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autocrine.studies.trial import VirtualTrial


def _figures(found: VirtualTrial) -> list[tuple[str, str]]:
    """Draw power by effect, adjusted for burden, where settings were varied."""
    from autocrine.cli.page_templates import picture
    from autocrine.plots import survival, svg

    if not len(found.power):
        return []
    table = found.power.loc[found.power["adjusted_for_burden"].to_numpy(dtype=bool)]
    drawn = ((name, table.loc[(table["effect"] == name).to_numpy()]) for name in dict.fromkeys(table["effect"]))
    return [(str(name), picture(svg(survival.draw_power(rows)))) for name, rows in drawn]


def page(found: VirtualTrial) -> str:
    """Return the whole report as one page that opens offline."""
    from autocrine import prognosis
    from autocrine.cli.prognosis_page import environment, rows

    return (
        environment()
        .get_template("trial.html")
        .render(
            trial=found.trial,
            weights=found.weights,
            arms=rows(found.arms),
            checks=rows(found.checks),
            weighted=rows(found.weighted),
            effects=rows(found.effects),
            power=rows(found.power),
            figures=_figures(found),
            analysed=found.analysed,
            analysis=found.analysis,
            without=found.without,
            infinity=math.inf,
            notice=prognosis.NOTICE,
        )
    )
