"""Laws of the intermediate form: what it accepts, its units, its readings."""

from typing import Any

import numpy as np
import pytest
import sympy

from autocrine.core import Document, Parameters, errors
from autocrine.engine import Event, Names, Network, Reaction, Species


def table(**values):
    """Return parameters from ``name=(value, unit)``."""
    text = "\n".join(f'[{k}]\nvalue = {float(v)!r}\nunit = "{u}"\nbasis = "chosen"' for k, (v, u) in values.items())
    return Parameters.from_document(Document.parse(text, "test"), "test") if values else Parameters(())


SPECIES = (Species("a", "nM", 1.0), Species("b", "molecule/cell"))
CONSTANTS = {
    "k": (0.1, "1/h"),
    "v": (2.0, "nM/h"),
    "n": (1.7, "1"),
    "K": (2.0, "nM"),
    "Km": (1.0, "uM"),
    "volume": (3.0, "nM*cell/molecule"),
    "tau": (5.0, "h"),
    "days": (1.0, "d"),
    "length": (1.0, "um"),
}
X = Names.of(["a", "b", *CONSTANTS])


def network(rate: Any = X.k * X.a, stoichiometry=None, **others):
    change = {"a": -1} if stoichiometry is None else stoichiometry
    return Network("test", SPECIES, table(**CONSTANTS), [Reaction("loss", change, rate)], **others)


def test_names_are_symbols_and_offer_the_nearest():
    names = Names.of(["il6r", "il6st", "of"], "species")
    assert names.il6r == names["il6r"] == sympy.Symbol("il6r", real=True)
    assert str(names.of) == "of"
    assert list(names) == ["il6r", "il6st", "of"]
    with pytest.raises(errors.InputError, match=r"species.*'il6'.*try il6"):
        _ = names.il6
    with pytest.raises(errors.InputError):
        _ = names["nothing"]


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: network(X.k * sympy.Symbol("kk")), r"reaction 'loss'.*declared.*'kk'"),
        (lambda: network(stoichiometry={"c": 1}), r"reaction 'loss'.*species but was 'c'"),
        (lambda: network("k*a"), "number or SymPy"),
        (lambda: network(sympy.Eq(X.a, 1)), "number or SymPy"),
        (lambda: network(rules={"a": X.k}), r"declared once but was 'a'"),
        (lambda: network(rules={"two words": X.k}), "identifier"),
        (lambda: network(rules={"t": X.k}), "time"),
        (lambda: network(rules={"first": sympy.Symbol("second"), "second": X.k}), r"rule first.*'second'"),
        (lambda: network(events=[Event(X.a, {"a": 0})]), "time of event 1"),
        (lambda: network(events=[Event(1.0, {"nobody": 0})]), "assign species or parameters"),
        (lambda: network(observables={"o": sympy.Symbol("nobody")}), "observable o"),
        (lambda: Network("n", [], table(), []), "must have species"),
        (lambda: Network("n", [Species("a", "nM", X.a)], table(), []), "initial value of a"),
        (lambda: Network("n", SPECIES, table(), [Reaction("r", {}, X.a)] * 2), "a reaction must be declared once"),
    ],
)
def test_what_cannot_be_used_is_refused(build, message):
    with pytest.raises(errors.InputError, match=message):
        build()


def test_symbols_with_other_assumptions_mean_the_same():
    made = network(sympy.Symbol("k", positive=True) * sympy.Symbol("a"))
    assert made.reactions[0].rate == X.k * X.a


@pytest.mark.parametrize(
    "rate",
    [
        X.k * X.a,
        X.v * X.a / (X.K + X.a),
        X.v * (X.a / X.K) ** X.n / (1 + (X.a / X.K) ** X.n),
        X.v * X.a**X.n / (X.K**X.n + X.a**X.n),
        X.v * X.a**2 / (X.K**2 + X.a**2),
        X.k * sympy.sqrt(X.a * X.K),
        X.k * sympy.Max(X.a - X.K, 0),
        X.v * sympy.tanh(X.a / X.K) * sympy.exp(-X.a / X.K) * sympy.log(1 + X.a / X.K),
        sympy.Piecewise((X.v, X.a > X.K), (0, True)),
        sympy.Piecewise((X.v, sympy.And(X.a > X.K, X.a > 0)), (X.k * X.a, True)),
        sympy.S.Zero,
    ],
)
def test_right_units_pass(rate):
    network(rate).check_units()


@pytest.mark.parametrize(
    ("rate", "stoichiometry", "message"),
    [
        (X.k * X.b, {"a": 1}, r"reaction 'loss'.*nM/h but was 'molecule/cell/h'"),  # the volume factor is missing
        (X.k * (X.a + X.Km), {"a": 1}, r"(uM|nM) but was '(uM|nM)'"),  # the same dimension on another scale
        (X.v * X.Km / X.a, {"a": 1}, r"nM/h but was 'uM/h'"),
        (X.v * (X.Km / X.a) ** X.n, {"a": 1}, r"uM\^n"),
        (X.k * X.a**X.b, {"a": 1}, "an exponent"),
        (X.v * X.a**X.n, {"a": 1}, r"nM\^"),
        (X.v * sympy.exp(X.a), {"a": 1}, "argument of exp"),
        (X.v * sympy.tanh(X.a / X.Km), {"a": 1}, "argument of tanh"),
        (X.v * sympy.floor(X.a), {"a": 1}, "argument of floor"),
        (X.v * (1 + X.a), {"a": 1}, "added or compared"),
        (X.k * sympy.Max(X.a, X.length), {"a": 1}, "added or compared"),
        (sympy.Piecewise((X.v, X.a > X.tau), (0, True)), {"a": 1}, "added or compared"),
        (X.a / X.days, {"a": 1}, "nM/h but was 'nM/d'"),
        (X.v, {"a": X.volume}, "nM/h"),
    ],
)
def test_unit_check_catches_planted_errors(rate, stoichiometry, message):
    with pytest.raises(errors.UnitError, match=message):
        network(rate, stoichiometry).check_units()


def test_a_stoichiometry_may_convert_units():
    network(X.k * X.b, {"b": -1, "a": X.volume}).check_units()
    with pytest.raises(errors.UnitError, match="event 'dose'"):
        network(events=[Event(X.tau, {"a": X.a + X.Km}, "dose")]).check_units()
    with pytest.raises(errors.UnitError, match="time"):
        network(events=[Event(X.K, {"a": X.a}, "dose")]).check_units()


def test_rules_and_observables_have_units_too():
    gate = sympy.Symbol("gate")
    network(X.v * gate, rules={"gate": X.a / X.K}).check_units()
    with pytest.raises(errors.UnitError, match="reaction 'loss'"):
        network(X.v * gate, rules={"gate": X.a}).check_units()
    with pytest.raises(errors.UnitError, match="observable 'total'"):
        network(observables={"total": X.a + X.b}).check_units()


def test_a_function_builds_the_same_network():
    made = Network.from_function(
        "loop",
        lambda y, p, x: [
            Reaction("binding", {"a": -1}, p.k * y.a * y.gate),
            Reaction("feed", {"a": 1}, x.outside * p.k),
        ],
        [Species("a", "nM", 1.0)],
        table(k=(0.1, "1/h"), K=(2.0, "nM")),
        surroundings=table(outside=(3.0, "nM")),
        rules=lambda y, p, x: {"gate": y.a / (p.K + y.a) * x.outside / p.K},
        observables=lambda y, _p, _x: {"shown": y.gate},
        events=lambda y, _p, x: [Event(3.0, {"a": y.a + x.outside})],
    )
    made.check_units()
    assert list(made.parameters) == ["k", "K", "outside"]
    assert set(made.rules) == {"gate"}
    assert set(made.observables) == {"shown"}


def test_readings_agree():
    gate = sympy.Symbol("gate", real=True)
    made = network(X.k * X.a * gate, rules={"gate": X.a / (X.K + X.a)})
    assert made.odes() == {"a": -X.k * X.a * gate, "b": 0}
    slope = made.jacobian()["a", "a"]
    assert sympy.simplify(slope + sympy.diff(X.k * X.a**2 / (X.K + X.a), X.a)) == 0
    text = made.latex()
    assert set(text) == {"loss", "da/dt", "db/dt"}
    assert made.latex("loss") == {"loss": text["loss"]}
    with pytest.raises(errors.InputError, match="try loss"):
        made.latex("los")


def test_a_network_cannot_be_changed_from_outside():
    made = network(rules={"gate": X.a / X.K})
    with pytest.raises(TypeError):
        made.rules["gate"] = X.k  # pyright: ignore[reportIndexIssue]
    assert np.isfinite(float(made.species[0].initial))
