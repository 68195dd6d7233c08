"""SBML documents made up from its grammar: all parts of a model, with maths that may mean nothing or run in circles."""

from __future__ import annotations

from random import Random

from fuzzing.oddities import number

_UNARY = "abs exp ln floor ceiling factorial sin cos tan sinh tanh arctan arcsinh minus root not".split()
_BINARY = "plus minus times divide power quotient rem max min eq lt gt leq and or xor implies root log".split()
_SIZE = '<listOfCompartments><compartment id="c" size="1" units="litre" constant="true"/></listOfCompartments>'
_SPACE = "http://www.w3.org/1998/Math/MathML"


def document(rng: Random) -> str:
    """Return a document."""
    return _Document(rng).text() if rng.random() < 0.85 else rng.choice((_bomb, _chain, _circle, _many))(rng)


class _Document:
    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.species = [f"s{i}" for i in range(rng.randrange(5))]
        self.parameters = [f"p{i}" for i in range(rng.randrange(6))]
        self.sizes = [f"c{i}" for i in range(1 + rng.randrange(2))]
        self.reactions = [f"r{i}" for i in range(rng.randrange(4))] if self.species else []
        self.functions = [f"f{i}" for i in range(rng.randrange(3))]
        self.ids = [*self.species, *self.parameters, *self.sizes]
        self.level, self.version = rng.choice(((3, 1), (3, 2), (3, 2), (2, 4), (2, 5)))

    def text(self) -> str:
        space = f"level{self.level}/version{self.version}" + ("/core" if self.level == 3 else "")
        parts = [
            ("FunctionDefinitions", [self._function(name) for name in self.functions]),
            ("Compartments", [f'<compartment id="{c}" size="{self._value()}" constant="{self._truth()}"/>' for c in self.sizes]),
            ("Species", [self._species(name) for name in self.species]),
            ("Parameters", [f'<parameter id="{p}" value="{self._value()}" constant="{self._truth()}"/>' for p in self.parameters]),
            ("InitialAssignments", self._assigned("initialAssignment", "symbol", 0.3)),
            ("Rules", [*self._assigned("assignmentRule", "variable", 0.2), *self._assigned("rateRule", "variable", 0.2),
                       *([f"<algebraicRule>{self._math()}</algebraicRule>"] if self.rng.random() < 0.1 else [])]),
            ("Reactions", [self._reaction(name) for name in self.reactions]),
            ("Events", [self._event(i) for i in range(self.rng.choice((0, 0, 1, 2)))]),
        ]  # fmt: skip
        body = "".join(f"<listOf{name}>{''.join(items)}</listOf{name}>" for name, items in parts if items)
        return (
            f'<?xml version="1.0" encoding="UTF-8"?><sbml xmlns="http://www.sbml.org/sbml/{space}" level="{self.level}" '
            f'version="{self.version}"><model id="m">{body}</model></sbml>'
        )

    def _truth(self) -> str:
        return self.rng.choice(("true", "false"))

    def _value(self) -> str:
        if self.rng.random() < 0.9:
            return repr(round(self.rng.uniform(0, 5), 2))
        found = number(self.rng).strip()
        return found or "1"

    def _species(self, name: str) -> str:
        kind = self.rng.choice(("initialAmount", "initialConcentration"))
        conversion = (
            f' conversionFactor="{self.rng.choice(self.parameters)}"'
            if self.parameters and self.level == 3 and self.rng.random() < 0.1
            else ""
        )
        return (
            f'<species id="{name}" compartment="{self.rng.choice(self.sizes)}" {kind}="{self._value()}" hasOnlySubstanceUnits="{self._truth()}" '
            f'boundaryCondition="{self.rng.choice(("false", "false", "true"))}" constant="{self.rng.choice(("false",) * 5 + ("true",))}"{conversion}/>'
        )

    def _assigned(self, tag: str, key: str, share: float) -> list[str]:
        return [f'<{tag} {key}="{name}">{self._math()}</{tag}>' for name in self.ids if self.rng.random() < share]

    def _function(self, name: str) -> str:
        arguments = ["x", "y"][: self.rng.randrange(3)]
        bound = "".join(f"<bvar><ci>{each}</ci></bvar>" for each in arguments)
        return f'<functionDefinition id="{name}"><math xmlns="{_SPACE}"><lambda>{bound}{self._term(2, arguments or ["x"])}</lambda></math></functionDefinition>'

    def _reaction(self, name: str) -> str:
        sides = "".join(
            f"<listOf{side}>{self._reference()}</listOf{side}>"
            for side in ("Reactants", "Products")
            if self.rng.random() < 0.8
        )
        fast = 'fast="true"' if self.rng.random() < 0.05 else 'fast="false"'
        fast = "" if (self.level, self.version) == (3, 2) else fast
        return (
            f'<reaction id="{name}" reversible="false" {fast}>{sides}<kineticLaw>{self._math()}</kineticLaw></reaction>'
        )

    def _reference(self) -> str:
        constant = f' constant="{self._truth()}"' if self.level == 3 else ""
        return (
            f'<speciesReference species="{self.rng.choice(self.species)}" stoichiometry="{self._value()}"{constant}/>'
        )

    def _event(self, place: int) -> str:
        values = ' initialValue="true" persistent="true"' if self.level == 3 else ""
        delay = f"<delay>{self._math()}</delay>" if self.rng.random() < 0.4 else ""
        priority = f"<priority>{self._math()}</priority>" if self.level == 3 and self.rng.random() < 0.3 else ""
        assigned = "".join(self._assigned("eventAssignment", "variable", 0.4))
        return (
            f'<event id="e{place}" useValuesFromTriggerTime="{self._truth()}"><trigger{values}>{self._math()}</trigger>{delay}{priority}'
            f"<listOfEventAssignments>{assigned}</listOfEventAssignments></event>"
        )

    def _math(self) -> str:
        return f'<math xmlns="{_SPACE}">{self._term(self.rng.choice((0, 1, 2, 3)), self.ids)}</math>'

    def _term(self, depth: int, names: list[str]) -> str:
        rng = self.rng
        if depth == 0 or rng.random() < 0.15:
            return self._leaf(names)
        pick = rng.random()
        inner = [self._term(depth - 1, names) for _ in range(3)]
        if pick < 0.35:
            return f"<apply><{rng.choice(_UNARY)}/>{inner[0]}</apply>"
        if pick < 0.8:
            return f"<apply><{rng.choice(_BINARY)}/>{inner[0]}{inner[1]}</apply>"
        if pick < 0.9:
            return f"<piecewise><piece>{inner[0]}{inner[1]}</piece><otherwise>{inner[2]}</otherwise></piecewise>"
        if pick < 0.95 and self.functions:
            return f"<apply><ci>{rng.choice(self.functions)}</ci>{''.join(inner[: rng.randrange(3)])}</apply>"
        symbol = rng.choice(("delay", "rateOf"))
        given = inner[:2] if symbol == "delay" else [f"<ci>{rng.choice(names)}</ci>"]
        return f'<apply><csymbol encoding="text" definitionURL="http://www.sbml.org/sbml/symbols/{symbol}">{symbol}</csymbol>{"".join(given)}</apply>'

    def _leaf(self, names: list[str]) -> str:
        pick = self.rng.random()
        if pick < 0.5:
            return f"<ci>{self.rng.choice(names)}</ci>"
        if pick < 0.6:
            return '<csymbol encoding="text" definitionURL="http://www.sbml.org/sbml/symbols/time">time</csymbol>'
        if pick < 0.65:
            return f"<{self.rng.choice(('pi', 'exponentiale', 'true', 'false', 'infinity', 'notanumber'))}/>"
        if pick < 0.7 and self.reactions:
            return f"<ci>{self.rng.choice(self.reactions)}</ci>"
        return f"<cn>{self._value()}</cn>"


def _wrapped(inside: str) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?><sbml xmlns="http://www.sbml.org/sbml/level3/version2/core" level="3" version="2"><model>'
        f"{inside}</model></sbml>"
    )


def _function(name: str, arguments: str, body: str) -> str:
    bound = "".join(f"<bvar><ci>{each}</ci></bvar>" for each in arguments)
    return f'<functionDefinition id="{name}"><math xmlns="{_SPACE}"><lambda>{bound}{body}</lambda></math></functionDefinition>'


def _rule(variable: str, body: str, kind: str = "assignmentRule") -> str:
    return f'<{kind} variable="{variable}"><math xmlns="{_SPACE}">{body}</math></{kind}>'


def _parameters(names: list[str]) -> str:
    return (
        "<listOfParameters>"
        + "".join(f'<parameter id="{name}" value="1" constant="false"/>' for name in names)
        + "</listOfParameters>"
    )


def _bomb(rng: Random) -> str:
    """Functions that call the one before twice."""
    count, head = rng.choice((10, 16, 40, 90)), rng.choice(("plus", "times", "power", "max", "minus"))
    body = "<apply><{0}/><apply><ci>f{1}</ci>{2}</apply><apply><ci>f{1}</ci>{3}</apply></apply>"
    one, two = (
        "<ci>x</ci>",
        f"<apply><{rng.choice(('plus', 'sin', 'times'))}/><ci>x</ci><cn>1</cn></apply>".replace(
            "<sin/><ci>x</ci><cn>1</cn>", "<sin/><ci>x</ci>"
        ),
    )
    functions = [_function("f0", "x", f"<apply><exp/>{one}</apply>")]
    functions += [_function(f"f{i}", "x", body.format(head, i - 1, one, two)) for i in range(1, count)]
    call = f"<apply><ci>f{count - 1}</ci><csymbol encoding='text' definitionURL='http://www.sbml.org/sbml/symbols/time'>t</csymbol></apply>"
    return _wrapped(
        f"<listOfFunctionDefinitions>{''.join(functions)}</listOfFunctionDefinitions>{_SIZE}{_parameters(['p'])}<listOfRules>{_rule('p', call, rng.choice(('assignmentRule', 'rateRule')))}</listOfRules>"
    )


def _chain(rng: Random) -> str:
    """Rules of which each uses the one before, twice."""
    count, head = rng.choice((30, 200, 2000)), rng.choice(("plus", "times", "power", "divide", "max"))
    names = [f"p{i}" for i in range(count)]
    bodies = [
        f"<apply><{head}/><ci>p{i - 1}</ci><apply><sin/><ci>p{i - 1}</ci></apply></apply>" for i in range(1, count)
    ]
    kind = rng.choice(("rule", "initial", "rate"))
    if kind == "initial":
        items = "".join(
            f'<initialAssignment symbol="p{i + 1}"><math xmlns="{_SPACE}">{b}</math></initialAssignment>'
            for i, b in enumerate(bodies)
        )
        return _wrapped(f"{_parameters(names)}<listOfInitialAssignments>{items}</listOfInitialAssignments>")
    rules = "".join(_rule(f"p{i + 1}", body) for i, body in enumerate(bodies))
    asked = f"<apply><csymbol encoding='text' definitionURL='http://www.sbml.org/sbml/symbols/rateOf'>rateOf</csymbol><ci>p{count - 1}</ci></apply>"
    return _wrapped(
        f"{_parameters([*names, 'q'])}<listOfRules>{_rule('p0', '<cn>1</cn>', 'rateRule')}{rules}{_rule('q', asked if kind == 'rate' else '<cn>1</cn>', 'rateRule')}</listOfRules>"
    )


def _circle(rng: Random) -> str:
    """Rules, assignments or functions in a circle."""
    count = rng.choice((1, 2, 3, 500))
    names = [f"p{i}" for i in range(count)]
    bodies = [f"<apply><plus/><ci>p{(i + 1) % count}</ci><cn>1</cn></apply>" for i in range(count)]
    pick = rng.randrange(3)
    if pick == 0:
        return _wrapped(
            f"{_parameters(names)}<listOfRules>{''.join(_rule(n, b) for n, b in zip(names, bodies, strict=True))}</listOfRules>"
        )
    if pick == 1:
        items = "".join(
            f'<initialAssignment symbol="{n}"><math xmlns="{_SPACE}">{b}</math></initialAssignment>'
            for n, b in zip(names, bodies, strict=True)
        )
        return _wrapped(f"{_parameters(names)}<listOfInitialAssignments>{items}</listOfInitialAssignments>")
    functions = "".join(
        _function(f"f{i}", "x", f"<apply><ci>f{(i + 1) % count}</ci><ci>x</ci></apply>") for i in range(count)
    )
    return _wrapped(
        f"<listOfFunctionDefinitions>{functions}</listOfFunctionDefinitions>{_SIZE}{_parameters(['q'])}<listOfRules>{_rule('q', '<apply><ci>f0</ci><cn>1</cn></apply>')}</listOfRules>"
    )


def _many(rng: Random) -> str:
    """A sum of many terms, or many parameters."""
    count = rng.choice((1000, 20_000))
    if rng.random() < 0.5:
        return _wrapped(_parameters([f"p{i}" for i in range(count)]))
    head = rng.choice(("plus", "times", "max", "and", "eq", "power"))
    body = (
        f"<apply><{head}/>"
        + "".join(f"<apply><sin/><ci>p{i % 7}</ci></apply>" for i in range(count // 10))
        + "</apply>"
    )
    return _wrapped(
        f"{_parameters([*(f'p{i}' for i in range(7)), 'q'])}<listOfRules>{_rule('q', body, 'rateRule')}</listOfRules>"
    )
