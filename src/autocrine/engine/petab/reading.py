"""PEtab problems from files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from autocrine.core import errors
from autocrine.engine.network import Network
from autocrine.engine.petab import version1, version2
from autocrine.engine.petab.model import Model
from autocrine.engine.petab.problem import Problem
from autocrine.engine.petab.problem_file import ProblemFile
from autocrine.engine.petab.table import Table

if TYPE_CHECKING:
    import pandas as pd


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
    with errors.inside(str(path)):
        file = ProblemFile.read(Path(path))
        version = str(file.content.get("format_version", ""))
        readers = {"1": version1.read, "2": version2.read}
        reader = readers.get(version.split(".", maxsplit=1)[0])
        if reader is None:
            raise errors.InputError("format_version must be 1 or 2", version, where=file.path.name)
        return reader(file)


def petab_problem(network: Network, tables: Mapping[str, pd.DataFrame], name: str = "problem") -> Problem:
    """Return the problem that a network and tables make.

    Parameters
    ----------
    network : Network
        The model.
    tables : mapping of str to DataFrame
        ``parameters``, ``observables``, ``measurements`` and, if there are some, ``conditions`` and ``experiments``,
        with the columns that PEtab 2 gives them. Identifiers are names of the network.
    name : str
        What the problem is called.

    Raises
    ------
    InputError
        If a table is unknown or missing, or something in it cannot be used, with row and column.
    """
    from autocrine.engine.sbml import sbml_text

    known = {f"{key.removesuffix('_files')}s": key for key in version2.TABLES if key != "mapping_files"}
    for given in tables:
        if given not in known:
            raise errors.InputError(f"a table must be one of {', '.join(known)}", given)
    for needed in ("parameters", "observables", "measurements"):
        if needed not in tables:
            raise errors.InputError("there must be a table", needed)
    read = {
        known[key]: [Table.of(each.to_csv(sep="\t", index=False), key, version2.TABLES[known[key]])]
        for key, each in tables.items()
    }
    model = Model.of(sbml_text(network), "model")
    return version2.assembled({model.name: model}, read, name, {})
