"""One patient: a tumour of producers of IL-6 and others, under drugs, with the loop reduced to what a year needs.

IL-6 in tumour and serum comes to rest within hours and is an expression here; P-gp follows it within days. Cell numbers
are kept as logarithms, in which Gompertz growth is linear and no population reaches zero.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

from autocrine.cohort.drug_file import drug_parameters, patient_parameters
from autocrine.cohort.pharmacokinetics import SMALL, drug_reactions, drug_species, drug_surroundings, plasma
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
        a usual tumour), ``hazard`` (cumulative hazard of death), and the drugs; observables ``il6_serum`` (pg/ml),
        ``il6_tumour`` (pg/ml) and ``log_burden``.
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
    reactions = [
        *(r for drug in drugs for r in drug_reactions(drug, y, p, p, watched=False)),
        *(r for each in POPULATIONS for r in _population(each, (signals[each], growth), drugs, y, p)),
        Reaction("hazard of death", {"hazard": +1}, death),
    ]
    shown = {
        "il6_serum": serum_level(sizes["producer"], p.background, p),
        "il6_tumour": il6,
        "log_burden": sympy.log(burden),
    }
    return Network("patient", species, parameters, reactions, observables=shown, time_unit="day")


def _il6_in_tumour(share, drugs: Sequence[str], y: Names, p: Names):
    """Return free IL-6 in the tumour, pg/ml: production over loss, alone and with an antibody that holds it."""
    loss = p.il6_tumour_loss
    if "siltuximab" in drugs:
        held = p.siltuximab_share_tumour * plasma("siltuximab", y, p) / p.siltuximab_kd
        loss = loss + p.il6_complex_loss * held
    return p.il6_secretion * p.cell_density * share / loss


def _signal(il6, drugs: Sequence[str], y: Names, p: Names):
    """Return the signal of the loop, 0 to its strength; an antibody against IL-6R leaves fewer receptors."""
    receptors = p.receptor
    if "tocilizumab" in drugs:
        receptors = receptors / (1 + p.tocilizumab_share_tumour * plasma("tocilizumab", y, p) / p.tocilizumab_kd)
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
