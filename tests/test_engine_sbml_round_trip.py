"""A network that is written as SBML and read again gives the same results."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from autocrine.core import errors
from autocrine.engine import Event, Network, Reaction, Species, simulate
from autocrine.engine.names import symbol
from autocrine.engine.sbml import read_sbml, read_text, sbml_text, write_sbml
from test_engine_network import table

A, B, K, V, T = (symbol(name) for name in ("a", "b", "k", "v", "t"))
TIMES = np.linspace(0.0, 10.0, 21)


def courses(network, given=None, rtol=1e-9):
    names = [each.name for each in network.species] + [*network.rules, *network.observables]
    found = simulate(network, TIMES, given, rtol=rtol, atol=1e-12)
    return {name: found[name][0] for name in names}


def assert_same(first, second, rtol=1e-8):
    for name, values in first.items():
        scale = np.abs(values).max()
        np.testing.assert_allclose(second[name], values, rtol=rtol, atol=rtol * scale, err_msg=name)


EVENTS = {
    "a dose": [Event(3.0, {"a": A + 5}, "dose")],
    "a dose at the start": [Event(0.0, {"a": 20.0})],
    "never": [Event(assignments={"a": 20.0})],
    "a time from a parameter": [Event(1 / K, {"a": A + B, "b": A})],
    "a time that an event changes": [Event(1 / K, {"k": 0.1}, "first"), Event(4 / K, {"b": 9.0}, "second")],
    "two at once": [Event(2.0, {"a": 1.0}), Event(2.0, {"a": 2 * A}), Event(2.0, {"a": A + 3})],
    "a trigger": [Event(assignments={"a": 10.0}, trigger=A < 4)],
    "a trigger at the start": [Event(assignments={"b": 7.0}, trigger=A > 4, initial=False)],
    "a delay": [Event(assignments={"a": A + B}, trigger=A < 4, delay=1.5, use_trigger_time_values=True)],
    "a delay that is given up": [Event(assignments={"a": 9.0}, trigger=(T > 1) & (T < 2), delay=2, persistent=False)],
    "priorities": [
        Event(assignments={"a": 2 * A}, trigger=T >= 2, priority=1, name="low"),
        Event(assignments={"a": A + 3}, trigger=T >= 2, priority=B + 50, name="high"),
    ],
    "a parameter": [Event(2.0, {"k": 0.05, "v": 9.0})],
}


@pytest.mark.parametrize("events", EVENTS.values(), ids=EVENTS)
def test_events_happen_as_before(events):
    network = Network(
        "small",
        [Species("a", "nM", 2 * V), Species("b", "molecule/cell", 1.0)],
        table(k=(0.5, "1/h"), v=(5.0, "nM")),
        [Reaction("loss", {"a": -1}, K * A), Reaction("gain", {"b": K * V, "a": -0.5}, A / (V + A))],
        rules={"r": A / V},
        events=events,
        observables={"o": symbol("r") + B},
    )
    assert_same(courses(network), courses(read_text(sbml_text(network))))


TERMS = st.sampled_from(
    [A, B, A * B, A / (1 + A), A**2 / (4 + A**2), sympy.Max(A - B, 0), sympy.exp(-B), sympy.sqrt(A)]
)
CHANGES = st.dictionaries(st.sampled_from("ab"), st.sampled_from([1, -1, 2, 0.5, K, -K, V * A, 0]), max_size=2)


#: the compartment of one litre is a parameter when it is read
LEVELS = (("a", 1.3), ("b", 0.7), ("k", 0.5), ("v", 5.0), ("unit_volume", 1.0))


@settings(max_examples=15)
@given(st.lists(st.tuples(CHANGES, TERMS), min_size=1, max_size=4))
def test_any_network_keeps_its_equations(parts):
    """Equations are compared, not courses, so that one that runs away is compared as well."""
    reactions = [Reaction(f"r {i}", changes, K * rate) for i, (changes, rate) in enumerate(parts)]
    species = [Species("a", "nM", 1.0), Species("b", "1", 2.0)]
    network = Network("any", species, table(k=(0.5, "1/h"), v=(5.0, "nM")), reactions)
    again = read_text(sbml_text(network))
    level: Any = {symbol(name): value for name, value in LEVELS}
    for name, equation in network.odes().items():
        assert float(again.odes()[name].subs(level)) == pytest.approx(float(equation.subs(level)), rel=1e-12)


def test_the_built_in_circuit_comes_back(tmp_path):
    from autocrine.circuit import cell

    network = cell.cell_network()
    write_sbml(network, tmp_path / "cell.xml")
    again = read_sbml(tmp_path / "cell.xml")
    level = {"il6_at_cell": 0.05}
    assert_same(courses(network, level), courses(again, level))
    assert dict(again.parameters) == dict(network.parameters)
    assert levels_of(again) == levels_of(network)
    assert (again.name, again.time_unit, again.notes) == (network.name, "h", ())
    assert [one.name for one in again.reactions] == [one.name for one in network.reactions]
    assert all(sympy.simplify(again.odes()[name] - right) == 0 for name, right in list(network.odes().items())[1:9])
    again.check_units()


def levels_of(network):
    """Return names, units and initial values, in which 10 and 10.0 are one."""
    return [(each.name, each.unit, sympy.nsimplify(each.initial)) for each in network.species]


def marked():
    return Network(
        "small one",
        [Species("a", "nM", 10.0), Species("b", "molecule/cell", 2 * V)],
        table(k=(0.5, "1/h"), v=(5.0, "molecule/cell")),
        [Reaction("loss of a", {"a": -1}, K * symbol("half"))],
        rules={"half": A / 2},
        events=[Event(2.0, {"a": A + 5}, "first dose"), Event(1 / K, {"a": A + 1}, "second dose")],
        observables={"o": A + symbol("half")},
    )


def test_what_sbml_has_no_place_for_comes_back():
    network, again = marked(), read_text(sbml_text(marked()))
    assert levels_of(again) == levels_of(network)
    assert dict(again.parameters) == dict(network.parameters)
    assert (dict(again.rules), dict(again.observables)) == (dict(network.rules), dict(network.observables))
    assert [(event.name, dict(event.assignments)) for event in again.events] == [
        (event.name, dict(event.assignments)) for event in network.events
    ]
    assert [event.time for event in again.events] == [2, 1 / K]
    assert all(event.is_plain for event in again.events)
    assert again.odes() == network.odes()
    # derivatives are known of what happens at fixed times only
    assert simulate(again, [0.0, 3.0], gradient=["k"]).gradient.shape[1] == 2


def test_the_name_of_a_rate_is_the_identifier_of_its_reaction():
    rate = K * A
    network = Network(
        "named",
        [Species("a", "nM", 10.0), Species("b", "1", 0.0)],
        table(k=(0.5, "1/h")),
        [Reaction("j", {"a": -1}, rate), Reaction("other", {"b": 1}, 2 * symbol("j"))],
        rules={"j": rate},
    )
    text = sbml_text(network)
    assert '<reaction id="j"' in text or 'id="j" name="j"' in text
    assert 'variable="j"' not in text
    again = read_text(text)
    assert dict(again.rules) == {"j": rate}
    assert_same(courses(network), courses(again))


FORGED = {
    "no such unit": ('unit="nM"', 'unit="9**9**9 bananas"'),
    "no number": ('low="0.5"', 'low="zero"'),
    "not finite": ('low="0.5"', 'low="nan"'),
    "a range beside the value": ('low="0.5"', 'low="7"'),
    "no such basis": ('basis="chosen"', 'basis="invented"'),
    "another trigger": ("<geq/>", "<gt/>"),
    "a trigger that is not persistent": ('persistent="true"', 'persistent="false"'),
    "no such role": ('role="observable"', 'role="boss"'),
    "another volume": ('size="1"', 'size="2"'),
    "two reactions of one name": ('name="loss of a"', 'name="a"'),
}


@pytest.mark.parametrize(("old", "new"), FORGED.values(), ids=FORGED)
def test_marks_that_cannot_be_true_change_no_result(old, new):
    text = sbml_text(marked())
    assert old in text
    forged = text.replace(old, new)
    plain = read_text(forged.replace("urn:autocrine:network", "urn:somebody:else"))
    again = read_text(forged)
    first, second = (simulate(each, TIMES, outputs=["a", "b"], rtol=1e-9).values for each in (plain, again))
    np.testing.assert_allclose(second, first, rtol=1e-7)


@pytest.mark.slow
def test_a_well_comes_back_with_its_events():
    from autocrine.assay.well_network import well_network

    network = well_network(1, 1, 2)
    given = {"addition_time": 2.0, "added_drug1": 100.0, "exchange_time": 5.0, "washout_time": 8.0, "p1_seeded": 1e4}
    assert_same(courses(network, given), courses(read_text(sbml_text(network)), given), rtol=1e-7)


SUITE = Path(__file__).parents[2] / "shared" / "suites" / "sbml-semantic"


@pytest.mark.slow
@pytest.mark.skipif(not SUITE.is_dir(), reason="the SBML Test Suite is not here")
def test_models_of_others_come_back():
    """Every thirtieth case that can be read and simulated: written, read again, and simulated again."""
    compared, refused = 0, 0
    for folder in sorted(SUITE.iterdir())[::30]:
        file = folder / f"{folder.name}-sbml-l3v2.xml"
        try:
            network = read_sbml(file)
            found = simulate(network, TIMES, rtol=1e-8, atol=1e-12)
        except errors.AutocrineError:
            continue
        try:
            text = sbml_text(network)
        except errors.InputError:  # an event that scales a concentration of the time at which it was triggered
            refused += 1
            continue
        again = simulate(read_text(text), TIMES, rtol=1e-8, atol=1e-12)
        for name in found.names:
            if name in again.names:
                scale = np.nanmax(np.abs(found[name]), initial=1e-9)
                np.testing.assert_allclose(again[name], found[name], rtol=1e-5, atol=1e-5 * scale, err_msg=folder.name)
        compared += 1
    assert compared > 20
    assert refused <= 1
