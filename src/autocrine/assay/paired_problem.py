"""Measured wells, each beside the well that it is compared with, as a problem of parameter estimation for PEtab.

A fraction of control or a fold is a ratio of two wells, and an experiment of PEtab has one model: so the model here
holds two wells side by side, which share nothing but constants. Names of the second begin with ``ref_``. What is
done in the laboratory is done in periods: cells at rest, their flask, the plate with its medium, the drug.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from autocrine.assay.protocol import Protocol
from autocrine.assay.schedule import MEDIUM_BLOCKS
from autocrine.assay.stock import FLASK, FLASK_H, Overrides
from autocrine.assay.well import BINS, Well
from autocrine.assay.well_network import SOLUTES, well_network
from autocrine.core import Parameters, errors
from autocrine.engine import Names, Network, Reaction, Species, standards

if TYPE_CHECKING:
    from autocrine.engine.petab import Problem

#: before names of the second well
REF = "ref_"
_MEDIUM = (*SOLUTES, *MEDIUM_BLOCKS, "drug1")
#: what periods do instead of events and initial values
_SCHEDULE = ("exchange_time", "exchange_fraction", "addition_time", "washout_time", "p1_seeded")
_PLATED = ("medium_volume", "capacity")


@dataclass(frozen=True)
class PairedValue:
    """A measured value.

    Attributes
    ----------
    well, against : Well
        Its well and that with which it is compared; the same where it is compared with none.
    given, given_against : mapping of str to str
        Parameters of the network of either well → formulas in parameters of the problem.
    row : mapping of str to object
        What stands in the table of measurements: ``observableId``, ``measurement`` and fillings of placeholders.
    """

    well: Well
    against: Well
    given: Mapping[str, str]
    given_against: Mapping[str, str]
    row: Mapping[str, object] = field(default_factory=dict)


def paired_problem(
    values: Sequence[PairedValue], parameters: pd.DataFrame, observables: pd.DataFrame, overrides: Overrides
) -> Problem:
    """Return the problem.

    Parameters
    ----------
    values : sequence of PairedValue
        What was measured; each well of one line with at most one drug, the second without.
    parameters, observables : pandas.DataFrame
        Tables of PEtab 2. Formulas of observables are in names of the network of a well, with ``ref_`` before those of
        the well with which it is compared.
    overrides : Overrides
        Other values of parameters, for every well.

    Raises
    ------
    InputError
        If there are no values, a protocol has a change of medium or a wash-out, or the two wells of a value end at
        different times.
    """
    if not values:
        raise errors.InputError("there must be measured values", len(values))
    pairs = {_key(each): each for each in values}
    for each in pairs.values():
        _refuse(each)
    rows = {key: _constants(each, overrides) for key, each in pairs.items()}
    shared = _shared(list(rows.values()))
    conditions = dict(_common(overrides))
    experiments, names = [], {}
    for number, (key, each) in enumerate(pairs.items(), start=1):
        names[key] = f"well_{number}"
        own = {target: text for target, text in rows[key].items() if target not in shared}
        conditions[f"of_well_{number}"] = own
        experiments += _periods(each, f"well_{number}", number, conditions)
    own = {name.removeprefix(REF) for row in rows.values() for name in row if name not in shared}
    network = _network(own, {name: float(text) for name, text in shared.items()})
    measurements = [
        {"experimentId": names[_key(each)], "time": FLASK_H + each.well.protocol.end_h, **each.row} for each in values
    ]
    tables = {"parameters": parameters, "observables": observables, "measurements": pd.DataFrame(measurements)}
    tables |= _condition_tables(conditions, experiments)
    return standards.petab_problem(network, tables, "laboratory")


def _condition_tables(
    conditions: Mapping[str, Mapping[str, str]], experiments: Sequence[tuple[str, float, str]]
) -> dict[str, pd.DataFrame]:
    changes = [(name, target, text) for name, each in conditions.items() for target, text in each.items()]
    return {
        "conditions": pd.DataFrame(changes, columns=pd.Index(["conditionId", "targetId", "targetValue"])),
        "experiments": pd.DataFrame(experiments, columns=pd.Index(["experimentId", "time", "conditionId"])),
    }


def _key(each: PairedValue) -> tuple[int, int]:
    return id(each.well), id(each.against)


def _refuse(each: PairedValue) -> None:
    for protocol in (each.well.protocol, each.against.protocol):
        if protocol.medium_change_h is not None or protocol.washout_h is not None:
            raise errors.InputError(
                "a protocol must have no change of medium and no wash-out to be exported", str(protocol)
            )
    ends = each.well.protocol.end_h, each.against.protocol.end_h
    if ends[0] != ends[1] or each.well.protocol.preincubation_h != each.against.protocol.preincubation_h:
        raise errors.InputError("a well and the one that it is compared with must have the same times", ends)


def _constants(each: PairedValue, overrides: Overrides) -> dict[str, str]:
    """Return all parameters of both wells, as text, as they are before an arm changes genes."""
    found = {}
    for prefix, well, given in (("", each.well, each.given), (REF, each.against, each.given_against)):
        plain = replace(well, arm=replace(well.arm, changes={}))
        row = {name: repr(float(value)) for name, value in plain.parameters(overrides).items()}
        left_out = [name for name in row if name in (*_SCHEDULE, *_PLATED) or name.startswith(("start_", "added_"))]
        if prefix:
            left_out += [name for name in row if name.startswith("p1_pgp_factor_")]
        found |= {prefix + name: text for name, text in {**row, **given}.items() if name not in left_out}
    dose = each.well.drugs[0][1] if each.well.drugs else 0.0
    return found | {"dose": repr(float(dose))}


def _shared(rows: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Return what is the same number in every well."""
    found = {}
    for name in dict.fromkeys(name.removeprefix(REF) for row in rows for name in row):
        texts = {row[key] for row in rows for key in (name, REF + name) if key in row}
        complete = all(name in row for row in rows)
        if complete and len(texts) == 1 and _is_number(text := next(iter(texts))):
            # the second well has one bin of P-gp, the mean
            found |= {name: text} if name.startswith("p1_pgp_factor_") else {name: text, REF + name: text}
    return found


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _common(overrides: Overrides) -> dict[str, dict[str, str]]:
    """Return what is done to every well before it is plated: cells without neighbours at rest, then a flask."""
    exposure = overrides.well.get("self_exposure", well_network(1, 1, BINS).parameters["self_exposure"].value)
    rest = {"self_exposure": "0.0", "medium_volume": repr(FLASK["medium_volume"]), "capacity": repr(FLASK["capacity"])}
    rest |= {REF + name: rest[name] for name in _PLATED}
    rest |= _cells("", 0.0, BINS) | _cells(REF, 0.0, 1)
    flask = {"self_exposure": repr(float(exposure)), **_cells("", FLASK["p1_seeded"], BINS)}
    return {"at_rest": rest, "in_flask": flask | _cells(REF, FLASK["p1_seeded"], 1)}


def _cells(prefix: str, number: float, bins: int) -> dict[str, str]:
    return {f"{prefix}p1_b{k}_cells": repr(number / bins) for k in range(1, bins + 1)}


def _periods(
    each: PairedValue, experiment: str, number: int, conditions: dict[str, dict[str, str]]
) -> list[tuple[str, float, str]]:
    """Return the periods of an experiment; conditions that are new are added."""
    plated: dict[str, str] = {}
    for prefix, well, bins in (("", each.well, BINS), (REF, each.against, 1)):
        protocol: Protocol = well.protocol
        levels = dict.fromkeys(_MEDIUM, 0.0) | dict(well.arm.medium)
        plated |= {prefix + name: repr(float(level)) for name, level in levels.items()}
        plated |= _cells(prefix, protocol.seeded_cells, bins)
        plated |= {
            f"{prefix}medium_volume": repr(float(protocol.medium_volume_l)),
            f"{prefix}capacity": repr(float(protocol.capacity_cells)),
        }
        plated |= {f"{prefix}p1_{name}": repr(float(value)) for name, value in well.arm.changes.items()}
    name = next((name for name, other in conditions.items() if other == plated), f"plated_{number}")
    conditions[name] = plated
    conditions["drug_added"] = {"drug1": "dose"}
    return [
        (experiment, -math.inf, f"of_well_{number}"),
        (experiment, -math.inf, "at_rest"),
        (experiment, 0.0, "in_flask"),
        (experiment, FLASK_H, name),
        (experiment, FLASK_H + each.well.protocol.preincubation_h, "drug_added"),
    ]


def _network(own: set[str], values: Mapping[str, float]) -> Network:
    """Return two wells side by side with these values; parameters that are in ``own`` are those of one of them."""
    first, second = well_network(1, 1, BINS), well_network(1, 1, 1)
    own = own | set(_PLATED)
    levels = {each.name for each in second.species}
    kept = {name for name in first.parameters if name not in _SCHEDULE and not name.startswith(("start_", "added_"))}
    mine = [name for name in second.parameters if name in own or name.startswith("p1_pgp_factor_")]
    named = Names.of([name for plain in (*levels, *mine) for name in (plain, REF + plain)])
    swap = {named[name]: named[REF + name] for name in (*levels, *mine)}
    parameters = [each for name, each in first.parameters.items() if name in kept]
    parameters += [replace(second.parameters[name], name=REF + name) for name in mine]
    parameters.append(replace(first.parameters["added_drug1"], name="dose"))
    return Network(
        "two_wells",
        [
            *(replace(each, initial=_start(each)) for each in first.species),
            *(replace(each, name=REF + each.name, initial=_start(each)) for each in second.species),
        ],
        Parameters(replace(each, value=values.get(each.name, each.value)) for each in parameters),
        [*first.reactions, *(_renamed(each, swap) for each in second.reactions)],
        observables={
            **first.observables,
            **{REF + name: _swapped(each, swap) for name, each in second.observables.items()},
        },
    )


def _renamed(each: Reaction, swap: Mapping[Any, Any]) -> Reaction:
    changed = {REF + name: _swapped(number, swap) for name, number in each.stoichiometry.items()}
    return Reaction(REF + each.name, changed, _swapped(each.rate, swap))


def _start(each: Species) -> Any:
    """Return the initial level: nothing in the medium, no cells; inside as the circuit says."""
    outside = each.name in _MEDIUM or each.name.endswith("_cells")
    return 0.0 if outside else each.initial


def _swapped(number: Any, swap: Mapping[Any, Any]) -> Any:
    return number.xreplace(swap) if hasattr(number, "xreplace") else number
