"""A virtual trial: its patients from the simulator, its statistics from the room that also reads real patients."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from autocrine.core import errors, notebook

# patients and their statistics are imported where they are asked for: other studies start without them
if TYPE_CHECKING:
    from autocrine import prognosis
    from autocrine.cohort import Trial
    from autocrine.cohort.matching import Weights
    from autocrine.prognosis.analysis import Analysis

#: first patients of a trial that the report of prognosis is about, and says so: its bootstraps on more take hours. The
#: effect itself is estimated from all
_ANALYSED = 3000
#: published medians and fractions beside the targets: what, key, published value, role, note
_BESIDE = (
    ("median serum IL-6 as measured, pg/ml", "P078", 6.6, "matched in part", "96 patients with metastases"),
    ("IL-6 detected", "P081", 0.39, "not matched", "87 patients; the limit of that assay is not known"),
)


@dataclass(frozen=True)
class VirtualTrial:
    """A finished virtual trial.

    Attributes
    ----------
    trial : Trial
    weights : Weights
        How plausible patients were weighted.
    arms : DataFrame
        One row per arm: patients, responses, events, medians.
    checks : DataFrame
        What was matched, and what was published and not matched.
    effects : DataFrame
        The effect of serum IL-6 estimated from all patients: ``effect``, ``adjusted_for_burden``, ``patients``,
        ``ratio`` per doubling with ``ratio_low`` and ``ratio_high``, ``needed``.
    power : DataFrame
        Power by setting, size and effect; empty where it was not asked for.
    analysis : Analysis or None
        The report of prognosis on the patients of the trial, as on real ones.
    analysed : int
        Patients of that report: the first ones of a large trial.
    without : str
        Why there is no such report.
    """

    trial: Trial
    weights: Weights
    arms: pd.DataFrame
    checks: pd.DataFrame
    effects: pd.DataFrame
    power: pd.DataFrame
    analysis: Analysis | None
    analysed: int
    without: str

    def _repr_html_(self) -> str:
        parts = [
            notebook.table(list(map(str, each.columns)), each.itertuples(index=False))
            for each in (self.arms, self.checks, self.power)
            if len(each)
        ]
        said = [self.without] if self.analysis is None else self.analysis.conclusion
        return notebook.page(f"trial {self.trial.name}", notebook.lines(filter(None, said)), *parts)

    @property
    def weighted(self) -> pd.DataFrame:
        """What patients of each combination of matched fractions weigh."""
        return pd.DataFrame(self.weights.kinds)

    def as_object(self) -> dict[str, Any]:
        """Return what ``--json`` prints."""
        from autocrine import prognosis

        tables = {"arms": self.arms, "checks": self.checks, "effects": self.effects, "power": self.power}
        tables["weights"] = self.weighted
        return {
            "trial": self.trial.name,
            "notice": prognosis.NOTICE,
            "effective_share": self.weights.effective_share,
            "analysed": self.analysed,
            **{name: [_plain(row) for row in table.to_dict("records")] for name, table in tables.items()},
            "conclusion": [] if self.analysis is None else list(self.analysis.conclusion),
        }


def _plain(row: dict[Any, Any]) -> dict[str, Any]:
    """Return a row that JSON can hold."""
    found = {str(key): value.item() if hasattr(value, "item") else value for key, value in row.items()}
    return {k: (None if isinstance(v, float) and not math.isfinite(v) else v) for k, v in found.items()}


def run_trial(
    trial: Trial,
    folder: Path,
    *,
    seed: int,
    workers: int = 1,
    scheduler: str = "",
    bootstraps: int = 100,
    begin: Callable[[str, int], None] = lambda _what, _steps: None,
    step: Callable[[int], None] = lambda _steps: None,
) -> VirtualTrial:
    """Simulate a trial and analyse it as a real one.

    Parameters
    ----------
    trial : Trial
        What is asked.
    folder : Path
        Where batches of patients are written; what is there of this trial is not simulated again.
    seed : int
        Seed of everything that is drawn.
    workers, scheduler
        As in `Campaign.run`.
    bootstraps : int
        Samples with which the report measures optimism.
    begin, step : callable
        Called with what comes next and its steps, and with the number of finished ones.

    Raises
    ------
    InputError
        If targets cannot be met, or the folder holds another trial.
    """
    from autocrine.cohort import Campaign, find_weights
    from autocrine.studies.trial_power import count_steps, effects_of, find_power

    weights = find_weights(trial.protocol.population, seed, matched=trial.match)
    campaign = Campaign(trial.protocol, weights, trial.patients, seed, folder, trial.batch_size)
    begin("patients", trial.patients)
    campaign.run(workers=workers, scheduler=scheduler, progress=step)
    ends = (f"{trial.endpoint}_days", f"{trial.endpoint}_event")
    summaries, first, levels, left = [], [], [], _ANALYSED
    for table in campaign.tables():
        summaries.append(_sums(table))
        levels.append(table[["il6_pg_ml", "il6_detected", "log10_burden", "arm", *ends]])
        if left > 0:
            first.append(table.iloc[:left])
            left -= len(first[-1])
    power = pd.DataFrame()
    if trial.power.repeats and trial.power.sizes:
        begin("power", count_steps(trial))
        power = find_power(trial, seed, weights, workers=workers, scheduler=scheduler, progress=step)
    shown, whole = pd.concat(first, ignore_index=True), pd.concat(levels, ignore_index=True)
    analysis, without = _analysed(shown, trial, seed, bootstraps)
    effects, checks = effects_of(whole, trial.endpoint), _checks(weights, whole)
    return VirtualTrial(trial, weights, _arms(summaries), checks, effects, power, analysis, len(shown), without)


def _sums(table: pd.DataFrame) -> pd.DataFrame:
    """Return counts by arm, which can be added over batches."""
    marks = table[["responded", "pcr", "pfs_event", "os_event", "dropped_out"]].astype(int)
    marks = marks.assign(patients=1, pfs_days=table["pfs_days"], os_days=table["os_days"], arm=table["arm"])
    for name in ("CR", "PR", "SD", "PD"):
        marks[name] = (table["best_response"] == name).astype(int)
    return pd.DataFrame(marks.groupby("arm").sum())


def _arms(summaries: list[pd.DataFrame]) -> pd.DataFrame:
    """Return responses, events and event rates by arm."""
    total = pd.DataFrame(pd.concat(summaries).groupby(level=0).sum())
    rates = {
        "response_rate": total["responded"] / total["patients"],
        "pcr_rate": total["pcr"] / total["patients"],
        "progressions_or_deaths": total["pfs_event"],
        "deaths": total["os_event"],
        "pfs_events_per_year": total["pfs_event"] / total["pfs_days"] * 365.25,
        "deaths_per_year": total["os_event"] / total["os_days"] * 365.25,
        "dropped_out": total["dropped_out"],
    }
    kept = total.loc[:, ["patients", "CR", "PR", "SD", "PD"]].astype(int)
    return kept.assign(**rates).reset_index()


def _checks(weights: Weights, levels: pd.DataFrame) -> pd.DataFrame:
    """Return what patients were matched to, then what they were not."""
    rows = [{**row, "role": "matched"} for row in weights.rows]
    found = (float(levels["il6_pg_ml"].median()), float(levels["il6_detected"].mean()))
    rows += [
        {
            "what": what,
            "published": published,
            "plausible": math.nan,
            "virtual": value,
            "patients": math.nan,
            "errors_away": math.nan,
            "evidence": key,
            "basis": "read",
            "note": note,
            "role": role,
        }
        for (what, key, published, role, note), value in zip(_BESIDE, found, strict=True)
    ]
    return pd.DataFrame(rows)


def patients_of(table: pd.DataFrame, trial: Trial) -> tuple[pd.DataFrame, prognosis.Question]:
    """Return a virtual trial as a table of real patients would look, and what is asked of it."""
    from autocrine import prognosis

    end = trial.endpoint
    shown = pd.DataFrame(
        {
            "patient": table["patient"],
            f"{end} (days)": table[f"{end}_days"].clip(lower=1.0),
            f"{end}_event": table[f"{end}_event"],
            "log2_IL6": (table["il6_pg_ml"].map(math.log2)).round(6),
            "log10_burden": table["log10_burden"].round(6),
            "responded": table["responded"].astype(int),
        }
    )
    arms = list(trial.protocol.arms)
    if len(arms) == 2:
        shown["arm"] = table["arm"]
    question = prognosis.Question(
        time=end,
        event=f"{end}_event",
        marker="log2_IL6",
        treatment="arm" if len(arms) == 2 else "",
        adjust=("log10_burden",),
        identity="patient",
        response="responded",
    )
    return shown, question


def _analysed(table: pd.DataFrame, trial: Trial, seed: int, bootstraps: int) -> tuple[Analysis | None, str]:
    """Return the report of prognosis on the patients, or why it cannot be made."""
    from autocrine import prognosis

    shown, question = patients_of(table, trial)
    try:
        cohort = prognosis.cohort_of(shown, question, name=f"virtual trial {trial.name}")
        return prognosis.analyse(cohort, seed=seed, bootstraps=bootstraps), ""
    except errors.InputError as error:  # too few events, or one value of the marker: the trial itself stands
        return None, str(error)
