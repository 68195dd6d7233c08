"""What IL-6 forms in the fluid of a tissue: with an antibody against it, and with soluble IL-6R."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from autocrine.circuit import cell
from autocrine.core import units
from autocrine.tissue.fields import Face, Substrate
from autocrine.tissue.fields.binding import Binding
from autocrine.tissue.substrates import known_substrates

IL6, SIL6R, IL6_SIL6R = "il6", "sil6r", "il6_sil6r"


def bindings_of(
    names: Sequence[str], antibodies: Mapping[str, float], blockers: Mapping[str, tuple[str, float]]
) -> tuple[Binding, ...]:
    """Return what binds in the fluid, by the equations of the wells.

    Parameters
    ----------
    names : sequence of str
        Substrates of the design.
    antibodies : mapping of str to float
        Antibodies against IL-6, and their Kd (nM).
    blockers : mapping of str to (str, float)
        What blocks what, and its Ki (nM): one of IL-6R keeps IL-6 off soluble IL-6R too.

    Notes
    -----
    IL-6 and soluble IL-6R bind at the rates that were read for the receptor on the cell. An antibody against IL-6
    takes part itself, so that it can be used up; one against IL-6R is in rapid equilibrium with soluble IL-6R, as on
    the cell.
    """
    found = []
    for name, kd_nM in antibodies.items():
        given = known_substrates().get(name, {}).get("binding", known_substrates()["default"]["binding"])
        on = units.read(given, "1/(nM h)", where=f"substrates.toml, {name}")
        found.append(Binding(IL6, name, f"{IL6}_{name}", on, on * kd_nM))
    if SIL6R in names:
        rates = cell.cell_parameters(fitted=False).values_by_name  # as the wells, which do not fit it in the fluid
        blocking = [(name, ki) for name, (what, ki) in blockers.items() if what == "il6r_block"]
        blocker, ki = blocking[0] if blocking else ("", 1.0)
        on = rates["k_il6r_on"]
        found.append(Binding(IL6, SIL6R, IL6_SIL6R, on, on * rates["kd_il6r"], blocker, ki))
    return tuple(found)


def complexes_of(bindings: Sequence[Binding], substrates: Sequence[Substrate]) -> tuple[Substrate, ...]:
    """Return a substrate for each complex that a design does not name.

    A complex diffuses as the slower of its parts, starts at 0, and leaves where one of its parts can: there is none of
    it behind an open face.
    """
    by_name, found = {each.name: each for each in substrates}, []
    for binding in bindings:
        if binding.complex in by_name:
            continue
        parts = [by_name[binding.first], by_name[binding.second]]
        open_ = any(face.permeability_um_h > 0 for part in parts for face in part.face_list(3))
        slowest = min(parts, key=lambda part: part.diffusion_um2_h)
        found.append(
            Substrate(
                binding.complex,
                slowest.diffusion_um2_h,
                min(part.decay_1_h for part in parts),
                0.0,
                Face(np.inf if open_ else 0.0, 0.0),
                slowest.unit,
            )
        )
    return tuple(found)
