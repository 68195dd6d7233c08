"""What is read off many cells is what a simulation shows of each of them."""

import numpy as np
import pytest
import sympy

from autocrine.circuit.cell import cell_network
from autocrine.core import Document, Parameters, errors
from autocrine.engine import Names, Network, Reaction, Species, simulate

TEXT = """
[supply]
value = 2.0
unit = "nM/h"
basis = "chosen"
[signal]
value = 0.3
unit = "nM"
basis = "chosen"
[steepness]
value = 1.7
unit = "1"
basis = "chosen"
"""


def network(**more: sympy.Expr) -> Network:
    def rules(y: Names, p: Names, x: Names) -> dict[str, sympy.Expr]:
        return {"raised": sympy.Max(y.a / p.signal, 1e-9) ** p.steepness, "ticks": sympy.floor(x.t)}

    def observables(y: Names, p: Names, x: Names) -> dict[str, sympy.Expr]:
        open_ = y.raised / (1 + y.raised)
        shown = {"secretion": p.supply * open_, "twice": 2 * p.supply, "clock": 3 * y.ticks, "one": sympy.Integer(1)}
        return shown | more

    def reactions(y: Names, p: Names, x: Names) -> list[Reaction]:
        return [Reaction("supply", {"a": 1}, p.supply), Reaction("loss", {"a": -1, "b": 1}, y.raised * y.a)]

    parameters = Parameters.from_document(Document.parse(TEXT, "small"), "s")
    species = [Species("a", "nM", 1.0), Species("b", "nM", 0.5)]
    return Network.from_function("small", reactions, species, parameters, rules=rules, observables=observables)


NETWORK = network()
SHOWN = ["secretion", "b", "raised", "twice", "one"]


def cells(count: int) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    random = np.random.default_rng(5)
    return random.lognormal(0, 1, (2, count)), {"supply": random.lognormal(0, 1, count)}


@pytest.mark.parametrize("count", [1, 7, 8, 9, 1003])
def test_cells_show_what_a_simulation_shows(count):
    state, outside = cells(count)
    initial = {"a": state[0], "b": state[1]}
    shown = simulate(NETWORK, [0.0], outside, initial=initial, outputs=SHOWN).values[:, 0].T
    before = state.copy()
    found = NETWORK.stepper(surroundings=["supply"]).observe(state, outside, SHOWN)
    np.testing.assert_allclose(found, shown, rtol=2e-15)
    assert np.array_equal(state, before)


def test_after_steps_cells_show_what_a_simulation_shows_then():
    state, outside = cells(21)
    shown = simulate(NETWORK, [0.5], outside, initial={"a": state[0], "b": state[1]}, outputs=SHOWN, rtol=1e-9)
    stepper = NETWORK.stepper(surroundings=["supply"], order=3, rtol=1e-4)
    for _ in range(50):
        stepper.step(state, outside, 0.01)
    np.testing.assert_allclose(stepper.observe(state, outside, SHOWN), shown.values[:, 0].T, rtol=1e-4)


def test_the_built_in_cell_shows_its_flows():
    base = cell_network()
    flow = sympy.Symbol("k_il6_secretion") * sympy.Symbol("il6_mrna")
    seen = Network(base.name, base.species, base.parameters, base.reactions, observables={"il6_secretion": flow})
    stepper = seen.stepper(surroundings=["il6_at_cell"])
    state = np.full((len(seen.species), 20), 3.0)
    found = stepper.observe(state, {"il6_at_cell": np.linspace(0, 1, 20)}, ["il6_secretion"])
    np.testing.assert_allclose(found, seen.parameters["k_il6_secretion"].value * 3.0, rtol=1e-15)


@pytest.mark.parametrize("threads", [2, 3])
def test_neither_company_nor_threads_nor_a_larger_table_matter(threads):
    state, outside = cells(1003)
    stepper = NETWORK.stepper(surroundings=["supply"])
    alone = stepper.observe(state, outside, SHOWN)
    assert np.array_equal(stepper.observe(state, outside, SHOWN, threads=threads), alone)
    table = np.full((2, 2000), np.nan)
    table[:, :1003] = state
    assert np.array_equal(stepper.observe(table[:, :1003], outside, SHOWN), alone)
    few = stepper.observe(np.ascontiguousarray(state[:, 5:8]), outside["supply"][None, 5:8], SHOWN)
    assert np.array_equal(few, alone[:, 5:8])


def test_no_cells_and_no_names_show_nothing():
    stepper = NETWORK.stepper(surroundings=["supply"])
    assert stepper.observe(np.empty((2, 0)), np.empty((1, 0)), SHOWN).shape == (5, 0)
    assert stepper.observe(np.ones((2, 4)), np.ones((1, 4)), []).shape == (0, 4)


def test_a_cell_that_is_not_finite_shows_that_alone():
    state, outside = cells(30)
    stepper = NETWORK.stepper(surroundings=["supply"])
    whole = stepper.observe(state, outside, SHOWN)
    state[0, 11] = np.nan
    found = stepper.observe(state, outside, SHOWN)
    assert np.isnan(found[[0, 2], 11]).all()
    others = np.arange(30) != 11
    assert np.array_equal(found[:, others], whole[:, others])


def test_what_follows_time_needs_it():
    with pytest.raises(errors.InputError, match=r"must not follow time but was 'clock'.*\['\.\.\.|surroundings=\["):
        NETWORK.stepper(surroundings=["supply"]).observe(np.ones((2, 3)), np.ones((1, 3)), ["clock"])
    stepper = NETWORK.stepper(surroundings=["t"])
    assert stepper.observe(np.ones((2, 3)), {"t": [0.5, 1.5, 2.5]}, ["clock"]).tolist() == [[0.0, 3.0, 6.0]]


def test_a_read_only_state_can_be_seen_but_not_stepped():
    stepper, state = NETWORK.stepper(), np.ones((2, 3))
    state.flags.writeable = False
    assert stepper.observe(state, {}, ["a"]).tolist() == [[1.0, 1.0, 1.0]]
    with pytest.raises(errors.InputError, match="the state must be writeable"):
        stepper.step(state, {}, 0.1)


@pytest.mark.parametrize(
    ("names", "threads", "message"),
    [
        (["secretoin"], 1, "try secretion"),
        (["supply"], 1, "a species, a rule or an observable"),
        ("secretion", 1, "names must be a list"),
        (["a"], 0, "threads must be at least 1"),
    ],
)
def test_bad_questions_are_refused(names, threads, message):
    with pytest.raises(errors.InputError, match=message):
        NETWORK.stepper().observe(np.ones((2, 3)), {}, names, threads=threads)
