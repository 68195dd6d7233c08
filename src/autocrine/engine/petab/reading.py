"""PEtab problems from files."""

from __future__ import annotations

from pathlib import Path

from autocrine.core import errors
from autocrine.engine.petab import version1, version2
from autocrine.engine.petab.problem import Problem
from autocrine.engine.petab.problem_file import ProblemFile


def read_petab(path: str | Path) -> Problem:
    """Read a problem of PEtab 1 or 2.

    Parameters
    ----------
    path : str or Path
        The YAML file; what it names must lie in its folder or below.

    Returns
    -------
    Problem
        Models, experiments, observables, measurements and parameters.

    Raises
    ------
    InputError
        If something cannot be used, with file, line and column.

    References
    ----------
    Schmiester et al. 2021, PLoS Comput Biol 17(1):e1008646, doi:10.1371/journal.pcbi.1008646.
    """
    file = ProblemFile.read(Path(path))
    version = str(file.values.get("format_version", ""))
    readers = {"1": version1.read, "2": version2.read}
    reader = readers.get(version.split(".", maxsplit=1)[0])
    if reader is None:
        raise errors.InputError("format_version must be 1 or 2", version, where=file.path.name)
    return reader(file)
