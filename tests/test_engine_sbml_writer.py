"""A network written as SBML: consistent by the rules of libsbml, and the same mathematics in every place."""

import math
import operator
from functools import reduce
from typing import Any

import libsbml
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from autocrine.core import Parameters, errors
from autocrine.core.parameters import Parameter
from autocrine.engine import Event, Network, Reaction, Species
from autocrine.engine.delay import Delay
from autocrine.engine.names import symbol
from autocrine.engine.sbml import sbml_text, write_sbml
from autocrine.engine.sbml.annotation import marks
from autocrine.engine.sbml.formula import Formula
from autocrine.engine.whole_division import Quotient, Remainder

A, B, K, N, V, T = (symbol(name) for name in ("a", "b", "k", "n", "v", "t"))
FORMULA = Formula({name: name for name in ("a", "b", "k", "n", "v")})

#: what a test reads lives as long as its document
DOCUMENTS = []


def parameter(name, value, unit, evidence="", **more):
    return Parameter(name, value, unit, more.get("low", value), more.get("high", value), evidence, "chosen")


PARAMETERS = Parameters(
    [
        parameter("k", 0.5, "1/h", "P001", low=0.1, high=2.0),
        parameter("n", 2.0, "1"),
        parameter("v", 3.0, "molecule/(nM cell)", "wang2010"),
    ]
)


def network(**changes):
    given = {
        "species": [Species("a", "nM", 10.0), Species("b", "molecule/cell")],
        "parameters": PARAMETERS,
        "reactions": [Reaction("uptake of a", {"a": -1, "b": V}, K * A)],
    }
    return Network("small", **{**given, **changes})


def model_of(text):
    document = libsbml.readSBMLFromString(text)
    document.checkConsistency()
    wrong = [document.getError(i) for i in range(document.getNumErrors())]
    assert [each.getMessage() for each in wrong if each.getSeverity() >= libsbml.LIBSBML_SEV_ERROR] == []
    DOCUMENTS.append(document)
    return document.getModel()


FOLDS = {
    libsbml.AST_PLUS: operator.add,
    libsbml.AST_TIMES: operator.mul,
    libsbml.AST_FUNCTION_MAX: max,
    libsbml.AST_FUNCTION_MIN: min,
    libsbml.AST_LOGICAL_AND: lambda x, y: x and y,
    libsbml.AST_LOGICAL_OR: lambda x, y: x or y,
    libsbml.AST_LOGICAL_XOR: operator.xor,
}
CONSTANTS = {
    libsbml.AST_CONSTANT_PI: math.pi,
    libsbml.AST_CONSTANT_E: math.e,
    libsbml.AST_CONSTANT_TRUE: True,
    libsbml.AST_CONSTANT_FALSE: False,
}
PAIRS = {
    libsbml.AST_DIVIDE: operator.truediv,
    libsbml.AST_FUNCTION_POWER: operator.pow,
    libsbml.AST_FUNCTION_ROOT: lambda degree, x: x ** (1 / degree),
    libsbml.AST_FUNCTION_QUOTIENT: lambda x, y: math.trunc(x / y),
    libsbml.AST_FUNCTION_REM: math.fmod,
    libsbml.AST_RELATIONAL_LT: operator.lt,
    libsbml.AST_RELATIONAL_LEQ: operator.le,
    libsbml.AST_RELATIONAL_GT: operator.gt,
    libsbml.AST_RELATIONAL_GEQ: operator.ge,
    libsbml.AST_RELATIONAL_EQ: operator.eq,
    libsbml.AST_RELATIONAL_NEQ: operator.ne,
}
ONE = {
    libsbml.AST_FUNCTION_ABS: abs,
    libsbml.AST_FUNCTION_FLOOR: math.floor,
    libsbml.AST_FUNCTION_FACTORIAL: lambda x: math.gamma(x + 1),
    libsbml.AST_FUNCTION_CEILING: math.ceil,
    libsbml.AST_LOGICAL_NOT: operator.not_,
} | {
    getattr(libsbml, f"AST_FUNCTION_{theirs}"): getattr(math, ours)
    for theirs, ours in (("EXP", "exp"), ("LN", "log"), ("SIN", "sin"), ("COSH", "cosh"), ("ARCTAN", "atan"))
}


def value(node, levels):
    """Work out a tree of SBML as its specification says, without the program under test."""
    kind, children = node.getType(), [node.getChild(i) for i in range(node.getNumChildren())]
    if kind == libsbml.AST_NAME:
        return levels[node.getName()]
    if kind in CONSTANTS or node.isNumber():
        return CONSTANTS.get(kind, node.getValue())
    if kind == libsbml.AST_FUNCTION_PIECEWISE:
        for result, condition in zip(children[::2], children[1::2], strict=False):
            if value(condition, levels):
                return value(result, levels)
        return value(children[-1], levels)
    parts = [value(child, levels) for child in children]
    if kind == libsbml.AST_MINUS:
        return -parts[0] if len(parts) == 1 else parts[0] - parts[1]
    return reduce(FOLDS[kind], parts) if kind in FOLDS else (PAIRS | ONE)[kind](*parts)


WHOLE: Any = Quotient(A - 3, B)
EXPRESSIONS = [
    A**N / (K**N + A**N),
    -A / 3 + 2,
    sympy.Rational(3, 7) * A - B - 1,
    1 / (A * B) + A**-2,
    sympy.sqrt(A) / sympy.sqrt(B),
    A ** sympy.Rational(3, 2),
    sympy.exp(-A) * sympy.log(B) + sympy.sin(A) + sympy.cosh(B) + sympy.atan(A),
    sympy.Max(A, B, 1) - sympy.Min(A, B),
    sympy.Mod(A, 3) + sympy.Mod(-A, 3),
    WHOLE + Remainder(A - 3, B),
    sympy.gamma(sympy.floor(A) + 3),
    sympy.floor(A) + sympy.ceiling(-B) + sympy.Abs(A - B) + sympy.sign(A - B),
    sympy.Heaviside(A - B) + sympy.Heaviside(A - 2),
    sympy.Piecewise((A, (A > B) & (B > 0)), (B, (A < 1) | sympy.Ne(A, B)), (7, True)),
    sympy.Piecewise((1, sympy.ITE(A > B, A > 1, B > 1)), (0, True)),
    sympy.pi * A + sympy.E,
    sympy.Float("6.02214076e23") * A + 10**12,
]


@pytest.mark.parametrize("expression", EXPRESSIONS, ids=str)
@pytest.mark.parametrize(("a", "b"), [(2.0, 0.7), (0.3, 5.0)])
def test_a_formula_has_the_value_of_the_expression(expression, a, b):
    levels = {"a": a, "b": b, "k": 1.3, "n": 1.7}
    node = FORMULA.node(expression)
    assert node.isWellFormedASTNode()
    expected = float(expression.subs({symbol(name): level for name, level in levels.items()}))
    assert value(node, levels) == pytest.approx(expected, rel=1e-14)


def _grown(children):
    pairs = st.tuples(children, children)
    return st.one_of(
        pairs.map(lambda both: both[0] + both[1]),
        pairs.map(lambda both: both[0] - both[1]),
        pairs.map(lambda both: both[0] * both[1]),
        pairs.map(lambda both: both[0] / (1 + both[1] ** 2)),
        pairs.map(lambda both: sympy.Max(*both)),
        children.map(lambda one: sympy.exp(-(one**2))),
    )


LEAVES = st.sampled_from([A, B, K, sympy.Integer(2), sympy.Rational(-1, 3), sympy.Float(0.1)])


@settings(max_examples=60)
@given(st.recursive(LEAVES, _grown, max_leaves=8))
def test_any_formula_has_the_value_of_the_expression(expression):
    levels = {"a": 1.7, "b": 0.4, "k": -0.8}
    expected = float(expression.subs({symbol(name): level for name, level in levels.items()}))
    assert value(FORMULA.node(expression), levels) == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_a_delay_is_the_symbol_of_sbml():
    earlier: Any = Delay(A * B, K)
    node = FORMULA.node(earlier + 1)
    text = libsbml.writeMathMLToString(node)
    assert 'definitionURL="http://www.sbml.org/sbml/symbols/delay"' in text
    assert libsbml.formulaToL3String(node) in {"delay(a * b, k) + 1 dimensionless", "1 dimensionless + delay(a * b, k)"}


def test_a_function_that_sbml_has_not_is_refused_by_name():
    with pytest.raises(errors.InputError, match=r"erf\(a\)"):
        FORMULA.node(sympy.erf(A))


def test_a_concentration_is_an_amount_in_one_litre_and_units_keep_their_text():
    model = model_of(sbml_text(network()))
    a, b = model.getSpecies("a"), model.getSpecies("b")
    assert (a.getHasOnlySubstanceUnits(), a.getInitialConcentration()) == (False, 10.0)
    assert b.getHasOnlySubstanceUnits()
    assert model.getCompartment(a.getCompartment()).getSize() == 1.0
    assert model.getUnitDefinition(a.getSubstanceUnits()).getName() == "nmol"
    assert model.getUnitDefinition(b.getSubstanceUnits()).getName() == "molecule/cell"
    rate = model.getUnitDefinition(model.getParameter("k").getUnits())
    assert libsbml.UnitDefinition.printUnits(rate, True) == "(3600 second)^-1"
    # SBML counts molecules and cells in one unit, which is left out where one is divided by the other
    molar = model.getUnitDefinition(model.getParameter("v").getUnits())
    assert libsbml.UnitDefinition.printUnits(molar, True) == "(1e-09 mole)^-1, (1 litre)^1"


def test_coefficients_that_are_expressions_become_part_of_the_rate():
    model = model_of(sbml_text(network()))
    first, second = (model.getReaction(i) for i in range(2))
    levels = {"a": 7.0, "k": 0.5, "v": 3.0, "n": 2.0, "unit_volume": 1.0}
    assert [value(each.getKineticLaw().getMath(), levels) for each in (first, second)] == [3.5, 10.5]
    assert (first.getReactant(0).getSpecies(), second.getProduct(0).getSpecies()) == ("a", "b")
    assert second.getModifier(0).getSpecies() == "a"
    assert marks(second) == {"role": "part", "of": "uptake of a"}
    assert all(each.getReactant(i).getConstant() for each in (first, second) for i in range(each.getNumReactants()))


def test_evidence_is_named_at_parameters_and_reactions():
    source = "https://identifiers.org/pubmed:11751408"
    text = sbml_text(network(), references={"P001": source, "wang2010": ["https://identifiers.org/doi:10.1/x", source]})
    model = model_of(text)

    def sources(element):
        term = element.getCVTerm(0)
        assert term.getBiologicalQualifierType() == libsbml.BQB_IS_DESCRIBED_BY
        return [term.getResourceURI(i) for i in range(term.getNumResources())]

    assert sources(model.getParameter("k")) == [source]
    assert sources(model.getReaction(0)) == [source, "https://identifiers.org/doi:10.1/x"]
    assert model.getParameter("n").getNumCVTerms() == 0
    found = marks(model.getParameter("k"))
    assert (found["evidence"], found["low"], found["basis"]) == ("P001", "0.1", "chosen")
    assert marks(model_of(sbml_text(network())).getParameter("v"))["evidence"] == "wang2010"


def test_rules_and_observables_are_told_apart():
    built = network(rules={"r": A / 2}, observables={"o": symbol("r") * K})
    model = model_of(sbml_text(built))
    assert marks(model.getParameter("r")) == {"role": "rule", "unit": "nM"}
    assert marks(model.getParameter("o")) == {"role": "observable", "unit": "nM/h"}
    assert model.getAssignmentRuleByVariable("o").isAssignment()


def test_an_event_keeps_all_that_it_says():
    event = Event(
        assignments={"a": A + B, "k": 0.0},
        name="pulse",
        trigger=(A < 2) & (T > 1),
        delay=1 / K,
        priority=N,
        persistent=False,
        initial=False,
        use_trigger_time_values=True,
    )
    model = model_of(sbml_text(network(events=[event])))
    written = model.getEvent(0)
    trigger = written.getTrigger()
    assert (trigger.getPersistent(), trigger.getInitialValue()) == (False, False)
    assert written.getUseValuesFromTriggerTime()
    assert value(written.getDelay().getMath(), {"k": 0.5}) == 2.0
    assert value(written.getPriority().getMath(), {"n": 2.0}) == 2.0
    assert {written.getEventAssignment(i).getVariable() for i in range(2)} == {"a", "k"}
    assert not model.getParameter("k").getConstant()
    assert model.getParameter("n").getConstant()


def test_an_event_at_a_time_that_another_one_changes_keeps_its_time():
    events = [Event(1 / K, {"k": 2.0}, "first"), Event(2 / K, {"b": 5.0}, "second")]
    model = model_of(sbml_text(network(events=events)))
    math = model.getEvent(1).getTrigger().getMath()
    fixed = math.getChild(1).getName()
    assert math.getType() == libsbml.AST_RELATIONAL_GEQ
    assert value(model.getInitialAssignment(fixed).getMath(), {"k": 0.5}) == 4.0
    assert model.getParameter(fixed).getConstant()


def test_events_without_priority_keep_their_order():
    events = [Event(5.0, {"a": i}, f"e{i}") for i in range(3)]
    model = model_of(sbml_text(network(events=events)))
    assert [model.getEvent(i).getPriority().getMath().getValue() for i in range(3)] == [3, 2, 1]


def test_priorities_stay_as_they_are():
    events = [Event(5.0, {"a": 1}, "a", priority=1.0), Event(5.0, {"a": 2}, "b", priority=1.0), Event(5.0, {"a": 3})]
    model = model_of(sbml_text(network(events=events)))
    assert [model.getEvent(i).getPriority().getMath().getValue() for i in range(2)] == [1, 1]
    assert not model.getEvent(2).isSetPriority()


def test_a_scale_is_part_of_the_new_value_unless_it_changes_meanwhile():
    event = Event(assignments={"b": A}, trigger=A < 2, scales={"b": V * A})
    model = model_of(sbml_text(network(events=[event])))
    assert value(model.getEvent(0).getEventAssignment(0).getMath(), {"a": 2.0, "v": 3.0}) == 12.0
    late = Event(assignments={"b": A}, trigger=A < 2, scales={"b": A}, delay=1.0, use_trigger_time_values=True)
    with pytest.raises(errors.InputError, match="must not change before"):
        sbml_text(network(events=[late]))


def test_initial_values_may_be_expressions_and_names_any_identifier():
    built = Network(
        "odd",
        [Species("β", "nM", 2 * symbol("κ"))],
        Parameters([parameter("κ", 1.5, "nM"), parameter("beta", 1.0, "1/h")]),
        [Reaction("decay: β → ∅", {"β": -1}, symbol("beta") * symbol("β")), Reaction("7", {}, sympy.S.One)],
    )
    model = model_of(sbml_text(built))
    assert model.getSpecies(0).getName() == "β"
    assert value(model.getInitialAssignment(0).getMath(), {model.getParameter(0).getId(): 1.5}) == 3.0
    assert model.getReaction(0).getName() == "decay: β → ∅"


RATES = [
    ({"a": -1}, K * A, "SBO:0000049"),
    ({"b": +1}, V * K, "SBO:0000047"),
    ({"a": -1, "b": -1}, K * A * B, "SBO:0000054"),
    ({"a": -2, "b": +1}, K * A**2, "SBO:0000052"),
    ({"a": -2, "b": -1}, K * A**2 * B, "SBO:0000163"),
    ({"a": -1, "b": +1}, K * (A - V * B), "SBO:0000042"),
    ({"a": -1, "b": +1}, V * A / (K + A), "SBO:0000029"),
    ({"b": +1}, V * A**N / (K**N + A**N), "SBO:0000192"),
    ({"b": +1}, V * (A / K) ** 2 / (1 + (A / K) ** 2), "SBO:0000192"),
    # none of these: a catalyst, the wrong order, an activator, a rule, a rate that follows time
    ({"a": -1}, K * A * B, ""),
    ({"a": -1}, K * A**2, ""),
    ({"b": +1}, V * A / (K + A), ""),
    ({"a": -1}, symbol("r") * A, ""),
    ({"a": -1}, T * A, ""),
]


@pytest.mark.parametrize(("changes", "rate", "term"), RATES, ids=str)
def test_a_rate_law_is_named_where_its_form_tells(changes, rate, term):
    built = network(reactions=[Reaction("it", changes, rate)], rules={"r": B * K})
    assert model_of(sbml_text(built)).getReaction(0).getKineticLaw().getSBOTermID() == term


def test_a_species_of_any_unit_is_written():
    built = network(species=[Species("a", "nM"), Species("b", "um^2/s")])
    assert marks(model_of(sbml_text(built)).getSpecies("b")) == {"unit": "um^2/s"}


def test_a_unit_with_its_own_zero_is_refused():
    with pytest.raises(errors.UnitError, match="degC"):
        sbml_text(network(parameters=Parameters([*PARAMETERS.values(), parameter("w", 37.0, "degC")])))


def test_a_file_that_cannot_be_written_is_an_error_that_says_so(tmp_path):
    with pytest.raises(errors.OutputError, match="cannot be written"):
        write_sbml(network(), tmp_path / "absent" / "model.xml")
    write_sbml(network(), tmp_path / "model.xml")
    assert libsbml.readSBML(str(tmp_path / "model.xml")).getModel().getName() == "small"


def test_the_built_in_circuit_is_consistent_with_units_that_agree():
    from autocrine.circuit import cell

    document = libsbml.readSBMLFromString(sbml_text(cell.cell_network()))
    document.checkConsistency()
    # no rate, rule or event has a unit that does not fit; extents have no unit of their own
    assert [document.getError(i).getErrorId() for i in range(document.getNumErrors())] == [99507]
