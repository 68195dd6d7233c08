"""Drugs in a body: compartments that a biologist can read, written as reactions of an engine network.

Amounts are in mg, concentrations in mg/L, times in days. What leaves the body is kept in ``<drug>_eliminated`` and the
integral of the plasma concentration in ``<drug>_auc``, so that mass balance and AUC = dose/CL can be read off. The
tumour takes so little of a drug that plasma does not feel it: its concentration follows plasma and gives nothing back.

An antibody and its target hold each other at once (quasi-steady state, Gibiansky 2008, J Pharmacokinet Pharmacodyn
35:573, doi:10.1007/s10928-008-9102-8): ``<drug>_central`` is free antibody with what the target holds, and
``<drug>_target`` the whole target, free and held.
"""

from __future__ import annotations

import functools
from typing import Any

from autocrine.cohort.drug_file import drug_parameters
from autocrine.core import Document, Parameters
from autocrine.engine import Names, Network, Reaction, Species

#: compartments beside plasma, by drug
_TISSUES = {
    "doxorubicin": ("deep", "shallow"),
    "cyclophosphamide": (),
    "paclitaxel": ("bound", "peripheral", "deep"),
    "cisplatin": ("peripheral",),
    "tocilizumab": ("peripheral",),
    "siltuximab": ("peripheral",),
}
#: drugs that follow plasma into the tumour with a delay; antibodies are there at a share of plasma
SMALL = ("doxorubicin", "paclitaxel", "cisplatin", "cyclophosphamide")
#: antibodies by the unit in which their target is counted
TARGETED = {"tocilizumab": "ng/ml", "siltuximab": "pg/ml"}
_WATCH = ("eliminated", "auc")


def drug_species(drug: str, *, watched: bool = True) -> tuple[Species, ...]:
    """Return the species of a drug in a body.

    Parameters
    ----------
    drug : str
        Name of the drug.
    watched : bool
        Whether what is eliminated (mg) and the AUC (mg day/L) are kept.
    """
    amounts = [Species(f"{drug}_{where}", "mg") for where in ("central", *_TISSUES[drug])]
    tumour = [Species(f"{drug}_tumour", "mg/L")] if drug in SMALL else []
    if drug in TARGETED:
        at_rest = drug_parameters(drug)[f"{drug}_target_rest"].value
        tumour.append(Species(f"{drug}_target", TARGETED[drug], at_rest))
    kept = [Species(f"{drug}_eliminated", "mg"), Species(f"{drug}_auc", "mg*day/L")] if watched else []
    return (*amounts, *tumour, *kept)


def drug_surroundings(drug: str) -> Parameters:
    """Return what a drug finds outside: the infusion that is running, in mg/day."""
    text = f'[{drug}_infusion]\nvalue = 0.0\nunit = "mg/day"\nlow = 0.0\nhigh = 1e6\nbasis = "chosen"\n'
    return Parameters.from_document(Document.parse(text, "infusion"), "infusion")


def plasma(drug: str, y: Names, p: Names):
    """Return the plasma concentration of a drug, mg/L; of an antibody the whole, free and held by its target."""
    return y[f"{drug}_central"] / p[f"{drug}_v_central"]


def free_plasma(drug: str, y: Names, p: Names):
    """Return the plasma concentration that can leave or act, mg/L: the root of the binding of antibody and target."""
    whole = plasma(drug, y, p)
    if drug not in TARGETED:
        return whole
    import sympy

    room, kd = p[f"{drug}_per_target"] * y[f"{drug}_target"], p[f"{drug}_kd"]
    left = whole - room - kd
    return (left + sympy.sqrt(left**2 + 4 * kd * whole)) / 2


def held_share(drug: str, y: Names, p: Names):
    """Return the share of its target that an antibody holds in plasma."""
    free = free_plasma(drug, y, p)
    return free / (free + p[f"{drug}_kd"])


def drug_reactions(
    drug: str, y: Names, p: Names, x: Names, *, watched: bool = True, made: Any = None
) -> list[Reaction]:
    """Return all reactions of a drug in a body at levels y, parameters p, surroundings x.

    Without ``made``, the making of an antibody's target keeps it at its level at rest.
    """
    central, concentration = f"{drug}_central", free_plasma(drug, y, p)
    reactions = [Reaction(f"{drug} infusion", {central: +1}, x[f"{drug}_infusion"])]
    gone = {central: -1} | ({f"{drug}_eliminated": +1} if watched else {})
    if f"{drug}_cl" in p:
        reactions.append(Reaction(f"{drug} elimination", gone, p[f"{drug}_cl"] * concentration))
    if drug in TARGETED:
        reactions += _with_target(drug, y, p, gone, made)
    if f"{drug}_vm" in p:
        rate = p[f"{drug}_vm"] * concentration / (p[f"{drug}_km"] + concentration)
        reactions.append(Reaction(f"{drug} saturable elimination", gone, rate))
    for tissue in _TISSUES[drug]:
        reactions += _exchange(drug, tissue, y, p)
    if drug in SMALL:
        tumour = f"{drug}_tumour"
        reactions.append(Reaction(f"{drug} enters tumour", {tumour: +1}, p[f"{drug}_k_tumour_in"] * concentration))
        reactions.append(Reaction(f"{drug} leaves tumour", {tumour: -1}, p[f"{drug}_k_tumour_out"] * y[tumour]))
    if watched:
        reactions.append(Reaction(f"{drug} exposure", {f"{drug}_auc": +1}, plasma(drug, y, p)))
    return reactions


def _with_target(drug: str, y: Names, p: Names, gone: dict[str, int], made: Any) -> list[Reaction]:
    """Return how a target is made and lost, free and held, and how an antibody leaves with it."""
    target, share = f"{drug}_target", held_share(drug, y, p)
    held = y[target] * share
    lost = p[f"{drug}_k_internal"] * held
    rest = p[f"{drug}_k_target"] * p[f"{drug}_target_rest"]
    return [
        Reaction(f"{drug}: target made", {target: +1}, rest if made is None else made),
        Reaction(f"{drug}: free target lost", {target: -1}, p[f"{drug}_k_target"] * (y[target] - held)),
        Reaction(f"{drug}: held target lost", {target: -1}, lost),
        Reaction(f"{drug} leaves with its target", gone, p[f"{drug}_v_central"] * p[f"{drug}_per_target"] * lost),
    ]


def _exchange(drug: str, tissue: str, y: Names, p: Names) -> list[Reaction]:
    """Return the way into one tissue and back: linear, or saturable where tissue binds the drug."""
    concentration, there = free_plasma(drug, y, p), y[f"{drug}_{tissue}"]
    if tissue == "bound":
        inward = p[f"{drug}_vm_bound"] * concentration / (p[f"{drug}_km_bound"] + concentration)
        outward = p[f"{drug}_k_bound"] * there
    else:
        inward = p[f"{drug}_q_{tissue}"] * concentration
        outward = p[f"{drug}_q_{tissue}"] * there / p[f"{drug}_v_{tissue}"]
    return [
        Reaction(f"{drug} enters {tissue}", {f"{drug}_central": -1, f"{drug}_{tissue}": +1}, inward),
        Reaction(f"{drug} leaves {tissue}", {f"{drug}_central": +1, f"{drug}_{tissue}": -1}, outward),
    ]


@functools.cache
def drug_network(drug: str) -> Network:
    """Return one drug in one body, in days and mg.

    Raises
    ------
    InputError
        If no such drug is known.
    """
    drug_parameters(drug)
    return Network.recalled(lambda: _written(drug), ["autocrine.cohort"], "drug", drug)


def _written(drug: str) -> Network:
    species, own, outside = drug_species(drug), drug_parameters(drug), drug_surroundings(drug)
    y, p, x = Names.of(each.name for each in species), Names.of(own), Names.of(outside)
    return Network(
        drug,
        species,
        own.joined(outside),
        drug_reactions(drug, y, p, x),
        observables={f"{drug}_plasma": plasma(drug, y, p)}
        | ({f"{drug}_held": held_share(drug, y, p)} if drug in TARGETED else {}),
        time_unit="day",
    )
