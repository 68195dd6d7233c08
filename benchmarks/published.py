"""Published models, read from SBML files with python-libsbml as far as these models need.

Constants, initial assignments of species, kinetic laws and compartments of constant size are read; the names of a
network are concentrations. Formulas are walked as libSBML's trees and never evaluated as text. The files are those of
the PEtab benchmark collection (Hass et al. 2019, Bioinformatics 35:3073, doi:10.1093/bioinformatics/btz020), which is
not part of this project.
"""

from __future__ import annotations

import csv
import importlib.util
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import sympy

from autocrine.core import Document, Parameters
from autocrine.engine import Network, Reaction, Species
from ensembles_models import OUTPUTS, Case

#: name in the collection, condition, last time that is shown, and absolute over relative tolerance
MODELS = (
    ("Elowitz_Nature2000", "model1_data1", 600.0, 1e-6),
    ("Bachmann_MSB2011", "model1_data1", 360.0, 1e-6),
    ("Raia_CancerResearch2011", "model1_data4", 120.0, 1e-6),
)


def published_cases(collection: Path) -> tuple[list[Case], list[str]]:
    """Return the models that can be read, and why others cannot."""
    if importlib.util.find_spec("libsbml") is None:
        return [], ["published models: python-libsbml is not installed (make bench-peers)"]
    cases, missing = [], []
    for name, given, end, floor in MODELS:
        path = collection / name / f"model_{name}.xml"
        if not path.exists():
            missing.append(f"{name}: no file {path}")
            continue
        network = read_network(path, condition(path.parent / f"experimentalCondition_{name}.tsv", given))
        outputs = [each.name for each in network.species][:OUTPUTS]
        cases.append(Case(name, network, np.linspace(0.0, end, OUTPUTS), outputs, floor))
    return cases, missing


def condition(path: Path, name: str) -> dict[str, float]:
    """Return the numbers of one condition of a PEtab table."""
    with path.open(encoding="utf-8", newline="") as file:
        row = next(row for row in csv.DictReader(file, delimiter="\t") if row["conditionId"] == name)
    return {key: float(value) for key, value in row.items() if key not in {"conditionId", "conditionName"} and value}


def read_network(path: Path, values: dict[str, float]) -> Network:
    """Read a network of concentrations.

    Parameters
    ----------
    path : Path
        An SBML file.
    values : dict of str to float
        Values of parameters, and initial values of species, other than those of the file.

    Raises
    ------
    ValueError
        If the model holds what is not read here.
    """
    import libsbml  # pyright: ignore[reportMissingImports]

    document = libsbml.readSBMLFromFile(str(path))
    if document.getNumErrors(libsbml.LIBSBML_SEV_ERROR):
        raise ValueError(f"{path.name}: {document.getErrorLog().toString()}")
    model = document.getModel()
    _refuse(model, path.name)
    sizes = {each.getId(): sympy.Float(each.getSize()) for each in model.getListOfCompartments()}
    constants = {each.getId(): values.get(each.getId(), each.getValue()) for each in model.getListOfParameters()}
    assigned = {each.getSymbol(): each.getMath() for each in model.getListOfInitialAssignments()}
    species = []
    for each in model.getListOfSpecies():
        name = each.getId()
        start = each.getInitialConcentration()
        initial = _expression(libsbml, assigned[name], sizes) if name in assigned else sympy.Float(start)
        species.append(Species(name, "1", sympy.Float(values[name]) if name in values else initial))
    return Network(path.stem, species, _parameters(constants), _reactions(libsbml, model, sizes))


def _refuse(model: Any, name: str) -> None:
    """Stop at what would be lost."""
    counts = {
        "rules": model.getNumRules(),
        "events": model.getNumEvents(),
        "functions": model.getNumFunctionDefinitions(),
        "species in amounts": sum(each.getHasOnlySubstanceUnits() for each in model.getListOfSpecies()),
        "boundary species": sum(each.getBoundaryCondition() for each in model.getListOfSpecies()),
        "local parameters": sum(each.getKineticLaw().getNumParameters() for each in model.getListOfReactions()),
    }
    found = [what for what, count in counts.items() if count]
    if found:
        raise ValueError(f"{name} has {', '.join(found)}")


def _parameters(values: Mapping[str, Any]) -> Parameters:
    rows = [f'[{name}]\nvalue = {float(value)!r}\nunit = "1"\nbasis = "read"' for name, value in values.items()]
    return Parameters.from_document(Document.parse("\n".join(rows), "SBML"), "SBML")


def _reactions(libsbml: Any, model: Any, sizes: Mapping[str, Any]) -> list[Reaction]:
    place = {each.getId(): each.getCompartment() for each in model.getListOfSpecies()}
    reactions = []
    for each in model.getListOfReactions():
        changes: dict[str, Any] = {}
        for references, sign in ((each.getListOfReactants(), -1), (each.getListOfProducts(), 1)):
            for reference in references:
                name = reference.getSpecies()
                changes[name] = changes.get(name, 0) + sign * reference.getStoichiometry()
        rate = _expression(libsbml, each.getKineticLaw().getMath(), sizes)
        volumes = {sizes[place[name]] for name in changes}
        if len(volumes) == 1:  # so that the size of the compartment leaves the rate
            volume = volumes.pop()
            reactions.append(Reaction(each.getId(), changes, rate / volume))
        else:
            shares = {name: change / sizes[place[name]] for name, change in changes.items()}
            reactions.append(Reaction(each.getId(), shares, rate))
    return reactions


def _expression(libsbml: Any, node: Any, sizes: Mapping[str, Any]) -> sympy.Expr:
    """Return a formula of libSBML in SymPy."""
    kind = node.getType()
    if kind == libsbml.AST_NAME:
        name = node.getName()
        return sizes[name] if name in sizes else sympy.Symbol(name, real=True)
    if node.isNumber():
        return sympy.Integer(node.getInteger()) if node.isInteger() else sympy.Float(node.getValue())
    terms = [_expression(libsbml, node.getChild(i), sizes) for i in range(node.getNumChildren())]
    written: dict[int, Callable[..., Any]] = {
        libsbml.AST_PLUS: sympy.Add,
        libsbml.AST_TIMES: sympy.Mul,
        libsbml.AST_MINUS: lambda a, b=None: -a if b is None else a - b,
        libsbml.AST_DIVIDE: lambda a, b: a / b,
        libsbml.AST_POWER: sympy.Pow,
        libsbml.AST_FUNCTION_POWER: sympy.Pow,
        libsbml.AST_FUNCTION_LN: sympy.log,
    }
    if kind in written:
        return written[kind](*terms)
    raise ValueError(f"the formula {libsbml.formulaToL3String(node)} holds what is not read here")
