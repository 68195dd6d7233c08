"""How much of a line's resistance each cause makes: runs without it, averaged over the order of switching it off.

The effect is the logarithm of fold resistance: of the IC50 of the line over that of the reference. A line without any
of its causes is the reference: ``other`` holds the target of the drug and the growth of the line.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autocrine.assay import Bench
from autocrine.calibration import draws
from autocrine.circuit import Drug, Lines
from autocrine.studies.explain.causes import WITHOUT, Causes
from autocrine.studies.explain.laboratory import line_of, plain
from autocrine.studies.explain.potency_of import half_doses

#: causes in the order of the report
PLAYERS = ("pump arm", "survival arm", "amplification", "other")
#: folds below this are too small to be divided into shares
LEAST_FOLD = 1.3
_DOSES, _REACH = 16, (3e-3, 3e3)
ALL = "all drugs"


@dataclass(frozen=True)
class Attributed:
    """The causes of resistance of one line to one drug.

    Attributes
    ----------
    line, drug : str
        What is explained; ``all drugs`` is the mean of the logarithms over the drugs.
    log_fold : ndarray of shape (n,)
        The logarithm of fold resistance on each draw.
    contributions : ndarray of shape (4, n)
        What each cause adds to it; they add up to it.
    lost : int
        Draws at which an IC50 was not reached.
    kept : ndarray of int, shape (n,)
        Which of the draws that were given are the ones here.
    """

    line: str
    drug: str
    log_fold: np.ndarray
    contributions: np.ndarray
    lost: int = 0
    kept: np.ndarray = field(default_factory=lambda: np.empty(0, int))

    @property
    def shares(self) -> np.ndarray:
        """Contributions over their sum, shape (4, n): on each draw they sum to one."""
        return self.contributions / self.log_fold

    @property
    def resistant(self) -> bool:
        """Whether there is resistance to speak of: fold above 1.3 with 95 %."""
        return len(self.log_fold) > 0 and float(np.quantile(self.log_fold, 0.05)) > np.log(LEAST_FOLD)

    @property
    def share_of_means(self) -> np.ndarray:
        """The share of each cause in the mean logarithm of fold resistance, shape (4,); they sum to one."""
        return self.contributions.mean(axis=1) / self.log_fold.mean()

    def rows(self) -> list[dict[str, Any]]:
        """Return one row for each cause: line, drug, cause, share with 90 % interval, fold with 90 % interval."""
        found = []
        for number, player in enumerate(PLAYERS):
            row: dict[str, Any] = {"line": self.line, "drug": self.drug, "cause": player}
            there = self.resistant
            part = self.contributions[number]
            row["share"] = float(self.share_of_means[number]) if there else float("nan")
            ends = np.quantile(self.shares[number], [0.05, 0.95]) if there else [np.nan, np.nan]
            row |= {"share_low": float(ends[0]), "share_high": float(ends[1])}
            for name, values in (("fold_by_cause", part), ("fold", self.log_fold)):
                low, middle, high = np.exp(np.quantile(values, [0.05, 0.5, 0.95])) if len(values) else [np.nan] * 3
                row |= {name: float(middle), f"{name}_low": float(low), f"{name}_high": float(high)}
            found.append(row | {"draws": len(self.log_fold), "lost": self.lost})
        return found


def without(causes: Causes, draw: Mapping[str, np.ndarray], line: str, kept: frozenset[str]) -> dict[str, np.ndarray]:
    """Return draws in which a line has only some of its causes.

    Parameters
    ----------
    causes : Causes
        The parameters.
    draw : mapping of str to ndarray of shape (n,)
        Draws.
    line : str
        The line.
    kept : frozenset of str
        Which of `PLAYERS` it keeps.
    """
    count = max(np.size(value) for value in draw.values())
    found = dict(draw)
    gone = {
        "pump arm": ("pump_arm",),
        "survival arm": ("survival_arm",),
        "amplification": (plain("copies", line),),
        "other": (plain("other", line), *(plain("other", one, drug) for one, drug in causes.laboratory.pairs)),
    }
    for player, names in gone.items():
        if player not in kept:
            found |= {name: np.full(count, WITHOUT.get(name, WITHOUT.get(name.split("_")[0], 0.0))) for name in names}
    if "other" not in kept:
        found[plain("division", line)] = draw[plain("division", causes.laboratory.reference)]
    return found


def attribute(causes: Causes, draw: Mapping[str, np.ndarray], bench: Bench | None = None) -> list[Attributed]:
    """Attribute the resistance of every line to each drug that it and the reference met, and to all of them.

    Parameters
    ----------
    causes : Causes
        The parameters.
    draw : mapping of str to ndarray of shape (n,)
        Draws of the parameters, averaged over the models that count.
    bench : Bench, optional
        What simulates wells.
    """
    lab, found = causes.laboratory, []
    bench = bench or Bench()
    drugs = {drug.name: drug for drug in lab.drugs}
    for line in lab.others:
        effects = {drug: _effects(causes, draw, line, drugs[drug], bench) for one, drug in lab.pairs if one == line}
        found += [_one(line, drug, effect) for drug, effect in effects.items()]
        if len(effects) > 1:
            whole = {group: np.mean([each[group] for each in effects.values()], axis=0) for group in _groups()}
            found.append(_one(line, ALL, whole))
    return found


def _groups() -> list[frozenset[str]]:
    sizes = range(len(PLAYERS) + 1)
    return [frozenset(group) for size in sizes for group in itertools.combinations(PLAYERS, size)]


def _effects(
    causes: Causes, draw: Mapping[str, np.ndarray], line: str, drug: Drug, bench: Bench
) -> dict[frozenset[str], np.ndarray]:
    """Return the logarithm of the IC50 of a line with each set of its causes, on each draw."""
    lab, groups = causes.laboratory, _groups()
    model = next(well for well in lab.wells if line_of(well) == line and well.drugs)
    middle = float(np.median(draw[plain("potency", drug.name)]))
    doses = np.geomspace(_REACH[0] * middle, _REACH[1] * middle, _DOSES)
    protocol = model.protocol
    own = Bench(bench.overrides, lines=Lines({line: model.populations[0][0]}), drugs=bench.drugs)
    wells = [own.dosed(line, drug.name, dose, protocol) for dose in (0.0, *doses.tolist())]
    parts = [causes.line_values(without(causes, draw, line, group), line, drug) for group in groups]
    count = max(np.size(value) for value in draw.values())
    values = {
        name: np.concatenate([np.broadcast_to(part[name], count) for part in parts])[:, None] for name in parts[0]
    }
    # a cause that is not there is not switched off: where sets of causes make the same cell, it is simulated once
    together, places = np.unique(np.concatenate(list(values.values()), axis=1), axis=0, return_inverse=True)
    cells = own.run_sets(wells, dict(zip(values, together.T[:, :, None], strict=True)), ["cells"])[:, :, 0]
    found = np.log(half_doses(doses, cells[:, 1:] / cells[:, :1]))[places.ravel()]
    return dict(zip(groups, found.reshape(len(groups), count), strict=True))


def _one(line: str, drug: str, effects: Mapping[frozenset[str], np.ndarray]) -> Attributed:
    whole = draws.shapley(PLAYERS, lambda group: effects[group])
    good = np.isfinite(whole.contributions).all(axis=0)
    return Attributed(
        line, drug, whole.total[good], whole.contributions[:, good], int((~good).sum()), np.flatnonzero(good)
    )
