"""Chance in other units than molecules: means of the ODE, Poisson variance, and results that no unit changes."""

import numpy as np
import pytest
import scipy.stats
import sympy

from autocrine.circuit.cell import cell_network
from autocrine.core import Parameters, errors
from autocrine.engine import Event, Network, Reaction, Species, simulate

EXACT = ("direct", "next_reaction")
ALL = (*EXACT, "tau")
#: molecules of MCL-1 in a cell at rest: chosen, no count of it was found
MCL1 = 2e4
a, b, x, t = sympy.symbols("a b x t")


def turnover(unit: float, burst: float = 1) -> Network:
    """Return immigration in bursts and death, 30 molecules in the mean without bursts, in units of some molecules."""
    reactions = [Reaction("make", {"x": burst}, sympy.Float(60 / unit)), Reaction("lose", {"x": -1}, 2 * x)]
    return Network("turnover", [Species("x", "fold", 0.0)], Parameters([]), reactions, observables={"twice": 2 * x})


def linear() -> Network:
    """Return species in units of their own that turn into each other."""
    reactions = [
        Reaction("feed", {"a": 1}, sympy.Float(3.0)),
        Reaction("turn", {"a": -1, "b": 2}, 1.5 * a),
        Reaction("count", {"b": -1, "n": 15}, 0.7 * b),
        Reaction("lose", {"n": -1}, sympy.Symbol("n") / 2),
    ]
    species = [Species("a", "nM", 2.0), Species("b", "fold", 1.0), Species("n", "molecule/cell", 4.0)]
    return Network("linear", species, Parameters([]), reactions)


@pytest.mark.parametrize("chance", ALL)
def test_the_mean_of_a_linear_network_is_that_of_the_ode(chance):
    times = [0.2, 1.0, 4.0]
    found = simulate(linear(), times, chance=chance, seed=3, runs=4000, molecules={"a": 30, "b": 15}).values
    exact = simulate(linear(), times, rtol=1e-9).values[0]
    error = found.std(axis=0, ddof=1) / np.sqrt(len(found))
    bias = 0.01 * exact if chance == "tau" else 0.0
    assert (np.abs(found.mean(axis=0) - exact) < 4.5 * error + bias).all()


@pytest.mark.parametrize("chance", EXACT)
@pytest.mark.parametrize("unit", [0.25, 50.0, 602.2])
def test_birth_and_death_are_poisson_in_any_unit(chance, unit):
    found = simulate(turnover(unit), [0.3, 12.0], chance=chance, seed=5, runs=6000, molecules={"x": unit})["x"]
    molecules = found * unit
    np.testing.assert_allclose(molecules, np.round(molecules), atol=1e-9)
    for column, mean in zip(molecules.T, 30 * (1 - np.exp(-2 * np.array([0.3, 12.0]))), strict=True):
        fano = column.var(ddof=1) / column.mean()
        assert fano == pytest.approx(1, abs=5 * np.sqrt(2 / len(column)))
        edges = np.array([-np.inf, *np.unique(scipy.stats.poisson.ppf(np.linspace(0.05, 0.95, 10), mean)), np.inf])
        expected = np.diff(scipy.stats.poisson.cdf(edges, mean)) * len(column)
        seen = np.histogram(np.round(column), np.append(edges[:-1] + 0.5, np.inf))[0]
        assert scipy.stats.chisquare(seen, expected).pvalue > 1e-3


@pytest.mark.parametrize("chance", EXACT)
def test_bursts_stay_bursts(chance):
    found = simulate(turnover(7.0, 5), [12.0], chance=chance, seed=6, runs=6000, molecules={"x": 7.0})["x"][:, 0] * 7
    assert found.mean() == pytest.approx(150, rel=0.02)
    assert found.var(ddof=1) / found.mean() == pytest.approx((5 + 1) / 2, rel=0.1)  # of bursts of k it is (k + 1)/2


@pytest.mark.parametrize("chance", ALL)
def test_molecules_do_not_depend_on_the_unit(chance):
    def molecules(network, unit):
        given = {"chance": chance, "seed": 7, "runs": 50, "molecules": {"x": unit}}
        return simulate(network, [0.1, 0.5, 2.0], initial={"x": 12 / unit}, **given)["x"] * unit

    plain = molecules(turnover(1.0), 1)
    assert np.array_equal(molecules(turnover(64.0), 64), plain)
    np.testing.assert_allclose(molecules(turnover(1000.0), 1000), plain, rtol=1e-12)
    # a stoichiometry of molecules in another unit, at the rate of turnovers
    tenths = [Reaction("make", {"x": 0.1}, sympy.Float(60.0)), Reaction("lose", {"x": -0.1}, 20 * x)]
    np.testing.assert_allclose(molecules(Network("x", [Species("x", "fold")], Parameters([]), tenths), 10), plain)


@pytest.mark.parametrize("chance", ALL)
def test_a_unit_of_one_molecule_changes_nothing(chance):
    network = Network("x", [Species("x", "1")], Parameters([]), turnover(1.0).reactions)
    given = {"chance": chance, "seed": 8, "runs": 40}
    plain = simulate(network, [0.5, 3.0], **given).values
    assert np.array_equal(simulate(network, [0.5, 3.0], molecules={"x": 1}, **given).values, plain)


def test_everything_given_and_shown_has_the_unit_of_the_network():
    stop = Event(1.0, {"x": x / 2 + 3}, "dose")
    given = {"chance": "direct", "seed": 9, "runs": 300, "molecules": {"x": 50}}
    found = simulate(turnover(50.0), [0.0, 0.999999, 1.0, 9.0], events=[stop], initial={"x": 2.013}, **given)
    np.testing.assert_allclose(found["twice"], 2 * found["x"], rtol=1e-14)
    assert (found["x"][:, 0] == 101 / 50).all(), "100.65 molecules are 101"
    assert np.abs(found["x"][:, 2] - found["x"][:, 1] / 2 - 3).max() <= 1.5 / 50
    assert found["x"][:, 3].mean() == pytest.approx(0.6, abs=0.05)
    reduced = simulate(turnover(50.0), [9.0], reduce="mean", outputs=["x"], **given).reduced["mean"]
    assert float(np.ravel(reduced)[0]) == pytest.approx(0.6, abs=0.05)


def test_initial_values_of_the_network_and_triggers_have_its_unit():
    species = [Species("x", "nM", sympy.Rational(203, 100))]
    network = Network("decay", species, Parameters([]), [Reaction("lose", {"x": -1}, x)])
    found = simulate(network, [0.0], chance="direct", molecules={"x": 602.2})["x"]
    assert found[0, 0] == pytest.approx(1222 / 602.2, rel=1e-14)


def test_threads_do_not_matter():
    given = {"chance": "direct", "seed": 1, "runs": 90, "molecules": {"a": 30, "b": 15}}
    one_thread, three = (simulate(linear(), [1.0], threads=each, **given).values for each in (1, 3))
    assert np.array_equal(one_thread, three)


def one(stoichiometry, rate=x, unit="fold") -> Network:
    return Network(
        "one", [Species("x", unit), Species("n", "1")], Parameters([]), [Reaction("odd one", stoichiometry, rate)]
    )


@pytest.mark.parametrize(
    ("network", "given", "message"),
    [
        (one({"x": 0.5}), {"x": 7}, "odd one.*change of x must be a whole number.*was 3.5"),
        (one({"x": 1, "n": 1}), {"x": 2.5}, "odd one.*change of x must be a whole number.*was 2.5"),
        (one({"x": 1e-3}), {"x": 100}, "odd one.*change of x must be a whole number.*was 0.1"),
        (one({"x": 2 * x}), {"x": 7}, "odd one.*stoichiometry of x must be a number"),
        (one({"x": 1}), {}, "how many molecules one fold of x is"),
        (one({"x": 1}, unit="nM"), {"n": 1}, "how many molecules one nM of x is"),
        (one({"x": 1}), {"x": 0.0}, "molecules of x must be a positive number"),
        (one({"x": 1}), {"x": np.inf}, "molecules of x must be a positive number"),
        (one({"x": 1}), {"x": "many"}, "molecules of x must be a positive number"),
        (one({"x": 1}), {"y": 2.0}, "a species must be one of the network"),
        (one({"x": 1}), 2e4, "molecules must be numbers by species"),
    ],
)
def test_what_is_no_number_of_molecules_is_refused(network, given, message):
    with pytest.raises(errors.InputError, match=message):
        simulate(network, [1.0], chance="direct", molecules=given)


def test_molecules_need_chance():
    with pytest.raises(errors.InputError, match="together with chance"):
        simulate(turnover(50.0), [1.0], molecules={"x": 50})


def deviations(chance, hours, runs):
    """Return relative deviations of means from the ODE, and their standard errors, of the species that are there."""
    given = {"il6_at_cell": 0.5}
    exact = simulate(cell_network(), [hours], given, rtol=1e-8).values[0, 0]
    found = simulate(cell_network(), [hours], given, chance=chance, seed=4, runs=runs, molecules={"mcl1": MCL1}).values
    here = exact > 1
    relative = found[:, 0, here] / exact[here] - 1
    return relative.mean(axis=0), relative.std(axis=0, ddof=1) / np.sqrt(runs)


@pytest.mark.parametrize(("chance", "runs"), [("tau", 60), ("direct", 12)])
def test_the_mean_of_the_built_in_cell_is_near_its_ode(chance, runs):
    off, error = deviations(chance, 1.0, runs)
    assert len(off) > 8
    # its rates are not linear: what is left beside the error of the mean is what chance itself changes
    assert (np.abs(off) < 4 * error + 0.05).all()


@pytest.mark.slow
def test_the_mean_of_the_built_in_cell_stays_near_its_ode():
    off, error = deviations("tau", 24.0, 200)
    assert len(off) > 15
    assert (np.abs(off) < 4 * error + 0.05).all()
    assert error.max() < 0.1


def test_the_survival_factor_of_the_built_in_cell_is_poisson_at_rest():
    others = {"k_pgp_translation": 0.0, "k_gp130_internalisation": 0.0}  # many molecules that nothing here depends on
    given = {"chance": "direct", "seed": 2, "runs": 400, "molecules": {"mcl1": 100}}
    found = simulate(cell_network(), [30.0], others, **given)["mcl1"][:, 0]
    assert found.mean() == pytest.approx(1, abs=4 * 0.1 / np.sqrt(400))
    assert 100 * found.var(ddof=1) / found.mean() == pytest.approx(1, abs=5 * np.sqrt(2 / 400))
