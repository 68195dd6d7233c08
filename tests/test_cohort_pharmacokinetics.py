"""Drugs in bodies obey the laws of compartments, and what was published about them."""

import math

import numpy as np
import pytest

from autocrine.cohort.body import VARIABILITY, Bodies
from autocrine.cohort.drug_file import DRUGS, drug_parameters, patient_parameters
from autocrine.cohort.exposure import simulate_exposure
from autocrine.cohort.pharmacokinetics import SMALL, drug_network
from autocrine.cohort.regimen import Course, load_regimens, read_regimen
from autocrine.core import Document, errors, units
from autocrine.engine import simulate
from autocrine.evidence import load_library

LINEAR = ("doxorubicin", "cyclophosphamide", "cisplatin")
GRID = np.concatenate([np.linspace(0, 3, 61), np.linspace(3.5, 60, 60)])
HOUR = 1 / 24


def given(drug, dose, duration_h=1.0, first_day=0.0):
    return Course(drug, dose, "mg", duration_h, first_day)


@pytest.mark.parametrize("drug", DRUGS)
def test_units_fit(drug):
    drug_network(drug).check_units()


@pytest.mark.parametrize("drug", [*DRUGS, "patient"])
def test_every_number_has_a_basis_and_its_evidence_resolves(drug):
    library = load_library()
    table = patient_parameters() if drug == "patient" else drug_parameters(drug)
    for p in table.values():
        units.unit_of(p.unit)
        assert not p.evidence or library.resolves(p.evidence), p
        assert p.note, p
        assert p.evidence or p.basis in {"chosen", "recalled"}, p


@pytest.mark.parametrize("drug", DRUGS)
def test_nothing_is_lost(drug):
    found = simulate_exposure([given(drug, 100.0)], GRID)
    assert found.balance[0, GRID > HOUR] == pytest.approx(100.0, rel=1e-6)


@pytest.mark.parametrize("drug", LINEAR)
def test_twice_the_dose_gives_twice_the_plasma(drug):
    one, two = (simulate_exposure([given(drug, dose)], GRID).plasma for dose in (50.0, 100.0))
    np.testing.assert_allclose(two, 2 * one, rtol=1e-5, atol=1e-9)


@pytest.mark.parametrize("drug", LINEAR)
def test_two_infusions_add_up(drug):
    first, second = given(drug, 50.0), given(drug, 30.0, first_day=1.5)
    both = simulate_exposure([first, second], GRID).plasma
    apart = simulate_exposure([first], GRID).plasma + simulate_exposure([second], GRID).plasma
    np.testing.assert_allclose(both, apart, rtol=1e-5, atol=1e-9)


@pytest.mark.parametrize("drug", [*LINEAR, "siltuximab"])
def test_auc_is_dose_over_clearance(drug):
    found = simulate_exposure([given(drug, 100.0)], [0.0, 2000.0])
    # siltuximab loses a thousandth through its target
    wanted = 100.0 / drug_parameters(drug)[f"{drug}_cl"].value
    assert found.auc[0, -1] == pytest.approx(wanted, rel=5e-3 if drug == "siltuximab" else 1e-5)


def test_one_compartment_is_solved_by_an_exponential():
    days = np.linspace(HOUR, 0.5, 20)
    found = simulate_exposure([given("cisplatin", 100.0)], days, {"cisplatin_q_peripheral": 0.0})
    p = drug_parameters("cisplatin").values_by_name
    k = p["cisplatin_cl"] / p["cisplatin_v_central"]
    end = 100.0 / HOUR / p["cisplatin_cl"] * (1 - math.exp(-k * HOUR))
    np.testing.assert_allclose(found.plasma[0], end * np.exp(-k * (days - HOUR)), rtol=1e-6, atol=1e-10)


@pytest.mark.parametrize("drug", ["paclitaxel", "tocilizumab"])
def test_saturable_elimination_gives_more_than_in_proportion(drug):
    small, large = (simulate_exposure([given(drug, dose)], [0.0, 400.0]).auc[0, -1] for dose in (20.0, 400.0))
    assert large > 1.05 * 20 * small


def test_paclitaxel_rises_faster_than_its_dose():
    """+30 % dose gave +89 % AUC in 5 and 7 patients (P053, P056); AUC, peaks and half-life (P054) were fitted."""
    low, high = (simulate_exposure([given("paclitaxel", 1.8 * d, 3.0)], [0.0, 3 * HOUR, 30.0]) for d in (135, 175))
    rise = high.auc[0, -1] / low.auc[0, -1] - 1
    assert rise == pytest.approx(0.89, abs=0.05)
    late = simulate_exposure([given("paclitaxel", 315.0, 3.0)], [0.0, 1.0, 2.0]).half_life(1.0, 2.0)[0]
    assert 24 * late == pytest.approx(20.2, rel=0.15)
    for found, peak, auc in ((high, 3650, 15007), (low, 2170, 7952)):
        assert found.plasma[0, 1] * 1000 == pytest.approx(peak, rel=0.03)
        assert found.auc[0, -1] * 24_000 == pytest.approx(auc, rel=0.03)


def test_doxorubicin_in_plasma_and_tumour():
    """Half-life 37.6 h and ratio at 48 h were fitted; the concentration in the tumour was not."""
    found = simulate_exposure([given("doxorubicin", 108.0, 0.5)], [0.0, 2.0, 6.0, 8.0])
    assert 24 * found.half_life(6.0, 8.0)[0] == pytest.approx(37.6, rel=0.01)
    assert 55 < found.tumour[0, 1] / found.plasma[0, 1] < 337
    assert 0.22 < found.tumour[0, 1] < 14.2  # P051 and X061: 220 ng/g to 14.17 ug/g over both studies


def test_the_volume_of_lymphoma_gives_a_longer_half_life_than_was_seen_in_breast_cancer():
    found = simulate_exposure([given("doxorubicin", 108.0, 0.5)], [0.0, 6.0, 8.0], {"doxorubicin_v_deep": 1830.0})
    assert 24 * found.half_life(6.0, 8.0)[0] == pytest.approx(45.8, abs=0.5)


def test_siltuximab_reaches_its_label():
    course = Course("siltuximab", 770.0, "mg", 1.0, 0.0, 21.0, 20)
    found = simulate_exposure([course], [0.0, 399.0 - 1e-6, 399.0 + HOUR])
    assert found.plasma[0, 1:] == pytest.approx([84.0, 332.0], rel=0.03)


def test_bodies_change_what_they_should():
    small, large = (np.array([value]) for value in (50.0, 100.0))
    one = np.ones(1)
    height = np.array([165.0])
    assert Bodies(large, height, one, one).surface_m2 > Bodies(small, height, one, one).surface_m2
    sick = Bodies(small, height, one * 0.5, one).kinetics("doxorubicin")
    well = Bodies(small, height, one, one).kinetics("doxorubicin")
    assert sick["doxorubicin_cl"] == pytest.approx(0.5 * well["doxorubicin_cl"])
    usual = Bodies(np.array([70.0]), np.array([1.8**2 * 3600 / 70.0]), one, one)
    assert all(usual.kinetics(drug) == {} or np.allclose(
        [v[0] for v in usual.kinetics(drug).values()],
        [drug_parameters(drug)[n].value for n in usual.kinetics(drug)]) for drug in DRUGS)  # fmt: skip


def test_variability_names_parameters_that_there_are():
    known = {name for drug in DRUGS for name in drug_parameters(drug)}
    assert set(VARIABILITY) <= known
    assert set(SMALL) <= set(DRUGS)


def test_regimens_can_be_read_and_say_which_drugs_they_give():
    regimens = load_regimens()
    assert regimens["ac_t_anti_il6r"].drugs == ("doxorubicin", "cyclophosphamide", "paclitaxel", "tocilizumab")
    assert [len(c.days) for c in regimens["ac_t"].courses] == [4, 4, 12]


@pytest.mark.parametrize(
    ("course", "said"),
    [
        ('drug = "aspirin", dose = "1 mg"', "a drug must be one of"),
        ('drug = "cisplatin", dose = "75 mg/l"', "a dose must be per body surface"),
        ('drug = "cisplatin", dose = "-75 mg/m^2"', "a dose must be positive"),
        ('drug = "cisplatin", dose = "75 mg/m^2", count = 0', "count must be a whole number from 1"),
        ('drug = "cisplatin", dose = "75 mg/m^2", duration_h = 0', "duration_h must be a positive number"),
        ('drug = "cisplatin", dose = "75 mg/m^2", duration_h = 48, every_day = 1, count = 2', "must not overlap"),
        ('drug = "cisplatin", dose = "75 mg/m^2", first_day = -1', "first_day must not be negative"),
    ],
)
def test_bad_regimens_are_refused(course, said):
    document = Document.parse(f"[mine]\ncourses = [{{ {course} }}]\n", "mine.toml")
    with pytest.raises(errors.InputError, match=said):
        read_regimen("mine", document.table("mine"))


def test_bad_bodies_are_refused():
    one = np.ones(1)
    with pytest.raises(errors.InputError, match="weight_kg must lie above 0"):
        Bodies(-one, one * 160, one, one)
    with pytest.raises(errors.InputError, match="courses must be of one drug"):
        simulate_exposure([], [0.0, 1.0])


def test_an_antibody_and_its_target_obey_the_binding():
    """At every time free antibody, free target and what they hold are in the proportion of Kd, and nothing is lost."""
    courses = [given("tocilizumab", 560.0)]
    network, days = drug_network("tocilizumab"), [0.0, 1.0, 10.0, 30.0, 60.0]
    events = [event for course in courses for event in course.events(patient=False)]
    found = simulate(network, days, events=events, rtol=1e-8, atol=1e-10)
    p = drug_parameters("tocilizumab").values_by_name
    whole, target = found["tocilizumab_plasma"][0], found["tocilizumab_target"][0] * p["tocilizumab_per_target"]
    held = target * found["tocilizumab_held"][0]
    free = whole - held
    np.testing.assert_allclose(free * (target - held), p["tocilizumab_kd"] * held, rtol=1e-6, atol=1e-9)


def test_tocilizumab_is_eliminated_as_frey_found():
    """Elimination with Vm 7.5 mg/day and Km 2.7 mg/L (X057, X058) is what the target makes of free antibody."""
    from scipy.integrate import solve_ivp

    p = drug_parameters("tocilizumab").values_by_name
    volume, other, flow = (p[f"tocilizumab_{name}"] for name in ("v_central", "v_peripheral", "q_peripheral"))

    def frey(_day, amounts):
        there, deep = amounts[0] / volume, amounts[1] / other
        gone = p["tocilizumab_cl"] * there + 7.5 * there / (2.7 + there)
        return [-gone - flow * (there - deep), flow * (there - deep)]

    days = np.array([0.0, 1.0, 7.0, 14.0, 21.0])
    theirs = solve_ivp(frey, (0.0, 21.0), [560.0, 0.0], t_eval=days, rtol=1e-9, atol=1e-9).y[0] / volume
    network, events = drug_network("tocilizumab"), given("tocilizumab", 560.0, 0.01).events(patient=False)
    found = simulate(network, days, events=events, rtol=1e-8, atol=1e-10)
    held = found["tocilizumab_target"][0] * p["tocilizumab_per_target"] * found["tocilizumab_held"][0]
    np.testing.assert_allclose((found["tocilizumab_plasma"][0] - held)[1:], theirs[1:], rtol=0.12)


def test_the_receptor_rises_when_it_is_held_and_the_antibody_against_il6_does_not_feel_its_target():
    """Whole IL-6R rises as held receptor leaves more slowly: by k_target over k_internal where all is held."""
    found = simulate(
        drug_network("tocilizumab"), [0.0, 60.0], {"tocilizumab_infusion": 500.0}, outputs=["tocilizumab_target"]
    )
    p = drug_parameters("tocilizumab").values_by_name
    wanted = p["tocilizumab_target_rest"] * p["tocilizumab_k_target"] / p["tocilizumab_k_internal"]
    assert found["tocilizumab_target"][0, -1] == pytest.approx(wanted, rel=0.02)
    days = [0.0, 30.0, 60.0]
    with_target = simulate_exposure([given("siltuximab", 770.0)], days).plasma
    without = simulate_exposure([given("siltuximab", 770.0)], days, {"siltuximab_target_rest": 0.0}).plasma
    np.testing.assert_allclose(with_target, without, rtol=1e-3)


def test_cyclophosphamide_has_the_half_life_that_is_known():
    """7 h, of 3 to 12 h, and an exposure of the active form of 3 % of that of the prodrug (both recalled)."""
    days = [0.0, 0.5, 1.0, 40.0]
    found = simulate_exposure([given("cyclophosphamide", 1080.0)], days)
    assert 24 * found.half_life(0.5, 1.0)[0] == pytest.approx(7.06, abs=0.05)
    p = drug_parameters("cyclophosphamide").values_by_name
    assert p["cyclophosphamide_k_tumour_in"] / p["cyclophosphamide_k_tumour_out"] == pytest.approx(0.03)
