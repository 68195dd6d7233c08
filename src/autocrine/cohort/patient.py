"""One patient: a tumour of producers of IL-6 and others, under drugs, with the loop reduced to what a year needs.

IL-6 in tumour and serum comes to rest within hours and is an expression here, but for what an antibody holds in serum;
P-gp follows it within days. Cell numbers are kept as logarithms, in which Gompertz growth is linear and no population
reaches zero.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

from autocrine.cohort.drug_file import drug_parameters, patient_parameters
from autocrine.cohort.pharmacokinetics import (
    SMALL,
    drug_reactions,
    drug_species,
    drug_surroundings,
    free_plasma,
    held_share,
)
from autocrine.cohort.serum import serum_level
from autocrine.core import Parameters
from autocrine.engine import Names, Network, Reaction, Species

#: drugs that P-gp carries
SUBSTRATES = ("doxorubicin", "paclitaxel")
#: what patients differ by, beside kinetics; the values are those of a usual patient
TRAITS = Parameters.of(
    {
        "body_surface": (1.8, "1"),
        "body_weight": (70.0, "1"),
        "reduction_day": (1e6, "1"),
        "reduced_share": (1.0, "1"),
        "background": (2.0, "pg/ml"),
        "receptor": (1.0, "1"),
        "pgp_rest": (1.0, "1"),
        "amplification": (0.0, "1"),
        "growth": (1.0, "1"),
        "sensitivity": (1.0, "1"),
        **{f"sensitivity_{drug}": (1.0, "1") for drug in SMALL},
    },
    basis="chosen",
    module="patient",
)
POPULATIONS = ("other", "producer")


@functools.cache
def patient_network(drugs: tuple[str, ...]) -> Network:
    """Return a patient under some drugs, in days.

    Parameters
    ----------
    drugs : tuple of str
        Names of drugs, each once.

    Returns
    -------
    Network
        Species ``log_other`` and ``log_producer`` (natural logarithms of cell numbers), ``pgp_...`` (P-gp over that of
        a usual tumour), ``hazard`` (cumulative hazard of death), and the drugs; observables ``il6_serum`` and
        ``il6_tumour`` (free, pg/ml), ``il6_total`` (in serum, with what an antibody holds, as most assays see it) and
        ``log_burden``.
    """
    return Network.recalled(lambda: _written(drugs), ["autocrine.cohort"], "patient", *drugs)


def _written(drugs: Sequence[str]) -> Network:
    import sympy

    species = [
        *(Species(f"log_{each}", "1", 20.0) for each in POPULATIONS),
        *(Species(f"pgp_{each}", "1", 1.0) for each in POPULATIONS),
        Species("hazard", "1"),
        *(s for drug in drugs for s in drug_species(drug, watched=False)),
    ]
    outside = Parameters([]).joined(TRAITS, *(drug_surroundings(drug) for drug in drugs))
    parameters = patient_parameters().joined(outside, *(drug_parameters(drug) for drug in drugs))
    y, p = Names.of(s.name for s in species), Names.of(parameters)
    sizes = {each: sympy.exp(y[f"log_{each}"]) for each in POPULATIONS}
    burden = sizes["other"] + sizes["producer"]
    il6 = _il6_in_tumour(sizes["producer"] / burden, drugs, y, p)
    signals = {
        "other": _signal(il6, drugs, y, p),
        "producer": _signal(p.producer_advantage * il6, drugs, y, p),
    }
    growth = p.growth * p.growth_rate * (p.log_capacity - sympy.log(burden))
    death = p.death_hazard + p.tumour_hazard * (burden / 1e11) ** sympy.Rational(2, 3)
    serum = serum_level(sizes["producer"], p.background, p)
    made = {"siltuximab": serum * p.siltuximab_k_target} if "siltuximab" in drugs else {}
    reactions = [
        *(r for drug in drugs for r in drug_reactions(drug, y, p, p, watched=False, made=made.get(drug))),
        *(r for each in POPULATIONS for r in _population(each, (signals[each], growth), drugs, y, p)),
        Reaction("hazard of death", {"hazard": +1}, death),
    ]
    shown = {
        **_il6_in_serum(serum, drugs, y, p),
        "il6_tumour": il6,
        "log_burden": sympy.log(burden),
    }
    return Network("patient", species, parameters, reactions, observables=shown, time_unit="day")


def _il6_in_serum(level, drugs: Sequence[str], y: Names, p: Names) -> dict[str, Any]:
    """Return free and whole IL-6 in serum, pg/ml, from its level without antibodies.

    A blocked receptor does not take IL-6 away, so it rises; an antibody against IL-6 leaves little of it free and keeps
    what it holds in serum for weeks.
    """
    taken = _taken_away(held_share("tocilizumab", y, p), p) if "tocilizumab" in drugs else 1
    if "siltuximab" not in drugs:
        return {"il6_serum": level / taken, "il6_total": level / taken}
    whole = y.siltuximab_target
    return {"il6_serum": whole * (1 - held_share("siltuximab", y, p)), "il6_total": whole}


def _taken_away(blocked, p: Names):
    """Return the loss of IL-6 over that with all receptors, of which a share is blocked."""
    return 1 - p.il6_receptor_share * blocked


def _in_tumour(drug: str, y: Names, p: Names):
    """Return an antibody that is free in the tumour over its Kd."""
    return p[f"{drug}_share_tumour"] * free_plasma(drug, y, p) / p[f"{drug}_kd"]


def _il6_in_tumour(share, drugs: Sequence[str], y: Names, p: Names):
    """Return free IL-6 in the tumour, pg/ml: production over loss, alone and with an antibody that holds it."""
    loss = p.il6_tumour_loss
    if "tocilizumab" in drugs:
        blocked = _in_tumour("tocilizumab", y, p) / (1 + _in_tumour("tocilizumab", y, p))
        loss = loss * (1 - p.il6_tissue_share + p.il6_tissue_share * _taken_away(blocked, p))
    if "siltuximab" in drugs:
        held = _in_tumour("siltuximab", y, p)
        loss = loss + p.il6_complex_loss * held
    return p.il6_secretion * p.cell_density * share / loss


def _signal(il6, drugs: Sequence[str], y: Names, p: Names):
    """Return the signal of the loop, 0 to its strength; an antibody against IL-6R leaves fewer receptors."""
    receptors = p.receptor
    if "tocilizumab" in drugs:
        receptors = receptors / (1 + _in_tumour("tocilizumab", y, p))
    return p.loop_strength * il6 * receptors / (il6 * receptors + p.il6_half)


def _population(each: str, rates: tuple[Any, Any], drugs: Sequence[str], y: Names, p: Names) -> list[Reaction]:
    """Return growth, kill and P-gp of one population, which has a signal and a growth rate."""
    signal, growth = rates
    cells, pgp = f"log_{each}", f"pgp_{each}"
    wanted = p.pgp_rest * (1 + p.pump_gain * signal) + p.amplification
    return [
        Reaction(f"{each}: growth", {cells: +1}, growth),
        Reaction(f"{each}: P-gp made", {pgp: +1}, p.pgp_turnover * wanted),
        Reaction(f"{each}: P-gp lost", {pgp: -1}, p.pgp_turnover * y[pgp]),
        *(
            Reaction(f"{each}: killed by {drug}", {cells: -1}, _kill(drug, y[pgp], signal, y, p))
            for drug in drugs
            if drug in SMALL
        ),
    ]


def _kill(drug: str, pgp, signal, y: Names, p: Names):
    """Return the kill rate of one drug, 1/day: the pump raises its IC50 if carried, survival raises every IC50."""
    seen = y[f"{drug}_tumour"]
    half = p[f"half_{drug}"] * (1 + p.survival_gain * signal) / (p.sensitivity * p[f"sensitivity_{drug}"])
    if drug in SUBSTRATES:
        half = half * (1 + p.pump_fold * pgp)
    return p[f"kill_{drug}"] * seen / (seen + half)
