"""Conze 2001: what each claim measures on the bench, with the circuit whole and with the claimed edge cut.

Every effect is measured as a laboratory would, with replicate noise and a fitted curve, once for the best fit and once
for every draw of the fitted parameters. The interval of an effect therefore holds the noise of the assay and what the
baseline fit leaves open; it does not hold the uncertainty of parameters that were not fitted.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autocrine.assay import Arm, Bench, Protocol, fold_resistance, readout
from autocrine.circuit import baseline
from autocrine.core import errors
from autocrine.evidence import Claim, Interval, judge, load_library
from autocrine.studies.uncertainty import benches, intervals, lost_draws
from autocrine.studies.verdict import JudgedClaim

RECORD = "conze2001"
#: the drug of the claims: a substrate of the pump that the paper's field uses first; chosen by us
DRUG = "doxorubicin"
#: findings that fix the strength of an edge in the baseline fit
FITTED_ON_EDGE = {
    "il6_receptor": ("baseline-pstat3-ec50", "duan2002-paclitaxel", "duan2002-doxorubicin"),
    "il6_cebp": ("cakmak-abcb1",),
    "cebp_abcb1": ("cakmak-abcb1", "nci60-abcb1-rna"),
}
#: how far the doses of the claims reach beyond those of the plate
BEYOND = 100.0
_IL6_GENE, _VECTOR, _RESISTANT, _SENSITIVE = "sensitive_il6", "sensitive_vector", "resistant", "sensitive"


@dataclass(frozen=True)
class Plan:
    """The wells that one measure needs, the dose-responses among them, and how it is read from courses and curves."""

    wells: Sequence[Any]
    read: Callable[[Sequence[Any], Sequence[Any]], float]
    tables: Callable[[Sequence[Any]], list[tuple[Any, Any]]] = lambda _courses: []


class ConzeMeasures:
    """The measures of the claims on one bench.

    Parameters
    ----------
    bench : Bench
        Lines, drugs, parameter values.
    protocol : Protocol
        Conditions of the wells.
    replicates : int
        Replicate wells.
    seed : int
        Seed of the noise.
    doses : int
        Number of doses of a curve.
    draw : int
        Number of the draw of the parameters, 0 for the best fit: each has noise of its own.
    """

    def __init__(
        self, bench: Bench, protocol: Protocol, replicates: int, seed: int, doses: int, *, draw: int = 0
    ) -> None:
        self.bench, self.protocol, self.replicates, self.seed = bench, protocol, replicates, seed
        self.draw = f"draw {draw}"
        drug = bench.drug(DRUG)
        # beyond the doses of the plate, so that no draw of the resistant line is censored
        self.doses = np.geomspace(drug.doses_nM.min(), BEYOND * drug.doses_nM.max(), doses)

    def measure(self, name: str, edge: str = "") -> float:
        """Return one measure, with an edge cut if one is named."""
        return self.measure_all([(name, edge)])[0]

    def measure_all(self, wanted: Sequence[tuple[str, str]]) -> list[float]:
        """Return several measures, each a name and the edge that is cut, from one plate of wells."""
        plans = {pair: self._plan(pair[0], pair[1]) for pair in wanted}
        courses: dict[tuple[str, str], list[Any]] = {}
        for edge in dict.fromkeys(edge for _, edge in wanted):
            # the edge is cut in the flask too, else the seeded cells would remember it
            bench = self.bench.with_values(cell={f"edge_{edge}": 0.0}) if edge else self.bench
            mine = {pair: plan for pair, plan in plans.items() if pair[1] == edge}
            done = iter(bench.run([well for plan in mine.values() for well in plan.wells]))
            courses |= {pair: [next(done) for _ in plan.wells] for pair, plan in mine.items()}
        tables = {pair: plan.tables(courses[pair]) for pair, plan in plans.items()}
        fitted = iter(self.bench.fit([each for some in tables.values() for each in some], interval=False))
        curves = {pair: [next(fitted) for _ in some] for pair, some in tables.items()}
        return [plans[pair].read(courses[pair], curves[pair]) for pair in wanted]

    def _plan(self, name: str, edge: str) -> Plan:
        plans: dict[str, Callable[[], Plan]] = {
            "il6_ratio_resistant_over_sensitive": lambda: self._ratio("il6", _RESISTANT, _SENSITIVE, edge),
            "fold_resistance_il6_gene": lambda: self._fold(_IL6_GENE, _VECTOR, edge),
            "cebp_activity_fold_il6_gene": lambda: self._ratio("cebp_reporter", _IL6_GENE, _VECTOR, edge),
            "abcb1_mrna_fold_il6_gene": lambda: self._ratio("abcb1_mrna", _IL6_GENE, _VECTOR, edge),
            "share_of_resistance_lost_under_il6r_block": lambda: self._share_lost(edge),
        }
        return plans[name]()

    def _ratio(self, name: str, above: str, below: str, edge: str) -> Plan:
        """Plan the ratio of a readout between two lines, each the mean of its replicates."""
        kind = readout.READOUTS[name]

        def mean(line: str, course: Any) -> float:
            return float(kind.measure(course, self.replicates, self.seed, self.draw, line, edge)[:, -1].mean())

        wells = [self.bench.well(line, self.protocol) for line in (above, below)]
        return Plan(wells, lambda courses, _: mean(above, courses[0]) / mean(below, courses[1]))

    def _fold(self, resistant: str, sensitive: str, edge: str, arm: Arm | None = None) -> Plan:
        """Plan the fold resistance from fitted curves; NaN where one IC50 lies beyond the doses."""
        series = [
            self.bench.series(line, DRUG, self.protocol, arm or Arm(), self.doses) for line in (resistant, sensitive)
        ]
        size = self.doses.size + 1

        def tables(courses: Sequence[Any]) -> list[tuple[Any, Any]]:
            return [
                (one, one.table(courses[k * size : (k + 1) * size], self.replicates, self.seed, self.draw, edge))
                for k, one in enumerate(series)
            ]

        def read(_courses: Sequence[Any], curves: Sequence[Any]) -> float:
            fold = fold_resistance(*(curve.ic50 for curve in curves))
            return math.nan if fold.value is None else fold.value

        return Plan([well for one in series for well in one.wells()], read, tables)

    def _share_lost(self, edge: str) -> Plan:
        """Plan the share of the log fold of the resistant line that an antibody against IL-6R removes."""
        blocked = Arm.known_arm("anti-IL-6R", self.bench.drugs)
        plain = self._fold(_RESISTANT, _SENSITIVE, edge)
        under = self._fold(_RESISTANT, _SENSITIVE, edge, blocked)
        half = len(plain.wells)

        def read(courses: Sequence[Any], curves: Sequence[Any]) -> float:
            first, second = plain.read(courses[:half], curves[:2]), under.read(courses[half:], curves[2:])
            return 1 - math.log(second) / math.log(first)

        return Plan(
            [*plain.wells, *under.wells],
            read,
            lambda courses: [*plain.tables(courses[:half]), *under.tables(courses[half:])],
        )


def claims_of(number: int | None) -> list[Claim]:
    """Return the claims of the paper, or the one with this number.

    Raises
    ------
    errors.InputError
        If there is no claim of this number.
    """
    claims = load_library().claims_of(RECORD)
    chosen = [claim for claim in claims if number in (None, claim.number)]
    if not chosen:
        raise errors.InputError(f"the claim must be a number from 1 to {len(claims)}", number)
    return chosen


def judge_claims(
    claims: Sequence[Claim],
    protocol: Protocol,
    *,
    seed: int,
    replicates: int,
    draws: int,
    doses: int,
    progress: Callable[[int], None] | None = None,
) -> list[JudgedClaim]:
    """Measure and judge claims of the paper.

    Parameters
    ----------
    claims : sequence of Claim
        See `claims_of`.
    protocol : Protocol
        Conditions of the wells.
    seed : int
        Seed of the noise.
    replicates, draws, doses : int
        Replicate wells, draws of the fitted parameters, doses of a curve.
    progress : callable, optional
        Called with the number of wells that are newly finished.

    Returns
    -------
    list of JudgedClaim
        In their order.
    """
    wanted = dict.fromkeys(pair for claim in claims for pair in _measures(claim))
    rows = []
    for index, bench in enumerate(benches(draws, progress)):
        measures = ConzeMeasures(bench, protocol, replicates, seed, doses, draw=index)
        values = measures.measure_all(list(wanted))
        rows.append({f"{name}|{edge}": value for (name, edge), value in zip(wanted, values, strict=True)})
    found, lost = intervals(rows), lost_draws(rows)
    return [_judged(claim, found, lost) for claim in claims]


def claim_wells(claims: Sequence[Claim], *, draws: int, doses: int) -> int:
    """Return how many wells `judge_claims` will simulate."""
    wanted = dict.fromkeys(pair for claim in claims for pair in _measures(claim))
    curve = 2 * (doses + 1)
    cost = {"fold_resistance_il6_gene": curve, "share_of_resistance_lost_under_il6r_block": 2 * curve}
    return (draws + 1) * sum(cost.get(name, 2) for name, _ in wanted)


def _measures(claim: Claim) -> list[tuple[str, str]]:
    """Return the measure of a claim, whole and with its edge cut."""
    if not claim.measure:
        return []
    return [(claim.measure, "")] + ([(claim.measure, claim.edge)] if claim.edge else [])


def _judged(claim: Claim, found: dict[str, Interval | None], lost: dict[str, int]) -> JudgedClaim:
    effect = found.get(f"{claim.measure}|") if claim.measure else None
    cut = found.get(f"{claim.measure}|{claim.edge}") if claim.edge and claim.measure else None
    judgement = judge(claim, effect, cut, _entered_fit(claim))
    edge = FITTED_ON_EDGE.get(claim.edge or "", ())
    missing = max(lost.get(f"{claim.measure}|{cut_edge}", 0) for cut_edge in ("", claim.edge or ""))
    reason = judgement.reason + (f"; {missing} draws gave no number" if missing else "")
    return JudgedClaim(claim, effect, cut, judgement.verdict, reason, edge)


def _entered_fit(claim: Claim) -> bool:
    """Tell whether a finding of the claim's own record was used by the baseline fit."""
    library = load_library()
    return any(library.findings[key].record == claim.record for key in baseline.Baseline.load().findings)
