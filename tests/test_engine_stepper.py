"""One step of many cells: order, agreement with a fine integration, independence of neighbours and threads."""

import numpy as np
import pytest
import sympy

from autocrine.core import Document, Parameters, errors
from autocrine.engine import Names, Network, Reaction, Species, simulate
from autocrine.engine.ir_writer import REAL as REAL_TYPE
from autocrine.engine.ir_writer import Writer
from autocrine.engine.machine_code import FUNCTION, REAL, machine_code
from autocrine.engine.positive_power import positive_power

TEXT = """
[supply]
value = 2.0
unit = "nM/h"
basis = "chosen"
[loss]
value = 0.5
unit = "1/h"
basis = "chosen"
[binding]
value = 40.0
unit = "1/nM/h"
basis = "chosen"
[signal]
value = 0.3
unit = "nM"
basis = "chosen"
"""


def network() -> Network:
    def reactions(y: Names, p: Names, x: Names) -> list[Reaction]:
        gate = sympy.Max(y.c / p.signal, 1e-9) ** sympy.Float(1.7)
        return [
            Reaction("supply", {"a": 1}, p.supply / (1 + y.d)),
            Reaction("binding", {"a": -1, "b": -1, "c": 1}, p.binding * y.a * y.b),
            Reaction("release", {"a": 1, "b": 1, "c": -1}, 3 * p.loss * y.c),
            Reaction("answer", {"d": 1}, gate / (1 + gate)),
            Reaction("loss", {"d": -1}, p.loss * y.d),
        ]

    species = [Species(name, "nM", start) for name, start in zip("abcd", (1.0, 2.0, 0.2, 0.1), strict=True)]
    return Network.from_function(
        "small", reactions, species, Parameters.from_document(Document.parse(TEXT, "small"), "s")
    )


NETWORK = network()
START = np.array([1.0, 2.0, 0.2, 0.1])


def cells(count: int) -> tuple[np.ndarray, np.ndarray]:
    supply = np.random.default_rng(3).lognormal(0.5, 0.6, count)
    return np.repeat(START[:, None], count, axis=1), supply[None]


def stepped(count: int, dt: float, until: float, order: int = 2, **given) -> np.ndarray:
    stepper = NETWORK.stepper(surroundings=["supply"], order=order, **given)
    state, supply = cells(count)
    for _ in range(round(until / dt)):
        stepper.step(state, supply, dt)
    return state


@pytest.mark.parametrize("order", [2, 3])
def test_halving_the_step_divides_the_error_by_two_to_the_order(order):
    best = simulate(NETWORK, [0.5], {"supply": cells(9)[1][0]}, rtol=1e-12, atol=1e-13).values[:, 0].T
    loose = {"rtol": 1e6, "atol": 1e6}  # no halves
    found = [np.abs(stepped(9, dt, 0.5, order, **loose) - best).max() for dt in (1 / 1024, 1 / 2048, 1 / 4096)]
    slopes = np.log2(np.array(found[:-1]) / found[1:])
    assert np.all(np.abs(slopes - order) < 0.25), slopes


def test_halves_keep_a_jump_exact():
    best = simulate(NETWORK, [0.5], {"supply": cells(9)[1][0]}, rtol=1e-12, atol=1e-13).values[:, 0].T
    rough = np.abs(stepped(9, 0.02, 0.5, rtol=1e6, atol=1e6) - best).max()
    fine = np.abs(stepped(9, 0.02, 0.5, rtol=1e-3) - best).max()
    assert fine < rough / 10


def test_what_is_conserved_stays():
    state = stepped(17, 1 / 60, 2.0)
    np.testing.assert_allclose(state[1] + state[2], 2.2, rtol=1e-13)


@pytest.mark.parametrize("count", [1, 7, 8, 9, 100])
def test_a_cell_is_the_same_in_any_company(count):
    assert np.array_equal(stepped(count, 0.05, 0.5), stepped(101, 0.05, 0.5)[:, :count])


@pytest.mark.parametrize("threads", [2, 3, 16])
def test_threads_do_not_matter(threads):
    stepper = NETWORK.stepper(surroundings=["supply"])
    (one, supply), (many, _) = cells(1003), cells(1003)
    for _ in range(3):
        stepper.step(one, supply, 0.05)
        stepper.step(many, supply, 0.05, threads=threads)
    assert np.array_equal(one, many)


def test_columns_of_a_larger_table_are_stepped_alone():
    stepper = NETWORK.stepper(surroundings=["supply"])
    table = np.full((4, 40), -7.0)
    state, supply = cells(21)
    table[:, :21] = state
    stepper.step(table[:, :21], supply, 0.01)
    stepper.step(state, supply, 0.01)
    assert np.array_equal(table[:, :21], state)
    assert (table[:, 21:] == -7.0).all()


def test_surroundings_may_be_named_and_shared():
    stepper = NETWORK.stepper({"loss": 0.7}, surroundings=["supply", "signal"])
    one, supply = cells(10)
    two = one.copy()
    stepper.step(one, {"signal": 0.4, "supply": supply[0]}, 0.01)
    stepper.step(two, np.vstack([supply, np.full((1, 10), 0.4)]), 0.01)
    assert np.array_equal(one, two)
    shared = NETWORK.stepper({"loss": 0.7, "signal": 0.4}, surroundings=["supply"])
    three, _ = cells(10)
    shared.step(three, supply, 0.01)
    np.testing.assert_allclose(three, one, rtol=1e-13)


def test_a_cell_that_is_not_finite_is_named_and_stays_while_others_go_on():
    stepper = NETWORK.stepper(surroundings=["supply"])
    state, supply = cells(30)
    whole = state.copy()
    stepper.step(whole, supply, 0.01)
    state[2, 4], supply[0, 27] = np.nan, np.inf
    before = state.copy()
    failed = stepper.step(state, supply, 0.01, on_failure="keep")
    assert failed.tolist() == [4, 27]
    assert np.array_equal(state[:, failed], before[:, failed], equal_nan=True)
    others = np.setdiff1d(np.arange(30), failed)
    assert np.array_equal(state[:, others], whole[:, others])
    with pytest.raises(errors.SolverError, match="cell 4 cannot be stepped, nor can 1 others; c is nan"):
        stepper.step(state, supply, 0.01)


def test_growth_that_the_step_cannot_follow_is_stepped_in_halves():
    rate = 50 * sympy.Symbol("n")
    growing = Network("growing", [Species("n", "1", 1.0)], Parameters([]), [Reaction("growth", {"n": 1}, rate)])
    state = np.ones((1, 3))
    assert not len(growing.stepper(rtol=1e-3).step(state, np.empty((0, 3)), 0.1))
    np.testing.assert_allclose(state, np.exp(5.0), rtol=1e-2)


def test_powers_of_positive_bases_are_exact_enough():
    w = Writer(1)
    with w.function("power", [(REAL_TYPE, "a"), (REAL_TYPE, "b")], REAL_TYPE) as (a, b):
        w.give(positive_power(w, a, b))
    power = machine_code(w.module(), 1).function("power", FUNCTION(REAL, REAL, REAL))
    generator = np.random.default_rng(4)
    bases, exponents = 10.0 ** generator.uniform(-30, 30, 3000), generator.uniform(-8, 8, 3000)
    for base, exponent in zip(bases, exponents, strict=True):
        exact = base**exponent
        assert abs(power(base, exponent) / exact - 1) < 1e-13 * (1 + abs(exponent * np.log(base)))
    assert np.isnan(power(np.nan, 2.0))
    assert np.isnan(power(2.0, np.nan))


def test_time_is_a_surrounding():
    t = sympy.Symbol("t")
    driven = Network("driven", [Species("n", "1")], Parameters([]), [Reaction("r", {"n": 1}, t)])
    with pytest.raises(errors.InputError, match="must not follow time"):
        driven.stepper()
    state = np.zeros((1, 2))
    driven.stepper(surroundings=["t"]).step(state, {"t": 3.0}, 0.5)
    np.testing.assert_allclose(state, 1.5)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"surroundings": ["suply"]}, "supply"),
        ({"surroundings": ["supply", "supply"]}, "once"),
        ({"parameters": {"supply": 1.0}, "surroundings": ["supply"]}, "shared"),
        ({"parameters": {"los": 1.0}}, "loss"),
        ({"parameters": {"loss": np.nan}}, "finite"),
        ({"rtol": 0.0}, "positive"),
        ({"atol": {"e": 1.0}}, "atol must name species"),
        ({"order": 4}, "2 or 3"),
    ],
)
def test_bad_steppers_are_refused(given, message):
    with pytest.raises(errors.InputError, match=message):
        NETWORK.stepper(**given)


@pytest.mark.parametrize(
    ("state", "surroundings", "dt", "message"),
    [
        (np.ones((4, 5), int), np.ones((1, 5)), 0.1, "float64"),
        (np.ones((3, 5)), np.ones((1, 5)), 0.1, "4 species"),
        (np.ones((5, 4)).T, np.ones((1, 5)), 0.1, "side by side"),
        (np.ones((4, 5)), np.ones((2, 5)), 0.1, "1 rows"),
        (np.ones((4, 5)), np.ones((1, 6)), 0.1, "5 cells"),
        (np.ones((4, 5)), {"signal": 1.0}, 0.1, "surroundings must be supply"),
        (np.ones((4, 5)), np.ones((1, 5)), -0.1, "dt must be a positive"),
    ],
)
def test_bad_steps_are_refused(state, surroundings, dt, message):
    with pytest.raises(errors.InputError, match=message):
        NETWORK.stepper(surroundings=["supply"]).step(state, surroundings, dt)
