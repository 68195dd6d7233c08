"""Which next experiment would tell most of the causes: expected information, from draws of what is known now.

Every candidate is imagined at each draw of the posterior, with its noise; how much the draws could then be told apart
is what the experiment is expected to tell. Candidates differ in arm, drug, doses or readout, and are of the same size.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from autocrine.assay import Arm, Bench
from autocrine.calibration import Posterior, design
from autocrine.circuit import Drug, Lines
from autocrine.studies.explain.arm_words import read_arm
from autocrine.studies.explain.attribution import ALL, PLAYERS, Attributed
from autocrine.studies.explain.causes import Causes
from autocrine.studies.explain.emulator import Emulator
from autocrine.studies.explain.laboratory import Laboratory, Measurement, line_of, plain

#: arms that can be added to a plate
ARMS = ("none", "anti-IL-6R", "anti-IL-6", "JAK inhibitor", "P-gp blocker", "IL-6")
_READOUTS = {"il6": "ELISA of IL-6", "abcb1_mrna": "qPCR of ABCB1", "pgp": "P-gp on the surface"}
_DOSES, _REPLICATES, _REACH = 6, 3, 10.0
#: a gain closer than this to the most that so many draws can show is a bound
_NEAR = 0.7


@dataclass(frozen=True)
class Candidate:
    """An experiment that could be next.

    Attributes
    ----------
    name : str
        In words.
    arm, drug : str
        What is in its wells; no drug where a readout of untreated wells is meant.
    doses_nM : tuple of float
        Doses; empty without a drug.
    laboratory : Laboratory
        Its wells; values have no meaning.
    known : bool
        Whether the laboratory has this arm and drug, or readout, already.
    """

    name: str
    arm: str
    drug: str
    doses_nM: tuple[float, ...]
    laboratory: Laboratory
    known: bool


@dataclass(frozen=True)
class Told:
    """What a candidate is expected to tell.

    Attributes
    ----------
    candidate : Candidate
    gain, error : float
        Expected information about the parameters that the laboratory has, nats, and its standard error, as if errors of
        the experiment's own (that of its controls) were known; ``left`` does not take them as known.
    left : float
        Expected standard deviation of the attribution after it over that before: 1 where it tells nothing.
    left_error : float
        Its Monte Carlo standard error, at most.
    left_by_cause : dict of str to float
        The same by cause.
    bound : bool
        Whether there were too few draws to say more: the gain is at least this.
    """

    candidate: Candidate
    gain: float
    error: float
    left: float
    left_error: float
    left_by_cause: dict[str, float]
    bound: bool

    def row(self) -> dict[str, object]:
        """Return a row of a table."""
        each = {f"{name.replace(' ', '_')}_left": value for name, value in self.left_by_cause.items()}
        one = self.candidate
        doses = " ".join(f"{dose:.3g}" for dose in one.doses_nM)
        found: dict[str, object] = {
            "experiment": one.name,
            "arm": one.arm,
            "drug": one.drug,
            "doses_nM": doses,
            "known": one.known,
        }
        numbers: dict[str, object] = {
            "uncertainty_left": self.left,
            "uncertainty_left_error": self.left_error,
            **each,
            "gain_nats": self.gain,
            "gain_error": self.error,
        }
        return found | {"values": len(one.laboratory.measurements)} | numbers | {"bound": self.bound}


def candidates(laboratory: Laboratory, draw: Mapping[str, np.ndarray], bench: Bench | None = None) -> list[Candidate]:
    """Return what could be done next with the lines and drugs of a laboratory: arms, higher doses, readouts."""
    own = _bench(laboratory, bench)
    found, done = [], {(_kind(well.arm), drug.name) for well in laboratory.wells for drug, _ in well.drugs}
    met = {drug for _, drug in laboratory.pairs}
    for drug in (drug for drug in laboratory.drugs if drug.name in met):
        centre = float(np.median(draw[plain("potency", drug.name)]))
        for name in ARMS:
            arm = Arm() if name == "none" else read_arm(name, own.drugs)
            known = (_kind(arm), drug.name) in done
            words = f"{drug.name} in {'the plain arm' if name == 'none' else f'an arm with {name}'}"
            found.append(_dosed(laboratory, own, (words, arm, known), drug, centre * np.geomspace(0.1, _REACH, _DOSES)))
        high = laboratory.tested(drug.name)[1]
        far = (f"{drug.name} beyond the doses that were tested", Arm(), False)
        found.append(_dosed(laboratory, own, far, drug, high * np.geomspace(1.0, 30.0, _DOSES)))
    return found + [_read(laboratory, own, name) for name in _READOUTS]


def _kind(arm: Arm) -> tuple[object, ...]:
    """Return what an arm is, whatever its name and dose."""
    return tuple(sorted(agent.target for agent, _ in arm.agents)), arm.il6_nM > 0, tuple(sorted(arm.changes.items()))


def rank(
    laboratory: Laboratory,
    draw: Mapping[str, np.ndarray],
    attributed: Sequence[Attributed],
    *,
    seed: int = 1,
    bench: Bench | None = None,
    offered: Sequence[Candidate] | None = None,
) -> list[Told]:
    """Return the candidates, the one first that leaves the least uncertainty of the attribution.

    Parameters
    ----------
    laboratory : Laboratory
        What was measured.
    draw : mapping of str to ndarray of shape (n,)
        Draws of the parameters, averaged over the models that count.
    attributed : sequence of Attributed
        The causes at these draws.
    seed : int
        Of imagined measurements.
    bench : Bench, optional
        What simulates wells.
    offered : sequence of Candidate, optional
        Instead of those of `candidates`.

    Notes
    -----
    What is reduced is the standard deviation of the logarithm of the fold that each cause makes, by line (over all
    drugs where there are several); together the causes count by their variance.
    """
    kept, quantities = _wanted(attributed)
    if len(kept) < 10:
        return []
    known = {name: np.asarray(value, float)[kept] for name, value in draw.items()}
    found = [
        _told(one, known, quantities, seed, bench)
        for one in (candidates(laboratory, known, bench) if offered is None else offered)
    ]
    return sorted(found, key=lambda one: one.left)


def _wanted(attributed: Sequence[Attributed]) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Return the draws at which every attribution is known, and what each cause adds to the log fold of each line."""
    whole = {one.line: one for one in attributed if one.drug == ALL}
    chosen = [*whole.values(), *(one for one in attributed if one.line not in whole)]
    if not chosen:
        return np.empty(0, int), {}
    kept = chosen[0].kept
    for one in chosen[1:]:
        kept = np.intersect1d(kept, one.kept)
    quantities = {}
    for one in chosen:
        places = np.searchsorted(one.kept, kept)
        quantities |= {f"{name}|{one.line}|{one.drug}": one.contributions[k][places] for k, name in enumerate(PLAYERS)}
    return kept, quantities


def _told(
    one: Candidate, draw: Mapping[str, np.ndarray], quantities: Mapping[str, np.ndarray], seed: int, bench: Bench | None
) -> Told:
    emulator = Emulator(Causes(one.laboratory), bench)
    priors = emulator.causes.priors
    posterior = Posterior(emulator.simulator(emulator.causes.names, None), emulator.observations(), priors)
    count = len(next(iter(quantities.values())))
    # what the experiment brings anew, such as the error of its own controls, is known only by its prior
    points = priors.sample(count, seed)
    values = priors.as_is(points)
    for place, name in enumerate(priors.names):
        if name in draw:
            values[:, place] = draw[name]
    found = design.expected_gain(posterior, priors.on_scales(values), quantities, seed=seed, draws=count)
    # what the experiment tells of errors of its own is of no use, so they are held when information is counted
    held = priors.on_scales(values)
    for place, name in enumerate(priors.names):
        if name not in draw:
            held[:, place] = priors.centre[place]
    plainly = design.expected_gain(posterior, held, seed=seed, draws=count)
    variance = {name: float(np.var(value)) for name, value in quantities.items()}

    def left(cause: str) -> float:
        mine = [name for name in quantities if name.startswith(cause)]
        total = sum(variance[name] for name in mine)
        return float(np.sqrt(sum(variance[n] * found.sd_left[n] ** 2 for n in mine) / total)) if total > 0 else 1.0

    # what is left of the causes comes from the same imagined data, so their errors may add up
    total = sum(variance.values()) * max(left(""), 1e-300)
    error = sum(variance[n] * found.sd_left[n] * found.sd_left_error[n] for n in quantities) / total if total else 0.0
    by_cause = {cause: left(f"{cause}|") for cause in PLAYERS}
    bound = plainly.gain > plainly.highest - _NEAR
    return Told(one, plainly.gain, plainly.error, left(""), float(error), by_cause, bound)


def _bench(laboratory: Laboratory, bench: Bench | None) -> Bench:
    lines = {line_of(well): well.populations[0][0] for well in laboratory.wells}
    bench = bench or Bench()
    return Bench(bench.overrides, lines=Lines(lines), drugs=bench.drugs)


def _dosed(
    laboratory: Laboratory, bench: Bench, what: tuple[str, Arm, bool], drug: Drug, doses: np.ndarray
) -> Candidate:
    name, arm, known = what
    protocol, wells, rows = laboratory.wells[0].protocol, [], []
    for line in laboratory.lines:
        control = len(wells)
        wells.append(bench.dosed(line, drug.name, 0.0, protocol, arm))
        for dose in doses.tolist():
            wells.append(bench.dosed(line, drug.name, dose, protocol, arm))
            rows += [Measurement("viability", 1.0, len(wells) - 1, control)] * _REPLICATES
    imagined = Laboratory(laboratory.reference, tuple(wells), tuple(rows))
    return Candidate(name, arm.name, drug.name, tuple(doses.tolist()), imagined, known)


def _read(laboratory: Laboratory, bench: Bench, readout: str) -> Candidate:
    wells = [bench.well(line, laboratory.wells[0].protocol, Arm()) for line in laboratory.lines]
    base = laboratory.lines.index(laboratory.reference)
    folds = readout != "il6"
    rows = [
        Measurement(readout, 1.0, place, base if folds else None)
        for place in range(len(wells))
        if not (folds and place == base)
        for _ in range(_REPLICATES)
    ]
    imagined = Laboratory(laboratory.reference, tuple(wells), tuple(rows))
    return Candidate(_READOUTS[readout], "none", "", (), imagined, readout in laboratory.readouts)
