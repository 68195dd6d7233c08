"""What blocking would do: how much more sensitive a line becomes under each blocker, pairs of them, at which dose.

Wells that were never made are simulated at draws of the posterior: the line with each blocker, and with pairs, at
several multiples of their usual doses, at the density of the laboratory and at that of a tumour.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from autocrine.assay import Arm, Bench, Protocol
from autocrine.circuit import Drug, Lines
from autocrine.studies.explain.causes import Causes
from autocrine.studies.explain.laboratory import line_of, plain
from autocrine.studies.explain.potency_of import half_doses

#: arms by their names in the house: one agent each, at the default dose of its record
BLOCKERS = ("anti-IL-6R", "anti-IL-6", "JAK inhibitor", "P-gp blocker")
#: doses of a blocker over its usual one; zero is there so that it can be seen that nothing does nothing
STEPS = (0.0, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
USER, TUMOUR = "of the laboratory", "of a tumour"
#: of a tumour, and the local loss of IL-6 there (facts P122 and P013); what counts for IL-6 is their ratio, so both are
#: a tenth of it here: at 1e8 cells/ml the cells would take the drug out of a medium that blood does not renew
_CELLS_PER_L, _LOSS_1_H = 1e10, 0.1
#: chosen: the dose that is needed is the one with this share of what the highest dose reverses
_ENOUGH = 0.8
#: chosen: a blocker that makes a line less than so much more sensitive does nothing of which a dose could be told
_LEAST = 1.1
_DOSES, _REACH = 12, (1e-2, 3e3)


@dataclass(frozen=True)
class Reversal:
    """What one arm does to one line under one drug.

    Attributes
    ----------
    line, drug, arm, density : str
        What is meant; ``density`` is `USER` or `TUMOUR`.
    log_sensitised : ndarray of shape (n,)
        Logarithm of the IC50 without the arm over that with it: 0 where it does nothing.
    log_fold : ndarray of shape (n,)
        Logarithm of the fold resistance without the arm at that density.
    needed : ndarray of shape (n,)
        Dose of the blocker, in units of its usual one, that does 80 % of what its highest dose does; of a pair both
        doses together. NaN where the highest dose makes the line less than 1.1 times as sensitive.
    lost : int
        Draws at which an IC50 was not reached.
    """

    line: str
    drug: str
    arm: str
    density: str
    log_sensitised: np.ndarray
    log_fold: np.ndarray
    needed: np.ndarray
    lost: int
    usual_nM: float = float("nan")

    @property
    def needed_nM(self) -> np.ndarray:
        """The dose that is needed in nM; NaN for pairs."""
        return self.needed * self.usual_nM

    @property
    def share(self) -> np.ndarray:
        """The share of the logarithm of fold resistance that is reversed, on each draw; NaN without resistance."""
        there = self.log_fold > np.log(1.3)
        return np.where(there, self.log_sensitised / np.where(there, self.log_fold, 1.0), np.nan)

    def row(self) -> dict[str, object]:
        """Return a row of a table: medians with 90 % intervals."""
        found: dict[str, object] = {"line": self.line, "drug": self.drug, "arm": self.arm, "density": self.density}
        for name, values in (
            ("times_as_sensitive", np.exp(self.log_sensitised)),
            ("fold", np.exp(self.log_fold)),
            ("share_reversed", self.share),
            ("dose_needed_nM", self.needed_nM),
            ("dose_needed_times_usual", self.needed),
        ):
            known = values[np.isfinite(values)]
            # a dose or share that most draws do not have is none
            low, middle, high = (
                np.quantile(known, [0.05, 0.5, 0.95]) if 2 * len(known) >= max(len(values), 1) else [np.nan] * 3
            )
            found |= {name: float(middle), f"{name}_low": float(low), f"{name}_high": float(high)}
        return found | {"draws": len(self.log_fold), "lost": self.lost}


def tumour_like(protocol: Protocol, bench: Bench) -> tuple[Protocol, Bench]:
    """Return a protocol and a bench of cells that share their IL-6 as those of a tumour do."""
    volume = protocol.capacity_cells / _CELLS_PER_L
    dense = replace(protocol, medium_volume_l=volume, medium_change_h=None)
    return dense, bench.with_values(well={"il6_decay": _LOSS_1_H})


def arms_of(bench: Bench) -> dict[str, list[Arm]]:
    """Return every blocker and pair by name, each at `STEPS` times its usual dose."""
    usual = {name: Arm.known_arm(name, bench.drugs) for name in BLOCKERS}
    together = [(name,) for name in BLOCKERS] + list(itertools.combinations(BLOCKERS, 2))
    found = {}
    for names in together:
        agents = [agent for name in names for agent in usual[name].agents]
        whole = " + ".join(names)
        found[whole] = [
            Arm(f"{whole} x {step:g}", tuple((drug, dose * step) for drug, dose in agents)) for step in STEPS
        ]
    return found


def predict_reversal(causes: Causes, draw: Mapping[str, np.ndarray], bench: Bench | None = None) -> list[Reversal]:
    """Predict what every arm does to every line under each drug that it and the reference met, at both densities.

    Parameters
    ----------
    causes : Causes
        The parameters.
    draw : mapping of str to ndarray of shape (n,)
        Draws of the parameters, averaged over the models that count.
    bench : Bench, optional
        What simulates wells.
    """
    lab, bench, found = causes.laboratory, bench or Bench(), []
    drugs = {drug.name: drug for drug in lab.drugs}
    for line, name in lab.pairs:
        protocol = next(well for well in lab.wells if line_of(well) == line and well.drugs).protocol
        for density, (where, what) in {USER: (protocol, bench), TUMOUR: tumour_like(protocol, bench)}.items():
            found += _of_drug(causes, draw, (line, drugs[name]), (density, where), what)
    return found


def _of_drug(
    causes: Causes, draw: Mapping[str, np.ndarray], met: tuple[str, Drug], at: tuple[str, Protocol], bench: Bench
) -> list[Reversal]:
    (line, drug), (density, protocol) = met, at
    arms = arms_of(bench)
    # a dose of nothing is the line without the arm
    flat = [arm for steps in arms.values() for arm in steps[1:]]
    ic50 = _log_ic50(causes, draw, (line, drug), (protocol, [Arm(), *flat]), bench)
    parent = (causes.laboratory.reference, drug)
    fold = ic50[0] - _log_ic50(causes, draw, parent, (protocol, [Arm()]), bench)[0]
    found, begin, wide = [], 1, len(STEPS) - 1
    for name, steps in arms.items():
        gain = np.concatenate([np.zeros((1, ic50.shape[1])), ic50[0] - ic50[begin : begin + wide]])
        begin += wide
        good = np.isfinite(gain).all(axis=0) & np.isfinite(fold)
        # the usual dose, not the highest: more is often not tolerated
        usual, agents = STEPS.index(1.0), steps[STEPS.index(1.0)].agents
        dose = agents[0][1] if len(agents) == 1 else float("nan")
        needed = dose_needed(np.array(STEPS), gain[:, good])
        lost = int((~good).sum())
        found.append(Reversal(line, drug.name, name, density, gain[usual, good], fold[good], needed, lost, dose))
    return found


def dose_needed(dose: np.ndarray, gain: np.ndarray) -> np.ndarray:
    """Return the doses with 80 % of the gain of the highest one, shape (n,), interpolated over log dose.

    Parameters
    ----------
    dose : ndarray of shape (d,)
        Rising doses, the first of them 0.
    gain : ndarray of shape (d, n)
        Logarithm of the IC50 without the blocker over that with it.
    """
    found = np.full(gain.shape[1], np.nan)
    if len(dose) < 2:
        return found
    for place, column in enumerate(gain.T):
        if column[-1] < np.log(_LEAST):
            continue
        goal = _ENOUGH * column[-1]
        at = int(np.argmax(column[1:] >= goal)) + 1
        if at == 1:
            found[place] = dose[1]
            continue
        share = (goal - column[at - 1]) / (column[at] - column[at - 1])
        found[place] = np.exp((1 - share) * np.log(dose[at - 1]) + share * np.log(dose[at]))
    return found


def _log_ic50(
    causes: Causes,
    draw: Mapping[str, np.ndarray],
    met: tuple[str, Drug],
    made: tuple[Protocol, list[Arm]],
    bench: Bench,
) -> np.ndarray:
    """Return the logarithm of the IC50 of a line under each arm, shape (arms, n); NaN where it is not reached."""
    (line, drug), (protocol, arms), lab = met, made, causes.laboratory
    model = next(well for well in lab.wells if line_of(well) == line)
    own = Bench(bench.overrides, lines=Lines({line: model.populations[0][0]}), drugs=bench.drugs)
    middle = float(np.median(draw[plain("potency", drug.name)]))
    doses = np.geomspace(_REACH[0] * middle, _REACH[1] * middle, _DOSES)
    wells = [own.dosed(line, drug.name, dose, protocol, arm) for arm in arms for dose in (0.0, *doses.tolist())]
    count = max(np.size(value) for value in draw.values())
    values = {
        name: np.broadcast_to(value, count)[:, None] for name, value in causes.line_values(draw, line, drug).items()
    }
    cells = own.run_sets(wells, values, ["cells"])[:, :, 0].reshape(count, len(arms), -1)
    shares = (cells[:, :, 1:] / cells[:, :, :1]).reshape(count * len(arms), -1)
    return np.log(half_doses(doses, shares)).reshape(count, len(arms)).T
