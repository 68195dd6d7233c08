"""IL-6 outside, its receptor IL-6R, the signal transducer gp130 (IL6ST), and soluble IL-6R."""

from __future__ import annotations

from autocrine.engine import Names, Reaction, Species

SPECIES = (
    Species("il6r", "molecule/cell"),
    Species("il6st", "molecule/cell"),
    Species("il6_il6r", "molecule/cell"),
    Species("receptor_complex", "molecule/cell"),
    Species("trans_complex", "molecule/cell"),
)

#: IL-6 molecules (or soluble receptors) that one molecule carries; a dying cell gives them back to the medium
CARRIES = {
    "il6_il6r": {"il6": 1},
    "receptor_complex": {"il6": 1},
    "trans_complex": {"il6_sil6r": 1},
}


def receptor(y: Names, p: Names, x: Names) -> list[Reaction]:
    """Return the reactions of IL-6 with its receptors at one cell.

    One unit of IL-6, IL-6R and gp130 stands for half of the hexamer (Ward 1994 J Biol Chem 269:23286). The antibody
    against IL-6R is in rapid equilibrium with free receptors: ``il6r_block`` is its concentration over its Kd.
    """
    free_il6r = y.il6r / (1 + x.il6r_block)
    k_complex = p.k_complex_internalisation + socs3_degradation(y, p)
    return [
        Reaction("IL-6R synthesis", {"il6r": +1}, p.k_il6r_internalisation * p.il6r_resting * (1 - p.sirna_il6r)),
        Reaction("IL-6R internalisation", {"il6r": -1}, p.k_il6r_internalisation * y.il6r),
        Reaction("IL-6R shedding", {"il6r": -1, "sil6r": +1}, p.k_shedding * y.il6r),
        Reaction("gp130 synthesis", {"il6st": +1}, p.k_gp130_internalisation * p.il6st_resting * (1 - p.sirna_il6st)),
        Reaction("gp130 internalisation", {"il6st": -1}, p.k_gp130_internalisation * y.il6st),
        Reaction(
            "IL-6 binds IL-6R",
            {"il6": -1, "il6r": -1, "il6_il6r": +1},
            p.edge_il6_receptor * p.k_il6r_on * x.il6_at_cell * free_il6r,
        ),
        Reaction("IL-6 leaves IL-6R", {"il6": +1, "il6r": +1, "il6_il6r": -1}, p.k_il6r_on * p.kd_il6r * y.il6_il6r),
        Reaction("occupied IL-6R internalisation", {"il6_il6r": -1}, p.k_il6r_internalisation * y.il6_il6r),
        Reaction(
            "IL-6R recruits gp130",
            {"il6_il6r": -1, "il6st": -1, "receptor_complex": +1},
            p.k_gp130_on * y.il6_il6r * y.il6st,
        ),
        Reaction(
            "complex falls apart",
            {"il6_il6r": +1, "il6st": +1, "receptor_complex": -1},
            p.k_gp130_on * p.kd_gp130 * y.receptor_complex,
        ),
        Reaction("complex internalisation", {"receptor_complex": -1}, k_complex * y.receptor_complex),
        Reaction(
            "soluble complex binds gp130",
            {"il6_sil6r": -1, "il6st": -1, "trans_complex": +1},
            p.edge_trans_signalling * p.k_trans_on * x.il6_sil6r * y.il6st,
        ),
        Reaction(
            "trans complex falls apart",
            {"il6_sil6r": +1, "il6st": +1, "trans_complex": -1},
            p.k_trans_on * p.kd_trans * y.trans_complex,
        ),
        Reaction("trans complex internalisation", {"trans_complex": -1}, k_complex * y.trans_complex),
    ]


def socs3_degradation(y: Names, p: Names):
    """Return the extra loss of active receptors that SOCS3 causes, in 1/h."""
    return p.edge_socs3 * p.k_socs3_degradation * y.socs3 / (p.k_socs3_half + y.socs3)


def active_receptors(y: Names, p: Names, x: Names):
    """Return the complexes that signal, after JAK inhibition, in molecules per cell."""
    return (y.receptor_complex + y.trans_complex) / (1 + x.jak_block)
