"""``autocrine petab`` as a person types it: what is said of a problem, its likelihood, conversions and plates."""

import json
import math

import numpy as np
import pandas as pd
import pytest

from autocrine.cli import main
from autocrine.engine.petab import Objective, losses, read_petab
from test_engine_petab import K1, converted, version1, version2

MEASURED = [("seen", "", 1.0, 0.7), ("seen", "", 4.0, 0.9)]
V1 = [
    "parameterId parameterScale lowerBound upperBound nominalValue estimate objectivePriorType "
    "objectivePriorParameters initializationPriorType initializationPriorParameters",
    ("k1", "log10", 0.01, 10, K1, 1, "parameterScaleNormal", "-0.1;0.5", "parameterScaleUniform", "-1;0"),
    ("k2", "log", 0.01, 10, 0.6, 1, "parameterScaleUniform", "-3;2", "", ""),
]


def run(*words) -> int:
    try:
        main([str(word) for word in words])
    except SystemExit as end:
        return int(end.code or 0)
    return 0


@pytest.fixture
def problem(tmp_path):
    return version2(tmp_path, measurements=MEASURED)


@pytest.fixture
def scaled(tmp_path):
    observables = ["observableId observableFormula noiseFormula", ("seen", "A", 0.5)]
    measurements = ["observableId simulationConditionId measurement time", ("seen", "c", 0.7, 1.0)]
    return version1(tmp_path, V1, ["conditionId a0", ("c", 1.3)], observables, measurements)


def test_check_says_what_a_problem_holds(problem, capsys):
    assert run("petab", "check", problem) == 0
    text = capsys.readouterr().out
    assert "PEtab 2: 1 model, 1 observables, 2 measurements, 3 of 3 parameters estimated" in text
    assert "m: 2 measurements in 1 experiments" in text
    assert "k1: 0.8 in [0.01, 10], scale lin" in text


def test_evaluate_gives_likelihood_and_derivatives(problem, capsys, tmp_path):
    assert run("petab", "evaluate", problem, "--json", "--set", "a0=1", "--simulations", tmp_path / "out") == 0
    told = json.loads(capsys.readouterr().out)
    seen = converted([1.0, 4.0], 1.0, 0.5)
    squares = ((seen - [0.7, 0.9]) / 0.5) ** 2
    assert told["llh"] == pytest.approx(-squares.sum() / 2 - 2 * math.log(0.5 * math.sqrt(2 * math.pi)), rel=1e-7)
    assert told["chi2"] == pytest.approx(squares.sum(), rel=1e-6)
    assert told["log_prior"] == 0
    step = np.array([converted([1.0, 4.0], 1.0, 0.5, k1=K1 + move) for move in (1e-5, -1e-5)])
    slope = -((seen - [0.7, 0.9]) / 0.25 * (step[0] - step[1]) / 2e-5).sum()
    assert told["parameters"]["k1"] == {
        "value": K1, "scale": "lin", "d_llh": pytest.approx(slope, rel=1e-5), "d_log_prior": 0
    }  # fmt: skip
    table = pd.read_csv(tmp_path / "out" / "simulations_m.tsv", sep="\t")
    np.testing.assert_allclose(table["simulation"], seen, rtol=1e-6)


def test_evaluate_prints_a_table(scaled, capsys):
    assert run("petab", "evaluate", scaled) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    objective = Objective(read_petab(scaled))
    found = objective.evaluate(gradient=True)
    assert float(rows[0][1]) == pytest.approx(found.llh)
    assert rows[5][:3] == ["k1", "0.8", "log10"]
    assert float(rows[5][3]) == pytest.approx(found.gradient[0], rel=1e-6)
    assert float(rows[5][4]) == pytest.approx(found.prior_gradient[0], rel=1e-6)
    assert run("petab", "evaluate", scaled, "--no-gradient") == 0
    assert "d llh" not in capsys.readouterr().out


def test_conversion_says_what_is_lost_and_keeps_the_likelihood_and_the_distributions(scaled, tmp_path, capsys):
    assert run("petab", "convert", scaled, "--to", "2", "--out", tmp_path / "two") == 0
    notes = [line for line in capsys.readouterr().out.splitlines() if line.startswith("note: ")]
    assert len(notes) == 4
    for part in ("no scales", "Jacobian of the scale (k1, k2)", "cut off", "starting points (k1)"):
        assert any(part in note for note in notes), part
    first, again = Objective(read_petab(scaled)), Objective(read_petab(tmp_path / "two" / "problem.yaml"))
    at = {"k1": 0.5, "k2": 0.3}
    assert again.llh(at) == pytest.approx(first.llh(at), rel=1e-9)
    # the density of log10 k1, times the Jacobian; the parts beyond the bounds are cut off
    densities = [each.log_priors(each.values(at)) for each in (first, again)]
    prior = again.problem.parameters["k1"].prior
    assert prior is not None
    expected = densities[0]["k1"] - math.log(0.5 * math.log(10)) - math.log(prior.mass)
    assert densities[1]["k1"] == pytest.approx(expected, rel=1e-9)
    uniform = again.problem.parameters["k2"].prior
    assert uniform is not None
    assert uniform.parameters == pytest.approx((math.exp(-3), math.exp(2)))
    assert losses(again.problem, 2) == []
    assert run("petab", "convert", tmp_path / "two" / "problem.yaml", "--to", "1", "--out", tmp_path / "one") == 2
    assert "log-uniform" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["check", "{}/absent.yaml"], "absent.yaml"),
        (["evaluate", "{}/problem.yaml", "--set", "k1"], "--set must be NAME=VALUE"),
        (["evaluate", "{}/problem.yaml", "--set", "k9=1"], "must name estimated parameters but was 'k9'"),
        (["convert", "{}/problem.yaml", "--to", "3", "--out", "x"], "'3' is not one of '1', '2'"),
        (["convert", "{}/problem.yaml", "--to", "1", "--out", "{}/problem.yaml"], "is a file"),
    ],
)
def test_mistakes_are_said_in_words(problem, capsys, words, told):
    assert run("petab", *(word.format(problem.parent) for word in words)) == 2
    text = capsys.readouterr().err
    assert told in text
    assert "Traceback" not in text


def plate(folder, line="sensitive", drug="doxorubicin"):
    text = "line,drug,dose_nM,viability,time_h\n"
    rows = [(0.0, 1.0), (30.0, 0.9), (100.0, 0.7), (300.0, 0.4), (1000.0, 0.1)]
    text += "".join(f"{line},{drug},{dose},{value},48\n" for dose, value in rows)
    (folder / "plate.csv").write_text(text, encoding="utf-8")
    return folder / "plate.csv"


@pytest.mark.parametrize("version", ["1", "2"])
def test_plates_become_a_problem_of_either_version(tmp_path, capsys, version):
    words = ["--estimate", "s_abcb1, d_pgp", "--to", version, "--out", tmp_path / "out"]
    assert run("petab", "export", plate(tmp_path), *words) == 0
    written = tmp_path / "out" / "plates.yaml"
    assert f"as PEtab {version}" in capsys.readouterr().out
    problem = read_petab(written)
    assert problem.version == int(version)
    assert problem.estimated == ("s_abcb1", "d_pgp", "untreated_1", "sd_viability")
    (part,) = problem.parts
    assert sorted(each.value for each in part.measurements)[:3] == [0.1, 0.4, 0.7]


@pytest.mark.parametrize(
    ("given", "estimate", "told"),
    [
        ({"line": "nobody"}, "s_abcb1", "nobody"),
        ({"drug": "water"}, "s_abcb1", "water"),
        ({}, "s_abcb9", "must be a parameter of the circuit but was 's_abcb9'"),
    ],
)
def test_plates_that_make_no_problem_are_refused(tmp_path, capsys, given, estimate, told):
    file = plate(tmp_path, **given)
    assert run("petab", "export", file, "--estimate", estimate, "--out", tmp_path / "out") == 2
    text = capsys.readouterr().err
    assert told in text
    assert "Traceback" not in text
