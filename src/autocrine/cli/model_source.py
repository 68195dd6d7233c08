"""Where ``autocrine model`` takes its network from: the built-in circuit, or a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from autocrine.core import errors

if TYPE_CHECKING:
    from autocrine.engine import Network

BUILT_IN = ("cell", "well")


def network_of(name: str, line: str, drug: str, dose: str) -> Network:
    """Return the built-in circuit of a line, or the model of a file.

    Parameters
    ----------
    name : str
        ``cell``, ``well``, or the path of a file.
    line, drug, dose : str
        The cell line, and for a well the drug with its dose as text; empty where the default is wanted.

    Raises
    ------
    errors.InputError
        If there is no such model, line or drug, or a choice does not go with it.
    """
    if name not in BUILT_IN:
        if not Path(name).exists():
            hint = f"{' or '.join(BUILT_IN)}, or a file of SBML, Antimony or OMEX"
            raise errors.InputError("a model must be a built-in circuit or a file", name, hint=hint)
        if line or drug or dose:
            raise errors.InputError("--line, --drug and --dose must go with a built-in circuit", name)
        from autocrine.engine import standards

        return standards.read_model(name)
    if name == "well":
        return _well(line or "sensitive", drug or "doxorubicin", dose)
    if drug or dose:
        raise errors.InputError("--drug and --dose must go with the well; one cell has no drug", drug or dose)
    return _cell(line)


def _cell(line: str) -> Network:
    from autocrine.circuit import Lines, cell
    from autocrine.engine import Network

    circuit = cell.cell_network()
    changes = Lines.load().find(line, where="--line").values if line else {}
    known = {name: value for name, value in changes.items() if name in circuit.parameters}
    name = f"one cell of {line}" if line else circuit.name
    return Network(name, circuit.species, circuit.parameters.changed(known), circuit.reactions)


def _well(line: str, drug: str, dose: str) -> Network:
    from autocrine.assay import Bench, Protocol

    bench = Bench()
    agent = bench.drug(drug)
    bench.lines.find(line, where="--line")
    return bench.dosed(line, drug, agent.dose_nM(dose, where="--dose") if dose else 0.0, Protocol()).network()
