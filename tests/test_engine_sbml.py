"""Laws of models read from SBML: analytic solutions, what is conserved, and what changes at events."""

from typing import Any

import numpy as np
import pytest
import sympy

from autocrine.engine import sbml as door
from autocrine.engine import simulate
from sbml_text import compartment, event, function, initially, mathml, parameter, reaction, rule, sbml, species

T = np.linspace(0.0, 2.0, 5)


def run(*elements, times: Any = T, **more):
    network = door.read_text(sbml(*elements, **more))
    return simulate(network, times, rtol=1e-10, atol=1e-12)


def value(found, name):
    return found[name][0]


def test_a_species_is_a_concentration_and_its_amount_is_what_reacts():
    """In a volume of 2 the law k S V takes the amount S V away with rate k."""
    found = run(
        compartment(size=2.0), species("S", amount=6.0), species("P", 0.0), parameter("k", 0.7),
        reaction("J", {"S": 1}, {"P": 2}, "k * S * V"),
    )  # fmt: skip
    np.testing.assert_allclose(value(found, "S"), 3 * np.exp(-0.7 * T), rtol=1e-8)
    np.testing.assert_allclose(value(found, "P"), 2 * 3 * (1 - np.exp(-0.7 * T)), atol=1e-8)
    np.testing.assert_allclose(value(found, "J"), 0.7 * 6 * np.exp(-0.7 * T), rtol=1e-8)


def test_only_substance_is_an_amount():
    found = run(
        compartment(size=4.0), species("S", concentration=0.5, substance=True), species("P", 0.0),
        reaction("J", {"S": 1}, {"P": 1}, "0.3 * S"),
    )  # fmt: skip
    np.testing.assert_allclose(value(found, "S"), 2 * np.exp(-0.3 * T), rtol=1e-8)
    np.testing.assert_allclose(value(found, "P"), 2 / 4 * (1 - np.exp(-0.3 * T)), atol=1e-9)


def test_a_growing_compartment_dilutes_and_keeps_amounts():
    found = run(
        compartment(size=1.0, constant=False), species("S", amount=3.0), species("P", 0.0),
        rule("rate", "V", "0.5 * V"), reaction("J", {"S": 1}, {"P": 1}, "0.2 * S * V"),
    )  # fmt: skip
    size = np.exp(0.5 * T)
    np.testing.assert_allclose(value(found, "V"), size, rtol=1e-8)
    np.testing.assert_allclose(value(found, "S"), 3 * np.exp(-0.2 * T) / size, rtol=1e-8)
    np.testing.assert_allclose((value(found, "S") + value(found, "P")) * size, 3.0, rtol=1e-8)


def test_a_rate_rule_is_about_the_concentration_also_where_the_compartment_grows():
    found = run(
        compartment(size=1.0, constant=False), species("S", concentration=2.0, boundary=True),
        rule("rate", "V", "1"), rule("rate", "S", "0.4"),
    )  # fmt: skip
    np.testing.assert_allclose(value(found, "S"), 2 + 0.4 * T, rtol=1e-8)
    grown = run(
        compartment(size=1.0, constant=False), species("S", concentration=2.0, boundary=True), parameter("r", 3.0),
        rule("assignment", "V", "1 + r * time"), rule("rate", "S", "0.4"),
    )  # fmt: skip
    np.testing.assert_allclose(value(grown, "S"), 2 + 0.4 * T, rtol=1e-8)


def test_an_event_that_changes_a_compartment_keeps_amounts():
    found = run(compartment(size=1.0, constant=False), species("S", concentration=2.0), event("time >= 1", {"V": "5"}))
    np.testing.assert_allclose(value(found, "S"), np.where(T < 1, 2.0, 0.4))


def test_a_concentration_that_waits_is_set_in_the_volume_of_its_execution():
    """Triggered at 0.5 and executed at 1, in a compartment that grows: what is assigned is a concentration."""
    found = run(
        compartment(size=1.0, constant=False), species("S", concentration=2.0), rule("rate", "V", "1"),
        event("time >= 0.5", {"S": "10 * V"}, delay="0.5"), times=[0.75, 1.0],
    )  # fmt: skip
    np.testing.assert_allclose(value(found, "S"), [2 / 1.75, 15.0], rtol=1e-8)


def test_values_of_the_trigger_time_are_taken_before_what_comes_first():
    def order(early):
        found = run(
            parameter("x", 3, False), parameter("y", 0, False),
            event("x > 2", {"x": "7"}, priority="10", initial=False, early=early, name="first"),
            event("x > 2", {"y": "x"}, priority="5", initial=False, early=early, name="second"),
        )  # fmt: skip
        return value(found, "x")[0], value(found, "y")[0]

    assert order(True) == (7.0, 3.0)
    assert order(False) == (7.0, 7.0)


def test_events_of_equal_priority_come_in_an_order_that_is_drawn():
    """Of two events that take the trigger from each other each happens about half of the time, and the same again."""
    elements = [parameter(name, 0, False) for name in ("last", "a", "b")]
    elements += [
        event(
            "time - last >= 0.01",
            {"last": "time", name: f"{name} + 1"},
            priority="1",
            persistent=False,
            name=f"E{name}",
        )
        for name in ("a", "b")
    ]
    found = run(*elements, times=[0.0, 3.005])
    a, b = value(found, "a")[-1], value(found, "b")[-1]
    assert a + b in {299.0, 300.0}
    assert 110 < a < 190
    assert value(run(*elements, times=[0.0, 3.005]), "a")[-1] == a


def test_a_window_that_a_step_would_jump_over_is_seen():
    found = run(
        parameter("x", 0, False), parameter("seen", 0, False), rule("rate", "x", "1"),
        event("x >= 0.7 && x <= 0.701", {"seen": "seen + 1"}), times=[0.0, 100.0],
    )  # fmt: skip
    assert value(found, "seen").tolist() == [0.0, 1.0]


def test_local_parameters_hide_those_of_the_model_and_functions_call_functions():
    found = run(
        compartment(), species("S", 1.0), species("P", 0.0), parameter("k", 100.0),
        function("twice", "lambda(x, 2 * x)"), function("law", "lambda(a, b, twice(a) * b)"),
        reaction("J", {"S": 1}, {"P": 1}, "law(k, S) * V", local={"k": 0.25}),
    )  # fmt: skip
    np.testing.assert_allclose(value(found, "S"), np.exp(-0.5 * T), rtol=1e-8)


def test_an_initial_assignment_of_a_constant_follows_a_changed_parameter():
    text = sbml(
        compartment(),
        species("S"),
        parameter("p", 2.0),
        parameter("q"),
        initially("q", "3 * p"),
        initially("S", "q + 1"),
    )
    network = door.read_text(text)
    assert simulate(network, [0.0])["q"][0, 0] == 6.0
    changed = simulate(network, [0.0], {"p": 5.0})
    assert (changed["q"][0, 0], changed["S"][0, 0]) == (15.0, 16.0)


def test_initial_values_reach_through_rules_and_volumes():
    found = run(
        compartment("V", 2.0), compartment("W", 1.0, constant=False), species("A", amount=6.0),
        species("B", within="W"), parameter("p"), parameter("r", constant=False), rule("assignment", "r", "A + time"),
        initially("p", "2 * r"), initially("B", "p + 1"), initially("W", "4"), event("time > 10", {"W": "2"}),
    )  # fmt: skip
    assert value(found, "p")[0] == 6.0
    assert value(found, "B")[0] == 7.0
    assert value(found, "amount_B")[0] == 28.0


def test_stoichiometries_may_be_rules_or_be_converted():
    found = run(
        compartment(), species("S", 0.0, conversionFactor="c"), species("P", 0.0), parameter("c", 5.0),
        reaction("J", {}, {"S": ("n", None), "P": 1}, "1"), rule("assignment", "n", "2 * time"),
    )  # fmt: skip
    np.testing.assert_allclose(value(found, "S"), 5 * T**2, atol=1e-8)
    np.testing.assert_allclose(value(found, "P"), T, atol=1e-9)
    moved = run(
        compartment(), species("S", 0.0), reaction("J", {}, {"S": ("n", 1.0)}, "2"), event("time >= 1", {"n": "10"})
    )
    np.testing.assert_allclose(value(moved, "S"), [0, 1, 2, 12, 22], atol=1e-9)


def test_boundary_species_are_left_alone_by_reactions_but_not_by_rules_and_events():
    found = run(
        compartment(), species("B", 2.0, boundary=True), species("C", 3.0, boundary=True, constant=True),
        species("S", 0.0), reaction("J", {"B": 1, "C": 1}, {"S": 1}, "B * C"), event("time >= 1", {"B": "4"}),
    )  # fmt: skip
    np.testing.assert_allclose(value(found, "S"), [0, 3, 6, 12, 18], atol=1e-8)
    assert value(found, "C").tolist() == [3.0] * 5


def test_rate_of_is_the_derivative_with_dilution():
    found = run(
        compartment(size=1.0, constant=False), species("S", amount=3.0), parameter("x", constant=False),
        parameter("y", constant=False), rule("rate", "V", "0.5 * V"), rule("assignment", "x", "rateOf(S)"),
        rule("assignment", "y", "rateOf(V) + rateOf(k)"), parameter("k", 1.0),
    )  # fmt: skip
    np.testing.assert_allclose(value(found, "x"), -0.5 * 3 * np.exp(-0.5 * T), rtol=1e-7)
    np.testing.assert_allclose(value(found, "y"), 0.5 * np.exp(0.5 * T), rtol=1e-7)


def test_algebraic_rules_are_solved():
    found = run(
        compartment(), species("S", 1.0), species("P"), parameter("u", constant=False), parameter("w", constant=False),
        parameter("z", 5.0, constant=False), parameter("total", 4.0), reaction("J", {"S": 1}, {}, "0.5 * S"),
        rule("algebraic", None, "S + P - total"), rule("algebraic", None, "u + w - S"),
        rule("algebraic", None, "u - w - 1"), rule("algebraic", None, "z^2 - 9"),
    )  # fmt: skip
    s = np.exp(-0.5 * T)
    np.testing.assert_allclose(value(found, "P"), 4 - s, rtol=1e-8)
    np.testing.assert_allclose(value(found, "u"), (s + 1) / 2, rtol=1e-8)
    np.testing.assert_allclose(value(found, "w"), (s - 1) / 2, atol=1e-8)
    np.testing.assert_allclose(value(found, "z"), 3.0)  # of 3 and -3 the nearer to the value given


def test_fast_reactions_are_in_equilibrium_from_the_start():
    """A <-> B with B = 2 A at all times; B is lost with rate 0.3: the total falls with 0.3 times two thirds."""
    text = sbml(
        compartment(), species("A", 3.0), species("B", 0.0),
        reaction("quick", {"A": 1}, {"B": 1}, "2 * A - B", fast=True),
        reaction("loss", {"B": 1}, {}, "0.3 * B", fast=False),
        version=1, namespace="http://www.sbml.org/sbml/level3/version1/core",
    )  # fmt: skip
    network = door.read_text(text)
    assert any("fast reactions (quick)" in note for note in network.notes)
    found = simulate(network, T, rtol=1e-9, atol=1e-12)
    total = 3 * np.exp(-0.2 * T)
    np.testing.assert_allclose(value(found, "A"), total / 3, rtol=1e-6)
    np.testing.assert_allclose(value(found, "B"), total * 2 / 3, rtol=1e-6)


def test_what_has_no_value_is_nan_until_an_event_sets_it():
    found = run(
        compartment(size=2.0), species("S"), species("R", 1.0), parameter("p", constant=False),
        event("time >= 1", {"p": "3", "S": "5"}), event("p > 2", {"R": "p"}, name="F"),
    )  # fmt: skip
    np.testing.assert_array_equal(value(found, "p"), [np.nan, np.nan, 3, 3, 3])
    np.testing.assert_array_equal(value(found, "S"), [np.nan, np.nan, 5, 5, 5])
    np.testing.assert_array_equal(value(found, "R"), [0.5, 0.5, 3, 3, 3])


def test_time_is_t_and_a_t_of_the_file_is_renamed():
    network = door.read_text(sbml(parameter("t", 1.0, False), rule("rate", "t", "time")))
    np.testing.assert_allclose(simulate(network, T, rtol=1e-9)["t_"][0], 1 + T**2 / 2, rtol=1e-7)


def test_a_model_without_anything_that_changes_is_a_network_too():
    found = run(parameter("p", 2.0), parameter("q", constant=False), rule("assignment", "q", "p * avogadro"))
    np.testing.assert_allclose(value(found, "q"), 2 * 6.02214179e23)


def test_the_unit_of_time_and_what_is_odd_about_units_are_kept():
    units = "<unit kind='second' exponent='1' scale='0' multiplier='60'/>"
    units = f"<unitDefinition id='u'><listOfUnits>{units}</listOfUnits></unitDefinition>"
    network = door.read_text(sbml(units, compartment(), species("S", 1.0), timeUnits="u"))
    assert network.time_unit == "minute"
    level_2 = sbml(compartment(), level=2, version=4, namespace="http://www.sbml.org/sbml/level2/version4")
    assert door.read_text(level_2).time_unit == "second"
    assert any(note.startswith(("units", "model")) for note in network.notes)


def test_level_2_has_stoichiometry_maths_and_its_own_defaults():
    product = (
        f"<speciesReference species='S'><stoichiometryMath>{mathml('2 * k')}</stoichiometryMath></speciesReference>"
    )
    text = sbml(
        "<compartment id='V' size='1'/>", "<species id='S' compartment='V' initialAmount='0'/>",
        "<parameter id='k' value='3'/>",
        f"<reaction id='J'><listOfProducts>{product}</listOfProducts><kineticLaw>{mathml('1')}</kineticLaw></reaction>",
        level=2, version=4, namespace="http://www.sbml.org/sbml/level2/version4",
    )  # fmt: skip
    np.testing.assert_allclose(simulate(door.read_text(text), T)["S"][0], 6 * T, atol=1e-8)


def test_rules_may_stand_in_any_order():
    names = [f"r{i}" for i in range(60)]
    chained = [parameter(name, constant=False) for name in names]
    chained += [rule("assignment", a, f"{b} + 1") for a, b in zip(names, [*names[1:], "time"], strict=True)]
    assert value(run(*chained), "r0").tolist() == (60 + T).tolist()


def test_equations_stay_readable():
    network = door.read_text(
        sbml(compartment(), species("S", 1.0), parameter("k", 2.0), reaction("J", {"S": 1}, {}, "k * S * V"))
    )
    k, s, v = sympy.symbols("k S V", real=True)
    assert network.reactions[0].rate == k * s * v


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("piecewise(1, time < 1)", [1.0, 1.0, np.nan, np.nan, np.nan]),
        ("piecewise(1, time < 1, 2, time < 2, 3)", [1, 1, 2, 2, 3]),
        ("(time > 1) + 1", [1, 1, 1, 2, 2]),
        ("piecewise(5, time, 7)", [7, 5, 5, 5, 5]),
        ("max(time, 1, 0.5)", [1, 1, 1, 1.5, 2]),
        ("quotient(7, 2) + rem(-7, 2)", [2] * 5),
        ("implies(time > 1, time > 1.7) + xor(true, time < 1, true)", [2, 2, 1, 0, 1]),
        ("factorial(time * 2)", [1, 1, 2, 6, 24]),
        ("1 / 0", [np.inf] * 5),
        ("0 / 0", [np.nan] * 5),
        ("ln(0)", [-np.inf] * 5),
        ("sqrt(-4)", [np.nan] * 5),
        ("arcsin(2)", [np.nan] * 5),
        ("-INF + time", [-np.inf] * 5),
        ("10 ^ 400", [np.inf] * 5),
        ("root(3, 27) + log(10, 1000) + log10(100)", [8] * 5),
        ("time > 1 && time < 2", [0, 0, 0, 1, 0]),
        ("arccot(2) - arctan(0.5) + sec(0) + arccoth(2) - arctanh(0.5)", [1] * 5),
    ],
)
def test_functions_of_mathml(formula, expected):
    found = run(parameter("x", constant=False), rule("assignment", "x", formula))
    np.testing.assert_allclose(value(found, "x"), np.array(expected, float), rtol=1e-12)
