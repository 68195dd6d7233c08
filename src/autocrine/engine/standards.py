"""Models in the formats of the field; what reads and writes them is imported when it is first used."""

from __future__ import annotations

from pathlib import Path

from autocrine.engine.network import Network


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
    from autocrine.engine import sbml

    return sbml.read_sbml(path)
