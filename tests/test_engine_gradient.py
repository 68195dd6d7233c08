"""Laws of the derivatives of trajectories: known solutions, an oracle, finite differences, and what they must obey."""

from typing import Any

import numpy as np
import pytest
import sympy
from hypothesis import Phase, given, reject, settings
from hypothesis import strategies as st

from autocrine.assay.well_network import well_network
from autocrine.core import errors
from autocrine.engine import Event, Network, Reaction, Species, simulate
from autocrine.engine.gradient_kernel import Directions, GradientKernel, aligned
from autocrine.engine.gradient_statements import gradient_program
from autocrine.engine.kernel import Batch
from autocrine.engine.lsoda import Lsoda
from autocrine.engine.rodas4 import RODAS4
from autocrine.engine.rodas5p import RODAS5P
from autocrine.engine.step_statements import step_program
from test_engine_network import table
from test_engine_rosenbrock import ENZYME, equations

METHODS = pytest.mark.parametrize("method", [RODAS4, RODAS5P], ids=lambda each: each.name)
TIGHT: Any = {"rtol": 1e-10, "atol": 1e-12}
T = sympy.Symbol("t", real=True)


def real(names):
    return sympy.symbols(names, real=True)


def augmented(network: Network, by):
    """Return a network with the derivatives of its species as further species: what an integrator needs no code for."""
    levels = [real(each.name) for each in network.species]
    written: dict[Any, Any] = {}
    for name, rule in network.rules.items():
        written[real(name)] = rule.xreplace(written)
    slopes = [sympy.sympify(each).xreplace(written) for each in network.odes().values()]
    species, reactions, jumps = list(network.species), list(network.reactions), [{} for _ in network.events]
    for number, name in enumerate(by):
        parameter = sympy.Dummy() if name.startswith("initial:") else real(name)
        along = [real(f"{level}_by{number}") for level in levels]

        def total(term, direction, parameter=parameter, levels=levels):
            parts = (term.diff(y) * s for y, s in zip(levels, direction, strict=True))
            return sympy.Add(*parts) + term.diff(parameter)

        for level, each, slope in zip(along, network.species, slopes, strict=True):
            start = sympy.sympify(each.initial).diff(parameter)
            species.append(Species(str(level), "1", 1.0 if name == f"initial:{each.name}" else start))
            reactions.append(Reaction(str(level), {str(level): 1}, total(slope, along)))
        for event, jump in zip(network.events, jumps, strict=True):
            moves = sympy.sympify(event.time).diff(parameter)
            met = [s + slope * moves for s, slope in zip(along, slopes, strict=True)]
            after = [sympy.sympify(event.assignments.get(str(y), y)) for y in levels]
            swap = dict(zip(levels, after, strict=True))
            for s, value, slope in zip(along, after, slopes, strict=True):
                left = slope.xreplace(swap) * moves
                jump[str(s)] = total(value, met) + value.diff(T) * moves - left
    events = [Event(each.time, dict(each.assignments) | jump) for each, jump in zip(network.events, jumps, strict=True)]
    return Network("augmented", species, network.parameters, reactions, rules=network.rules, events=events)


def oracle(network, times, by, **given):
    """Return the derivatives of the species by LSODA, shape (n, T, species, p)."""
    found = simulate(augmented(network, by), times, integrator=Lsoda, **given)
    rows = [
        np.stack([found[f"{each.name}_by{number}"] for number in range(len(by))], axis=-1) for each in network.species
    ]
    return np.stack(rows, axis=2)


def decay():
    """A dose at a time that is a parameter, into first-order decay, with what has decayed."""
    a, b, k, tau, dose, start = real("a b k tau dose start")
    return Network(
        "decay",
        [Species("a", "1", start), Species("b", "1")],
        table(k=(0.5, "1/h"), tau=(1.0, "h"), dose=(2.0, "1"), start=(1.0, "1")),
        [Reaction("decay", {"a": -1, "b": 1}, k * a)],
        rules={"flux": k * a},
        events=[Event(tau, {"a": a + dose}, "dose")],
        observables={"both": a + b, "square": real("flux") ** 2 + b * k},
    )


DECAY = decay()


@METHODS
def test_decay_after_a_dose_is_known(method):
    times = np.array([0.0, 0.5, 1.0, 1.5, 3.0])
    by = ["tau", "k", "initial:a", "dose", "start"]
    found = simulate(DECAY, times, gradient=by, integrator=method, rtol=1e-9, atol=1e-11)
    k, since = 0.5, times - 1.0
    dosed = np.where(since >= 0, np.exp(-k * since), 0.0)
    expected = {
        "tau": 2 * k * dosed,
        "k": -times * np.exp(-k * times) - 2 * since * dosed,
        "initial:a": np.exp(-k * times),
        "start": np.exp(-k * times),
        "dose": dosed,
    }
    assert found.by == tuple(by)
    assert found.gradient.shape == (1, 5, 5, 5)
    for name, values in expected.items():
        np.testing.assert_allclose(found.derivative("a", name)[0], values, rtol=2e-7, atol=1e-8)


def power_law():
    """A nonlinear problem that follows time: 1/a = 1/a0 + k (t + 1 - cos t)."""
    a, k = sympy.symbols("a k")
    return equations("power law", {"a": 2.0}, {"a": -k * a**2 * (1 + sympy.sin(T))}, {"k": (0.5, "1/h")})


def stepped(kernel, h, rtol):
    """Return the derivatives by k and by the initial value at h, and the number of steps."""
    rows = aligned((1, 1, 2, kernel.width))
    rows[0, 0, :, :2] = np.eye(2)[::-1]
    shown = aligned((1, 1, 1, 1, kernel.width))
    arrays: Any = {"begin": np.zeros(1), "end": np.array([h]), "rtol": np.full(1, rtol), "atol": np.full((1, 1), rtol)}
    arrays |= {"state": np.array([[2.0]]), "parameters": np.array([[0.5]]), "shown": np.empty((1, 1, 1))}
    batch = Batch(**arrays, times=np.array([h]), first=np.zeros(1, int), past=np.ones(1, int), longest=999)
    directions = Directions(rows, aligned((1, 1, kernel.width)), 0.0, shown)
    outcome = kernel.follow(batch, directions, np.zeros(1, np.int64))
    np.testing.assert_allclose(rows[:, :, :1], shown[:, 0], rtol=1e-15)
    return rows[0, 0, 0, :2], outcome.steps[0]


@METHODS
@pytest.mark.parametrize(("lanes", "width"), [(1, 2), (2, 4), (4, 4), (4, 8), (8, 8)])
def test_lanes_and_width_do_not_matter(method, lanes, width):
    program = power_law().program
    kernel = GradientKernel(step_program(program), gradient_program(program, (0,)), method, width, lanes=lanes)
    found, count = stepped(kernel, 2.0, 1e-7)
    assert count > 3
    phase = 3 - np.cos(2.0)
    a = 1 / (0.5 + 0.5 * phase)
    np.testing.assert_allclose(found, [-(a**2) * phase, a**2 / 4], rtol=1e-5)


@METHODS
def test_the_error_of_a_step_falls_with_the_order_of_the_method(method):
    program = power_law().program
    kernel = GradientKernel(step_program(program), gradient_program(program, (0,)), method, 8)
    steps, found = 0.5 ** np.arange(3, 6.1, 0.5), []
    for h in steps:
        rows, count = stepped(kernel, h, 1e9)
        assert count == 1
        phase = h + 1 - np.cos(h)
        a = 1 / (0.5 + 0.5 * phase)
        found.append(np.abs(rows - [-(a**2) * phase, a**2 / 4]))
    for errors_of_one in np.transpose(found):
        slope = np.polyfit(np.log(steps), np.log(errors_of_one), 1)[0]
        assert slope == pytest.approx(method.order + 1, abs=0.5)


@METHODS
def test_between_the_steps_derivatives_are_as_good_as_at_the_steps(method):
    times = np.linspace(0.05, 6.0, 40)
    phase = times + 1 - np.cos(times)
    a = 1 / (0.5 + 0.5 * phase)
    for rtol in (1e-4, 1e-6, 1e-8):
        found = simulate(power_law(), times, gradient=["k", "initial:a"], rtol=rtol, atol=rtol, integrator=method)
        np.testing.assert_allclose(found.derivative("a", "k")[0], -(a**2) * phase, atol=100 * rtol)
        np.testing.assert_allclose(found.derivative("a", "initial:a")[0], a**2 / 4, atol=100 * rtol)


@settings(max_examples=8, phases=[Phase.explicit, Phase.generate])
@given(st.data())
def test_random_networks_agree_with_the_oracle(data):
    """Mass action, saturation, powers, inhibition and a dose, drawn at random."""
    levels, constants = real("a b c d"), real("k1 k2 k3 k4 k5 k6 m n")
    number, place = st.floats(0.2, 3.0), st.integers(0, 3)
    reactions = []
    for index, k in enumerate(constants[:6]):
        x, y = (levels[data.draw(place)] for _ in range(2))
        n, m = constants[7], constants[6]
        rates = [k * x * y, k * x / (m + x), k * x**n / (m + y**n), k * x / (1 + y / m), k * x * (2 + sympy.sin(m * T))]
        source, sink = str(x), str(levels[data.draw(place)])
        change = {source: -1} | ({sink: 1} if sink != source else {})
        reactions.append(Reaction(f"r{index}", change, rates[data.draw(st.integers(0, 4))]))
    values = {str(each): (data.draw(number), "1") for each in constants}
    dose = Event(constants[0] / 2, {"a": levels[0] + constants[1] * T, "b": levels[1] * levels[2]}, "dose")
    species = [Species(str(each), "1", data.draw(number)) for each in levels]
    network = Network("random", species, table(**values), reactions, events=[dose])
    by, times = ["k1", "k2", "n", "m", "initial:a", "initial:c"], [0.1, 0.7, 2.0]
    try:
        expected = oracle(network, times, by, **TIGHT)
    except errors.SolverError:
        reject()  # LSODA cannot solve every augmented network that can be drawn
    found = simulate(network, times, gradient=by, **TIGHT)
    names = [each.name for each in network.species]
    places = [found.names.index(each) for each in names]
    np.testing.assert_allclose(found.gradient[:, :, places], expected, rtol=1e-5, atol=1e-6)


@METHODS
def test_the_circuit_of_a_well_agrees_with_finite_differences(method):
    network = well_network()
    values = {name: each.value for name, each in network.parameters.items()}
    values |= {"addition_time": 20.0, "added_drug1": 200.0, "start_il6": 0.3}
    by = [
        "p1_s_il6",
        "p1_k_trans_on",
        "p1_il6r_resting",
        "added_drug1",
        "addition_time",
        "start_il6",
        "initial:p1_b1_cells",
    ]
    times = [10.0, 19.0, 24.0, 48.0]
    outputs = (*(each.name for each in network.species), *network.observables)
    start = simulate(network, [0.0], values).values[0, 0, : len(network.species)]
    initial = dict(zip((each.name for each in network.species), start, strict=True))
    found = simulate(network, times, values, outputs=outputs, gradient=by, integrator=method, rtol=1e-8, atol=1e-11)
    for place, name in enumerate(by):
        species = name.removeprefix("initial:")
        size = initial[species] if species != name else values[name]
        steps = size * (1 + np.array([2e-4, -2e-4]))
        given: Any = {"initial": {species: steps}} if species != name else {}
        moved = values | ({name: steps} if species == name else {})
        pair = simulate(network, times, moved, outputs=outputs, **given, **TIGHT).values
        expected = (pair[0] - pair[1]) / (steps[0] - steps[1]) * size
        typical = np.abs(pair[0]).max(axis=0) + 1e-6
        np.testing.assert_allclose(found.gradient[0, ..., place] * size / typical, expected / typical, atol=2e-5)


@METHODS
def test_conserved_amounts_have_conserved_derivatives(method):
    by = ["on", "n", "initial:e", "initial:s"]
    found = simulate(ENZYME, [0.1, 1.0, 30.0], {"on": [1.0, 500.0]}, gradient=by, integrator=method)
    enzyme = found.gradient[:, :, 0] + found.gradient[:, :, 2]
    substrate = found.gradient[:, :, 1:4].sum(axis=2)
    np.testing.assert_allclose(enzyme, np.broadcast_to([0.0, 0.0, 1.0, 0.0], enzyme.shape), atol=1e-11)
    np.testing.assert_allclose(substrate, np.broadcast_to([0.0, 0.0, 0.0, 1.0], substrate.shape), atol=1e-11)


def test_rules_and_observables_follow_the_chain_rule():
    by = ["k", "tau", "initial:b"]
    found = simulate(DECAY, [0.5, 1.5], {"k": [0.3, 0.8]}, gradient=by)
    k, a, flux = np.array([[0.3], [0.8]]), found["a"], found["flux"]
    for name in by:
        da, db, by_k = found.derivative("a", name), found.derivative("b", name), float(name == "k")
        slope = k * da + by_k * a
        np.testing.assert_allclose(found.derivative("flux", name), slope, rtol=1e-12, atol=1e-14)
        np.testing.assert_allclose(found.derivative("both", name), da + db, rtol=1e-12, atol=1e-14)
        square = 2 * flux * slope + k * db + by_k * found["b"]
        np.testing.assert_allclose(found.derivative("square", name), square, rtol=1e-12, atol=1e-14)
    alone = simulate(DECAY, [0.5, 1.5], {"k": [0.3, 0.8]}, gradient=by, outputs=["square", "a"])
    np.testing.assert_array_equal(alone.gradient[:, :, 0], found.gradient[:, :, found.names.index("square")])
    np.testing.assert_array_equal(alone.derivative("a", "tau"), found.derivative("a", "tau"))


def test_events_that_set_parameters_hand_derivatives_on():
    """The rate becomes k = g a at the time tau: a' = -q a until then, and -g a(tau) a from there."""
    a, g, tau = real("a g tau")
    network = Network(
        "switch",
        [Species("a", "1", 2.0)],
        table(k=(0.5, "1/h"), g=(0.3, "1/h"), tau=(1.5, "h")),
        [Reaction("decay", {"a": -1}, real("k") * a)],
        events=[Event(tau, {"k": g * a}, "switch")],
        observables={"rate": real("k") + 0 * a},
    )
    by = ["k", "g", "tau", "initial:a"]
    found = simulate(network, [1.0, 2.5], gradient=by, **TIGHT)
    k, rate, late, start, when = sympy.symbols("k g late start when")
    met = start * sympy.exp(-k * when)
    solution = met * sympy.exp(-rate * met * (late - when))
    values = {k: 0.5, rate: 0.3, late: 2.5, start: 2.0, when: 1.5}
    for name, each in zip(by, (k, rate, when, start), strict=True):
        assert found.derivative("a", name)[0, 1] == pytest.approx(float(solution.diff(each).subs(values)), rel=1e-8)
        expected = float((rate * met).diff(each).subs(values))
        assert found.derivative("rate", name)[0, 1] == pytest.approx(expected, rel=1e-8)


def test_a_parameter_that_is_set_to_a_number_is_forgotten():
    k = real("k")
    loss = Network("loss", [Species("a", "1", 1.0)], table(k=(1.0, "1/h")), [Reaction("r", {"a": -1}, k * real("a"))])
    found = simulate(loss, [1.0, 2.0], events=[Event(1.0, {"k": 0.0})], gradient=["k"], **TIGHT)
    np.testing.assert_allclose(found["a"][0], np.exp(-1.0), rtol=1e-9)
    np.testing.assert_allclose(found.derivative("a", "k")[0], -np.exp(-1.0), rtol=1e-8)


def test_events_of_one_time_happen_one_after_the_other():
    a, b, tau = real("a b tau")
    events = [Event(tau, {"a": a * b}), Event(1.0, {"a": a + 1}), Event(tau, {"b": b + a**2})]
    change = {"a": -1, "b": 1}
    constants = table(k=(0.4, "1/h"), tau=(1.0, "h"))
    start = [Species("a", "1", 1.5), Species("b", "1", 0.7)]
    network = Network("three", start, constants, [Reaction("r", change, real("k") * a)], events=events)
    by = ["k", "initial:a", "initial:b"]
    found = simulate(network, [0.5, 2.0], gradient=by, **TIGHT)
    np.testing.assert_allclose(found.gradient, oracle(network, [0.5, 2.0], by, **TIGHT), rtol=1e-6, atol=1e-8)
    # one that moves later: the sum comes before both products
    later = simulate(network, [2.0], {"tau": 1 + np.array([1e-4, 2e-4])}, **TIGHT).values[:, 0]
    moved = simulate(network, [2.0], {"tau": 1 + 1.5e-4}, gradient=["tau"], **TIGHT)
    np.testing.assert_allclose(moved.gradient[0, 0, :, 0], (later[1] - later[0]) / 1e-4, rtol=1e-5)


def test_steps_are_short_enough_for_derivatives_of_nothing():
    """Where there is nothing nothing happens, but it matters what would."""
    empty = equations("empty", {"a": 0.0, "b": 0.0}, {"a": -3 * real("a"), "b": 3 * real("a") - real("b")})
    times = np.array([0.1, 1.0, 5.0])
    found = simulate(empty, times, gradient=["initial:a"], rtol=1e-6, atol=1e-9)
    np.testing.assert_array_equal(found.values, 0.0)
    exact = np.stack([np.exp(-3 * times), 1.5 * (np.exp(-times) - np.exp(-3 * times))], axis=-1)
    np.testing.assert_allclose(found.gradient[0, ..., 0], exact, atol=1e-5)
    careless = simulate(empty, times, gradient=["initial:a"], gradient_tolerance=np.inf)
    assert np.abs(careless.gradient[0, ..., 0] - exact).max() > 0.01


def test_without_an_error_of_their_own_derivatives_leave_the_steps_alone():
    times, values = [1.0, 5.0], {"on": np.logspace(-1, 3, 30)}
    plain = simulate(ENZYME, times, values)
    found = simulate(ENZYME, times, values, gradient=["on", "cat"], gradient_tolerance=np.inf)
    np.testing.assert_allclose(found.values, plain.values, rtol=1e-12, atol=1e-14)


def test_the_order_of_names_does_not_matter():
    by = ["on", "initial:s", "n", "cat", "off", "back", "initial:e", "initial:es", "initial:p"]
    found = simulate(ENZYME, [1.0, 5.0], {"on": [1.0, 9.0]}, gradient=by)
    other = simulate(ENZYME, [1.0, 5.0], {"on": [1.0, 9.0]}, gradient=by[::-1])
    np.testing.assert_array_equal(found.values, other.values)
    np.testing.assert_array_equal(found.gradient, other.gradient[..., ::-1])
    fewer = simulate(ENZYME, [1.0, 5.0], {"on": [1.0, 9.0]}, gradient=by[:2])
    np.testing.assert_allclose(found.gradient[..., :2], fewer.gradient, rtol=1e-4, atol=1e-6)


def test_threads_and_company_do_not_change_a_bit():
    random = np.random.default_rng(7)
    values = {"on": random.lognormal(2, 2, 150), "n": random.uniform(0.5, 3, 150)}
    given: Any = {"events": [Event(real("back") * 15, {"s": real("s") + 1})], "gradient": ["back", "n", "initial:s"]}
    once = simulate(ENZYME, np.linspace(0, 20, 5), values, threads=1, **given)
    for threads in (2, 3):
        again = simulate(ENZYME, np.linspace(0, 20, 5), values, threads=threads, **given)
        np.testing.assert_array_equal(again.gradient, once.gradient)
    alone = simulate(ENZYME, np.linspace(0, 20, 5), {name: each[77] for name, each in values.items()}, **given)
    np.testing.assert_array_equal(alone.gradient[0], once.gradient[77])


def test_a_network_is_compiled_the_same_after_a_gradient():
    before, after = power_law(), power_law()
    simulate(after, [1.0], gradient=["k"])
    assert step_program(before.program) == step_program(after.program)
    np.testing.assert_array_equal(simulate(before, [1.0]).values, simulate(after, [1.0]).values)


def test_failed_trajectories_have_no_derivatives():
    a, k = sympy.symbols("a k")
    network = equations("explosion", {"a": 1.0}, {"a": k * a**2}, {"k": (1.0, "1")})
    found = simulate(network, [0.3, 3.0], {"k": [-1.0, 1.0]}, gradient=["k"], on_failure="nan")
    assert list(found.failures) == [1]
    assert np.isnan(found.gradient[1]).all()
    np.testing.assert_allclose(found.gradient[0, :, 0, 0], [0.3 / 1.3**2, 3 / 4**2], rtol=1e-4)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"gradient": []}, "one parameter or initial value at least"),
        ({"gradient": ["onn"]}, r"parameter of the gradient must be one of the network but was 'onn'.*on"),
        ({"gradient": ["initial:sx"]}, r"species behind 'initial:'.*'sx'"),
        ({"gradient": ["e"]}, "parameter of the gradient"),
        ({"gradient": ["on", "on"]}, "once but was 'on'"),
        ({"gradient": ["on"], "integrator": Lsoda}, "Rosenbrock method where a gradient is asked for but was 'Lsoda'"),
        ({"gradient": ["on"], "gradient_tolerance": 0.0}, "gradient_tolerance must be a positive number"),
        ({"gradient": ["on"], "gradient_tolerance": np.nan}, "gradient_tolerance must be a positive number"),
    ],
)
def test_what_cannot_be_differentiated_is_refused(given, message):
    with pytest.raises(errors.InputError, match=message):
        simulate(ENZYME, [1.0], **given)
