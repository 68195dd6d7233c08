"""Explaining plates: laws of its parts, and synthetic laboratories whose causes are known."""

import dataclasses
import types
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from autocrine.assay import Bench, Protocol
from autocrine.calibration import draws
from autocrine.circuit import Pharmacology
from autocrine.cli.explain import command
from autocrine.core import errors
from autocrine.studies.explain import attribution, explanation, inference, models, run, synthetic, training, verdicts
from autocrine.studies.explain.arm_words import read_arm
from autocrine.studies.explain.averaging import averaged
from autocrine.studies.explain.causes import Causes
from autocrine.studies.explain.effort import QUICK
from autocrine.studies.explain.emulator import Emulator
from autocrine.studies.explain.laboratory import Laboratory, plain
from autocrine.studies.explain.polynomial import Polynomials, bent, straight
from autocrine.studies.explain.potency_of import half_doses
from autocrine.studies.explain.reading import Files, read_laboratory
from autocrine.studies.explain.weights import Weights

TINY = synthetic.Plan(doses=4, replicates=2, arms=("none", "anti-IL-6R"), readouts=("il6", "abcb1_mrna"))
EFFORT = dataclasses.replace(QUICK, first=64, points=40, keep=2, chains=2, exact=20, corrections=0, counterfactual=8)
DRUGS = Pharmacology.load()


@pytest.fixture(scope="module")
def planned():
    return synthetic.planned(TINY)


@pytest.fixture(scope="module")
def measured(planned):
    return synthetic.measure(planned, synthetic.planted(planned, "both arms"), 1)


@pytest.fixture(scope="module")
def emulated(measured):
    emulator = Emulator(Causes(measured))
    return emulator, training.trained(emulator, EFFORT, seed=1).fit(emulator)


def test_half_doses_of_a_hill_curve_are_its_ic50():
    dose = np.geomspace(1, 1e5, 16)
    ic50 = np.array([30.0, 777.0, 9000.0])
    values = 1 / (1 + (dose / ic50[:, None]) ** 1.5)
    assert half_doses(dose, values) == pytest.approx(ic50, rel=0.01)


def test_half_doses_that_are_not_reached_are_nan():
    dose = np.array([1.0, 10.0, 100.0])
    assert np.isnan(half_doses(dose, np.array([[1.0, 0.9, 0.6], [0.4, 0.2, 0.1], [np.nan, 0.4, 0.1]]))).all()


def test_polynomials_hold_a_cubic_exactly_and_have_its_derivatives():
    rng = np.random.default_rng(1)
    x = rng.normal(size=(200, 2, 3))

    def cubic(x):
        return 1 + x[..., 0] - x[..., 1] ** 2 * x[..., 2] + 0.3 * x[..., 2] ** 3

    found = Polynomials.fit(x, cubic(x)[..., None])
    at = 0.5 * rng.normal(size=(5, 2, 3))
    values, back = found.predict(at)
    assert values[..., 0] == pytest.approx(cubic(at), abs=1e-3)
    slopes, step = back(np.ones_like(values)), 1e-6
    for place in range(3):
        move = np.zeros(3)
        move[place] = step
        by_hand = (found.predict(at + move)[0] - found.predict(at - move)[0])[..., 0] / (2 * step)
        assert slopes[..., place] == pytest.approx(by_hand, rel=1e-5, abs=1e-6)


def test_the_fast_density_is_that_of_the_posterior_of_the_same_parts(emulated):
    emulator, polynomials = emulated
    for model in ("both arms", models.WHOLE):
        plainly = inference.posterior_of(emulator, model, polynomials)
        fast = training.target_of(emulator, model, polynomials)
        points = 0.3 * fast.priors.sample(3, 1) + 0.7 * fast.priors.centre
        (value, slope), (other, along) = plainly.log_density(points), fast.log_density(points)
        assert other == pytest.approx(value, rel=1e-10)
        assert along == pytest.approx(slope, rel=1e-8, abs=1e-8)


def test_a_censored_value_counts_as_in_the_posterior(measured):
    rows = [dataclasses.replace(row, kind="below") if row.readout == "il6" else row for row in measured.measurements]
    emulator = Emulator(Causes(dataclasses.replace(measured, measurements=tuple(rows))))
    polynomials = training.trained(emulator, EFFORT, seed=1).fit(emulator)
    fast = training.target_of(emulator, models.WHOLE, polynomials)
    plainly = inference.posterior_of(emulator, models.WHOLE, polynomials)
    point = fast.priors.centre + 0.1
    assert fast.log_density(point)[0] == pytest.approx(plainly.log_density(point)[0], rel=1e-10)
    assert fast.log_density(point)[1] == pytest.approx(plainly.log_density(point)[1], rel=1e-8, abs=1e-8)


def test_the_density_without_bounds_is_that_of_the_posterior_with_its_change_of_coordinates(emulated):
    emulator, polynomials = emulated
    fast = training.target_of(emulator, models.WHOLE, polynomials)
    free = fast.priors.to_free(fast.priors.centre[None] + 0.2)
    points, slopes, gained, gains = fast.priors.from_free(free)
    value, slope = fast.log_density(points)
    found, along = fast.free_density(free[0])
    assert found == pytest.approx(value[0] + gained[0], rel=1e-12)
    assert along == pytest.approx(slope[0] * slopes[0] + gains[0], rel=1e-10, abs=1e-10)
    many, beside = fast.free_densities(np.concatenate([free, free + 0.1, free]))
    assert many[[0, 2]] == pytest.approx([found, found], rel=1e-12)
    assert beside[2] == pytest.approx(along, rel=1e-12)


def test_replicates_count_each_and_their_densities_add_up(emulated):
    """The sampler sees means of replicates; the density of each measurement is told apart."""
    emulator, polynomials = emulated
    fast = training.target_of(emulator, models.WHOLE, polynomials)
    points = fast.priors.centre + np.array([[0.1], [-0.2]])
    each = fast.log_likelihoods(points)
    assert each.shape == (2, len(emulator.laboratory.measurements))
    assert each.sum(axis=1) == pytest.approx(fast.log_likelihood(points)[0], rel=1e-10)
    plainly = inference.posterior_of(emulator, models.WHOLE, polynomials)
    np.testing.assert_allclose(each, plainly.log_likelihoods(points), rtol=1e-8)


def test_a_coordinate_that_does_not_move_has_no_terms_and_few_points_get_a_low_degree():
    rng = np.random.default_rng(2)
    x = rng.normal(size=(300, 1, 3))
    near = x.copy()
    near[..., 1] = 0.0
    x[:200, :, 1] = 0.0
    outputs = (x[..., 0] ** 3 + x[..., 2] + 5.0 * x[..., 1])[..., None]
    found = Polynomials.fit(x, outputs, near=near)
    assert (found.powers[found.held[0], 1] == 0).all()
    at = np.array([[[0.3, 0.0, -0.5]], [[-0.7, 0.0, 0.2]]])
    assert found.predict(at)[0][:, 0, 0] == pytest.approx(at[:, 0, 0] ** 3 + at[:, 0, 2], abs=0.05)
    few = Polynomials.fit(x[:12], outputs[:12])
    assert few.powers.sum(axis=1).max() < 3


def test_averaged_draws_are_of_the_models_as_probable_as_they_are(emulated):
    emulator, polynomials = emulated
    found = {}
    for number, model in enumerate(("no loop", "pump arm only")):
        target = training.target_of(emulator, model, polynomials)
        cloud = target.priors.sample(50, number)
        columns = {n: target.priors.as_is(cloud)[None, :, k] for k, n in enumerate(target.names)}
        weights = Weights(np.arange(50), np.zeros(50), np.zeros((50, 1)))
        found[model] = inference.Drawn(model, target, draws.gathered(posterior=columns), weights, np.zeros(2))
    share = {"no loop": 0.25, "pump arm only": 0.75}
    drawn = averaged(emulator.causes, found, share, 200, 1)
    assert set(drawn) == set(emulator.causes.priors)
    assert np.mean(drawn["loop_resistant"] == 0.0) == pytest.approx(0.25, abs=0.01)
    assert (drawn["survival_arm"] == 0.0).all()
    assert (drawn["copies_resistant"] == 1.0).all()
    # in random order: the first draws are of both
    assert 0.1 < np.mean(drawn["loop_resistant"][:60] == 0.0) < 0.45


def _told(logs) -> Any:
    """Return what has the evidence of drawn models."""
    logs = {model: logs.get(model, -50.0) for model in models.MODELS}
    return {
        model: types.SimpleNamespace(evidence=(value, 0.1), weights=types.SimpleNamespace(trusted=True))
        for model, value in logs.items()
    }


def test_the_evidence_of_a_cause_is_the_mean_over_models_with_and_without_it():
    found = _told({"no loop": 0.0, "pump arm only": 4.0})
    # one of six with the loop, one of two without
    assert verdicts.evidence_of(found, "loop") == pytest.approx(4.0 - np.log(6) + np.log(2), abs=1e-6)
    assert verdicts.evidence_of(found, "copies") < -40


def test_bent_viability_is_straightened_again():
    viability = np.linspace(0, 1, 101)
    values, slope = straight(bent(viability))
    assert values == pytest.approx(viability, abs=1e-12)
    step = 1e-6
    at = bent(viability)
    by_hand = (straight(at + step)[0] - straight(at - step)[0]) / (2 * step)
    assert slope == pytest.approx(by_hand, abs=1e-8)


def test_even_weights_leave_draws_and_evidence_as_they_are():
    even = Weights(np.arange(200), np.full(200, 1.5), np.zeros((200, 3)))
    assert even.effective == pytest.approx(200)
    assert even.log_ratio[0] == pytest.approx(1.5)
    uneven = Weights(np.arange(200), np.r_[np.zeros(199), 50.0], np.zeros((200, 3)))
    assert not uneven.good
    assert uneven.effective < 3


def test_a_model_lacks_exactly_its_causes(measured):
    causes = Causes(measured)
    assert "loop_resistant" not in models.free_names(causes, "amplification only")
    assert "copies_resistant" in models.free_names(causes, "amplification only")
    assert set(models.free_names(causes, models.WHOLE)) == set(causes.priors)


def test_wells_at_many_sets_are_the_wells_one_by_one(measured):
    truth = {**synthetic.typical(Causes(measured)), **synthetic.planted(measured, "both arms")}
    causes = Causes(measured)
    draw = {name: np.array([truth[name], truth[name]]) for name in causes.names}
    found = Bench().run_sets(measured.wells, causes.network_values(draw), ["cells"], rtol=1e-7)[:, :, 0]
    assert found[0] == pytest.approx(found[1], rel=1e-12)
    place = next(k for k, well in enumerate(measured.wells) if well.drugs and well.drugs[0][1] > 0)
    well = measured.wells[place]
    line, drug = well.populations[0][0].name, well.drugs[0][0]
    values = causes.line_values({name: np.array([truth[name]]) for name in truth}, line, drug)
    bench = Bench().with_values(
        cell={name.removeprefix("p1_"): float(v[0]) for name, v in values.items() if name.startswith("p1_")},
        drugs={drug.name: {name.removeprefix("d1_"): float(v[0]) for name, v in values.items() if name[:3] == "d1_"}},
    )
    assert bench.run([well])[0].levels["cells"][-1] == pytest.approx(found[0, place], rel=1e-3)


def test_contributions_add_up_and_a_line_without_causes_is_the_reference(measured):
    causes = Causes(measured)
    truth = {**synthetic.typical(causes), **synthetic.planted(measured, "loop and amplification")}
    draw = {name: np.array([value]) for name, value in truth.items()}
    for one in attribution.attribute(causes, draw):
        assert one.shares.sum(axis=0) == pytest.approx(1.0)
        assert sum(row["share"] for row in one.rows()) == pytest.approx(1.0)
    bare = attribution.without(causes, draw, "resistant", frozenset())
    drug = measured.drugs[0]
    mine, theirs = (causes.line_values(bare, line, drug) for line in ("resistant", "parent"))
    # the line still makes its IL-6, which nothing answers to any more
    assert {name for name in mine if mine[name] != theirs[name]} == {"p1_il6_nfkb"}


@pytest.mark.parametrize(
    ("model", "cause"),
    [
        ("no loop", "other"),
        ("pump arm only", "pump arm"),
        ("survival arm only", "survival arm"),
        ("amplification only", "amplification"),
    ],
)
def test_the_true_cause_has_the_whole_share(measured, model, cause):
    truth = {**synthetic.typical(Causes(measured)), **synthetic.planted(measured, model)}
    draw = {name: np.array([value]) for name, value in truth.items()}
    whole = next(one for one in attribution.attribute(Causes(measured), draw) if one.drug == "doxorubicin")
    assert whole.share_of_means[attribution.PLAYERS.index(cause)] == pytest.approx(1.0, abs=0.05)


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("anti-IL6R", "il6r"),
        ("tocilizumab 10 ug/ml", "il6r"),
        ("JAK inhibitor", "jak"),
        ("Verapamil", "pgp"),
        ("anti-IL-6", "il6"),
    ],
)
def test_arms_are_understood(text, target):
    assert [agent.target for agent, _ in read_arm(text, DRUGS).agents] == [target]


def test_arms_are_joined_and_il6_is_added():
    both = read_arm("tocilizumab + P-gp blocker", DRUGS)
    assert {agent.target for agent, _ in both.agents} == {"il6r", "pgp"}
    assert read_arm("IL-6 20.9 ng/ml", DRUGS).il6_nM == pytest.approx(1.0)
    assert read_arm("DMSO", DRUGS).name == "none"


def test_an_unknown_arm_is_refused_with_the_known_ones():
    with pytest.raises(errors.InputError, match=r"arm must be one that is known.*moon light.*anti-IL-6R"):
        read_arm("moon light", DRUGS, where="plate.csv")


def test_names_of_parameters_have_no_signs_that_files_mind():
    assert plain("loop", "MCF-7/ADR (P12)") == "loop_MCF-7-ADR-P12"


def test_a_table_becomes_the_laboratory_that_wrote_it(measured, tmp_path):
    path = tmp_path / "plates.csv"
    path.write_text(synthetic.as_table(measured))
    read = read_laboratory(Files([path], reference="parent"))
    assert read.pairs == measured.pairs
    assert read.lines == measured.lines
    mine = sorted(row.value for row in measured.measurements if row.readout == "viability")
    assert sorted(row.value for row in read.measurements) == pytest.approx(mine, abs=1e-4)


def test_elisa_and_folds_belong_to_their_wells(measured, tmp_path):
    plates, il6, fold = (tmp_path / name for name in ("plates.csv", "il6.csv", "fold.csv"))
    plates.write_text(synthetic.as_table(measured))
    il6.write_text("line,arm,il6,value_unit\nparent,none,<2,pg/ml\nresistant,none,4000,pg/ml\nother,none,3,pg/ml\n")
    fold.write_text("line,gene,fold\nparent,ABCB1,1.0\nresistant,ABCB1,7.5\nresistant,GAPDH,1.0\n")
    read = read_laboratory(Files([plates], il6, fold, reference="parent"))
    found = {(row.readout, row.kind): row.value for row in read.measurements if row.readout != "viability"}
    assert found[("il6", "below")] == pytest.approx(0.002)
    assert found[("il6", "exact")] == pytest.approx(4.0)
    assert found[("abcb1_mrna", "exact")] == pytest.approx(7.5)
    reasons = [row["reason"] for row in read.excluded]
    assert "the plates have no such line" in reasons
    assert "is the calibrator" in reasons
    assert "gapdh_mrna is not used" in reasons


def test_what_cannot_be_explained_is_refused(measured, tmp_path):
    path = tmp_path / "plates.csv"
    text = synthetic.as_table(measured)
    path.write_text("\n".join(line for line in text.splitlines() if not line.startswith("parent")))
    with pytest.raises(errors.InputError, match="two lines at least"):
        read_laboratory(Files([path]))
    path.write_text(text.replace("cisplatin", "moonshine"))
    read = read_laboratory(Files([path]))
    assert {row["reason"] for row in read.excluded} == {"moonshine is no drug that Autocrine knows"}
    path.write_text(text)
    with pytest.raises(errors.InputError, match=r"reference must be a line of the plates.*HeLa"):
        read_laboratory(Files([path], reference="HeLa"))
    with pytest.raises(errors.InputError, match="at least one measurement"):
        Laboratory("parent", measured.wells, ())


def test_the_command_says_what_is_wrong_with_a_name():
    found = CliRunner().invoke(command, ["plates.csv", "--same", "ADR"])
    assert isinstance(found.exception, errors.InputError)
    assert "NAME=DRUG" in str(found.exception)


def test_another_value_is_another_explanation(measured):
    first = measured.measurements[0]
    rows = (dataclasses.replace(first, value=first.value + 1), *measured.measurements[1:])
    other = dataclasses.replace(measured, measurements=rows)
    assert run.digest(measured, EFFORT, 1) == run.digest(measured, EFFORT, 1)
    assert run.digest(measured, EFFORT, 1) != run.digest(other, EFFORT, 1)


@pytest.mark.slow
@pytest.mark.parametrize("model", ["no loop", "pump arm only", "survival arm only", "amplification only"])
def test_planted_causes_are_found(model):
    plan = synthetic.Plan(readouts=("il6", "abcb1_mrna"), protocol=Protocol())
    planned = synthetic.planned(plan)
    found = explanation.explain_laboratory(
        synthetic.measure(planned, synthetic.planted(planned, model), 5), QUICK, seed=1
    )
    assert found.verdict.loop == (model in models.WITH_LOOP)
    assert model in found.verdict.supported
    assert found.diagnosis.trusted, found.diagnosis.verdict
    cause = {"no loop": "other"}.get(model, model.removesuffix(" only"))
    rows = [row for row in found.attributed if row.drug == "doxorubicin"]
    assert np.argmax(rows[0].share_of_means) == attribution.PLAYERS.index(cause)


@pytest.mark.slow
def test_a_run_that_was_interrupted_goes_on(measured, tmp_path, monkeypatch):
    target = tmp_path / "run"
    done = []
    whole = explanation.drawn

    def interrupted(emulator, polynomials, model, *given, **named):
        if len(done) == 2:
            raise KeyboardInterrupt
        done.append(model)
        return whole(emulator, polynomials, model, *given, **named)

    monkeypatch.setattr(explanation, "drawn", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run.explain(measured, target, EFFORT)
    assert not target.exists()
    again = []

    def counted(emulator, polynomials, model, *given, **named):
        again.append(model)
        return whole(emulator, polynomials, model, *given, **named)

    monkeypatch.setattr(explanation, "drawn", counted)
    found = run.explain(measured, target, EFFORT, command="autocrine explain")
    assert set(done) | set(again) == set(models.MODELS)
    assert not set(done) & set(again)
    assert {path.name for path in target.iterdir()} == {"report.html", "tables", "draws", "provenance.json"}
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
    page = (target / "report.html").read_text(encoding="utf-8")
    assert page.index("What this design can tell") < page.index("Shares of the causes")
    shares = [row["share"] for row in found.as_object()["attribution"] if row["drug"] == "all drugs"]
    assert sum(shares) == pytest.approx(1.0)
