"""The report of a cohort as one page, in the order of REMARK."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from autocrine.cli.page_templates import page_templates, picture

if TYPE_CHECKING:
    import jinja2
    import pandas as pd

    from autocrine.prognosis.analysis import Analysis


def page(found: Analysis) -> str:
    """Return the whole report as one page that opens offline.

    Parameters
    ----------
    found : Analysis
        What was estimated.
    """
    from autocrine import prognosis
    from autocrine.cli.prognosis_figures import figures

    return (
        environment()
        .get_template("prognosis.html")
        .render(
            a=found,
            cohort=found.cohort,
            question=found.cohort.question,
            marker=found.cohort.question.marker,
            unit=found.cohort.time_unit,
            figures={name: picture(drawn) for name, drawn in figures(found).items()},
            rows=rows,
            notice=prognosis.NOTICE,
            compared=_compared(found),
            both_causes=_both_causes(found),
        )
    )


def environment() -> jinja2.Environment:
    """Return the templates with the words for numbers of patients."""
    return page_templates(number=number, p=p_value, ratio=ratio, percent=percent)


def rows(table: pd.DataFrame | None) -> list[dict[str, Any]]:
    """Return the rows of a table; none of an absent one."""
    return (
        [] if table is None else [{str(key): value for key, value in row.items()} for row in table.to_dict("records")]
    )


def _compared(found: Analysis) -> list[dict[str, Any]]:
    """Return each column alone and adjusted, side by side."""
    adjusted = {} if found.full is None else {row["term"]: row for row in rows(found.full.table())}
    return [
        {"term": row["term"], "alone": row, "adjusted": adjusted.get(row["term"])} for row in rows(found.univariable)
    ]


def _both_causes(found: Analysis) -> list[dict[str, Any]]:
    """Return for each cause its events and the marker's row of each regression, None where it has no estimate."""
    if found.competing is None:
        return []
    tables = (found.competing.hazards, found.competing.subdistribution)
    specific, whole = ({row["cause"]: row for row in rows(table)} for table in tables)
    counts = {1: found.cohort.events, 2: int((found.cohort.event == 2).sum())}
    return [
        {
            "cause": row["cause"],
            "events": counts[number],
            "specific": specific.get(row["cause"]),
            "subdistribution": whole.get(row["cause"]),
            "gray": row["p"],
        }
        for number, row in enumerate(rows(found.competing.gray), start=1)
    ]


def number(value: float, digits: int = 3) -> str:
    """Write a number with few digits; a dash where there is none."""
    if value is None or math.isnan(value):
        return "–"
    return "not reached" if math.isinf(value) else f"{value:.{digits}g}"


def percent(value: float) -> str:
    """Write a fraction as a percentage."""
    return "–" if math.isnan(value) else f"{100 * value:.0f} %"


def p_value(value: float) -> str:
    """Write a p-value."""
    if value is None or math.isnan(value):
        return "–"
    return f"{value:.2g}" if value >= 0.001 else "< 0.001"


def ratio(row: dict[str, float] | None) -> str:
    """Write a ratio with its interval."""
    if row is None or math.isnan(row["ratio"]):
        return "no estimate"
    low, high = _bound(row["ratio_low"]), _bound(row["ratio_high"])
    return f"{row['ratio']:.3g} ({low} to {high})"


def _bound(value: float) -> str:
    return "∞" if math.isinf(value) else f"{value:.3g}" if value < 1e4 else "> 10⁴"
