"""The report of a virtual trial as one page."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autocrine.studies.trial import VirtualTrial


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
            power=rows(found.power),
            analysis=found.analysis,
            without=found.without,
            notice=prognosis.NOTICE,
        )
    )
