"""``autocrine sensitivity``: which parameters of the circuit a readout of a well depends on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from autocrine.core import errors

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np

#: readout → what the network of a well calls it
_READOUTS = {
    "viability": "cells",
    "cells": "cells",
    "il6": "il6",
    "abcb1_mrna": "p1_abcb1_mrna",
    "pgp": "p1_pgp_surface",
    "pstat3": "p1_pstat3_fraction",
}
_USUAL = "s_abcb1,d_abcb1_mrna,d_pgp,edge_il6_cebp,survival_gain,division_rate_max,s_il6,k_il6_secretion"


@click.command()
@click.option("--line", default="resistant", show_default=True, help="A cell line that Autocrine knows.")
@click.option("--drug", default="doxorubicin", show_default=True, help="A drug that it knows.")
@click.option("--dose", default="300 nM", show_default=True, help="Its dose.")
@click.option("--arm", default="none", show_default=True, help="An arm that every study knows, as anti-IL-6R.")
@click.option(
    "--readout", type=click.Choice(list(_READOUTS)), multiple=True, default=("viability",), show_default=True,
    help="What is read at the end; may be given several times.",
)  # fmt: skip
@click.option("--parameters", default=_USUAL, show_default=True, help="Parameters of the circuit, by commas.")
@click.option("--method", type=click.Choice(["sobol", "morris"]), default="sobol", show_default=True)
@click.option("--count", type=click.IntRange(min=2), help="Base points (a power of two), or trajectories of Morris.")
@click.option("--duration", default="72 h", show_default=True, help="From the addition of the drug to the readout.")
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Seed of the points.")
@click.option("--out", type=click.Path(path_type=Path), help="Write the table as CSV.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of a table.")
def command(**asked: Any) -> None:
    """Say which parameters a readout depends on, over all of their ranges (Sobol or Morris indices).

    Parameters vary evenly over the ranges of their tables, positive ones on the logarithm. Sobol: the share of
    the variance that a parameter explains alone (first) and with its interactions (total). Morris: the mean absolute
    effect of a step, and its spread; cheaper and coarser.
    """
    from autocrine.calibration import design

    readout, priors = _well(asked), _priors(asked["parameters"])
    count = asked["count"] or (256 if asked["method"] == "sobol" else 32)
    kind = {"sobol": design.sobol, "morris": design.morris}[asked["method"]]
    table = kind(readout, priors, count, seed=asked["seed"], outputs=list(asked["readout"]))
    table = table.sort_values(["output", "total" if asked["method"] == "sobol" else "mean_size"], ascending=False)
    if asked["out"] is not None:
        try:
            asked["out"].parent.mkdir(parents=True, exist_ok=True)
            table.to_csv(asked["out"], lineterminator="\n")
        except OSError as error:
            raise errors.OutputError(f"--out must be a file that can be written ({error.strerror or error})") from error
    if as_json := asked["as_json"]:
        click.echo(
            json.dumps({"method": asked["method"], "count": count, "rows": table.reset_index().to_dict("records")})
        )
    if not as_json:
        click.echo(table.to_string(float_format=lambda value: f"{value:.3f}"))


def _priors(text: str) -> Any:
    from autocrine.calibration import given
    from autocrine.circuit import cell

    known, names = cell.cell_parameters(), [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        if name not in known:
            raise errors.InputError("--parameters must be names of the circuit", name, hint=", ".join(known))
    if not names:
        raise errors.InputError("--parameters must name a parameter of the circuit", text)
    rows = [known[name] for name in dict.fromkeys(names)]
    return given.Priors(
        [given.Prior.uniform(row.name, row.low, row.high, "log" if row.low > 0 else "lin") for row in rows]
    )


def _well(asked: dict[str, Any]) -> Callable[[np.ndarray], np.ndarray]:
    """Return readouts as a function of parameters."""
    import numpy as np

    from autocrine.assay import Arm, Bench, Protocol, readout
    from autocrine.core import units

    bench = Bench()
    drug = bench.drug(asked["drug"])
    protocol = Protocol(duration_h=units.read(asked["duration"], "h", where="--duration"))
    arm = Arm() if asked["arm"] == "none" else _arm(asked["arm"], bench)
    dose = drug.dose_nM(asked["dose"], where="--dose")
    wells = [bench.dosed(asked["line"], drug.name, each, protocol, arm) for each in (0.0, dose)]
    names = [name.strip() for name in asked["parameters"].split(",") if name.strip()]
    outputs = list(dict.fromkeys(["cells", *(_READOUTS[each] for each in asked["readout"])]))

    def simulated(values: np.ndarray) -> np.ndarray:
        columns = {f"p1_{name}": values[:, [place]] for place, name in enumerate(dict.fromkeys(names))}
        found = bench.run_sets(wells, columns, outputs)
        cells = found[:, :, outputs.index("cells")]
        rows = []
        for each in asked["readout"]:
            level = found[:, 1, outputs.index(_READOUTS[each])]
            unit = readout.NG_PER_ML_PER_NM if each == "il6" else 1.0
            rows.append(cells[:, 1] / cells[:, 0] if each == "viability" else level * unit)
        return np.stack(rows, axis=1)

    return simulated


def _arm(name: str, bench: Any) -> Any:
    from autocrine.assay import Arm

    try:
        return Arm.known_arm(name, bench.drugs)
    except KeyError:
        from autocrine.core import Document

        known = ", ".join(Arm.known(Document({}, "", "no study"), bench.drugs))
        raise errors.InputError("--arm must be one that every study knows", name, hint=known) from None
