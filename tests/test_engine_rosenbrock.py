"""Laws of the Rosenbrock methods: order, stiff problems with known solutions, conservation, bad pivots, lanes."""

from typing import Any

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from autocrine.assay.well_network import well_network
from autocrine.engine import Event, Network, Reaction, Species, simulate
from autocrine.engine.kernel import Batch, Kernel
from autocrine.engine.lsoda import Lsoda
from autocrine.engine.rodas4 import RODAS4
from autocrine.engine.rodas5p import RODAS5P
from autocrine.engine.step_statements import step_program
from test_engine_network import table

METHODS = pytest.mark.parametrize("method", [RODAS4, RODAS5P], ids=lambda each: each.name)
T = sympy.Symbol("t")


def equations(name, start, slopes, parameters=None):
    """Return a network whose ODEs are given by name."""
    species = [Species(each, "1", level) for each, level in start.items()]
    reactions = [Reaction(each, {each: 1}, slope) for each, slope in slopes.items()]
    return Network(name, species, table(**(parameters or {})), reactions)


def pendulum(follows_time):
    """A nonlinear problem whose solution is u = 2 + sin t, v = cos t."""
    u, v = sympy.symbols("u v")
    away = u**2 + v**2 - (5 + 4 * (sympy.sin(T) if follows_time else (u - 2)))
    return equations("pendulum", {"u": 2.0, "v": 1.0}, {"u": v - 3 * away, "v": 2 - u - away * u})


def test_the_numbers_of_rodas4_are_those_of_the_book():
    # Hairer & Wanner 1996, code RODAS, coefficients of METHOD 1
    np.testing.assert_allclose(RODAS4.alpha, [0, 0.386, 0.21, 0.63, 1, 1], atol=1e-12)
    np.testing.assert_allclose(RODAS4.delta, [0.25, -0.1043, 0.1035, -0.0362, 0, 0], atol=1e-4)
    np.testing.assert_allclose(RODAS5P.alpha[-3:], 1, atol=1e-10)
    np.testing.assert_allclose(RODAS5P.delta[-3:], 0, atol=1e-10)


def solved(kernel, rtol, times, state):
    """Return states, and the number of steps, of one trajectory."""
    shown = np.empty((1, len(times), len(state)))
    whole = {"first": np.zeros(1, int), "past": np.full(1, len(times)), "longest": 10**6}
    numbers = {"begin": np.zeros(1), "end": np.array(times[-1:]), "rtol": np.array([rtol])}
    atol = np.full((1, len(state)), rtol)
    batch = Batch(
        state=np.array([state]),
        parameters=np.empty((1, 0)),
        atol=atol,
        times=np.array(times),
        shown=shown,
        **numbers,
        **whole,
    )
    outcome = kernel.run(batch, np.zeros(1, np.int64))
    assert outcome.verdict[0] == 1
    np.testing.assert_array_equal(batch.state[0], shown[0, -1])
    return shown[0], int(outcome.steps[0])


@METHODS
@pytest.mark.parametrize("follows_time", [True, False])
def test_the_error_of_a_step_falls_with_the_order(method, follows_time):
    step = step_program(pendulum(follows_time).program)
    assert step.follows_time == follows_time
    kernel = Kernel(step, method)
    steps, errors = 0.5 ** np.arange(4, 6.6, 0.5), []
    for h in steps:
        # so wide a tolerance lets one step reach the end
        found, count = solved(kernel, 1e9, [h], [2.0, 1.0])
        assert count == 1
        errors.append(np.abs(found[-1] - [2 + np.sin(h), np.cos(h)]).max())
    slope = np.polyfit(np.log(steps), np.log(errors), 1)[0]
    assert slope == pytest.approx(method.order + 1, abs=0.35)


@METHODS
def test_between_the_steps_the_error_is_that_of_the_steps(method):
    kernel = Kernel(step_program(pendulum(follows_time=False).program), method)
    times = np.linspace(0.05, 3.0, 60)
    exact = np.stack([2 + np.sin(times), np.cos(times)], axis=1)
    for rtol in (1e-4, 1e-6, 1e-8):
        found, _ = solved(kernel, rtol, times, [2.0, 1.0])
        assert np.abs(found - exact).max() < 30 * rtol


def hires():
    y = sympy.symbols("y1:9")
    third = 280 * y[5] * y[7]
    slopes = [
        -1.71 * y[0] + 0.43 * y[1] + 8.32 * y[2] + 0.0007,
        1.71 * y[0] - 8.75 * y[1],
        -10.03 * y[2] + 0.43 * y[3] + 0.035 * y[4],
        8.32 * y[1] + 1.71 * y[2] - 1.12 * y[3],
        -1.745 * y[4] + 0.43 * y[5] + 0.43 * y[6],
        -third + 0.69 * y[3] + 1.71 * y[4] - 0.43 * y[5] + 0.69 * y[6],
        third - 1.81 * y[6],
        -third + 1.81 * y[6],
    ]
    names = [each.name for each in y]
    start = dict(zip(names, [1.0, 0, 0, 0, 0, 0, 0, 0.0057], strict=True))
    return equations("hires", start, dict(zip(names, slopes, strict=True)))


def van_der_pol():
    y, z = sympy.symbols("y z")
    return equations("van der Pol", {"y": 2.0, "z": 0.0}, {"y": z, "z": ((1 - y**2) * z - y) * 1e6})


# Mazzia & Magherini, Test Set for Initial Value Problem Solvers, release 2.4 (2008)
KNOWN: Any = {
    "hires": (
        hires,
        321.8122,
        [
            *[0.7371312573325668e-3, 0.1442485726316185e-3, 0.5888729740967575e-4, 0.1175651343283149e-2],
            *[0.2386356198831331e-2, 0.6238968252742796e-2, 0.2849998395185769e-2, 0.2850001604814231e-2],
        ],
    ),
    "van der Pol": (van_der_pol, 2.0, [0.1706167732170483e1, -0.8928097010247975e0]),
}


@METHODS
@pytest.mark.parametrize("problem", KNOWN)
def test_stiff_problems_meet_their_published_solution(method, problem):
    build, end, expected = KNOWN[problem]
    found = simulate(build(), [end], rtol=1e-8, atol=1e-12, integrator=method).values[0, 0]
    np.testing.assert_allclose(found, expected, rtol=2e-6)


@METHODS
def test_a_pivot_of_zero_is_found_and_the_step_made_smaller(method):
    # nothing moves at the start, so that the first step is the whole interval: then 1/(h gamma) - k is zero
    k = 1 / method.gamma
    slope = sympy.Symbol("k") * (sympy.Symbol("a") - 1) + T
    network = equations("growth", {"a": 1.0}, {"a": slope}, {"k": (k, "1/h")})
    found = simulate(network, [1.0], rtol=1e-7, atol=1e-9, integrator=method)["a"][0, 0]
    assert found - 1 == pytest.approx((np.exp(k) - 1 - k) / k**2, rel=1e-5)


def enzyme():
    """E + S <-> ES -> E + P with a Hill term, which conserves E + ES and S + ES + P."""
    return Network.from_function(
        "enzyme",
        lambda y, p, _x: [
            Reaction("binding", {"e": -1, "s": -1, "es": 1}, p.on * y.e * y.s),
            Reaction("unbinding", {"e": 1, "s": 1, "es": -1}, p.off * y.es),
            Reaction("turnover", {"e": 1, "p": 1, "es": -1}, p.cat * y.es * y.s**p.n / (1 + y.s**p.n)),
            Reaction("back", {"p": -1, "s": 1}, p.back * y.p),
        ],
        [Species("e", "1", 0.3), Species("s", "1", 2.0), Species("es", "1"), Species("p", "1")],
        table(on=(50.0, "1/h"), off=(3.0, "1/h"), cat=(7.0, "1/h"), back=(0.2, "1/h"), n=(1.7, "1")),
    )


ENZYME = enzyme()


@METHODS
@settings(max_examples=10)
@given(st.lists(st.tuples(st.floats(1e-3, 1e4), st.floats(1e-3, 1e4), st.floats(0.3, 4)), min_size=1, max_size=9))
def test_conserved_amounts_stay(method, rates):
    on, cat, n = np.array(rates).T
    found = simulate(ENZYME, [0.1, 1.0, 50.0], {"on": on, "cat": cat, "n": n}, rtol=1e-5, integrator=method)
    np.testing.assert_allclose(found["e"] + found["es"], 0.3, rtol=1e-12)
    np.testing.assert_allclose(found["s"] + found["es"] + found["p"], 2.0, rtol=1e-12)


@METHODS
def test_the_well_agrees_with_the_oracle(method):
    network, random = well_network(), np.random.default_rng(5)
    values = {
        name: each.value * np.exp(random.normal(0, 0.2, 5))
        for name, each in network.parameters.items()
        if 0 < each.value < 1e8
    }
    values |= {"addition_time": random.uniform(10, 30, 5), "added_drug1": random.uniform(0, 500, 5)}
    times = [0.0, 5.0, 24.0, 72.0]
    found = simulate(network, times, values, rtol=1e-8, atol=1e-10, integrator=method)
    oracle = simulate(network, times, values, rtol=1e-9, atol=1e-11, integrator=Lsoda)
    assert found.names == oracle.names
    size = np.abs(oracle.values).max(axis=(0, 1))
    assert (np.abs(found.values - oracle.values) <= 2e-5 * np.abs(oracle.values) + 1e-6 * size + 1e-8).all()


@METHODS
@pytest.mark.parametrize("level", [0.0, 1e-300, 1e-12])
def test_real_powers_start_from_nothing(method, level):
    a, n = sympy.symbols("a n")
    gate = a**n / (1 + a**n)
    network = equations("gate", {"a": level}, {"a": 1e-3 + gate - a}, {"n": (1.7, "1")})
    exponents = {"n": np.array([0.4, 0.9, 1.0, 1.7, 4.0])}
    found = simulate(network, [1e-3, 1.0, 20.0], exponents, rtol=1e-7, atol=1e-12, integrator=method)
    oracle = simulate(network, [1e-3, 1.0, 20.0], exponents, rtol=1e-9, atol=1e-13, integrator=Lsoda)
    np.testing.assert_allclose(found.values, oracle.values, rtol=2e-4)


def test_lanes_and_threads_do_not_change_a_bit():
    random = np.random.default_rng(7)
    values = {"on": random.lognormal(2, 2, 150), "n": random.uniform(0.5, 3, 150), "cat": random.lognormal(0, 1, 150)}
    dose = Event(3.0, {"s": sympy.Symbol("s") + 1}, "dose")
    times = np.linspace(0, 20, 9)
    once = simulate(ENZYME, times, values, events=[dose], threads=1).values
    for threads in (2, 3):
        np.testing.assert_array_equal(simulate(ENZYME, times, values, events=[dose], threads=threads).values, once)
    alone = {name: each[77] for name, each in values.items()}
    np.testing.assert_array_equal(simulate(ENZYME, times, alone, events=[dose]).values[0], once[77])


def test_failed_trajectories_do_not_touch_the_others():
    a, k = sympy.symbols("a k")
    network = equations("explosion", {"a": 1.0}, {"a": k * a**2}, {"k": (1.0, "1")})
    rates = np.where(np.arange(40) % 3 == 0, 1.0, -1.0) * np.linspace(1, 2, 40)
    found = simulate(network, [0.3, 3.0], {"k": rates}, on_failure="nan")
    well = np.flatnonzero(rates < 0)
    assert sorted(found.failures) == np.flatnonzero(rates > 0).tolist()
    np.testing.assert_array_equal(found.values[well], simulate(network, [0.3, 3.0], {"k": rates[well]}).values)
    for index, error in found.failures.items():
        assert error.trajectory == index
        assert error.time_h == pytest.approx(1 / rates[index], rel=1e-3)


def test_each_trajectory_has_its_own_tolerance():
    rtol = np.array([1e-4, 1e-8])
    found = simulate(ENZYME, [1.0, 5.0], {"on": [50.0, 50.0]}, rtol=rtol, atol={"s": [1e-6, 1e-12]})
    for index, each in enumerate(rtol):
        alone = simulate(
            ENZYME, [1.0, 5.0], rtol=each, atol={"s": each * 0.01 if index == 0 else 1e-12}, integrator=RODAS5P
        )
        np.testing.assert_array_equal(found.values[index], alone.values[0])


def test_an_interruption_ends_the_work():
    def interrupt(finished):
        if finished == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        simulate(ENZYME, [1.0], {"on": np.ones(500)}, progress=interrupt)
