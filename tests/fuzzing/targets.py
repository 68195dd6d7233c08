"""What is tried: each reads the files of a folder and simulates briefly what it read."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

_TIMES = (0.0, 0.5, 2.0)


#: is written where reading has ended: what takes long afterwards is a simulation
WAS_READ = "[was read]"


def _was_read() -> None:
    sys.stdout.write(f"{WAS_READ}\n")
    sys.stdout.flush()


def _simulated(network: Any) -> str:
    from autocrine.core import errors
    from autocrine.engine import simulate

    _was_read()
    try:
        found = simulate(network, _TIMES, threads=1)
    except errors.AutocrineError as error:
        return f"cannot be simulated: {error}"
    values = np.asarray(found.values)
    state = "finite" if np.isfinite(values).all() else "with NaN or infinity"
    return f"{state} {network.name!r} {[each.name for each in network.species]!r} {list(network.parameters)!r}"[:4000]


def sbml(folder: Path) -> str:
    """Read ``model.xml``."""
    from autocrine.engine import read_sbml

    return _simulated(read_sbml(folder / "model.xml"))


def petab(folder: Path) -> str:
    """Read ``problem.yaml`` and ask for the likelihood."""
    from autocrine.core import errors
    from autocrine.engine.petab import Objective, read_petab

    problem = read_petab(folder / "problem.yaml")
    _was_read()
    try:
        found = Objective(problem, rtol=1e-6, atol=1e-9, threads=1).evaluate().llh
    except errors.AutocrineError as error:
        return f"cannot be evaluated: {error}"
    return f"llh {found!r} {list(problem.parameters)!r}"[:4000]


def antimony(folder: Path) -> str:
    """Read ``model.ant``."""
    from autocrine.engine.standards import read_model

    return _simulated(read_model(folder / "model.ant"))


def archive(folder: Path) -> str:
    """Read ``archive.omex``, and run what it describes."""
    from autocrine.core import errors
    from autocrine.engine.combine import read_experiment

    experiment = read_experiment(folder / "archive.omex")
    _was_read()
    try:
        results = experiment.run()
    except errors.AutocrineError as error:
        return f"cannot be run: {error}"
    return f"{results.notes!r} {[list(table.columns) for table in results.tables.values()]!r}"[:4000]


TARGETS: Mapping[str, Callable[[Path], str]] = {"sbml": sbml, "petab": petab, "antimony": antimony, "archive": archive}
