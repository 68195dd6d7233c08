"""Simulation by chance: exact laws, agreement of the methods, conservation, independence of threads and splits."""

from typing import Any

import numpy as np
import pytest
import scipy.linalg
import scipy.stats
import sympy

from autocrine.core import Document, Parameters, errors
from autocrine.engine import Event, Network, Reaction, Species, simulate
from autocrine.engine.ir_writer import Writer
from autocrine.engine.machine_code import FUNCTION, POINTER, REAL, WHOLE, machine_code
from autocrine.engine.philox import WORDS, write_philox
from autocrine.engine.poisson import write_poisson

EXACT = ("direct", "next_reaction")
ALL = (*EXACT, "tau")
PARAMETERS = Parameters.from_document(
    Document.parse(
        "\n".join(
            f'[{n}]\nvalue = {v}\nunit = "1/h"\nbasis = "chosen"'
            for n, v in (("make", 20.0), ("lose", 2.0), ("pair", 0.3), ("part", 1.5))
        ),
        "rates",
    ),
    "rates",
)
make, lose, pair, part, n, a, b = sympy.symbols("make lose pair part n a b")
TURNOVER = Network(
    "turnover",
    [Species("n", "1")],
    PARAMETERS,
    [Reaction("make", {"n": 1}, make), Reaction("lose", {"n": -1}, lose * n)],
)
DIMERS = Network(
    "dimers",
    [Species("a", "1", 20), Species("b", "1", 0)],
    PARAMETERS,
    [Reaction("pair", {"a": -2, "b": 1}, pair * a * (a - 1) / 2), Reaction("part", {"a": 2, "b": -1}, part * b)],
    observables={"total": a + 2 * b},
)


def p_of(counts: np.ndarray, expected: np.ndarray) -> float:
    """Return the p-value of Pearson's test; rare classes are joined."""
    order = np.argsort(-expected)
    counts, expected = counts[order], expected[order]
    keep = max(int((expected >= 5).sum()), 1)
    counts = np.append(counts[:keep], counts[keep:].sum())
    expected = np.append(expected[:keep], expected[keep:].sum())
    good = expected > 0
    if good.sum() == 1:
        return float(counts[~good].sum() == 0)
    return scipy.stats.chisquare(counts[good], expected[good] * counts.sum() / expected[good].sum()).pvalue


def counts_of(values: np.ndarray, size: int) -> np.ndarray:
    return np.bincount(values.astype(int), minlength=size)[:size].astype(float)


def dimers_exactly(time: float) -> np.ndarray:
    """Return the distribution of dimers from the master equation."""
    master = np.zeros((11, 11))
    for k in range(11):
        left = 20 - 2 * k
        for other, rate in ((k + 1, 0.3 * left * (left - 1) / 2), (k - 1, 1.5 * k)):
            if 0 <= other < 11:
                master[other, k] += rate
                master[k, k] -= rate
    return scipy.linalg.expm(master * time)[:, 0]


def test_random_numbers_are_those_of_philox():
    w = Writer(1)
    write_philox(w)
    code = machine_code(w.module(), 1)
    philox, uniform = (
        code.function("philox", FUNCTION(None, *[WHOLE] * 6, POINTER)),
        code.function("uniform", FUNCTION(REAL, POINTER)),
    )
    out = np.zeros(4, np.uint64)
    # the known answers of Random123 for philox4x64-10
    philox(0, 0, 0, 0, 0, 0, out.ctypes.data)
    assert [f"{each:016x}" for each in out] == [
        "16554d9eca36314c",
        "db20fe9d672d0fdc",
        "d7e772cee186176b",
        "7e68b68aec7ba23b",
    ]
    philox(*[-1] * 6, out.ctypes.data)
    assert [f"{each:016x}" for each in out] == [
        "87b092c3013fe90b",
        "438c3c67be8d0224",
        "9cc7d7c69cd777b6",
        "a09caebf594f0ba0",
    ]
    # NumPy counts before it draws
    expected = np.random.Philox(
        key=np.array([77, 0], np.uint64), counter=np.array([2**64 - 1, 4, 0, 0], np.uint64)
    ).random_raw(8)
    stream = np.zeros(WORDS, np.int64)
    stream[:2] = 77, 5
    found = [uniform(stream.ctypes.data) for _ in range(4)]
    np.testing.assert_array_equal(found, ((expected[:4] >> np.uint64(11)) + 0.5) * 2.0**-53)


@pytest.mark.parametrize("mean", [0.0, 0.1, 3.0, 9.99, 10.0, 35.0, 4e3])
def test_poisson_numbers_have_their_distribution(mean):
    w = Writer(1)
    write_philox(w)
    write_poisson(w)
    function = machine_code(w.module(), 1).function("poisson", FUNCTION(None, REAL, POINTER, POINTER))
    stream, memory, found = np.zeros(WORDS, np.int64), np.zeros(4), np.zeros(20_000)
    stream[0] = 5
    for i in range(len(found)):
        function(mean, stream.ctypes.data, memory.ctypes.data)
        found[i] = memory[0]
    edges = np.unique(scipy.stats.poisson.ppf(np.linspace(0.02, 0.98, 25), mean)) + 0.5
    edges = np.array([-np.inf, *edges, np.inf])
    expected = np.diff(scipy.stats.poisson.cdf(edges, mean)) * len(found)
    assert p_of(np.histogram(found, edges)[0].astype(float), expected) > 1e-3


@pytest.mark.parametrize("chance", ALL)
def test_immigration_and_death_are_poisson(chance):
    times = [0.3, 20.0]
    found = simulate(TURNOVER, times, chance=chance, seed=11, runs=8000)["n"]
    for column, mean in zip(found.T, 10 * (1 - np.exp(-2 * np.array(times))), strict=True):
        expected = scipy.stats.poisson.pmf(np.arange(60), mean) * len(found)
        assert p_of(counts_of(column, 60), expected) > 1e-3
        assert abs(column.mean() - mean) < 4 * np.sqrt(mean / len(found))


@pytest.mark.parametrize("chance", EXACT)
def test_decay_is_binomial(chance):
    found = simulate(TURNOVER, [0.4], {"make": 0.0}, initial={"n": 30}, chance=chance, seed=2, runs=8000)["n"][:, 0]
    expected = scipy.stats.binom.pmf(np.arange(31), 30, np.exp(-0.8)) * len(found)
    assert p_of(counts_of(found, 31), expected) > 1e-3


@pytest.mark.parametrize("chance", EXACT)
def test_dimerisation_obeys_the_master_equation(chance):
    times = [0.05, 0.3, 3.0]
    found = simulate(DIMERS, times, chance=chance, seed=4, runs=8000)["b"]
    for time, column in zip(times, found.T, strict=True):
        assert p_of(counts_of(column, 11), dimers_exactly(time) * len(found)) > 1e-3


def test_leaps_converge_to_the_exact_process():
    many = {"pair": 3e-4}
    exact = simulate(DIMERS, [0.3], many, initial={"a": 20_000}, chance="direct", seed=5, runs=300)["b"][:, 0]
    means, spreads = [], []
    for epsilon in (0.3, 0.1, 0.03, 0.01):
        leaps = simulate(DIMERS, [0.3], many, initial={"a": 20_000}, chance="tau", seed=6, runs=2000, epsilon=epsilon)[
            "b"
        ][:, 0]
        means.append(abs(leaps.mean() - exact.mean()))
        spreads.append(leaps.std() / exact.std())
    assert means[0] > means[1] > means[2] > means[3]
    assert means[3] < means[0] / 10
    assert spreads[3] == pytest.approx(1, abs=0.15)


@pytest.mark.parametrize("chance", ALL)
def test_molecules_are_whole_and_none_is_lost(chance):
    found = simulate(DIMERS, np.linspace(0, 2, 9), initial={"a": [20, 201, 4000, 1]}, chance=chance, seed=7)
    assert np.array_equal(found["total"], np.repeat([[20.0], [201.0], [4000.0], [1.0]], 9, axis=1))
    assert (found.values == np.floor(found.values)).all()
    assert (found.values >= 0).all()


@pytest.mark.parametrize("chance", ALL)
def test_neither_threads_nor_splits_matter(chance):
    def run(runs, threads):
        event = Event(0.5, {"a": a + 100}, "more")
        given = {"events": [event], "initial": {"a": 300}, "chance": chance, "seed": 8}
        return simulate(DIMERS, [0.1, 0.5, 1.0], runs=runs, threads=threads, **given).values

    whole = run(100, 1)
    assert np.array_equal(whole, run(100, 3))
    assert np.array_equal(whole[40:75], run(range(40, 75), 2))
    assert not np.array_equal(whole[0], whole[1])


@pytest.mark.parametrize("chance", ALL)
def test_events_happen_and_parameters_may_change(chance):
    stop = Event(1.0, {"make": 0.0, "n": 2 * n}, "stop")
    found = simulate(TURNOVER, [0.999999, 1.0, 9.0], events=[stop], chance=chance, seed=9, runs=2000)["n"]
    assert np.mean(found[:, 1] == 2 * found[:, 0]) > 0.99
    assert found[:, 2].max() <= 1


def test_propensities_are_those_of_each_trajectory():
    makes = np.array([0.0, 5.0, 500.0])
    found = simulate(TURNOVER, [10.0], {"make": makes}, chance="direct", seed=1)["n"][:, 0]
    assert found[0] == 0 < found[1] < found[2]


def test_a_network_with_many_reactions_agrees_between_methods():
    count = 30
    names = [f"x{i}" for i in range(count)]
    x = sympy.symbols(names)
    chain = [Reaction(f"walk {i}", {names[i]: -1, names[(i + 1) % count]: 1}, (1 + i % 5) * x[i]) for i in range(count)]
    ring = Network("ring", [Species(name, "1", 10) for name in names], Parameters([]), chain)
    means = [simulate(ring, [0.7], chance=each, seed=3, runs=3000).values[:, 0] for each in EXACT]
    assert all((each.sum(axis=1) == 10 * count).all() for each in means)
    error = np.sqrt((means[0].var(axis=0) + means[1].var(axis=0)) / 3000)
    assert np.abs((means[0].mean(axis=0) - means[1].mean(axis=0)) / error).max() < 4


def test_a_leap_opens_no_gene_twice():
    on, mrna = sympy.symbols("on mrna")
    reactions = [
        Reaction("opens", {"on": 1}, 2 * (1 - on)),
        Reaction("closes", {"on": -1}, 4 * on),
        Reaction("transcription", {"mrna": 1}, 3e4 * on),
        Reaction("decay", {"mrna": -1}, mrna),
    ]
    gene = Network("gene", [Species("on", "1"), Species("mrna", "1")], Parameters([]), reactions)
    found = simulate(gene, np.linspace(0.5, 20, 40), chance="tau", seed=3, runs=300)
    assert set(np.unique(found["on"])) == {0.0, 1.0}
    assert found["on"].mean() == pytest.approx(1 / 3, abs=0.03)
    assert found["mrna"][:, -1].mean() == pytest.approx(1e4, rel=0.08)


def broken(stoichiometry, rate) -> Network:
    return Network("broken", [Species("n", "1", 3)], PARAMETERS, [Reaction("odd one", stoichiometry, rate)])


@pytest.mark.parametrize(
    ("network", "given", "message"),
    [
        (broken({"n": 0.5}, n), {}, "odd one.*whole number.*0.5"),
        (broken({"n": make}, n), {}, "odd one.*whole number.*make"),
        (broken({"n": 1}, n * sympy.Symbol("t")), {}, "odd one.*time"),
        (TURNOVER, {"chance": "ssa"}, "direct, next_reaction, tau"),
        (TURNOVER, {"seed": -1}, "seed"),
        (TURNOVER, {"runs": 0}, "runs"),
        (TURNOVER, {"runs": 3, "parameters": {"make": [1.0, 2.0]}}, "2 trajectories"),
        (TURNOVER, {"epsilon": 1.5}, "epsilon"),
    ],
)
def test_what_cannot_go_by_chance_is_refused(network, given, message):
    with pytest.raises(errors.InputError, match=message):
        simulate(network, [1.0], **({"chance": "direct"} | given))


@pytest.mark.parametrize(
    ("network", "initial", "message"),
    [
        (broken({"n": 1}, make - 10 * n), {}, "propensity of reaction 'odd one'"),
        (broken({"n": -1}, make), {}, "takes n that is not there"),
        (TURNOVER, {"n": [1.0, 2.5]}, "trajectory 1 .*species n: the initial value is 2.5"),
    ],
)
@pytest.mark.parametrize("chance", EXACT)
def test_impossible_states_are_reported(network, initial, message, chance):
    with pytest.raises(errors.SolverError, match=message):
        simulate(network, [50.0], initial=initial, chance=chance)


def test_a_failure_does_not_stop_the_others():
    found = simulate(TURNOVER, [1.0], initial={"n": [1.0, 2.5, 3.0]}, chance="direct", on_failure="nan")
    assert list(found.failures) == [1]
    assert np.isfinite(found["n"][[0, 2]]).all()


@pytest.mark.parametrize("chance", ALL)
def test_each_trajectory_may_have_its_own_times(chance):
    random = np.random.default_rng(3)
    times = np.sort(random.uniform(0.0, 1.0, (60, 5)), axis=1)
    times[:, -1] = 1.0
    times[::3, 2] = 0.5
    times = np.sort(times, axis=1)
    given: Any = {"chance": chance, "seed": 12, "runs": 60, "events": [Event(0.5, {"a": a + 100}, "more")]}
    found = simulate(DIMERS, times, initial={"a": 300}, **given)
    assert np.array_equal(found["total"], 300 + 100.0 * (times >= 0.5))
    if chance in EXACT:  # leaps stop at each time that is asked for, and then draw other numbers
        together = np.unique(times)
        expected = simulate(DIMERS, together, initial={"a": 300}, **given)
        for row in range(60):
            assert np.array_equal(found.values[row], expected.values[row, np.searchsorted(together, times[row])])


@pytest.mark.parametrize("chance", ALL)
def test_trajectories_with_times_or_ends_of_their_own_end_there(chance):
    times, nothing = np.array([[0.1, 0.4, 0.9], [0.2, 0.3, np.nan], [np.nan] * 3]), np.isnan
    found = simulate(DIMERS, times, initial={"a": 300}, chance=chance, seed=1, runs=3)
    assert np.array_equal(nothing(found["a"]), nothing(times))
    ended = simulate(DIMERS, times[0], initial={"a": 300}, end=[0.1, 0.5, 2.0], chance=chance, seed=1, runs=3)
    assert np.array_equal(nothing(ended["a"]), times[0] > np.array([[0.1], [0.5], [2.0]]))
