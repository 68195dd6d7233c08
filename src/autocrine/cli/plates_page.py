"""The page that autocrine plates check writes: findings, what a fit would do, and a map of every plate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from autocrine.cli.page_templates import page_templates, picture

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from autocrine.assay.plates.check import PlateCheck
    from autocrine.assay.plates.observations import Observations

#: about 60 kB each
_MOST_MAPS = 60
_SHAPES = {96: (8, 12), 384: (16, 24), 1536: (32, 48)}


def page(source: str, read: Observations, found: PlateCheck) -> str:
    """Return the whole check as one page that opens offline.

    Parameters
    ----------
    source : str
        The files that were read.
    read : Observations
        Their values.
    found : PlateCheck
        What the check found.
    """
    from autocrine.assay import plates

    excluded = [*read.excluded.to_dict("records"), *found.series.excluded.to_dict("records")]
    return (
        page_templates()
        .get_template("plates.html")
        .render(
            source=source,
            notes=read.notes,
            values=len(read.table),
            plates=found.plates.to_dict("records"),
            findings=plates.grouped_findings(found),
            plan=found.plan,
            maps=[picture(drawn) for drawn in _maps(read, found)],
            excluded=excluded,
        )
    )


def _maps(read: Observations, found: PlateCheck) -> Iterator[str]:
    drawn = 0
    for plate in found.plates.to_dict("records"):
        if plate["wells_of_plate"] in _SHAPES and drawn < _MOST_MAPS:
            drawn += 1
            yield _map(read.table, found.outliers, plate)


def _map(values: pd.DataFrame, outliers: pd.DataFrame, plate: dict) -> str:
    from autocrine.plots import maps, svg

    keys = ("file", "plate", "readout")
    mine = values["plate_row"].notna().to_numpy().copy()
    for key in keys:
        mine &= (values[key] == plate[key]).to_numpy()
    time = plate["time_h"]
    if time == time:  # noqa: PLR0124 - a time that is not NaN
        mine &= ((values["time_h"] == time) | (values["kind"] == "blank")).to_numpy()
    wells = values.loc[mine]
    odd = set(outliers.loc[(outliers["file"] == plate["file"]).to_numpy(), "row"])
    wells = wells.assign(odd=wells["row"].isin(odd), kind=wells["kind"].astype(str))
    title = f"{plate['plate'] or 'plate'}: {plate['line']}" + (f", {time:g} h" if time == time else "")  # noqa: PLR0124
    shape = _SHAPES[plate["wells_of_plate"]]
    return svg(maps.draw_plate_map(wells, shape=shape, title=title, quantity=str(plate["readout"])))
