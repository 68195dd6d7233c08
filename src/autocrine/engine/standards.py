"""Models in the formats of the field; what reads and writes them is imported when it is first used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autocrine.core import errors
from autocrine.engine.course import Course
from autocrine.engine.network import Network

if TYPE_CHECKING:
    import pandas as pd

    from autocrine.engine.combine import Results
    from autocrine.engine.petab import Objective
    from autocrine.engine.petab.problem import Problem

References = Mapping[str, str | Sequence[str]]
#: endings of files of Antimony; SBML and archives are known by how they begin
ANTIMONY = (".ant", ".sb", ".txt")
#: formats to write by the ending of the file
FORMATS = {".xml": "sbml", ".sbml": "sbml", ".omex": "omex", **dict.fromkeys(ANTIMONY, "antimony")}


def read_sbml(path: str | Path) -> Network:
    """Read an SBML file, Level 2 or 3, as a network.

    Parameters
    ----------
    path : str or Path
        The file. Submodels (package comp) may come from files in its folder.

    Returns
    -------
    Network
        Names are the identifiers of the file (``t`` becomes ``t_``), and values are what SBML gives an identifier: a
        species is a concentration unless it has only substance units. The unit of time is that of the file.

    Raises
    ------
    InputError
        If the file is not valid, with the line, or cannot be trusted.
    UnsupportedError
        If it needs what this software does not have, with its name.

    References
    ----------
    Hucka et al. 2019, SBML Level 3 Version 2 Core, J Integr Bioinform 16(2):20190021, doi:10.1515/jib-2019-0021.
    """
    from autocrine.engine import libsbml_process

    libsbml_process.start()  # beside the import, which takes as long
    from autocrine.engine import sbml

    return sbml.read_sbml(path)


def read_antimony(text: str, *, where: str = "Antimony") -> Network:
    """Read a model that is written in Antimony.

    Parameters
    ----------
    text : str
        The model itself, not the path of a file; it must not import others.
    where : str
        What it is called in messages.

    Raises
    ------
    InputError
        If it cannot be read, with the line.
    UnsupportedError
        If it needs what this software does not have, with its name.
    """
    from autocrine.engine import antimony_text

    return antimony_text.read_antimony(text, where=where)


def write_sbml(network: Network, path: str | Path, *, references: References | None = None) -> None:
    """Write a network as an SBML file, Level 3 Version 2 core.

    Parameters
    ----------
    network : Network
        Any network.
    path : str or Path
        The file, which is replaced if it is there.
    references : mapping of str to str or sequence of str, optional
        Addresses (identifiers.org) of the sources behind evidence keys, with which parameters and reactions are
        annotated.

    Raises
    ------
    InputError
        If the network holds what SBML has not: a function, or a unit.
    OutputError
        If the file cannot be written.
    """
    from autocrine.engine import sbml

    sbml.write_sbml(network, path, references=references)


def read_model(path: str | Path) -> Network:
    """Read a file in any format: SBML, Antimony (.ant, .txt) or a COMBINE archive (.omex), of which the first model.

    Raises
    ------
    InputError
        If it cannot be read, or is of no such kind.
    UnsupportedError
        If it needs what this software does not have, with its name.
    """
    file = Path(path)
    try:
        with file.open("rb") as opened:
            start = opened.read(2000).lstrip(b"\xef\xbb\xbf \t\r\n")
    except OSError as error:
        raise errors.InputError("a model must be a file that can be read", str(path)) from error
    if start.startswith(b"PK"):
        from autocrine.engine import combine

        return combine.read_experiment(file).first_network()
    if start.startswith(b"<"):
        return read_sbml(file)
    if file.suffix.lower() not in ANTIMONY:
        hint = "a file that ends with .xml, .ant or .omex"
        raise errors.InputError("a model must be SBML, Antimony or a COMBINE archive", str(path), hint=hint)
    return read_antimony(_text(file), where=str(path))


def write_model(network: Network, path: str | Path, to: str = "", *, references: References | None = None) -> str:
    """Write a network in a format and return its name.

    Parameters
    ----------
    to : {"", "sbml", "antimony", "omex"}
        The format; by default that of the ending of the file.

    Raises
    ------
    InputError
        If there is no such format, or the network holds what it has not.
    OutputError
        If the file cannot be written.
    """
    chosen = to or FORMATS.get(Path(path).suffix.lower(), "")
    if chosen == "sbml":
        write_sbml(network, path, references=references)
    elif chosen == "antimony":
        from autocrine.engine import antimony_text

        antimony_text.write_antimony(network, path)
    elif chosen == "omex":
        from autocrine.engine import combine

        combine.write_archive(network, path, references=references)
    else:
        known = ", ".join(sorted(set(FORMATS.values())))
        raise errors.InputError("a format must be one that is known", to or Path(path).suffix, hint=known)
    return chosen


def write_page(network: Network, path: str | Path) -> None:
    """Write the page of equations of a network to a file that ends with .html or .tex.

    Raises
    ------
    InputError
        If the file ends with something else.
    OutputError
        If it cannot be written.
    """
    from autocrine.engine import equation_page

    equation_page.write_page(network, path)


def read_petab(path: str | Path) -> Problem:
    """Read a problem of parameter estimation, PEtab 1 or 2; see `autocrine.engine.petab`.

    Raises
    ------
    InputError
        If something cannot be used, with file, line and column.
    """
    from autocrine.engine import petab

    return petab.read_petab(path)


def petab_problem(network: Network, tables: Mapping[str, pd.DataFrame], name: str = "problem") -> Problem:
    """Return the problem that a network and tables with the columns of PEtab 2 make.

    Raises
    ------
    InputError
        If something in a table cannot be used, with row and column.
    """
    from autocrine.engine import petab

    return petab.petab_problem(network, tables, name)


def write_petab(problem: Problem, folder: str | Path, version: int | None = None) -> Path:
    """Write a problem of parameter estimation to a folder and return its YAML file.

    Raises
    ------
    InputError
        If the version cannot say what the problem says.
    OutputError
        If a file cannot be written.
    """
    from autocrine.engine import petab

    return petab.write_petab(problem, folder, version)


def petab_losses(problem: Problem, version: int) -> list[str]:
    """Return in words what a version of PEtab cannot say of a problem, besides its likelihood."""
    from autocrine.engine import petab

    return petab.losses(problem, version)


def petab_objective(problem: Problem, rtol: float) -> Objective:
    """Return the likelihood of a problem as a function of its parameters.

    Raises
    ------
    InputError
        If the problem contradicts itself or its models.
    """
    from autocrine.engine import petab

    return petab.Objective(problem, rtol=rtol)


def write_archive(
    network: Network,
    path: str | Path,
    courses: Sequence[Course] = (),
    *,
    outputs: Sequence[str] | None = None,
    references: References | None = None,
    creators: Sequence[str] = (),
) -> None:
    """Write a COMBINE archive of a model in SBML with SED-ML that simulates it.

    Parameters
    ----------
    network : Network
        Any network.
    path : str or Path
        The archive, which is replaced if it is there.
    courses : sequence of Course, optional
        Time courses; by default one to 100 (h) with the values of the network.
    outputs : sequence of str, optional
        What the reports give; by default all species, rules and observables.
    references : mapping, optional
        Addresses of sources by evidence key.
    creators : sequence of str, optional
        Names of those who made it.
    """
    from autocrine.engine import combine

    combine.write_archive(network, path, courses, outputs=outputs, references=references, creators=creators)


def simulate_archive(path: str | Path) -> Results:
    """Run what the SED-ML of a COMBINE archive describes, and return its reports and plots as tables.

    Raises
    ------
    InputError
        If the archive cannot be trusted or read.
    UnsupportedError
        If it needs what this software does not have, with its name.
    SolverError
        If a simulation fails.
    """
    from autocrine.engine import combine

    return combine.read_experiment(path).run()


def found_units(network: Network) -> dict[str, str]:
    """Return the units of rules, observables and rates as text, as far as they can be found.

    Those of reactions stand behind ``"rate of "``.
    """
    from autocrine.engine import unit_check

    return unit_check.found_units(network)


def own_rules(network: Network) -> dict[str, Any]:
    """Return the rules without those that only name the rate of a reaction, as files in SBML have them."""
    from autocrine.engine import equation_page

    return equation_page.own_rules(network)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise errors.InputError("a model must be a file that can be read", str(file)) from error
    except UnicodeDecodeError as error:
        raise errors.InputError("a model must be written in UTF-8", where=str(file)) from error
