"""The tables of a problem."""

from __future__ import annotations

import math
from collections.abc import Container, Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from autocrine.core import errors
from autocrine.engine.names import symbol
from autocrine.engine.petab.formula_text import formula_text
from autocrine.engine.petab.noise import Noise
from autocrine.engine.petab.prior import Prior
from autocrine.engine.petab.problem import Experiment, Observable, Part, Quantity
from autocrine.engine.petab.scale import LN10
from autocrine.engine.petab.version1 import PRIORS

#: the condition of PEtab 1 that changes nothing
AS_IT_IS = "as_it_is"


def number_text(value: float) -> str:
    """Return a number so that reading it gives the same one; nothing for NaN."""
    if math.isnan(value):
        return ""
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    return repr(float(value))


def _joined(fillings: Iterable[float | str]) -> str:
    return ";".join(each if isinstance(each, str) else number_text(each) for each in fillings)


def measurement_table(part: Part, version: int, simulated: np.ndarray | None = None) -> pd.DataFrame:
    """Return the measurements of a part, or what is simulated instead of them.

    Parameters
    ----------
    part : Part
        The part.
    version : int
        Of PEtab: 1 or 2.
    simulated : ndarray of shape (M,), optional
        What is simulated; the column is then called ``simulation``.
    """
    rows = []
    for place, each in enumerate(part.measurements):
        row: dict[str, Any] = {"observableId": each.observable}
        if version == 1:
            before, main = conditions_of(part.experiments[each.experiment])
            row |= {"preequilibrationConditionId": before, "simulationConditionId": main}
        else:
            row |= {"modelId": part.model.name, "experimentId": each.experiment}
        row["time"] = each.time
        if simulated is None:
            row["measurement"] = each.value
        else:
            row["simulation"] = simulated[place]
        row |= {"observableParameters": _joined(each.fillings), "noiseParameters": _joined(each.width_fillings)}
        rows.append(row)
    return pd.DataFrame(rows)


def conditions_of(experiment: Experiment) -> tuple[str, str]:
    """Return the two conditions of an experiment of PEtab 1: for equilibration, or ``""``, and for simulation.

    Raises
    ------
    InputError
        If it is none that PEtab 1 can write.
    """
    periods = experiment.periods
    if not periods:
        return "", AS_IT_IS
    times = [period.time for period in periods]
    if times not in ([0.0], [-math.inf, 0.0]) or any(len(period.conditions) != 1 for period in periods):
        must = "an experiment must begin at time 0 with one condition, after a steady state or not, for PEtab 1"
        raise errors.InputError(must, times, where=f"experiment {experiment.name!r}", hint="PEtab 2")
    return ("" if len(periods) == 1 else periods[0].conditions[0]), periods[-1].conditions[0]


def parameter_table(parameters: Mapping[str, Quantity], version: int) -> pd.DataFrame:
    """Return the parameter table."""
    rows = []
    for each in parameters.values():
        row = {"parameterId": each.name, "parameterName": each.label}
        row |= {"lowerBound": number_text(each.lower), "upperBound": number_text(each.upper)}
        if not each.estimated:
            row |= {"lowerBound": "", "upperBound": ""}
        row["nominalValue"] = number_text(each.nominal)
        if version == 1:
            row |= {"parameterScale": each.scale, "estimate": str(int(each.estimated))}
            row |= _prior1("objective", each.prior) | _prior1("initialization", each.starting)
        else:
            row |= {"estimate": "true" if each.estimated else "false"} | _prior2(each)
        rows.append(row)
    return pd.DataFrame(rows)


def _prior1(kind: str, prior: Prior | None) -> dict[str, str]:
    if prior is None:
        return {f"{kind}PriorType": "", f"{kind}PriorParameters": ""}
    names = [
        name
        for name, distribution in PRIORS.items()
        if distribution == prior.distribution and name.startswith("parameterScale") == prior.on_scale
    ]
    if not names:
        must = "a prior must be one of PEtab 1"
        raise errors.InputError(must, prior.distribution, hint="PEtab 2")
    return {f"{kind}PriorType": names[0], f"{kind}PriorParameters": _joined(prior.parameters)}


def _prior2(each: Quantity) -> dict[str, str]:
    prior = each.prior
    if prior is None:
        return {"priorDistribution": "", "priorParameters": ""}
    prior = prior.as_it_is(each.scale)
    return {"priorDistribution": prior.distribution, "priorParameters": _joined(prior.parameters)}


def observable_table(observables: Mapping[str, Observable], version: int) -> pd.DataFrame:
    """Return the observable table."""
    rows = []
    for each in observables.values():
        row = {"observableId": each.name, "observableName": each.label, "observableFormula": formula_text(each.formula)}
        if version == 1:
            named, width = _numbered(each)
            row |= {"observableFormula": formula_text(named), "noiseFormula": formula_text(width)}
            row["noiseDistribution"] = each.noise.shape
            row["observableTransformation"] = each.noise.scale
        else:
            distribution, factor = _noise2(each.noise)
            row |= {"noiseFormula": formula_text(each.width * factor), "noiseDistribution": distribution}
            row["observablePlaceholders"] = ";".join(each.placeholders)
            row["noisePlaceholders"] = ";".join(each.width_placeholders)
        rows.append(row)
    return pd.DataFrame(rows)


def _numbered(each: Observable) -> tuple[Any, Any]:
    """Return the formulas with the names of placeholders that PEtab 1 prescribes."""
    swap = {symbol(n): symbol(f"observableParameter{i}_{each.name}") for i, n in enumerate(each.placeholders, 1)}
    swap |= {symbol(n): symbol(f"noiseParameter{i}_{each.name}") for i, n in enumerate(each.width_placeholders, 1)}
    width = each.width.xreplace({symbol(each.name): each.formula})
    return each.formula.xreplace(swap), width.xreplace(swap)


def _noise2(noise: Noise) -> tuple[str, Any]:
    """Return the distribution of PEtab 2, which knows natural logarithms only, and what widths are multiplied with."""
    if noise.scale == "lin":
        return noise.shape, 1
    return f"log-{noise.shape}", LN10 if noise.scale == "log10" else 1


def condition_table(changes: Mapping[str, Mapping[str, Any]], version: int) -> pd.DataFrame:
    """Return the condition table."""
    if version == 1:
        for name, each in changes.items():
            for target, value in each.items():
                if not (value.is_Symbol or value.is_number):
                    must = "a condition must set numbers and parameters for PEtab 1"
                    raise errors.InputError(must, str(value), where=f"condition {name}, {target}", hint="PEtab 2")
        rows = [{"conditionId": name} | {t: _plain(v) for t, v in each.items()} for name, each in changes.items()]
        return pd.DataFrame(rows).fillna("")
    return pd.DataFrame(
        [
            {"conditionId": name, "targetId": target, "targetValue": formula_text(value)}
            for name, each in changes.items()
            for target, value in each.items()
        ],
        columns=pd.Index(["conditionId", "targetId", "targetValue"]),
    )


def _plain(value: Any) -> str:
    return value.name if value.is_Symbol else number_text(float(value))


def experiment_table(experiments: Iterable[Experiment], named: Container[str]) -> pd.DataFrame:
    """Return the experiment table of PEtab 2.

    Parameters
    ----------
    experiments : iterable of Experiment
        The experiments.
    named : container of str
        The conditions that there are.
    """
    rows = []
    for experiment in experiments:
        for period in experiment.periods:
            joined = "_and_".join(period.conditions)
            conditions = [joined] if joined in named else [""]
            rows += [
                {"experimentId": experiment.name, "time": number_text(period.time), "conditionId": name}
                for name in conditions
            ]
    return pd.DataFrame(rows, columns=pd.Index(["experimentId", "time", "conditionId"]))
