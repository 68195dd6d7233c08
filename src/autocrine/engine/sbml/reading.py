"""An SBML file as a network."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from autocrine.core import Parameters, errors
from autocrine.engine.network import Network
from autocrine.engine.reaction import Reaction
from autocrine.engine.sbml import (
    consistency,
    derivatives,
    fast,
    happenings,
    memory,
    order,
    source,
    submodels,
)
from autocrine.engine.sbml.initial_values import InitialValues
from autocrine.engine.sbml.past import Past
from autocrine.engine.sbml.sheet import Process, Sheet
from autocrine.engine.species import Species


def read_sbml(path: str | Path) -> Network:
    """Read an SBML file, Level 2 or 3; see `autocrine.engine.read_sbml`."""
    file = Path(path)
    return read_text(source.load(file), str(file), file)


def read_text(text: str, where: str = "SBML", path: Path | None = None) -> Network:
    """Read SBML that has been taken from somewhere; see `sheet_of` for the parameters."""
    return network_of(sheet_of(text, where, path), where)


def sheet_of(text: str, where: str = "SBML", path: Path | None = None) -> Sheet:
    """Return the equations of SBML text.

    Parameters
    ----------
    text : str
        The document.
    where : str
        What it is called in messages.
    path : Path, optional
        Its file, if it may lead to others beside it.

    Raises
    ------
    InputError
        If it cannot be used.
    UnsupportedError
        If it needs what is not there.
    """
    with _reading(where):
        source.check(text, where)
        document = source.document(text, where)
        document, text = submodels.flattened(document, text, where, path)
        if document.getLevel() == 1 and not document.setLevelAndVersion(2, 4, False):
            raise errors.InputError("SBML Level 1 must convert to Level 2")
        return Sheet(document, text)


def network_of(sheet: Sheet, where: str) -> Network:
    """Return equations as a network; ``where`` is what the document is called in messages."""
    with _reading(where):
        return _network(sheet, where)


@contextmanager
def _reading(where: str) -> Iterator[None]:
    """Let refusals name the document; refuse what is nested so deeply that the stack ends, such as chains of values."""
    with errors.inside(where):
        try:
            yield
        except RecursionError as error:
            raise errors.InputError("maths and values must be nested less deeply") from error


def _network(sheet: Sheet, where: str) -> Network:
    events = happenings.events(sheet)  # before the derivatives, which they may use
    notes = consistency.notes(sheet.text, sheet.maths)  # now that all maths is known to be small enough
    derivatives.write(sheet)
    start, past = InitialValues(sheet), Past(sheet)
    rules = order.sorted_rules(past.of_all(sheet.rules) | start.derived)
    species = [
        Species(state, sheet.quantities[key].unit, start.of_state(key))
        for key, state in sheet.states.items()
        if key not in sheet.unset
    ]
    if not species:
        species = [Species(sheet.names.free("nothing"), "1", 0.0)]
    name, parameters = sheet.model.getId() or Path(where).stem, _parameters(sheet, start)
    quick = [process for process in sheet.processes if process.is_fast and process.changes]
    if quick:
        alone = [Reaction(process.name, process.changes, process.rate) for process in quick]
        species, events = fast.settled(Network(name, species, parameters, alone, rules=rules), events)
    network = Network(
        name,
        species,
        parameters,
        [_reaction(process, past) for process in sheet.processes if process.changes],
        rules=rules,
        events=[past.of_event(event) for event in events],
        time_unit=sheet.time_unit,
        notes=[*([fast.named([process.name for process in quick])] if quick else []), *notes],
    )
    return memory.restored(network, sheet.model, sheet.names)


def _reaction(process: Process, past: Past) -> Reaction:
    rate = process.rate * fast.FASTER if process.is_fast else process.rate
    return Reaction(process.name, past.of_all(process.changes), past.of(rate))


def _parameters(sheet: Sheet, start: InitialValues) -> Parameters:
    units = {quantity.name: quantity.unit for quantity in sheet.quantities.values()}
    units |= {name: sheet.quantities[key].unit for key, name in sheet.unset.items()}
    units |= {name: unit for name, (_, unit) in sheet.locals.items()}
    return Parameters.of({name: (value, units[name]) for name, value in start.constants.items()})
