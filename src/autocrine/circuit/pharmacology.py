"""A drug in one cell: passive uptake, saturable efflux by P-gp, damage, and what damage does."""

from __future__ import annotations

from autocrine.circuit.abcb1 import resting_pgp
from autocrine.engine import Names

#: real powers need a base above zero: below this ratio damage has no effect
FLOOR = 1e-9


def free_drug(drug_in, d: Names):
    """Return the free concentration of a drug in a cell, in nM, from the total."""
    return drug_in / d.accumulation


def passive_rate(d: Names):
    """Return the passive permeability per cell volume, in 1/h, from half-time and accumulation."""
    import sympy

    return sympy.log(2) * d.accumulation / d.half_time


def uptake(drug_out, d: Names):
    """Return what enters passively, in nM of cell volume per hour."""
    return passive_rate(d) * drug_out


def leak(drug_in, d: Names):
    """Return what leaves passively, in nM of cell volume per hour."""
    return passive_rate(d) * free_drug(drug_in, d)


def efflux(drug_in, pgp, d: Names, p: Names, pump_block):
    """Return what P-gp pumps out, in nM of cell volume per hour.

    Far below ``km`` this makes the medium ``1 + Vmax/(Km k_passive)`` times as concentrated as the free drug inside
    (Eur J Biochem 2000 267:649-657, PMID 10651800); Vmax is linear in P-gp (Molecules 2025 30:3014,
    doi 10.3390/molecules30143014). ``pump_ratio`` is that Vmax/(Km k_passive) at the resting P-gp of a
    sensitive cell, one gene dose open by the leak alone.
    Blockers compete: ``pump_block`` is the sum of concentration over Ki.
    """
    free = free_drug(drug_in, d)
    strength = p.edge_pgp_efflux * d.pump_ratio * pgp / resting_pgp(p)
    return strength * passive_rate(d) * free * d.km / (d.km * (1 + pump_block) + free)


def competition(drug_in, d: Names):
    """Return what a drug in the cell adds to the block of the pump for other drugs: free drug over Km, of substrates.

    A drug with ``pump_ratio`` 0 does not bind to P-gp, and its ``km`` has no effect.
    """
    import sympy

    return sympy.sign(d.pump_ratio) * free_drug(drug_in, d) / d.km


def damage_change(damage, drug_in, d: Names):
    """Return the rate of change of damage, which follows the free drug over its potency."""
    return d.k_damage * (free_drug(drug_in, d) / d.potency - damage)


def drug_death(damage, tolerance, d: Names):
    """Return the death rate that damage causes, in 1/h."""
    return d.death_max * _hill(damage / tolerance, d.steepness)


def drug_arrest(damage, d: Names):
    """Return the fraction of division that damage stops, between 0 and 1."""
    return _hill(damage / d.arrest_ratio, d.steepness)


def _hill(level, steepness):
    import sympy

    raised = sympy.Max(level, FLOOR) ** steepness
    return raised / (1 + raised)
