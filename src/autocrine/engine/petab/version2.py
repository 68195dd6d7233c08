"""Problems of PEtab 2."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from autocrine.core import errors
from autocrine.engine.names import symbol
from autocrine.engine.petab import columns
from autocrine.engine.petab.formula import RESERVED, formula
from autocrine.engine.petab.model import Model
from autocrine.engine.petab.noise import Noise
from autocrine.engine.petab.prior import DISTRIBUTIONS, Prior
from autocrine.engine.petab.problem import Experiment, Measurement, Observable, Part, Period, Problem, Quantity
from autocrine.engine.petab.problem_file import ProblemFile
from autocrine.engine.petab.table import Row, Table, is_identifier, parse_number

#: the tables by the keys of the YAML file, with the columns that they must have
TABLES = {
    "parameter_files": ("parameterId", "estimate"),
    "observable_files": ("observableId", "observableFormula", "noiseFormula"),
    "measurement_files": ("observableId", "measurement", "time"),
    "condition_files": ("conditionId", "targetId", "targetValue"),
    "experiment_files": ("experimentId", "time", "conditionId"),
    "mapping_files": ("petabEntityId", "modelEntityId"),
}
_KEYS = ("format_version", "id", "model_files", "extensions", *TABLES)
_NOISES = {
    "normal": Noise("normal"),
    "laplace": Noise("laplace"),
    "log-normal": Noise("normal", "log"),
    "log-laplace": Noise("laplace", "log"),
}


def read(file: ProblemFile) -> Problem:
    """Read a problem of version 2, with one model or several.

    Raises
    ------
    InputError
        With file, row and column; if an extension is required, with its name.
    """
    values = file.allow(file.content, _KEYS)
    _check_extensions(file, values.get("extensions"))
    tables = {key: file.tables(values.get(key), key, needed) for key, needed in TABLES.items()}
    for key in ("parameter_files", "observable_files", "measurement_files"):
        if not tables[key]:
            raise errors.InputError(f"a problem must name {key}", where=file.path.name)
    aliases = _aliases(tables["mapping_files"])
    models = _models(file, values.get("model_files"), aliases)
    return assembled(models, tables, file.path.stem, aliases)


def assembled(
    models: Mapping[str, Model], tables: Mapping[str, Sequence[Table]], name: str, aliases: Mapping[str, str]
) -> Problem:
    """Return the problem that models and tables make.

    Parameters
    ----------
    models : mapping of str to Model
        By name.
    tables : mapping of str to sequence of Table
        By the keys of the YAML file.
    name : str
        What the problem is called.
    aliases : mapping of str to str
        Names of the models by those that tables use instead.
    """
    rows = columns.once(tables["parameter_files"], "parameterId")
    parameters = {row.values["parameterId"]: _quantity(row) for row in rows}
    rows = columns.once(tables["observable_files"], "observableId")
    observables = {row.values["observableId"]: _observable(row, aliases) for row in rows}
    conditions = _conditions(tables.get("condition_files", ()), aliases)
    experiments = {"": Experiment("")} | _experiments(tables.get("experiment_files", ()), conditions)
    measured = _measured(tables["measurement_files"], tuple(models), experiments)
    parts = tuple(Part(model, experiments, observables, measured[key]) for key, model in models.items())
    _check_names({"parameter": parameters, "observable": observables, "condition": conditions}, name)
    return Problem(_with_priors(parameters), parts, 2, name)


def _check_extensions(file: ProblemFile, given: Any) -> None:
    for name, each in (given or {}).items() if isinstance(given, dict | None) else [(str(given), None)]:
        if not (isinstance(each, dict) and each.get("required") is False):
            raise errors.UnsupportedError(f"extension {name} of PEtab", where=file.path.name)


def _check_names(kinds: Mapping[str, Mapping[str, Any]], where: str) -> None:
    """Refuse words that PEtab reserves, and names that stand for two things."""
    seen: dict[str, str] = {}
    for kind, names in kinds.items():
        for name in names:
            if name.lower() in RESERVED:
                raise errors.InputError(f"a {kind} must not have a reserved name", name, where=where)
            if name in seen:
                must = f"a {kind} must not be called like a {seen[name]}"
                raise errors.InputError(must, name, where=where)
            seen[name] = kind


def _models(file: ProblemFile, given: Any, aliases: Mapping[str, str]) -> dict[str, Model]:
    if not isinstance(given, dict) or not given:
        raise errors.InputError("model_files must name a model", given, where=file.path.name)
    found = {}
    for name, each in given.items():
        where = f"model_files, {name}"
        entry = file.allow(each, ("location", "language"), where)
        if entry.get("language") != "sbml":
            language = entry.get("language")
            raise errors.UnsupportedError(f"models in {language}", where=f"{file.path.name}, {where}", hint="SBML")
        paths = file.names(entry.get("location"), where)
        if len(paths) != 1 or not is_identifier(str(name)):
            raise errors.InputError("a model must have a name and one file", name, where=f"{file.path.name}, {where}")
        found[str(name)] = Model.read(file.file(paths[0]), str(name), aliases)
    return found


def _quantity(row: Row) -> Quantity:
    estimated = row.one_of("estimate", ("true", "false")) == "true"
    lower, upper = columns.bounds(row, estimated)
    return Quantity(
        row.values["parameterId"],
        columns.nominal(row, estimated),
        estimated,
        lower,
        upper,
        prior=_prior(row, lower, upper) if estimated else None,
        label=row.text("parameterName"),
    )


def _prior(row: Row, lower: float, upper: float) -> Prior | None:
    given, where = row.several("priorParameters"), row.where("priorParameters")
    if not row.text("priorDistribution"):
        if given:
            raise errors.InputError("priorDistribution must be given with its parameters", where=where)
        return None
    numbers = [parse_number(part) for part in given]
    if any(number is None for number in numbers):
        raise errors.InputError("the parameters of a prior must be numbers", ";".join(given), where=where)
    found = tuple(number for number in numbers if number is not None)
    return Prior(row.one_of("priorDistribution", DISTRIBUTIONS), found, lower, upper, where=where)


def _with_priors(parameters: dict[str, Quantity]) -> dict[str, Quantity]:
    """Give a uniform prior to the others where some have priors, as PEtab 2 says."""
    if all(each.prior is None for each in parameters.values()):
        return parameters
    found = {}
    for name, each in parameters.items():
        if each.estimated and each.prior is None:
            where = f"parameter {name}, which has no prior although others have"
            prior = Prior("uniform", (each.lower, each.upper), each.lower, each.upper, where=where)
            found[name] = replace(each, prior=prior)
        else:
            found[name] = each
    return found


def _aliases(tables: Sequence[Table]) -> dict[str, str]:
    """Return names of the model by those of the tables; rows without the former are notes."""
    rows = columns.once(tables, "petabEntityId")
    return {
        row.values["petabEntityId"]: row.text("modelEntityId")
        for row in rows
        if row.text("modelEntityId") and row.text("modelEntityId") != row.values["petabEntityId"]
    }


def _renamed(expression: Any, aliases: Mapping[str, str]) -> Any:
    """Return an expression with the names of the model; names that the model cannot have stay."""
    swap = {symbol(short): symbol(name) for short, name in aliases.items() if is_identifier(name)}
    return expression.xreplace(swap) if swap else expression


def _observable(row: Row, aliases: Mapping[str, str]) -> Observable:
    name = row.values["observableId"]

    def expression(column: str) -> Any:
        return _renamed(formula(row.required(column), row.where(column)), aliases)

    return Observable(
        name,
        expression("observableFormula"),
        expression("noiseFormula"),
        _NOISES[row.one_of("noiseDistribution", tuple(_NOISES), "normal")],
        _placeholders(row, "observablePlaceholders"),
        _placeholders(row, "noisePlaceholders"),
        row.text("observableName"),
    )


def _placeholders(row: Row, column: str) -> tuple[str, ...]:
    names = row.several(column)
    for name in names:
        if not is_identifier(name) or names.count(name) > 1:
            raise errors.InputError(f"{column} must be different names", name, where=row.where(column))
    return names


def _conditions(tables: Sequence[Table], aliases: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for row in (row for table in tables for row in table.rows):
        changes = found.setdefault(row.identifier("conditionId"), {})
        given = row.identifier("targetId")
        name = aliases.get(given, given)
        target = name if is_identifier(name) else given
        if target in changes:
            raise errors.InputError("a condition must change a target once", target, where=row.where("targetId"))
        expression = formula(row.required("targetValue"), row.where("targetValue"))
        changes[target] = _renamed(expression, aliases)
    return found


def _experiments(tables: Sequence[Table], conditions: Mapping[str, Mapping[str, Any]]) -> dict[str, Experiment]:
    periods: dict[str, dict[float, Period]] = {}
    for row in (row for table in tables for row in table.rows):
        time = row.number("time", infinite=True)
        if time == math.inf:
            raise errors.InputError("time must be a number or -inf", row.text("time"), where=row.where("time"))
        known = periods.setdefault(row.identifier("experimentId"), {})
        period = known.setdefault(time, Period(time))
        condition = row.text("conditionId")
        if not condition:
            continue
        if condition not in conditions:
            raise errors.InputError(
                "conditionId must be in the condition table", condition, where=row.where("conditionId")
            )
        shared = sorted(period.changes.keys() & conditions[condition].keys())
        if shared or condition in period.conditions:
            must = "conditions at one time must change different targets"
            raise errors.InputError(must, shared[0] if shared else condition, where=row.where("conditionId"))
        changes = {**period.changes, **conditions[condition]}
        known[time] = Period(time, changes, (*period.conditions, condition))
    return {name: Experiment(name, tuple(each for _, each in sorted(known.items()))) for name, known in periods.items()}


def _measured(
    tables: Sequence[Table], models: Sequence[str], experiments: Mapping[str, Experiment]
) -> dict[str, tuple[Measurement, ...]]:
    """Return the measurements by model."""
    found: dict[str, list[Measurement]] = {name: [] for name in models}
    for row in (row for table in tables for row in table.rows):
        model = row.text("modelId", models[0] if len(models) == 1 else "")
        if model not in found:
            must = f"modelId must be one of {', '.join(models)}"
            raise errors.InputError(must, model, where=row.where("modelId"))
        experiment = row.text("experimentId")
        if experiment not in experiments:
            must = "experimentId must be in the experiment table"
            raise errors.InputError(must, experiment, where=row.where("experimentId"))
        each = columns.measurement(row, experiment)
        first = next((p.time for p in experiments[experiment].periods if p.time > -math.inf), -math.inf)
        if each.time < first:
            must = f"time must not lie before the experiment, which begins at {first:g},"
            raise errors.InputError(must, each.time, where=row.where("time"))
        found[model].append(each)
    return {name: tuple(each) for name, each in found.items()}
