"""PEtab problems: analytic solutions, derivatives, what conditions do, round trips, and refusals."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autocrine.core import errors
from autocrine.engine.petab import Objective, read_petab, write_petab
from autocrine.engine.petab import table as petab_table

SBML = """<sbml xmlns="http://www.sbml.org/sbml/level3/version2/core" level="3" version="2"><model id="m">
<listOfCompartments><compartment id="C" size="1" spatialDimensions="3" constant="{still}"/></listOfCompartments>
<listOfSpecies>
<species id="A" compartment="C" initialConcentration="1" hasOnlySubstanceUnits="false" boundaryCondition="false"
constant="false"/><species id="B" compartment="C" initialConcentration="0.5" hasOnlySubstanceUnits="false"
boundaryCondition="false" constant="false"/>
</listOfSpecies>
<listOfParameters><parameter id="a0" value="1" constant="true"/><parameter id="k1" value="0.8" constant="true"/>
<parameter id="k2" value="0.6" constant="true"/><parameter id="offset" value="0" constant="true"/>{parameters}
</listOfParameters>
<listOfInitialAssignments><initialAssignment symbol="A"><math xmlns="http://www.w3.org/1998/Math/MathML"><ci>a0</ci></math>
</initialAssignment></listOfInitialAssignments>{rules}
<listOfReactions>{there}{back}</listOfReactions>{events}</model></sbml>"""
REACTION = """<reaction id="{0}" reversible="false">
<listOfReactants><speciesReference species="{1}" stoichiometry="1" constant="true"/></listOfReactants>
<listOfProducts><speciesReference species="{2}" stoichiometry="1" constant="true"/></listOfProducts>
<kineticLaw><math xmlns="http://www.w3.org/1998/Math/MathML"><apply><times/><ci>C</ci><ci>{3}</ci><ci>{1}</ci></apply></math>
{4}</kineticLaw></reaction>"""
EVENT = """<listOfEvents><event id="e" useValuesFromTriggerTime="true"><trigger initialValue="{0}" persistent="true">
<math xmlns="http://www.w3.org/1998/Math/MathML"><apply><{1}/>{2}</apply></math></trigger><listOfEventAssignments>
<eventAssignment variable="A"><math xmlns="http://www.w3.org/1998/Math/MathML"><apply><times/><cn>2</cn><ci>A</ci></apply></math>
</eventAssignment></listOfEventAssignments></event></listOfEvents>"""
GROWTH = """<listOfRules><rateRule variable="C"><math xmlns="http://www.w3.org/1998/Math/MathML"><cn>0.1</cn></math></rateRule>
</listOfRules>"""
K1, K2 = 0.8, 0.6


def model(still="true", parameters="", rules="", events="", rate="k1", local=""):
    there, back = REACTION.format("there", "A", "B", rate, local), REACTION.format("back", "B", "A", "k2", "")
    return SBML.format(still=still, parameters=parameters, rules=rules, events=events, there=there, back=back)


def rows(header, *lines):
    return "".join("\t".join(str(cell) for cell in line) + "\n" for line in (header.split(), *lines))


HEADERS = {
    "parameters": "parameterId lowerBound upperBound nominalValue estimate priorDistribution priorParameters",
    "observables": "observableId observableFormula noiseFormula noiseDistribution "
    "observablePlaceholders noisePlaceholders",
    "measurements": "observableId experimentId time measurement observableParameters noiseParameters",
    "conditions": "conditionId targetId targetValue",
    "experiments": "experimentId time conditionId",
    "mapping": "petabEntityId modelEntityId",
}
PARAMETERS = [("a0", 0.1, 10, 1.3, "true"), ("k1", 0.01, 10, K1, "true"), ("k2", 0.01, 10, K2, "true")]
SEEN_A = [("seen", "A", 0.5)]


def version2(folder, sbml=None, **tables):
    """Write a problem of PEtab 2 and return its YAML file."""
    given = {"parameters": PARAMETERS, "observables": SEEN_A, **tables}
    text = "format_version: 2.0.0\nmodel_files: {m: {language: sbml, location: m.xml}}\n"
    (folder / "m.xml").write_text(sbml or model())
    for name, lines in given.items():
        (folder / f"{name}.tsv").write_text(rows(HEADERS[name], *lines))
        key = "mapping_files" if name == "mapping" else f"{name.removesuffix('s')}_files"
        text += f"{key}: [{name}.tsv]\n"
    (folder / "problem.yaml").write_text(text)
    return folder / "problem.yaml"


def version1(folder, parameters, conditions, observables, measurements, sbml=None):
    """Write a problem of PEtab 1 from tables with their headers and return its YAML file."""
    (folder / "m.xml").write_text(sbml or model())
    given = {"p": parameters, "c": conditions, "o": observables, "d": measurements}
    for name, lines in given.items():
        (folder / f"{name}.tsv").write_text(rows(lines[0], *lines[1:]))
    (folder / "problem.yaml").write_text(
        "format_version: 1\nparameter_file: p.tsv\nproblems:\n- sbml_files: [m.xml]\n  condition_files: [c.tsv]\n"
        "  observable_files: [o.tsv]\n  measurement_files: [d.tsv]\n"
    )
    return folder / "problem.yaml"


P1 = ["parameterId parameterScale lowerBound upperBound nominalValue estimate", ("k1", "log10", 0.01, 10, K1, 1)]
P1 += [("k2", "log", 0.01, 10, K2, 1), ("a0", "lin", 0.1, 10, 1.3, 1)]
D1 = "observableId preequilibrationConditionId simulationConditionId time measurement"


def converted(t, a, b, k1=K1, k2=K2) -> Any:
    """A at a time: A and B turn into each other."""
    end = k2 * (a + b) / (k1 + k2)
    return end + (a - end) * np.exp(-(k1 + k2) * np.asarray(t, float))


def check_gradient(objective, point=None, step=1e-5, tolerance=1e-5):
    point = objective.nominal if point is None else point
    found = objective.evaluate(point, gradient=True)
    for place in range(len(point)):
        ends = [point.copy(), point.copy()]
        ends[0][place] += step
        ends[1][place] -= step
        above, below = (objective.evaluate(each) for each in ends)
        assert found.gradient[place] == pytest.approx(
            (above.llh - below.llh) / (2 * step), rel=tolerance, abs=tolerance
        )
        prior = (above.log_prior - below.log_prior) / (2 * step)
        assert found.prior_gradient[place] == pytest.approx(prior, rel=1e-4, abs=1e-4)


def simulated(path, **values):
    return Objective(read_petab(path)).evaluate(values or None).simulated[0]


def test_simulation_likelihood_and_squares_are_those_of_the_formulas(tmp_path):
    times, measured = [0.0, 1.0, 4.0], [0.7, 0.4, 0.9]
    path = version2(tmp_path, measurements=[("seen", "", t, m) for t, m in zip(times, measured, strict=True)])
    objective = Objective(read_petab(path))
    found = objective.evaluate()
    expected = converted(times, 1.3, 0.5)
    np.testing.assert_allclose(found.simulated[0], expected, rtol=1e-7)
    r = (expected - measured) / 0.5
    assert found.chi2 == pytest.approx((r**2).sum(), rel=1e-6)
    assert found.llh == pytest.approx(-0.5 * (r**2).sum() - 3 * math.log(0.5 * math.sqrt(2 * math.pi)), rel=1e-7)
    assert objective.names == ("a0", "k1", "k2")
    check_gradient(objective)


def test_scales_stretch_derivatives(tmp_path):
    observables = ["observableId observableFormula noiseFormula", ("seen", "A", 0.5)]
    measured = [D1, ("seen", "", "c", 1.0, 0.7), ("seen", "", "c", 3.0, 0.7)]
    path = version1(tmp_path, P1, ["conditionId", ("c",)], observables, measured)
    objective = Objective(read_petab(path))
    np.testing.assert_allclose(objective.nominal, [math.log10(K1), math.log(K2), 1.3])
    np.testing.assert_allclose(objective.lower, [-2.0, math.log(0.01), 0.1])
    check_gradient(objective)
    plain = [P1[0], *((name, "lin", *rest) for name, _, *rest in P1[1:])]
    other = Objective(read_petab(version1(tmp_path, plain, ["conditionId", ("c",)], observables, measured)))
    np.testing.assert_allclose(
        objective.gradient(), other.gradient() * [K1 * math.log(10), K2, 1.0], rtol=1e-7, atol=1e-10
    )


@pytest.mark.parametrize("distribution", ["normal", "laplace", "log-normal", "log-laplace"])
def test_placeholders_and_noise_that_follows_what_is_seen(tmp_path, distribution):
    observables = [("seen", "s * A + time * 0.01", "w * seen + v", distribution, "s", "w;v")]
    measured = [("seen", "", 1.0, 0.7, "k1", "0.3;k2"), ("seen", "", 2.0, 0.9, "2", "a0;0.1")]
    objective = Objective(read_petab(version2(tmp_path, observables=observables, measurements=measured)))
    found = objective.evaluate()
    a = converted([1.0, 2.0], 1.3, 0.5)
    y = np.array([K1, 2.0]) * a + [0.01, 0.02]
    np.testing.assert_allclose(found.simulated[0], y, rtol=1e-7)
    np.testing.assert_allclose(found.widths[0], [0.3 * y[0] + K2, 1.3 * y[1] + 0.1], rtol=1e-7)
    check_gradient(objective)


def test_a_first_condition_gives_values_at_the_start_and_initial_assignments_follow(tmp_path):
    conditions = [("c", "B", "k1 * 2"), ("d", "A", 3), ("d", "offset", "a0 + 1")]
    measured = [("seen", "e", 2.0, 1), ("seen", "f", 2.0, 1), ("seen", "", 2.0, 1)]
    experiments = [("e", 0, "c"), ("f", 0, "d")]
    given = {"observables": [("seen", "A + offset", 1)], "conditions": conditions, "experiments": experiments}
    path = version2(tmp_path, measurements=measured, **given)
    expected = [converted(2.0, 1.3, 1.6), converted(2.0, 3.0, 0.5) + 2.3, converted(2.0, 1.3, 0.5)]
    np.testing.assert_allclose(simulated(path), expected, rtol=1e-7)
    check_gradient(Objective(read_petab(path)))


def test_later_conditions_see_the_state_and_change_it_together(tmp_path):
    conditions = [("c", "A", "B + time"), ("d", "B", "A * k1"), ("d", "k2", 0.1)]
    experiments = [("e", 1, ""), ("e", 3, "c"), ("e", 3, "d")]
    measured = [("seen", "e", t, 1) for t in (1.0, 3.0, 5.0)]
    given = {"parameters": PARAMETERS[:2], "conditions": conditions, "experiments": experiments}
    path = version2(tmp_path, measurements=measured, **given)
    a = converted(2.0, 1.3, 0.5)
    expected = [1.3, 1.8 - a + 3, converted(2.0, 1.8 - a + 3, a * K1, k2=0.1)]
    np.testing.assert_allclose(simulated(path), expected, rtol=1e-7)
    check_gradient(Objective(read_petab(path)))


@pytest.mark.parametrize("growing", [False, True])
def test_a_condition_on_a_compartment_keeps_concentrations(tmp_path, growing):
    sbml = model(still="false", rules=GROWTH) if growing else model()
    given = {"conditions": [("c", "C", 4)], "experiments": [("e", 0, ""), ("e", 2, "c")]}
    measured = [("seen", "e", 2.0 - 1e-9, 1), ("seen", "e", 2.0, 1), ("amount", "e", 2.0, 1)]
    observables = [*SEEN_A, ("amount", "A * C", 1)]
    found = simulated(version2(tmp_path, sbml, observables=observables, measurements=measured, **given))
    np.testing.assert_allclose(found[1:], [found[0], 4 * found[0]], rtol=1e-6)


def test_a_steady_state_comes_before_and_after(tmp_path):
    conditions = [("c", "k2", 0.2), ("c", "B", "k1"), ("d", "k2", 0.6), ("d", "A", "A + a0")]
    given = {"parameters": PARAMETERS[:2], "conditions": conditions, "experiments": [("e", "-inf", "c"), ("e", 0, "d")]}
    measured = [("seen", "e", 0, 1), ("seen", "e", 1.5, 1), ("seen", "e", "inf", 1)]
    path = version2(tmp_path, measurements=measured, **given)
    total = 1.3 + K1
    a = 0.2 * total / (K1 + 0.2)
    after = a + 1.3
    expected = [after, converted(1.5, after, total - a), K2 * (total + 1.3) / (K1 + K2)]
    np.testing.assert_allclose(simulated(path), expected, rtol=1e-7)
    check_gradient(Objective(read_petab(path)))


def test_version_1_keeps_what_a_condition_leaves_open_after_a_steady_state(tmp_path):
    conditions = ["conditionId k1 B A", ("pre", 0.3, 2.0, 0), ("main", 0.8, "NaN", 1)]
    observables = ["observableId observableFormula noiseFormula", ("seen", "A", 0.5)]
    path = version1(tmp_path, [P1[0], P1[2]], conditions, observables, [D1, ("seen", "pre", "main", 1.0, 0.7)])
    b = 2.0 * 0.3 / (0.3 + K2)
    np.testing.assert_allclose(simulated(path), [converted(1.0, 1.0, b)], rtol=1e-7)
    check_gradient(Objective(read_petab(path)))


TIME = '<csymbol encoding="text" definitionURL="http://www.sbml.org/sbml/symbols/time">time</csymbol>'


def test_a_condition_comes_before_an_event_of_the_same_time(tmp_path):
    sbml = model(events=EVENT.format("false", "geq", f"{TIME}<cn>2</cn>"))
    given = {"conditions": [("c", "A", 5)], "experiments": [("e", 0, ""), ("e", 2, "c")]}
    found = simulated(version2(tmp_path, sbml, measurements=[("seen", "e", 2, 1), ("seen", "e", 3, 1)], **given))
    b = 1.8 - converted(2.0, 1.3, 0.5)
    np.testing.assert_allclose(found, [10.0, converted(1.0, 10.0, b)], rtol=1e-6)


def test_what_became_true_in_the_steady_state_does_not_become_true_again(tmp_path):
    # A rises to 0.9 and then doubles once: on the way to the steady state, not at the start of the experiment
    sbml = model(events=EVENT.format("true", "gt", "<ci>A</ci><cn>0.95</cn>"))
    given = {"conditions": [("c", "A", 0)], "experiments": [("e", "-inf", "c")]}
    parameters = [("a0", 0, 9, 1, "true"), ("k1", 0, 9, 0.01, "true"), ("k2", 0, 9, 1, "true")]
    observables = [("seen", "A", 1), ("sum", "A + B", 1)]
    given |= {"parameters": parameters, "observables": observables, "conditions": [*given["conditions"], ("c", "B", 1)]}
    measured = [("seen", "e", 0, 1), ("sum", "e", 0, 1), ("sum", "e", "inf", 1)]
    found = simulated(version2(tmp_path, sbml, measurements=measured, **given))
    np.testing.assert_allclose(found, [1.95 / 1.01, 1.95, 1.95], rtol=1e-6)


def test_a_derivative_through_a_trigger_is_right(tmp_path):
    # A falls through 1 and doubles there, at a time that follows the parameters
    sbml = model(events=EVENT.format("true", "lt", "<ci>A</ci><cn>1</cn>"))
    objective = Objective(read_petab(version2(tmp_path, sbml, measurements=[("seen", "", 1, 1), ("seen", "", 3, 1)])))
    time = math.log((1.3 - K2 * 1.8 / 1.4) / (1.0 - K2 * 1.8 / 1.4)) / 1.4
    expected = converted(np.array([1.0, 3.0]) - time, 2.0, 0.8)
    np.testing.assert_allclose(objective.evaluate().simulated[0], expected, rtol=1e-6)
    check_gradient(objective)


def test_an_experiment_ends_with_its_last_measurement(tmp_path):
    # x doubles ever faster: it has no value after 1 / x0, when the other experiment is still looked at
    law = "<apply><times/><ci>x</ci><ci>x</ci></apply>"
    rules = GROWTH.replace('"C"', '"x"').replace("<cn>0.1</cn>", law)
    sbml = model(parameters='<parameter id="x" value="1" constant="false"/>', rules=rules)
    given = {"conditions": [("fast", "x", 1.0), ("slow", "x", 0.1)], "observables": [("seen", "x", 1)]}
    given |= {"experiments": [("f", 0, "fast"), ("s", 0, "slow")]}
    measured = [("seen", "f", 0.5, 1), ("seen", "s", 5, 1)]
    found = simulated(version2(tmp_path, sbml, measurements=measured, **given))
    np.testing.assert_allclose(found, [2.0, 0.2], rtol=1e-6)


def test_a_steady_state_that_is_not_reached_is_said(tmp_path):
    rules = GROWTH.replace('"C"', '"x"')
    sbml = model(parameters='<parameter id="x" value="0" constant="false"/>', rules=rules)
    objective = Objective(
        read_petab(version2(tmp_path, sbml, measurements=[("seen", "", "inf", 1), ("seen", "", 1, 1)]))
    )
    with pytest.raises(errors.SolverError, match="no steady state"):
        objective.evaluate()
    found = objective.evaluate(on_failure="nan")
    assert math.isnan(found.llh)
    assert list(found.failures) == [""]
    assert np.isfinite(found.simulated[0]).tolist() == [False, True]


def test_names_of_the_mapping_table_and_parameters_of_reactions(tmp_path):
    local = '<listOfLocalParameters><localParameter id="k" value="9"/></listOfLocalParameters>'
    parameters = [("speed", 0, 10, K1, "true"), ("back_speed", 0, 10, K2, "true")]
    mapping = [("speed", "there.k"), ("back_speed", "k2"), ("first", "A"), ("a_note", "")]
    given = {"parameters": parameters, "mapping": mapping, "observables": [("seen", "first", 1)]}
    given |= {"conditions": [("c", "first", 2)], "experiments": [("e", 0, "c")]}
    path = version2(tmp_path, model(rate="k", local=local), measurements=[("seen", "e", 2, 1)], **given)
    np.testing.assert_allclose(simulated(path), [converted(2.0, 2.0, 0.5)], rtol=1e-7)
    check_gradient(Objective(read_petab(path)))


def test_two_models_share_their_parameters(tmp_path):
    path = version2(tmp_path, measurements=[("seen", "", 1, 0.5)])
    (tmp_path / "n.xml").write_text(model(rate="k2"))
    text = path.read_text().replace("model_files: {", "model_files: {n: {language: sbml, location: n.xml}, ")
    path.write_text(text)
    measured = [("seen", "", 1, 0.5, "m"), ("seen", "", 1, 0.5, "n")]
    (tmp_path / "measurements.tsv").write_text(rows("observableId experimentId time measurement modelId", *measured))
    objective = Objective(read_petab(path))
    found = objective.evaluate()
    by_model = dict(zip([part.model.name for part in objective.problem.parts], found.simulated, strict=True))
    assert by_model["m"] == pytest.approx(converted([1.0], 1.3, 0.5), rel=1e-7)
    assert by_model["n"] == pytest.approx(converted([1.0], 1.3, 0.5, k1=K2), rel=1e-7)
    check_gradient(objective)


def test_priors_where_some_are_given(tmp_path):
    parameters = [("a0", 0.1, 10, 1.3, "true", "log-normal", "0;1"), ("k1", 0.01, 10, K1, "true", "", "")]
    objective = Objective(read_petab(version2(tmp_path, parameters=parameters, measurements=[("seen", "", 1, 0.5)])))
    found = objective.log_priors(objective.values())
    assert found["k1"] == pytest.approx(-math.log(9.99))
    assert objective.log_posterior() == pytest.approx(objective.llh() + sum(found.values()))
    check_gradient(objective)
    points = objective.starting_points(50, seed=1)
    assert points.shape == (50, 2)
    assert ((points >= objective.lower) & (points <= objective.upper)).all()


values = st.floats(0.2, 5.0).map(lambda x: round(x, 3))
changes = st.dictionaries(st.sampled_from(["B", "offset", "k2"]), values | st.just("k1"), max_size=3)


@settings(max_examples=8)
@given(
    st.lists(st.tuples(st.booleans(), changes, changes, values, values), min_size=1, max_size=3),
    st.sampled_from(["lin", "log", "log10"]),
    st.sampled_from(["normal", "laplace"]),
)
def test_a_problem_that_is_written_and_read_has_the_same_likelihood(tmp_path_factory, drawn, scale, shape):
    folder = tmp_path_factory.mktemp("petab")
    conditions: list = ["conditionId B offset k2"]
    measured: list = [D1 + " noiseParameters"]
    for number, (rests, before, main, time, value) in enumerate(drawn):
        for name, each in (("pre", before), ("main", main)):
            conditions.append((f"{name}{number}", *(each.get(key, "") for key in ("B", "offset", "k2"))))
        measured.append(("seen", f"pre{number}" if rests else "", f"main{number}", time, value, "0.3"))
    header = "observableId observableFormula noiseFormula observableTransformation noiseDistribution"
    formula = ("seen", "A + offset + 0.1", "noiseParameter1_seen * (1 + A)", scale, shape)
    first = read_petab(version1(folder, P1[:2] + P1[3:], conditions, [header, formula], measured))
    objective = Objective(first)
    for version in (1, 2):
        again = Objective(read_petab(write_petab(first, folder / str(version), version)))
        assert again.llh() == pytest.approx(objective.llh(), rel=1e-9, abs=1e-9)
        np.testing.assert_allclose(again.evaluate().simulated[0], objective.evaluate().simulated[0], rtol=1e-9)
        stretch = np.array([K1 * math.log(10), 1.0]) if version == 2 else 1.0
        np.testing.assert_allclose(again.gradient() * stretch, objective.gradient(), rtol=1e-6, atol=1e-8)


def test_the_simulation_table_is_the_measurement_table(tmp_path):
    path = version2(tmp_path, measurements=[("seen", "", t, 1) for t in (2.0, 1.0)])
    (table,) = Objective(read_petab(path)).simulations()
    assert table["time"].tolist() == [2.0, 1.0]
    np.testing.assert_allclose(table["simulation"], converted([2.0, 1.0], 1.3, 0.5), rtol=1e-7)


def test_points(tmp_path):
    objective = Objective(read_petab(version2(tmp_path, measurements=[("seen", "", 1, 0.5)])))
    assert objective.llh({"k1": 0.4}) == objective.llh([1.3, 0.4, K2])
    for wrong, words in (([1.0], "3 numbers"), ({"k9": 1.0}, "estimated"), ([math.nan, 1, 1], "have a value")):
        with pytest.raises(errors.InputError, match=words):
            objective.llh(wrong)


GOOD = {
    "parameters": [*PARAMETERS, ("f", "", "", 2, "false")],
    "measurements": [("seen", "e", 1, 0.5)],
    "conditions": [("c", "B", 2)],
    "experiments": [("e", 0, "c")],
}


@pytest.mark.parametrize(
    ("table", "lines", "words"),
    [
        ("parameters", [("k1", 1, 0.1, 1, "true")], r"parameters.tsv, line 2.*lowerBound"),
        ("parameters", [("k1", "x", 1, 1, "true")], r"line 2, column lowerBound.*number.*'x'"),
        ("parameters", [("k1", 0, 1, 1, "yes")], "estimate.*true, false"),
        ("parameters", [("k1", 0, 1, "", "false")], "nominalValue must be given"),
        ("parameters", [PARAMETERS[0], PARAMETERS[0]], "line 3.*stand once.*line 2"),
        ("parameters", [("1k", 0, 1, 1, "true")], "parameterId must be a name"),
        ("parameters", [("there", 0, 1, 1, "true")], "rule.*there"),
        ("parameters", [("B", 0, 9, 1, "true"), *PARAMETERS], "must not change.*B"),
        ("parameters", [("k1", 0, 1, 1, "true", "beta", "1;1")], "priorDistribution"),
        ("parameters", [("k1", 0, 1, 1, "true", "normal", "1;x")], "priorParameters.*numbers"),
        ("parameters", [("k1", 0, 1, 1, "true", "", "1;2")], "priorDistribution must be given"),
        ("parameters", [("k1", 0, 1, 1, "true", "normal", "1;-1")], "positive"),
        ("parameters", [("time", 0, 1, 1, "true")], "reserved"),
        ("observables", [("seen", "A + zz", 1)], "zz"),
        ("observables", [("seen", "A +", 1)], "line 2, column observableFormula"),
        ("observables", [("seen", "A", "")], "noiseFormula must be given"),
        ("observables", [("seen", "A", 1, "cauchy")], "noiseDistribution"),
        ("observables", [("seen", "A * s", 1, "", "s;s")], "different names"),
        ("observables", [("seen", "A * s", 1, "", "s")], "observableParameters must have 1"),
        ("measurements", [("sen", "e", 1, 1)], "observableId.*try seen"),
        ("measurements", [("seen", "x", 1, 1)], "experimentId"),
        ("measurements", [("seen", "e", "-inf", 1)], "column time"),
        ("measurements", [("seen", "e", -1, 1)], "before the experiment"),
        ("measurements", [("seen", "e", 1, "many")], r"line 2, column measurement.*'many'"),
        ("measurements", [("seen", "e", 1, "NaN")], "measurement must be given"),
        ("measurements", [("seen", "e", 1, "1e999")], "finite"),
        ("measurements", [("seen", "e", 1, 1, "2")], "must have 0"),
        ("measurements", [("seen", "e", 1, 1, "", "a b")], "noiseParameters"),
        ("conditions", [("c", "B", 1), ("c", "B", 2)], "once"),
        ("conditions", [("c", "B", "A + 1")], "start must depend on parameters"),
        ("conditions", [("c", "k1", 1)], "must not change.*k1"),
        ("conditions", [("c", "there", 1)], "constant or a state"),
        ("experiments", [("e", 0, "x")], "conditionId"),
        ("experiments", [("e", "inf", "c")], "time must be"),
        ("experiments", [("e", 0, "c"), ("e", 0, "c")], "different targets"),
    ],
)
def test_what_cannot_be_used_is_said_with_its_place(tmp_path, table, lines, words):
    path = version2(tmp_path, **(GOOD | {table: lines}))
    with pytest.raises(errors.InputError, match=words):
        Objective(read_petab(path))


def test_the_problem_that_the_refusals_start_from_is_sound(tmp_path):
    assert math.isfinite(Objective(read_petab(version2(tmp_path, **GOOD))).llh())


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("2.0.0", "3.0.0", "format_version"),
        ("location: m.xml", "location: ../m.xml", "folder of the problem"),
        ("location: m.xml", "location: http://a.b/m.xml", "folder of the problem"),
        ("location: m.xml", "location: n.xml", "must exist"),
        ("language: sbml", "language: pysb", "models in pysb"),
        ("format_version", "x: &a [1]\ny: *a\nformat_version", "aliases"),
        ("format_version", "format_version: 2\nformat_version", "twice"),
        ("format_version", "surprise: 1\nformat_version", "surprise"),
        ("format_version", "extensions: {magic: {version: 1, required: true}}\nformat_version", "magic"),
        ("format_version", "parameter_file: !!python/object:os.x {}\nformat_version", "YAML"),
        ("format_version", "[" * 3000 + "\nformat_version", "YAML"),
        ("[measurements.tsv]", "{}", "list of files"),
    ],
)
def test_yaml_of_strangers(tmp_path, old, new, words):
    path = version2(tmp_path, **GOOD)
    path.write_text(path.read_text().replace(old, new, 1))
    with pytest.raises(errors.InputError, match=words):
        read_petab(path)


def test_links_lead_nowhere_outside(tmp_path):
    inside = tmp_path / "inside"
    inside.mkdir()
    path = version2(inside, **GOOD)
    (tmp_path / "m.xml").write_text(model())
    (inside / "m.xml").unlink()
    (inside / "m.xml").symlink_to(tmp_path / "m.xml")
    with pytest.raises(errors.InputError, match="folder of the problem"):
        read_petab(path)


def test_an_extension_that_need_not_be_known_is_no_hindrance(tmp_path):
    path = version2(tmp_path, **GOOD)
    path.write_text("extensions: {magic: {version: 1, required: false}}\n" + path.read_text())
    assert math.isfinite(Objective(read_petab(path)).llh())


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "header"),
        (b"observableId\ttime\n", "columns"),
        (b"observableId\texperimentId\ttime\ttime\tmeasurement\n", "different names"),
        (b"observableId\texperimentId\ttime\tmeasurement\nseen\te\t1\t1\t1\t1\n", "at most 4 cells"),
        (b"observableId\texperimentId\ttime\tmeasurement\n\xff\te\t1\t1\n", "UTF-8"),
        (b'observableId\texperimentId\ttime\tmeasurement\n"seen\te\t1\t1\n', "tab-separated"),
    ],
)
def test_tables_of_strangers(tmp_path, content, words):
    path = version2(tmp_path, **GOOD)
    (tmp_path / "measurements.tsv").write_bytes(content)
    with pytest.raises(errors.InputError, match=words):
        read_petab(path)


def test_files_that_are_too_large_are_not_read(tmp_path, monkeypatch):
    path = version2(tmp_path, **GOOD)
    monkeypatch.setattr(petab_table, "LARGEST_FILE", 10)
    with pytest.raises(errors.InputError, match="at most 10 bytes"):
        read_petab(path)


@settings(max_examples=60)
@given(st.text(alphabet='seAk1\t\n.;-+einf"', max_size=60), st.sampled_from(sorted(GOOD)))
def test_any_table_is_read_or_refused(tmp_path_factory, text, table):
    folder = tmp_path_factory.mktemp("petab")
    path = version2(folder, **GOOD)
    whole = HEADERS[table].replace(" ", "\t") + "\n" + text
    (folder / f"{table}.tsv").write_text(whole)
    try:
        read_petab(path)
    except errors.InputError:
        return


@pytest.mark.parametrize(
    ("version", "tables", "words"),
    [
        (3, {}, "1 or 2"),
        (1, {"experiments": [("e", 5, "c")]}, "begin at time 0"),
        (1, {"conditions": [("c", "B", "k1 * 2")]}, "numbers and parameters"),
        (1, {"parameters": [("k1", 0.1, 9, 1, "true", "cauchy", "1;1")]}, "one of PEtab 1"),
    ],
)
def test_what_a_version_cannot_say_is_not_written(tmp_path, version, tables, words):
    problem = read_petab(version2(tmp_path, **(GOOD | tables | {"measurements": [("seen", "e", 6, 0.5)]})))
    with pytest.raises(errors.InputError, match=words):
        write_petab(problem, tmp_path / "out", version)


def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    problem = read_petab(version2(tmp_path, **GOOD))
    (tmp_path / "file").write_text("")
    with pytest.raises(errors.OutputError, match="cannot be written"):
        write_petab(problem, tmp_path / "file")


SHARED = Path(__file__).parents[2] / "shared" / "suites"
SUITE, BENCHMARK = SHARED / "petab-test-suite", SHARED / "petab-benchmark"


@pytest.mark.skipif(not SUITE.exists(), reason="the shared PEtab test suite is not here")
def test_the_test_suite():
    from autocrine.engine.conformance import petab_suite

    names = petab_suite.cases(SUITE, [])
    assert len(names) == 25
    assert [str(each) for each in (petab_suite.run(SUITE, name) for name in names) if each.outcome != "passed"] == []


@pytest.mark.skipif(not SUITE.exists(), reason="the shared PEtab test suite is not here")
def test_a_wrong_solution_is_found(tmp_path):
    from autocrine.engine.conformance import petab_suite

    folder = tmp_path / "deep" / "below" / "0001"
    folder.mkdir(parents=True)
    for file in (SUITE / "v2.0.0" / "sbml" / "0001").iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    assert petab_suite.cases(tmp_path, []) == ["deep/below/0001"]
    assert petab_suite.run(tmp_path, "deep/below/0001").outcome == "passed"
    for file, old, new, words in (
        ("_0001_solution.yaml", "chi2: 0.7", "chi2: 0.8", "chi2 is 0.79"),
        ("_0001_solution.yaml", "llh: -0.8", "llh: -0.7", "llh is -0.84"),
        ("_simulations.tsv", "0.4285719", "0.4385719", "simulation of obs_a, 10.0"),
    ):
        text = (folder / file).read_text()
        (folder / file).write_text(text.replace(old, new))
        verdict = petab_suite.run(tmp_path, "deep/below/0001")
        (folder / file).write_text(text)
        assert (verdict.outcome, words in verdict.reason) == ("failed", True)
    with pytest.raises(errors.InputError, match="hold cases"):
        petab_suite.cases(tmp_path / "nowhere", [])


#: problem: negative logarithm of the likelihood that the tests of PEtab.jl expect at the nominal parameters
PUBLISHED = {
    "Bachmann_MSB2011": -418.40573341425295,
    "Boehm_JProteomeRes2014": 138.22199693517703,
    "Crauste_CellSystems2017": 190.96521897435176,
    "Elowitz_Nature2000": -63.20279991419332,
    "Fujita_SciSignal2010": -53.08377736998929,
}
AT_NOMINAL = ("Bachmann_MSB2011", "Boehm_JProteomeRes2014", "Crauste_CellSystems2017", "Elowitz_Nature2000")
AT_NOMINAL += ("Raia_CancerResearch2011",)


def reference(name):
    """Return an objective and how far its simulations are from the published ones, in units of each output's scale."""
    objective = Objective(read_petab(BENCHMARK / name / f"{name}.yaml"))
    (file,) = (BENCHMARK / name).glob("simulatedData*.tsv")
    lines = [line.split("\t") for line in file.read_text().splitlines()]
    wanted = np.array([float(line[lines[0].index("simulation")]) for line in lines[1:]])
    which = np.array([each.observable for each in objective.problem.parts[0].measurements])
    sizes = np.array([np.abs(wanted[which == each]).max() for each in which])

    def misses(point=None):
        return (objective.evaluate(point, on_failure="nan").simulated[0] - wanted) / sizes

    return objective, misses


@pytest.mark.skipif(not BENCHMARK.exists(), reason="the shared PEtab benchmark problems are not here")
@pytest.mark.parametrize("name", AT_NOMINAL)
def test_published_simulations(name):
    _, misses = reference(name)
    assert np.abs(misses()).max() < 1e-3


@pytest.mark.skipif(not BENCHMARK.exists(), reason="the shared PEtab benchmark problems are not here")
@pytest.mark.parametrize("name", sorted(PUBLISHED))
def test_published_likelihoods(name):
    objective, _ = reference(name)
    assert -objective.llh() == pytest.approx(PUBLISHED[name], rel=1e-5)


@pytest.mark.slow
@pytest.mark.skipif(not BENCHMARK.exists(), reason="the shared PEtab benchmark problems are not here")
@pytest.mark.parametrize("name", ["Perelson_Science1996", "Fujita_SciSignal2010"])
def test_published_simulations_at_other_parameters_than_those_of_the_file(name):
    """The published simulations were made with other parameters: some within the bounds give them to 1e-4."""
    from scipy.optimize import least_squares

    objective, misses = reference(name)
    found = least_squares(lambda x: np.nan_to_num(misses(x), nan=1.0), objective.nominal, xtol=1e-12, ftol=1e-12)
    assert np.abs(misses(found.x)).max() < 1e-4
    assert ((found.x >= objective.lower) & (found.x <= objective.upper)).all()


@pytest.mark.slow
@pytest.mark.skipif(not BENCHMARK.exists(), reason="the shared PEtab benchmark problems are not here")
@pytest.mark.parametrize("name", [*AT_NOMINAL, "Fujita_SciSignal2010", "Perelson_Science1996"])
def test_derivatives_of_published_problems(name):
    problem = read_petab(BENCHMARK / name / f"{name}.yaml")
    objective = Objective(problem, rtol=1e-11, atol=1e-13)
    point = objective.nominal
    if name.startswith("Crauste"):
        # at its nominal point the pathogen is a hair from growing without bounds, and finite differences mean nothing
        point[objective.names.index("rho_P")] -= 0.02
    found = objective.gradient(point)
    rng = np.random.default_rng(5)
    for direction in rng.normal(size=(6, len(point))):
        unit, errors_ = direction / np.linalg.norm(direction), []
        for step in (1e-3, 1e-4, 1e-5):
            ends = [objective.llh(point + sign * step * unit) for sign in (1, -1)]
            errors_.append(abs((ends[0] - ends[1]) / (2 * step) - found @ unit))
        assert min(errors_) < 1e-4 * np.linalg.norm(found)


def test_observables_that_nobody_measured_do_no_harm(tmp_path):
    observables = [*SEEN_A, ("other", "x * A + y", "z", "", "x;y", "z")]
    path = version2(tmp_path, observables=observables, measurements=[("seen", "", 1, 0.5)])
    check_gradient(Objective(read_petab(path)))


def test_what_grows_beyond_all_bounds_is_said_and_warns_nobody(tmp_path):
    measured = [("seen", "", 1, 0.5), ("seen", "e", 1, 0.5)]
    given = {"conditions": [("c", "B", 1e306)], "experiments": [("e", 0, "c")]}
    objective = Objective(read_petab(version2(tmp_path, measurements=measured, **given)))
    found = objective.evaluate({"k1": 1e300, "k2": 1e300}, gradient=True, on_failure="nan")
    assert set(found.failures) == {"", "e"} or not math.isfinite(found.llh)
    assert not np.isfinite(found.gradient).all()
    with pytest.raises(errors.SolverError):
        objective.evaluate({"k1": 1e300, "k2": 1e300})


def test_what_is_not_on_its_scale_is_refused(tmp_path):
    observables = ["observableId observableFormula noiseFormula", ("seen", "A * 1e200", 1e-200)]
    given = ["conditionId", ("c",)], observables, [D1, ("seen", "", "c", 1.0, 0.7)]
    nothing = [P1[0], ("k1", "log10", 0, 10, 0, 1)]
    objective = Objective(read_petab(version1(tmp_path, nothing, *given)))
    with pytest.raises(errors.InputError, match="k1 must be positive on the scale log10"):
        objective.llh()
    with pytest.raises(errors.InputError, match="finite bounds"):
        objective.starting_points(3, seed=1)
    # too far off for numbers, but no reason for a warning
    assert objective.evaluate({"k1": 1.0}).llh == -math.inf
