"""Whether intervals of an explanation hold what they promise, and how often a loop is claimed where there is none.

    python docs/explain_calibration.py covered 20 results.csv
    python docs/explain_calibration.py loop-off 20 results.csv

``covered`` draws the truth of each synthetic laboratory from the priors and asks where it lies among the draws of the
model that has every cause; ``loop-off`` draws it from the priors of the model without loop and asks for the verdict.
Each laboratory is one row for each parameter, written when it is finished: a run that was stopped goes on. Without a
number of laboratories, the table of a file is printed.
"""

from __future__ import annotations

import sys
from pathlib import Path

import click
import numpy as np
import pandas as pd
from scipy.stats import kstest

from autocrine.core import generator
from autocrine.studies import explain
from autocrine.studies.explain import inference, synthetic, training, verdicts
from autocrine.studies.explain.causes import Causes
from autocrine.studies.explain.emulator import Emulator
from autocrine.studies.explain.models import MODELS, WHOLE, free_names

PLAN = synthetic.Plan(doses=6, readouts=("il6",))
#: what is asked for: the causes
ASKED = ("pump_arm", "survival_arm", "loop_resistant", "copies_resistant", "other_resistant")


def laboratory(number: int, model: str) -> tuple[dict[str, float], Emulator]:
    """Return a truth from the priors of a model, and the emulator of a laboratory that measured it."""
    planned = synthetic.planned(PLAN)
    causes = Causes(planned)
    point = causes.priors.as_is(causes.priors.sample(number + 1, 7))[number]
    truth = dict(zip(causes.priors.names, point.tolist(), strict=True))
    absent = set(truth) - set(free_names(causes, model))
    truth |= {name: value for name, value in synthetic.typical(causes).items() if name in absent}
    return truth, Emulator(Causes(synthetic.measure(planned, truth, 100 + number)))


def covered(number: int) -> list[dict[str, object]]:
    """Return the place of the truth among the draws."""
    truth, emulator = laboratory(number, WHOLE)
    wells = training.trained(emulator, explain.QUICK, seed=number)
    one, _ = inference.drawn(emulator, wells, WHOLE, explain.QUICK, seed=number)
    drawn = one.draw(explain.QUICK.exact, number)
    rng = generator(number, "ranks")
    return [
        {"mode": "covered", "laboratory": number, "name": name, "truth": truth[name],
         "share": float((np.sum(drawn[name] < truth[name]) + rng.uniform()) / (len(drawn[name]) + 1)),
         "pareto_k": one.weights.pareto_k, "effective": one.weights.effective}
        for name in ASKED
    ]  # fmt: skip


def loop_off(number: int) -> list[dict[str, object]]:
    """Return the verdict on a laboratory without loop."""
    _, emulator = laboratory(number, "no loop")
    wells, found = training.trained(emulator, explain.QUICK, seed=number), {}
    for model in MODELS:
        found[model], wells = inference.drawn(emulator, wells, model, explain.QUICK, seed=number)
    verdict = verdicts.judge(found, seed=number)
    table = dict(zip(verdict.table.index, verdict.table["log_evidence"].to_numpy(float), strict=True))
    with_loop, without = (
        max(table[name] for name in MODELS if ("loop" in MODELS[name]) == there) for there in (True, False)
    )
    called = float(verdict.loop)
    return [{"mode": "loop-off", "laboratory": number, "name": "loop", "share": called, "truth": with_loop - without}]


def summary(table: pd.DataFrame) -> None:
    """Print what is known so far."""
    for key, rows in table.groupby(["mode", "name"]):
        mode, name = key if isinstance(key, tuple) else (key, "")
        share = rows["share"].to_numpy()
        if mode == "loop-off":
            click.echo(
                f"{mode}: {int(share.sum())} of {len(share)} called loop; largest gain {rows['truth'].max():.2f}"
            )
            continue
        held = int(np.sum(np.abs(share - 0.5) <= 0.45))
        even = float(kstest(share, "uniform").pvalue)
        click.echo(
            f"{name}: 90 % interval held {held} of {len(share)}; ranks even, p = {even:.2f}; mean {share.mean():.2f}"
        )


def main(mode: str, count: int, path: Path) -> None:
    """Go on until there are enough laboratories."""
    for number in range(count):
        done = pd.read_csv(path) if path.is_file() else pd.DataFrame({"mode": [], "laboratory": []})
        if ((done["mode"] == mode) & (done["laboratory"] == number)).any():
            continue
        rows = covered(number) if mode == "covered" else loop_off(number)
        pd.concat([done, pd.DataFrame(rows)]).to_csv(path, index=False)
        click.echo(f"{mode}: laboratory {number + 1} of {count}")
    summary(pd.read_csv(path))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
