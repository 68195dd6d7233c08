"""Packages of SBML Level 3: which are refused by name, and which may be ignored."""

from __future__ import annotations

from typing import Any

from autocrine.core import errors

#: what these hold does not change a simulation of the core model; comp is written out
_HARMLESS = frozenset({"layout", "render", "groups", "l3v2extendedmath", "annot", "req", "comp"})
#: these change what a model means, whether the file says so or not
_OTHER_MODELS = frozenset({"fbc", "qual", "spatial", "multi", "distrib", "arrays", "dyn"})


def check(document: Any, where: str) -> None:
    """Refuse packages that change what a model means.

    Raises
    ------
    UnsupportedError
        With the name of the package.
    """
    for place in range(document.getNumPlugins()):
        name = document.getPlugin(place).getPackageName()
        if name in _OTHER_MODELS or (name not in _HARMLESS and document.getPackageRequired(name)):
            raise errors.UnsupportedError(f"the SBML package {name}", where=where)
    for place in range(document.getNumUnknownPackages()):
        uri = document.getUnknownPackageURI(place)
        if document.getPackageRequired(uri):
            raise errors.UnsupportedError(f"the SBML package {uri}", where=where)
