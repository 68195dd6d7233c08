"""Laws of drugs in wells: the pump arm, the survival arm, and what agents, siRNA and cut edges leave of them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autocrine.assay import Arm, Protocol
from autocrine.assay.well import Well
from autocrine.circuit import Drug, Pharmacology
from autocrine.core import Document

#: few cells in much medium, so that what is outside stays as it is
THIN = Protocol(seeded_cells=10.0, medium_volume_l=1e-3, preincubation_h=24.0, duration_h=96.0, pgp_cv=0.0)
PLATE = Protocol(preincubation_h=24.0, duration_h=48.0)
STILL = {"division_rate_max": 0.0}
SUBSTRATES = ("doxorubicin", "paclitaxel", "vincristine", "rhodamine 123", "calcein-AM")
OTHERS = ("cisplatin", "5-fluorouracil", "mitoxantrone", "topotecan")
NO_PUMP = ({"edge_pgp_efflux": 0.0}, {"sirna_abcb1": 1.0})
IL6 = Arm("IL-6", il6_nM=2.0)


def end(course, name="cells"):
    return float(course.levels[name][-1])


def inside(bench, lines, drug, dose_nM, arm=Arm(), protocol=THIN):  # noqa: B008
    """Return the drug in the cells of lines at the end, in nM."""
    wells = [Well(((line, 1.0),), arm, protocol, ((drug, dose_nM),)) for line in lines]
    return np.array([end(course, "p1_drug1") for course in bench.run(wells, rtol=1e-9)])


def record(drug, **values):
    """Return a drug with other numbers."""
    return Drug(**{**drug.__dict__, "parameters": drug.parameters.changed(values)})


def test_records_know_their_pump(bench):
    drugs = bench.drugs
    assert {name for name in drugs if drugs[name].is_substrate} == set(SUBSTRATES)
    assert {name for name in drugs if drugs[name].kind == "cytotoxic" and not drugs[name].is_substrate} == {
        drugs[name].name for name in OTHERS
    }


@pytest.mark.parametrize("name", ["doxorubicin", "paclitaxel", "rhodamine 123"])
def test_pump_fold_is_one_plus_ratio_far_below_km(bench, make_line, name):
    """Eur J Biochem 2000 267:649: at rest the medium is 1 + Vmax/(Km k) times the free drug inside; linear in P-gp."""
    still = bench.with_values(cell={**STILL, "y_box": 0.0})
    drug = record(still.drug(name), death_max=0.0)
    copies = (1.0, 3.0, 30.0)
    lines = [make_line(abcb1_copies=n) for n in copies]
    levels = inside(still, lines, drug, 1e-3)
    ratio, accumulation = (drug.parameters[key].value for key in ("pump_ratio", "accumulation"))
    expected = accumulation * 1e-3 / (1 + ratio * np.array(copies))
    assert levels == pytest.approx(expected, rel=2e-3)
    free = inside(still.with_values(cell=NO_PUMP[0]), lines[:1], drug, 1e-3)
    assert free / levels - 1 == pytest.approx(ratio * np.array(copies), rel=5e-3)


def test_pump_saturates_above_km(bench, make_line):
    still = bench.with_values(cell={**STILL, "y_box": 0.0})
    drug = record(still.drug("doxorubicin"), death_max=0.0)
    line = make_line(abcb1_copies=30.0)
    low, high = (
        inside(still.with_values(cell=NO_PUMP[0]), [line], drug, dose) / inside(still, [line], drug, dose)
        for dose in (1e-3, 1e7)
    )
    assert low == pytest.approx(31.0, rel=5e-3)
    assert high == pytest.approx(1.0, abs=0.05)


@settings(max_examples=5)
@given(block=st.floats(0.1, 1e3))
def test_blocker_competes(bench, make_line, block):
    """Far below Km a blocker divides the pump by 1 + its concentration over Ki."""
    still = bench.with_values(cell={**STILL, "y_box": 0.0})
    drug, tariquidar = record(still.drug("doxorubicin"), death_max=0.0), still.drug("tariquidar")
    arm = Arm(agents=((tariquidar, block * tariquidar.parameters["ki"].value),))
    level = inside(still, [make_line(abcb1_copies=20.0)], drug, 1e-3, arm)
    assert level == pytest.approx(300.0 * 1e-3 / (1 + 20.0 / (1 + block)), rel=5e-3)


@pytest.mark.parametrize("name", ["verapamil", "valspodar", "tariquidar"])
def test_saturating_pump_blocker_is_no_pump(bench, name):
    arm = Arm(agents=((bench.drug(name), 1e13),))
    blocked, free = bench.dosed("resistant", "doxorubicin", 1000.0, PLATE, arm), bench.dosed(
        "resistant", "doxorubicin", 1000.0, PLATE, Arm().cut("edge_pgp_efflux")
    )  # fmt: skip
    pumping = bench.dosed("resistant", "doxorubicin", 1000.0, PLATE)
    one, two, three = bench.run([blocked, free, pumping])
    assert end(one) == pytest.approx(end(two), rel=1e-5)
    assert end(three) > 1.2 * end(one)


@pytest.mark.parametrize("name", OTHERS)
def test_pump_does_not_touch_other_drugs(bench, make_line, name):
    """Amplification, blockers, siRNA and the pump edge leave a drug that is no substrate alone."""
    dose = bench.drug(name).parameters["potency"].value
    amplified = ((make_line(abcb1_copies=100.0), 1.0),)
    blocker = Arm.known_arm("P-gp blocker", bench.drugs)
    arms = (Arm(), blocker, Arm(changes={"sirna_abcb1": 0.9}), Arm().cut("edge_pgp_efflux"))
    wells = [Well(amplified, arm, PLATE, ((bench.drug(name), dose),)) for arm in arms]
    wells.append(bench.dosed("sensitive", name, dose, PLATE))
    counts = [end(course) for course in bench.run(wells)]
    assert counts == pytest.approx([counts[0]] * len(counts), rel=1e-5)


@pytest.mark.parametrize("without", NO_PUMP, ids=lambda changes: next(iter(changes)))
def test_without_pgp_substrates_and_others_are_alike(bench, without):
    """A substrate is then its own copy without a pump, and amplification makes no resistance."""
    bare = bench.with_values(cell=without)
    drug = bare.drug("doxorubicin")
    twin = record(drug, pump_ratio=0.0)
    line, amplified = bare.line("sensitive_il6"), bare.lines.extended(
        Document({"amplified": {"from": "sensitive_il6", "abcb1_copies": 100.0}}, "", "test")
    )["amplified"]  # fmt: skip
    wells = [
        Well(((one, 1.0),), arm, PLATE, ((what, 300.0),))
        for one in (line, amplified)
        for what in (drug, twin)
        for arm in (Arm(), Arm.known_arm("P-gp blocker", bare.drugs), Arm(changes={"y_box": 0.0}))
    ]
    counts = [end(course) for course in bare.run(wells)]
    assert counts == pytest.approx([counts[0]] * len(counts), rel=1e-5)


def test_a_pump_only_line_resists_substrates_only(bench, make_line):
    pumping = make_line(abcb1_copies=30.0)
    doses = {"doxorubicin": np.geomspace(10, 1e5, 9), "cisplatin": np.geomspace(500, 1e5, 9)}
    for cell_values, substrate_fold in (({}, 5.0), (NO_PUMP[0], 1.0)):
        there = bench.with_values(cell=cell_values)
        for name, dose in doses.items():
            series = [there.series("sensitive", name, PLATE, doses_nM=dose)]
            series.append(type(series[0])(((pumping, 1.0),), series[0].drug, dose, Arm(), PLATE))
            sensitive, resistant = there.exact_ic50s(series)
            if name == "doxorubicin" and substrate_fold > 1:
                assert resistant / sensitive > substrate_fold
            else:
                assert resistant / sensitive == pytest.approx(1.0, rel=1e-4)


def test_substrates_compete_for_the_pump_and_others_do_not(bench, make_line):
    """Two substrates in one cell hold up the pump for each other; a drug that P-gp ignores does not."""
    still = bench.with_values(cell={**STILL, "y_box": 0.0})
    first = record(still.drug("doxorubicin"), death_max=0.0)
    line = ((make_line(abcb1_copies=20.0), 1.0),)
    seconds = [
        (record(still.drug(name), death_max=0.0), dose)
        for name, dose in (("vincristine", 0.0), ("vincristine", 1e5), ("cisplatin", 1e6))
    ]
    wells = [Well(line, Arm(), THIN, ((first, 1e-3), second)) for second in seconds]
    alone, with_substrate, with_other = (end(course, "p1_drug1") for course in still.run(wells))
    assert with_substrate > 2 * alone
    assert with_other == pytest.approx(alone, rel=1e-4)


# the two arms

PUMP_OFF, SURVIVAL_OFF = {"edge_cebp_abcb1": 0.0}, {"edge_il6_survival": 0.0}


def survival_ratio(bench, drug, dose, cut, line="sensitive"):
    """Return surviving cells with IL-6 over those without, both with the same edges cut."""
    cut_bench = bench.with_values(cell=cut)
    wells = [cut_bench.dosed(line, drug, dose, PLATE, arm) for arm in (IL6, Arm())]
    with_il6, without = (end(course) for course in cut_bench.run(wells))
    return with_il6 / without


def test_il6_protects_against_cisplatin_through_survival_only(bench):
    assert survival_ratio(bench, "cisplatin", 2e4, {}) > 1.05
    assert survival_ratio(bench, "cisplatin", 2e4, SURVIVAL_OFF) == pytest.approx(1.0, rel=1e-4)
    whole, pump_off = (survival_ratio(bench, "cisplatin", 2e4, cut) for cut in ({}, PUMP_OFF))
    assert pump_off == pytest.approx(whole, rel=1e-4)


@pytest.mark.parametrize("drug", ["doxorubicin", "paclitaxel", "vincristine"])
def test_arms_are_separable_for_a_substrate(bench, drug):
    dose = 2 * bench.drug(drug).parameters["potency"].value
    both, no_pump, no_survival, neither = (
        survival_ratio(bench, drug, dose, cut) for cut in ({}, PUMP_OFF, SURVIVAL_OFF, PUMP_OFF | SURVIVAL_OFF)
    )
    assert neither == pytest.approx(1.0, rel=1e-4)
    assert no_pump > 1.01
    assert no_survival > 1.01
    assert both > max(no_pump, no_survival)


def test_pump_arm_changes_what_is_inside_and_survival_arm_does_not(bench):
    drug = record(bench.drug("doxorubicin"), death_max=0.0)
    levels = {}
    for name, cut in (("pump", SURVIVAL_OFF), ("survival", PUMP_OFF)):
        there = bench.with_values(cell={**STILL, **cut})
        lines = [there.line("sensitive")]
        levels[name] = inside(there, lines, drug, 10.0, IL6) / inside(there, lines, drug, 10.0)
    assert levels["pump"] < 0.98
    assert levels["survival"] == pytest.approx(1.0, rel=1e-5)


# agents against IL-6 and its receptor

READ = ("p1_pstat3_nuclear", "p1_lap", "p1_abcb1_mrna", "p1_mcl1")


def levels_at_end(bench, arm, cell_values=None, line="sensitive", protocol=PLATE):
    (course,) = (bench.with_values(cell=cell_values) if cell_values else bench).run(
        [bench.well(line, protocol, arm)], rtol=1e-8
    )
    return np.array([end(course, name) for name in READ])


@pytest.mark.parametrize("agent", ["tocilizumab", "siltuximab", "ruxolitinib"])
def test_saturating_agents_take_il6_away(bench, agent):
    silent = bench.with_values(cell={"il6_basal": 0.0, "il6_feedback": 0.0})
    with_il6, without = levels_at_end(silent, Arm(il6_nM=0.5)), levels_at_end(silent, Arm())
    assert (with_il6 > 1.05 * without).all()
    dose = 1e6 if agent == "siltuximab" else 1e9
    treated = levels_at_end(silent, Arm(agents=((bench.drug(agent), dose),), il6_nM=0.5))
    assert treated[1:] == pytest.approx(without[1:], rel=5e-3)
    assert treated[0] == pytest.approx(without[0], abs=2e-3 * with_il6[0])


@pytest.mark.parametrize("deaf", [{"il6r_resting": 0.0}, {"edge_il6_receptor": 0.0}, {"sirna_il6r": 1.0}])
def test_without_il6_receptor_il6_has_no_effect(bench, deaf):
    """Trans-signalling is off too: cells with the edge cut still shed receptors."""
    values = {**deaf, "edge_trans_signalling": 0.0}
    with_il6, without = (levels_at_end(bench, arm, values) for arm in (IL6, Arm()))
    assert with_il6 == pytest.approx(without, rel=1e-6, abs=1e-6)


def test_soluble_receptor_gives_deaf_cells_their_hearing(bench):
    deaf = {"il6r_resting": 0.0}
    arm = Arm(il6_nM=2.0, sil6r_nM=5.0)
    without, il6, both = (levels_at_end(bench, each, deaf) for each in (Arm(), IL6, arm))
    assert il6 == pytest.approx(without, rel=1e-6, abs=1e-6)
    assert (both[1:] > 1.05 * without[1:]).all()
    switched_off = levels_at_end(bench, arm, {**deaf, "edge_trans_signalling": 0.0})
    assert switched_off == pytest.approx(without, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("name", ["anti-IL-6R", "anti-IL-6", "JAK inhibitor", "IL-6 siRNA", "dominant-negative C/EBP"])
def test_known_arms_lower_abcb1_of_producers(bench, name):
    arm = Arm.known_arm(name, bench.drugs)
    treated, control = (levels_at_end(bench, each, line="resistant_not_amplified") for each in (arm, Arm()))
    assert treated[2] < 0.98 * control[2]


def test_antibody_against_il6_holds_what_it_binds(bench):
    """Siltuximab lowers free IL-6 and keeps it in the medium."""
    (course,) = bench.run([bench.well("sensitive", PLATE, Arm(agents=((bench.drug("siltuximab"), 5.0),), il6_nM=1.0))])
    kd = 0.034
    bound, free, antibody = (end(course, n) for n in ("il6_siltuximab", "il6", "siltuximab"))
    assert bound > 0.5
    assert free * antibody / bound == pytest.approx(kd, rel=0.05)


def test_il6_has_no_effect_on_growth_or_drug_by_default(bench):
    with_il6, without = bench.levels("live_count", [bench.well("sensitive", PLATE, arm) for arm in (IL6, Arm())])
    assert with_il6 == pytest.approx(without, rel=1e-5)


def test_probe_shows_the_pump(bench):
    """Less probe in cells with more P-gp; a blocker brings it back."""
    probe = Protocol(preincubation_h=24.0, duration_h=2.0)
    wells = [bench.dosed(line, "rhodamine 123", 5000.0, probe) for line in ("sensitive", "resistant")]
    arm = Arm(agents=((bench.drug("tariquidar"), 1e9),))
    wells += [bench.dosed(line, "rhodamine 123", 5000.0, probe, arm) for line in ("sensitive", "resistant")]
    sensitive, resistant, *blocked = bench.levels("probe", wells)
    assert resistant < 0.8 * sensitive
    assert blocked[1] == pytest.approx(blocked[0], rel=0.05)
    assert blocked[1] > 1.2 * resistant


def test_longer_exposure_and_more_drug_kill_more(bench):
    counts = bench.levels("live_count", [bench.dosed("sensitive", "cisplatin", d, PLATE) for d in (0, 3e3, 3e4, 3e5)])
    assert (np.diff(counts) < 0).all()
    washed = Protocol(preincubation_h=24.0, duration_h=48.0, washout_h=4.0)
    left, removed = bench.levels(
        "live_count", [bench.dosed("sensitive", "cisplatin", 3e4, protocol) for protocol in (PLATE, washed)]
    )
    assert removed > 1.1 * left


def test_all_records_are_loaded_once():
    assert Pharmacology.load() is Pharmacology.load()
