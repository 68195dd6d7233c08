"""Virtual patients: tumours grow and shrink as the equations say, the loop acts only where it is, targets are met."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autocrine.cohort import treatment
from autocrine.cohort.batch import Protocol, find_weights, simulate_batch
from autocrine.cohort.drug_file import patient_parameters
from autocrine.cohort.matching import UNWEIGHTED, Target, match
from autocrine.cohort.outcome import RESPONSES, Visits, day_of_death, diameter_mm, judge_response
from autocrine.cohort.patient import TRAITS, patient_network
from autocrine.cohort.population import Population
from autocrine.cohort.regimen import Regimen, load_regimens
from autocrine.cohort.serum import Assay
from autocrine.cohort.treatment import treat
from autocrine.core import Parameters, errors, generator
from autocrine.engine import Names, Network, Reaction, Species, simulate

REGIMENS = load_regimens()
P = patient_parameters().values_by_name


def patients(count=60, seed=3, **given):
    return Population(**given), Population(**given).draw(count, generator(seed, "test"))


@pytest.mark.parametrize("name", ["ac_t_anti_il6r", "ac_t_anti_il6", "cisplatin_q21d"])
def test_units_fit(name):
    patient_network(REGIMENS[name].drugs).check_units()
    assert set(TRAITS) <= set(patient_network(()).parameters)


def test_without_drugs_a_tumour_grows_as_gompertz_says():
    days = np.array([0.0, 100.0, 400.0])
    start = {"log_other": 22.0, "log_producer": -30.0}
    found = simulate(patient_network(()), days, initial=start, rtol=1e-8, atol=1e-8)["log_burden"][0]
    wanted = P["log_capacity"] + (22.0 - P["log_capacity"]) * np.exp(-P["growth_rate"] * days)
    np.testing.assert_allclose(found, wanted, rtol=1e-7)


def serum_network() -> Network:
    """Return serum IL-6 on its way to rest: production by tumour and body against clearance, in days."""
    outside = {"producers": (1e9, "1"), "background": (2.0, "pg/ml"), "serum_volume": (3000.0, "ml")}
    parameters = patient_parameters().joined(Parameters.of(outside, basis="chosen", module="serum"))
    y, p = Names.of(["il6"]), Names.of(parameters)
    out = p.il6_clearance / p.serum_volume
    reactions = [
        Reaction("tumour", {"il6": +1}, p.il6_export * p.il6_secretion * p.producers / p.serum_volume),
        Reaction("body", {"il6": +1}, out * p.background),
        Reaction("clearance", {"il6": -1}, out * y.il6),
    ]
    return Network("serum IL-6", [Species("il6", "pg/ml")], parameters, reactions, time_unit="day")


def test_a_billion_producers_give_tens_of_picograms_per_millilitre():
    found = simulate(serum_network(), [0.0, 1.0, 5.0], {"producers": [0.0, 1e9]}, outputs=["il6"])["il6"]
    assert found[0, -1] == pytest.approx(2.0, rel=1e-5)
    assert 10.0 < found[1, -1] - 2.0 < 100.0
    start = {"log_producer": np.log(1e9), "log_other": 23.0}
    at_rest = simulate(patient_network(()), [0.0, 1.0], {"background": 2.0}, initial=start)["il6_serum"]
    assert at_rest[0, 0] == pytest.approx(found[1, -1], rel=1e-4)


def test_producers_mean_nothing_without_the_loop_and_something_with_it():
    ends = {}
    for strength in (0.0, 1.0):
        population, table = patients(producer_prevalence=1.0, loop_strength=strength)
        none = table.assign(producer_share=0.0)
        ends[strength] = [
            treat(each, population, REGIMENS["ac_t"], Visits(error=0.0), generator(1), horizon_days=182.0)
            for each in (table, none)
        ]
    with_producers, without = (ends[0.0][i]["log10_burden_end"] for i in (0, 1))
    np.testing.assert_allclose(with_producers, without, atol=1e-3)
    assert (ends[1.0][0]["log10_burden_end"] > ends[1.0][1]["log10_burden_end"] + 1e-3).mean() > 0.9
    # serum IL-6 is made and measured all the same
    assert (ends[0.0][0]["il6_true_pg_ml"] > ends[0.0][1]["il6_true_pg_ml"]).all()


@pytest.mark.parametrize("regimen", ["ac_t_anti_il6r", "ac_t_anti_il6"])
def test_blocking_il6_helps_only_where_there_is_a_loop(regimen):
    for strength in (0.0, 1.0):
        population, table = patients(producer_prevalence=1.0, loop_strength=strength)
        plain, blocked = (
            treat(table, population, REGIMENS[name], Visits(), generator(1), horizon_days=182.0)["log10_burden_end"]
            for name in ("ac_t", regimen)
        )
        gain = (plain - blocked).to_numpy()
        assert gain == pytest.approx(np.zeros(60), abs=1e-3) if strength == 0 else (gain > 0.01).mean() > 0.8


def test_amplified_abcb1_protects_from_substrates_and_not_from_cisplatin():
    population, table = patients(loop_strength=0.0)
    table = table.assign(amplification=0.0)
    gains = {
        name: treat(table.assign(amplification=50.0), population, REGIMENS[name], Visits(), generator(1))[
            "log10_burden_end"
        ]
        - treat(table, population, REGIMENS[name], Visits(), generator(1))["log10_burden_end"]
        for name in ("ac_t", "cisplatin_q21d")
    }
    assert (gains["ac_t"] > 0.1).mean() > 0.9
    assert gains["cisplatin_q21d"].to_numpy() == pytest.approx(np.zeros(60), abs=1e-3)


def test_reduced_doses_kill_less():
    population, table = patients(loop_strength=0.0)
    full, reduced = (
        treat(table.assign(reduction_day=day), population, REGIMENS["ac_t"], Visits(), generator(1), horizon_days=182.0)
        for day in (1e6, 10.0)
    )
    assert (reduced["log10_burden_end"] > full["log10_burden_end"]).all()


def test_the_tolerance_is_fine_enough(monkeypatch):
    population, table = patients()
    coarse = treat(table, population, REGIMENS["ac_t"], Visits(), generator(1))
    monkeypatch.setattr(treatment, "_RTOL", 1e-8)
    monkeypatch.setattr(treatment, "_ATOL", 1e-9)
    fine = treat(table, population, REGIMENS["ac_t"], Visits(), generator(1))
    np.testing.assert_allclose(coarse["log10_burden_end"], fine["log10_burden_end"], atol=1e-3)


@pytest.mark.parametrize(
    ("course", "best", "visit"),
    [
        ([50, 40, 30, 30, 30], "PR", 5),
        ([50, 4, 4, 4, 4], "CR", 5),
        ([50, 60, 70, 80, 90], "PD", 1),
        ([50, 45, 45, 56, 80], "SD", 3),
        ([50, 30, 33, 36, 40], "PR", 3),  # 36 mm is 20 % and 6 mm over the smallest
        ([12, 8, 10, 11, 12], "PR", 5),  # never 5 mm more than the smallest
    ],
)
def test_recist(course, best, visit):
    place, progressed = judge_response(np.array([course], float), Visits())
    assert (RESPONSES[place[0]], progressed[0]) == (best, visit)


def test_ten_times_the_cells_are_2_15_times_the_diameter():
    assert diameter_mm(np.log(1e10)) / diameter_mm(np.log(1e9)) == pytest.approx(10 ** (1 / 3))
    assert diameter_mm(np.log(1e8)) == pytest.approx(12.4, abs=0.1)  # 1 ml


@settings(max_examples=50)
@given(st.floats(1e-4, 0.1), st.floats(1e-3, 5.0))
def test_death_comes_when_a_constant_hazard_says(hazard, luck):
    days = np.linspace(0.0, 400.0, 9)
    found = day_of_death(days, hazard * days[None, :], np.array([luck]))[0]
    assert found == pytest.approx(luck / hazard, rel=1e-9) if luck <= hazard * 400.0 else np.isinf(found)


def test_an_assay_reports_its_limit_and_scatters():
    found, seen = Assay(2.0, 0.0).measure(np.array([1.0, 3.0]), np.zeros(2))
    assert found == pytest.approx([2.0 / np.sqrt(2), 3.0])
    assert seen.tolist() == [False, True]
    noisy, _ = Assay(0.0, 0.3).measure(np.full(4000, 5.0), generator(1).standard_normal(4000))
    assert np.log(noisy).std() == pytest.approx(0.3, rel=0.05)


def test_virtual_patients_meet_what_was_published():
    weights = find_weights(Population(), 1)
    for row in weights.rows:
        assert row["virtual"] == pytest.approx(row["published"], abs=0.05), row["what"]
        assert abs(row["errors_away"]) < 1, row["what"]
    kinds = pd.DataFrame(weights.kinds)
    assert kinds[["plausible", "virtual"]].sum().to_numpy() == pytest.approx([1.0, 1.0])
    np.testing.assert_allclose(kinds["weight"], kinds["virtual"] / kinds["plausible"])
    # the effective sample size of the pilot, from the weights that are reported
    assert 1 / (kinds["virtual"] * kinds["weight"]).sum() == pytest.approx(weights.effective_share)
    assert 0.3 < weights.effective_share <= 1.0
    protocol = Protocol({"all": (REGIMENS["ac_t"], 1.0)})
    table = simulate_batch(protocol, 0, 1500, 1, weights)
    for above, published in ((4.0, 0.48), (6.6, 0.5)):
        assert (table["il6_true_pg_ml"] > above).mean() == pytest.approx(published, abs=0.08)
    assert (table["pgp_rest"] + table["amplification"] > 0.9).mean() == pytest.approx(0.66, abs=0.05)
    assert table["responded"].mean() == pytest.approx(0.55, abs=0.05)


def test_weights_are_equal_where_nothing_has_to_change():
    table = pd.DataFrame({"x": [0.0, 1.0] * 50})
    weights = match(table, [Target("x", "x", 0.5, 0.5, 50, "", "chosen")])
    assert weights.effective_share == pytest.approx(1.0)
    with pytest.raises(errors.InputError, match="some plausible patients must count"):
        match(table, [Target("x", "x", 2.0, 0.5, 50, "", "chosen")])


def test_a_batch_follows_from_its_number_alone():
    protocol = Protocol({"a": (REGIMENS["ac_t"], 2.0), "b": (REGIMENS["cisplatin_q21d"], 1.0)}, accrual_days=50.0)
    first, again, other = (simulate_batch(protocol, number, 90, 7, UNWEIGHTED) for number in (3, 3, 4))
    pd.testing.assert_frame_equal(first, again)
    assert not np.allclose(first["burden"], other["burden"])
    assert first["patient"].tolist() == list(range(270, 360))
    assert first["arm"].value_counts().to_dict() == {"a": 60, "b": 30}
    assert (first["pfs_days"] <= first["os_days"] + 1e-9).all()
    assert (first["pfs_days"] <= 415.0 - first["entry_day"] + 1e-9).all()
    assert (first["pfs_event"] >= first["os_event"]).all()


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Population(producer_prevalence=1.5), "producer_prevalence must lie between 0 and 1"),
        (lambda: Population(loop_strength=-1.0), "loop_strength must lie between 0 and 10"),
        (lambda: Assay(cv=-0.1), "cv must be a number of at least 0"),
        (lambda: Visits(every_days=0.0), "every_days must be a positive number"),
        (lambda: Visits(window_days=30.0), "window_days must be less than half of every_days"),
        (lambda: Visits(error=2.0), "error must lie between 0 and 1"),
        (
            lambda: treat(patients()[1], Population(), REGIMENS["ac_t"], Visits(), generator(1), horizon_days=10.0),
            "the horizon must reach the first visit on day 42",
        ),
    ],
)
def test_bad_input_is_refused(make, said):
    with pytest.raises(errors.InputError, match=said):
        make()


@pytest.mark.parametrize(("patients", "reached"), [(10**6, 0.8), (8, 0.664)])
def test_a_target_counts_as_much_as_its_patients(patients, reached):
    """One target of half: the tilt is where the pull of the publication equals that of equal weights."""
    table = pd.DataFrame({"x": [0.0, 1.0] * 50})
    found = match(table, [Target("x", "x", 0.5, 0.8, patients, "", "chosen")]).rows[0]["virtual"]
    assert found == pytest.approx(reached, abs=2e-3)
    tilt = np.log(found / (1 - found))
    assert 0.8 - found == pytest.approx(10.0 * 0.8 * 0.2 / patients * tilt, abs=1e-6)


def test_publications_that_exclude_each_other_are_refused():
    table = pd.DataFrame({"x": [0.0, 1.0] * 50})
    targets = [Target(name, "x", 0.5, share, 10**4, "", "chosen") for name, share in (("a", 0.2), ("b", 0.8))]
    with pytest.raises(errors.InputError, match="targets must be possible together"):
        match(table, targets)


def test_serum_il6_rises_under_an_antibody_against_its_receptor_and_free_il6_falls_under_one_against_it():
    """What is known of both: IL-6 that no receptor takes away rises; IL-6 that is held stays, and an assay sees it."""
    start = {"log_other": 22.3, "log_producer": 19.3, "siltuximab_target": 6.0}
    levels = {}
    for name in ("ac_t", "ac_t_anti_il6r", "ac_t_anti_il6"):
        regimen = REGIMENS[name]
        begin = {key: value for key, value in start.items() if key != "siltuximab_target" or name.endswith("il6")}
        found = simulate(patient_network(regimen.drugs), [0.0, 7.0, 42.0], events=regimen.events(), initial=begin)
        levels[name] = {key: found[key][0, 1:] for key in ("il6_serum", "il6_total", "il6_tumour")}
    plain, receptor, cytokine = levels.values()
    assert (receptor["il6_serum"] > 2.5 * plain["il6_serum"]).all()
    assert (receptor["il6_serum"] < plain["il6_serum"] / (1 - P["il6_receptor_share"])).all()
    assert (receptor["il6_tumour"] > plain["il6_tumour"]).all()
    assert (cytokine["il6_serum"] < 0.1 * plain["il6_serum"]).all()
    assert (cytokine["il6_tumour"] < 0.1 * plain["il6_tumour"]).all()
    assert (cytokine["il6_total"] > 50 * plain["il6_total"]).all()
    np.testing.assert_array_equal(plain["il6_serum"], plain["il6_total"])


def test_cyclophosphamide_kills_and_p_gp_does_not_carry_it():
    population, table = patients(loop_strength=0.0)
    courses = tuple(course for course in REGIMENS["ac_t"].courses if course.drug != "paclitaxel")
    ends = {}
    for drugs in ("doxorubicin", "doxorubicin cyclophosphamide", "cyclophosphamide"):
        regimen = Regimen(drugs, tuple(course for course in courses if course.drug in drugs.split()))
        for copies in (0.0, 50.0):
            amplified = table.assign(amplification=copies)
            found = treat(amplified, population, regimen, Visits(), generator(1), horizon_days=84.0)
            ends[drugs, copies] = found["log10_burden_end"].to_numpy()
    assert (ends["doxorubicin cyclophosphamide", 0.0] < ends["doxorubicin", 0.0]).all()
    assert (ends["doxorubicin", 50.0] > ends["doxorubicin", 0.0]).all()
    np.testing.assert_allclose(ends["cyclophosphamide", 50.0], ends["cyclophosphamide", 0.0], atol=1e-3)
