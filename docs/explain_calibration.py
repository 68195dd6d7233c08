"""Whether intervals of an explanation hold what they promise, and how often a loop is claimed where there is none.

    python docs/explain_calibration.py covered 200 results.csv
    python docs/explain_calibration.py loop-off 200 results.csv

Each laboratory has a truth that is drawn from the priors of one model: with ``covered`` any of the models in turn, with
``loop-off`` one of those without a loop, and there is no ELISA that would say so. It is asked where the truth lies
among the draws that are averaged over the models (by chance among equal ones, where a cause is not there), what
probability the true model got, and whether a loop is called. Each laboratory is some rows, written when it is finished:
a run that was stopped goes on. Without anything to do the table of a file is printed.
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from pathlib import Path

import click
import numpy as np
import pandas as pd
from scipy.stats import binomtest, kstest

from autocrine.core import generator
from autocrine.studies import explain
from autocrine.studies.explain import synthetic, training, verdicts
from autocrine.studies.explain.averaging import averaged
from autocrine.studies.explain.causes import Causes
from autocrine.studies.explain.emulator import Emulator
from autocrine.studies.explain.explanation import draw_models
from autocrine.studies.explain.models import MODELS, WITH_LOOP, free_names

#: smaller than a real one (two drugs, five doses, two wells each, ELISA), and of the same kind
PLAN = synthetic.Plan(doses=5, replicates=2, readouts=("il6",))
#: without ELISA, which would say at once that there is no loop
WITHOUT_ELISA = replace(PLAN, readouts=())
#: what is asked for: the causes
ASKED = ("pump_arm", "survival_arm", "loop_resistant", "copies_resistant", "other_resistant")
_DRAWS = 400


def laboratory(plan: synthetic.Plan, number: int, model: str) -> tuple[dict[str, float], Emulator]:
    """Return a truth from the priors of a model, and the emulator of a laboratory that measured it."""
    planned = synthetic.planned(plan)
    causes = Causes(planned)
    point = causes.priors.as_is(causes.priors.sample(number + 1, 7))[number]
    truth = dict(zip(causes.priors.names, point.tolist(), strict=True))
    absent = set(truth) - set(free_names(causes, model))
    truth |= {name: value for name, value in synthetic.typical(causes).items() if name in absent}
    return truth, Emulator(Causes(synthetic.measure(planned, truth, 100 + number)))


def judged(mode: str, number: int) -> list[dict[str, object]]:
    """Return the rows of one laboratory."""
    began = time.process_time()
    names = list(MODELS) if mode == "covered" else [name for name in MODELS if name not in WITH_LOOP]
    model = names[number % len(names)]
    plan, first = (PLAN, 0) if mode == "covered" else (WITHOUT_ELISA, 1000)
    truth, emulator = laboratory(plan, first + number, model)
    found = draw_models(emulator, training.trained(emulator, explain.QUICK, seed=number), explain.QUICK, seed=number)
    verdict = verdicts.judge(found, seed=number)
    drawn = averaged(emulator.causes, found, verdict.probability, _DRAWS, number)
    weights = [found[name].weights.pareto_k for name in verdict.counted]
    common = {
        "mode": mode,
        "laboratory": number,
        "model": model,
        "probability": verdict.probability[model],
        "gain": verdict.gain,
        "loop": int(verdict.loop),
        "pareto_k": max(weights),
        "evidence_error": max(found[name].evidence[1] for name in verdict.counted),
    }
    rng, rows = generator(number, "ranks"), []
    for name in ASKED:
        below, equal = np.sum(drawn[name] < truth[name]), np.sum(drawn[name] == truth[name])
        share = (below + rng.uniform() * (equal + 1)) / (_DRAWS + 1)
        rows.append({**common, "name": name, "truth": truth[name], "share": float(share)})
    seconds = time.process_time() - began
    return [{**row, "seconds": seconds} for row in rows]


def summary(table: pd.DataFrame) -> None:
    """Print what is known so far."""
    for mode, rows in table.groupby("mode"):
        once = rows.drop_duplicates("laboratory")
        click.echo(f"{mode}: {len(once)} laboratories, {once['seconds'].median():.0f} s each in the median")
        for name, each in rows.groupby("name"):
            share = each["share"].to_numpy()
            held = int(np.sum(np.abs(share - 0.5) <= 0.45))
            low, high = binomtest(held, len(share)).proportion_ci(0.95)
            even = float(kstest(share, "uniform").pvalue)
            click.echo(
                f"  {name}: 90 % interval held {held} of {len(share)} ({low:.0%} to {high:.0%}); "
                f"ranks even, p = {even:.2f}; mean {share.mean():.2f}"
            )
        off = once[~once["model"].isin(WITH_LOOP).to_numpy()]
        there = once[once["model"].isin(WITH_LOOP).to_numpy()]
        click.echo(f"  loop called in {int(off['loop'].sum())} of {len(off)} without, {int(there['loop'].sum())} of "
                   f"{len(there)} with one; largest gain without {off['gain'].max():.1f}")  # fmt: skip
        click.echo(f"  mean probability of the true model {once['probability'].mean():.2f}; Pareto k above 0.7 in "
                   f"{int((once['pareto_k'] > 0.7).sum())}; error of the evidence above 1 in "
                   f"{int((once['evidence_error'] > 0.5).sum())}")  # fmt: skip


def main(mode: str, count: int, path: Path) -> None:
    """Go on until there are enough laboratories."""
    for number in range(count):
        done = pd.read_csv(path) if path.is_file() else pd.DataFrame({"mode": [], "laboratory": []})
        if ((done["mode"] == mode) & (done["laboratory"] == number)).any():
            continue
        pd.concat([done, pd.DataFrame(judged(mode, number))]).to_csv(path, index=False)
        click.echo(f"{mode}: laboratory {number + 1} of {count}")
    summary(pd.read_csv(path))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
