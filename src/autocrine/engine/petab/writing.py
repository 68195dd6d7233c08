"""PEtab problems to files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from autocrine.core import errors
from autocrine.engine.petab import tables
from autocrine.engine.petab.problem import Part, Problem


def write_petab(problem: Problem, folder: str | Path, version: int | None = None) -> Path:
    """Write a problem of PEtab.

    Parameters
    ----------
    problem : Problem
        The problem.
    folder : str or Path
        Where the files go; it is made if it is not there.
    version : int, optional
        1 or 2; by default the one that it was read from.

    Returns
    -------
    Path
        The YAML file.

    Raises
    ------
    InputError
        If the version cannot say what the problem says.
    OutputError
        If a file cannot be written.

    Notes
    -----
    The likelihood is the same in both versions; `losses` says what else is not. PEtab 2 has no scales of parameters and
    no priors on them: those become the same distributions of the parameters as they are. It cuts priors off at the
    bounds, which changes the posterior by a constant.
    """
    number = problem.version if version is None else version
    writers: dict[int, Callable[[Problem, _Folder], dict[str, Any]]] = {1: _write1, 2: _write2}
    if number not in writers:
        raise errors.InputError("the version of PEtab must be 1 or 2", number)
    files = _Folder(Path(folder))
    values = writers[number](problem, files)
    return files.save(f"{problem.name}.yaml", yaml.safe_dump(values, sort_keys=False))


class _Folder:
    """A folder that is written to."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def save(self, name: str, content: str | pd.DataFrame) -> Path:
        path = self._path / name
        text = content if isinstance(content, str) else content.to_csv(sep="\t", index=False, lineterminator="\n")
        try:
            self._path.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        except OSError as error:
            raise errors.OutputError(f"{path} cannot be written: {error.strerror}") from error
        return path

    def table(self, name: str, content: pd.DataFrame) -> list[str]:
        """Write a table and return its name in a list."""
        return [self.save(f"{name}.tsv", content).name]


def _conditions(part: Part) -> dict[str, Mapping[str, Any]]:
    """Return the changes by condition; simultaneous ones become one condition."""
    found: dict[str, Mapping[str, Any]] = {}
    for period in (period for each in part.experiments.values() for period in each.periods):
        if period.changes or len(period.conditions) == 1:
            found["_and_".join(period.conditions)] = period.changes
    return found


def _write1(problem: Problem, files: _Folder) -> dict[str, Any]:
    parts = []
    for number, part in enumerate(problem.parts, start=1):
        end = "" if len(problem.parts) == 1 else f"_{number}"
        used = {each.experiment for each in part.measurements}
        conditions = _conditions(part)
        if any(tables.conditions_of(part.experiments[name])[1] == tables.AS_IT_IS for name in sorted(used)):
            conditions.setdefault(tables.AS_IT_IS, {})
        parts.append(
            {
                "sbml_files": [files.save(f"model{end}.xml", part.model.text).name],
                "measurement_files": files.table(f"measurements{end}", tables.measurement_table(part, 1)),
                "condition_files": files.table(f"conditions{end}", tables.condition_table(conditions, 1)),
                "observable_files": files.table(f"observables{end}", tables.observable_table(part.observables, 1)),
            }
        )
    parameters = files.table("parameters", tables.parameter_table(problem.parameters, 1))[0]
    return {"format_version": 1, "parameter_file": parameters, "problems": parts}


def _write2(problem: Problem, files: _Folder) -> dict[str, Any]:
    conditions: dict[str, Mapping[str, Any]] = {}
    experiments, observables = {}, {}
    for part in problem.parts:
        _join(conditions, _conditions(part), "condition")
        _join(experiments, {name: each for name, each in part.experiments.items() if each.periods}, "experiment")
        _join(observables, part.observables, "observable")
    changing = {name: each for name, each in conditions.items() if each}
    measured = pd.concat([tables.measurement_table(part, 2) for part in problem.parts], ignore_index=True)
    measured["experimentId"] = [_identifier(name) for name in measured["experimentId"]]
    experiment_table = tables.experiment_table(experiments.values(), changing)
    experiment_table["experimentId"] = [_identifier(name) for name in experiment_table["experimentId"]]
    models = {
        part.model.name: {"language": "sbml", "location": files.save(f"{part.model.name}.xml", part.model.text).name}
        for part in problem.parts
    }
    return {
        "format_version": "2.0.0",
        "model_files": models,
        "parameter_files": files.table("parameters", tables.parameter_table(problem.parameters, 2)),
        "observable_files": files.table("observables", tables.observable_table(observables, 2)),
        "measurement_files": files.table("measurements", measured),
        "condition_files": files.table("conditions", tables.condition_table(changing, 2)),
        "experiment_files": files.table("experiments", experiment_table),
    }


def _identifier(name: str) -> str:
    """Return a name of PEtab for an experiment: those of version 1 join two conditions by a sign."""
    return name.replace("+", "_then_")


def _join(known: dict[str, Any], more: Mapping[str, Any], kind: str) -> None:
    for name, each in more.items():
        if known.setdefault(name, each) != each:
            must = f"a {kind} must be the same for all models for PEtab 2"
            raise errors.InputError(must, name, hint="PEtab 1, or other names")
