"""Problems of PEtab 1."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from autocrine.core import errors
from autocrine.engine.petab import columns
from autocrine.engine.petab.formula import formula
from autocrine.engine.petab.model import Model
from autocrine.engine.petab.noise import Noise
from autocrine.engine.petab.prior import Prior
from autocrine.engine.petab.problem import Experiment, Observable, Part, Period, Problem, Quantity
from autocrine.engine.petab.problem_file import ProblemFile
from autocrine.engine.petab.scale import SCALES, Scale, scaled
from autocrine.engine.petab.table import Row, Table, is_identifier, parse_number

_KEYS = ("format_version", "parameter_file", "problems")
_PROBLEM_KEYS = ("sbml_files", "measurement_files", "condition_files", "observable_files", "visualization_files")
_PARAMETER = ("parameterId", "parameterScale", "lowerBound", "upperBound", "estimate")
_MEASUREMENT = ("observableId", "simulationConditionId", "measurement", "time")
#: names of distributions by what PEtab 1 calls priors
PRIORS = {
    "uniform": "uniform",
    "normal": "normal",
    "laplace": "laplace",
    "logNormal": "log-normal",
    "logLaplace": "log-laplace",
    "parameterScaleUniform": "uniform",
    "parameterScaleNormal": "normal",
    "parameterScaleLaplace": "laplace",
}


def read(file: ProblemFile) -> Problem:
    """Read a problem of version 1, with one model or several.

    Raises
    ------
    InputError
        With file, row and column.
    """
    values = file.allow(file.content, _KEYS)
    tables = file.tables(values.get("parameter_file"), "parameter_file", _PARAMETER)
    if not tables:
        raise errors.InputError("a problem must name a parameter_file", where=file.path.name)
    parameters = {row.values["parameterId"]: _quantity(row) for row in columns.once(tables, "parameterId")}
    problems = values.get("problems")
    if not isinstance(problems, list) or not problems:
        raise errors.InputError("problems must be a list", problems, where=file.path.name)
    parts = tuple(_part(file, each, f"problem {number}") for number, each in enumerate(problems, start=1))
    return Problem(parameters, parts, 1, file.path.stem)


def _part(file: ProblemFile, given: Any, where: str) -> Part:
    values = file.allow(given, _PROBLEM_KEYS, where)
    models = file.names(values.get("sbml_files"), f"{where}, sbml_files")
    if len(models) != 1:
        raise errors.InputError("a problem must have one SBML file", list(models), where=f"{file.path.name}, {where}")

    def tables(key: str, required: tuple[str, ...]) -> list[Table]:
        return file.tables(values.get(key), f"{where}, {key}", required)

    model = Model.read(file.file(models[0]))
    observables = _observables(tables("observable_files", ("observableId", "observableFormula", "noiseFormula")))
    changes = _conditions(tables("condition_files", ("conditionId",)))
    experiments: dict[str, Experiment] = {}
    measurements = []
    for row in (row for table in tables("measurement_files", _MEASUREMENT) for row in table.rows):
        experiment = _experiment(row, changes)
        experiments[experiment.name] = experiment
        measurements.append(columns.measurement(row, experiment.name))
    return Part(model, experiments, observables, tuple(measurements))


def _quantity(row: Row) -> Quantity:
    name, scale = row.values["parameterId"], row.one_of("parameterScale", SCALES, "lin")
    estimated = row.number("estimate") != 0
    if row.number("estimate") not in (0, 1):
        raise errors.InputError("estimate must be 0 or 1", row.text("estimate"), where=row.where("estimate"))
    lower, upper = columns.bounds(row, estimated)
    if estimated and scale != "lin" and lower < 0:
        must = f"lowerBound must not be negative on the scale {scale}"
        raise errors.InputError(must, lower, where=row.where("lowerBound"))
    kept: Scale = scale  # pyright: ignore[reportAssignmentType] one_of has looked
    return Quantity(
        name,
        columns.nominal(row, estimated),
        estimated,
        lower,
        upper,
        kept,
        _prior(row, "objective", kept, None) if estimated else None,
        _prior(row, "initialization", kept, (lower, upper)) if estimated else None,
        row.text("parameterName"),
    )


def _prior(row: Row, kind: str, scale: Scale, cut: tuple[float, float] | None) -> Prior | None:
    """Return a prior, cut off at the bounds if such are given."""
    column, where = f"{kind}PriorType", row.where(f"{kind}PriorParameters")
    given = row.several(f"{kind}PriorParameters")
    numbers = [parse_number(part) for part in given]
    if any(number is None for number in numbers):
        raise errors.InputError("the parameters of a prior must be numbers", ";".join(given), where=where)
    if not row.text(column):
        if given:
            raise errors.InputError(f"{column} must be given with its parameters", where=row.where(column))
        return None
    name = row.one_of(column, tuple(PRIORS))
    on_scale = name.startswith("parameterScale")
    found = tuple(number for number in numbers if number is not None)
    if not found and "niform" in name:
        ends = (row.number("lowerBound"), row.number("upperBound"))
        found = tuple(float(scaled(end, scale)) for end in ends) if on_scale else ends
    lower, upper = cut or (-math.inf, math.inf)
    return Prior(PRIORS[name], found, lower, upper, on_scale, where)


def _observables(tables: Sequence[Table]) -> dict[str, Observable]:
    found = {}
    for row in columns.once(tables, "observableId"):
        name = row.values["observableId"]
        texts = [row.required(column) for column in ("observableFormula", "noiseFormula")]
        shape = row.one_of("noiseDistribution", ("normal", "laplace"), "normal")
        scale = row.one_of("observableTransformation", SCALES, "lin")
        found[name] = Observable(
            name,
            formula(texts[0], row.where("observableFormula")),
            formula(texts[1], row.where("noiseFormula")),
            Noise(shape, scale),  # pyright: ignore[reportArgumentType] one_of has looked
            _placeholders(f"observableParameter{{}}_{name}", texts, row),
            _placeholders(f"noiseParameter{{}}_{name}", texts, row),
            row.text("observableName"),
        )
    return found


def _placeholders(pattern: str, texts: Sequence[str], row: Row) -> tuple[str, ...]:
    """Return the placeholders of an observable, numbered from 1 without gaps."""
    expression = re.compile(r"(?<!\w)" + pattern.format(r"(\d+)") + r"(?!\w)", re.ASCII)
    numbers = sorted({int(each) for text in texts for each in expression.findall(text)})
    if numbers != list(range(1, len(numbers) + 1)):
        must = f"placeholders {pattern.format('N')} must be numbered from 1 without gaps"
        raise errors.InputError(must, numbers, where=row.place)
    return tuple(pattern.format(number) for number in numbers)


def _conditions(tables: Sequence[Table]) -> dict[str, dict[str, Any]]:
    """Return the changes by condition; an empty cell changes nothing."""
    found = {}
    for row in columns.once(tables, "conditionId"):
        changes = {}
        for column, text in row.values.items():
            if column in ("conditionId", "conditionName") or not text:
                continue
            if not is_identifier(column):
                raise errors.InputError("a column of the condition table must be a name", column, where=row.place)
            value = parse_number(text)
            if (value is None and not is_identifier(text)) or value in (math.inf, -math.inf):
                must = "a condition must set finite numbers or parameters"
                raise errors.InputError(must, text, where=row.where(column))
            changes[column] = formula(text, row.where(column))
        found[row.values["conditionId"]] = changes
    return found


def _experiment(row: Row, conditions: Mapping[str, Mapping[str, Any]]) -> Experiment:
    """Return what is done for a measurement: two conditions, of which the first one is for equilibration."""
    before, main = row.text("preequilibrationConditionId"), row.required("simulationConditionId")
    periods = []
    for column, name, time in (
        ("preequilibrationConditionId", before, -math.inf),
        ("simulationConditionId", main, 0.0),
    ):
        if name:
            if name not in conditions:
                must = f"{column} must be in the condition table"
                raise errors.InputError(must, name, where=row.where(column))
            periods.append(Period(time, conditions[name], (name,)))
    return Experiment(f"{before}+{main}" if before else main, tuple(periods))
