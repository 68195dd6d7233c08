"""SBML texts for tests, written from short tables; formulas are those of libsbml."""

import libsbml

LEVEL_3 = "http://www.sbml.org/sbml/level3/version2/core"
#: tag → its list
LISTS = {
    "functionDefinition": "FunctionDefinitions",
    "unitDefinition": "UnitDefinitions",
    "compartment": "Compartments",
    "species": "Species",
    "parameter": "Parameters",
    "initialAssignment": "InitialAssignments",
    "assignmentRule": "Rules",
    "rateRule": "Rules",
    "algebraicRule": "Rules",
    "reaction": "Reactions",
    "event": "Events",
}


def mathml(formula: str) -> str:
    settings = libsbml.L3ParserSettings()
    settings.setParseAvogadroCsymbol(True)
    tree = libsbml.parseL3FormulaWithSettings(formula, settings)
    assert tree is not None, libsbml.getLastParseL3Error()
    return libsbml.writeMathMLToString(tree).split("?>", 1)[-1]


def attributes(**given) -> str:
    shown = {k: str(v).lower() if isinstance(v, bool) else v for k, v in given.items()}
    return "".join(f' {key}="{value}"' for key, value in shown.items())


def element(tag: str, inner: str = "", **given) -> str:
    return f"<{tag}{attributes(**given)}>{inner}</{tag}>"


def compartment(name="V", size=1.0, constant=True, **more):
    return element("compartment", id=name, size=size, constant=constant, spatialDimensions=3, **more)


def species(name, amount=None, concentration=None, within="V", substance=False, boundary=False, constant=False, **more):
    given = {} if amount is None else {"initialAmount": amount}
    given |= {} if concentration is None else {"initialConcentration": concentration}
    flags = {"hasOnlySubstanceUnits": substance, "boundaryCondition": boundary, "constant": constant}
    return element("species", id=name, compartment=within, **given, **flags, **more)


def parameter(name, value=None, constant=True):
    return element("parameter", id=name, constant=constant, **({} if value is None else {"value": value}))


def rule(kind, variable, formula):
    return element(f"{kind}Rule", mathml(formula), **({"variable": variable} if variable else {}))


def initially(name, formula):
    return element("initialAssignment", mathml(formula), symbol=name)


def function(name, formula):
    return element("functionDefinition", mathml(formula), id=name)


def reaction(name, takes, gives, law, local=None, **more):
    """``takes`` and ``gives`` map species to a number, or to (identifier, number or None) of a reference."""

    def references(tag, table):
        found = []
        for key, value in table.items():
            identifier, number = value if isinstance(value, tuple) else (None, value)
            given = {"species": key, "constant": identifier is None}
            given |= {} if identifier is None else {"id": identifier}
            given |= {} if number is None else {"stoichiometry": number}
            found.append(element("speciesReference", **given))
        return element(tag, "".join(found)) if found else ""

    constants = "".join(element("localParameter", id=k, value=v) for k, v in (local or {}).items())
    inner = mathml(law) + (element("listOfLocalParameters", constants) if constants else "")
    body = references("listOfReactants", takes) + references("listOfProducts", gives) + element("kineticLaw", inner)
    return element("reaction", body, id=name, reversible=False, **more)


def event(trigger, sets, delay=None, priority=None, initial=True, persistent=True, early=True, name="E"):
    inner = element("trigger", mathml(trigger), initialValue=initial, persistent=persistent)
    inner += "" if delay is None else element("delay", mathml(delay))
    inner += "" if priority is None else element("priority", mathml(priority))
    given = "".join(element("eventAssignment", mathml(v), variable=k) for k, v in sets.items())
    return element("event", inner + element("listOfEventAssignments", given), id=name, useValuesFromTriggerTime=early)


def sbml(*elements: str, level=3, version=2, namespace=LEVEL_3, outside="", extra="", **model) -> str:
    lists: dict[str, list[str]] = {}
    for each in elements:
        lists.setdefault(LISTS[each[1:].split(" ", 1)[0].split(">", 1)[0]], []).append(each)
    ordered = {name: lists[name] for name in dict.fromkeys(LISTS.values()) if name in lists}
    body = "".join(f"<listOf{name}>{''.join(items)}</listOf{name}>\n" for name, items in ordered.items())
    head = f'<sbml xmlns="{namespace}" level="{level}" version="{version}"{extra}>'
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n{head}\n'
        f"{element('model', body, **({'id': 'tested'} | model))}\n{outside}</sbml>\n"
    )
