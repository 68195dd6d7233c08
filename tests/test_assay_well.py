"""Laws of the well: nothing is lost between cells and medium, growth has its limits, and order does not matter."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autocrine.assay import Arm, Bench, Protocol
from autocrine.assay.concentration import NG_PER_ML_PER_NM
from autocrine.assay.population import pgp_factors
from autocrine.assay.schedule import MEDIUM_BLOCKS
from autocrine.assay.well import Well
from autocrine.assay.well_network import SOLUTES, well_network, well_parameters
from autocrine.circuit import cell
from autocrine.core import errors
from autocrine.engine import Names, Network, Reaction

PLATE = Protocol(preincubation_h=24.0, duration_h=48.0)
SHAPES = [(1, 1), (2, 1), (1, 2), (2, 2)]


def hourly(protocol):
    return np.arange(0.0, protocol.end_h + 0.5, 1.0)


def every_day(protocol):
    return np.arange(0.0, protocol.end_h + 1, 24.0)


# units


@pytest.mark.parametrize(("populations", "drugs"), SHAPES)
def test_units_fit(populations, drugs):
    well_network(populations, drugs, 5).check_units()


@pytest.mark.parametrize("place", ["p1_b1_drug1 efflux", "IL-6 loss in medium", "p1 IL-6 secretion"])
def test_unit_check_catches_a_planted_error(place):
    whole = well_network(1, 1, 1)
    reactions = [
        Reaction(r.name, r.stoichiometry, r.rate * cell_number() if r.name == place else r.rate)
        for r in whole.reactions
    ]
    spoilt = Network("spoilt", whole.species, whole.parameters, reactions, events=whole.events)
    with pytest.raises(errors.UnitError, match=place):
        spoilt.check_units()


def cell_number():
    return Names.of(["p1_b1_cells"])["p1_b1_cells"]


def test_unit_check_catches_a_forgotten_avogadro_number():
    whole = well_network(1, 1, 1)
    reactions = [
        Reaction(r.name, dict.fromkeys(r.stoichiometry, 1), r.rate) if r.name == "p1 IL-6 secretion" else r
        for r in whole.reactions
    ]
    with pytest.raises(errors.UnitError, match="IL-6 secretion"):
        Network("spoilt", whole.species, whole.parameters, reactions).check_units()


@pytest.mark.parametrize("fraction", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("il6_nM", [0.0, 0.3])
def test_medium_change_removes_its_share_of_il6(bench, fraction, il6_nM):
    protocol = Protocol(preincubation_h=24.0, duration_h=24.0, medium_change_h=20.0, medium_change_fraction=fraction)
    at = 20.0
    (course,) = bench.run([bench.well("sensitive_il6", protocol, Arm(il6_nM=il6_nM))], lambda _: (at - 1e-9, at, 48.0))
    before, after, _ = course.levels["il6"]
    assert after == pytest.approx((1 - fraction) * before + fraction * il6_nM, rel=1e-6, abs=1e-12)
    for name in ("p1_il6_mrna", "p1_receptor_complex", "cells"):
        assert course.levels[name][1] == pytest.approx(course.levels[name][0], rel=1e-6)


def test_fresh_medium_holds_the_agents_of_the_arm(bench):
    arm = Arm.known_arm("anti-IL-6R", bench.drugs)
    protocol = Protocol(preincubation_h=24.0, duration_h=24.0, medium_change_h=20.0, washout_h=12.0)
    (course,) = bench.run([bench.well("sensitive", protocol, arm)], lambda _: (0.0, 20.0, 36.0, 48.0))
    assert course.levels["il6r_block"] == pytest.approx(arm.medium["il6r_block"])


# autocrine is collective


def test_an_isolated_cell_sees_its_own_il6_as_diffusion_says(bench, start):
    """c = q/(4 pi D R) at the surface of a sphere, with D = 105 um2/s and R from the cell's volume."""
    radius_dm = (3 * 2.494e-12 / (4 * math.pi)) ** (1 / 3)
    d_dm2_h = 105e-12 * 100 * 3600
    own = 1 / (4 * math.pi * d_dm2_h * radius_dm * 6.02214076e14)
    assert well_parameters()["self_exposure"].value == pytest.approx(own, rel=0.01)
    q = start["k_il6_secretion"] * start["s_il6"] * (1 + start["il6_basal"]) / start["d_il6_mrna"]
    assert bench.own_il6_nM("sensitive_il6") == pytest.approx(q * own, rel=0.01)
    assert bench.own_il6_nM("sensitive_il6") * NG_PER_ML_PER_NM == pytest.approx(0.006, rel=0.5)


def test_own_il6_follows_the_switches_of_its_gene(bench):
    intact = bench.own_il6_nM("resistant")
    assert bench.with_values(cell={"edge_nfkb_il6": 0.0}).own_il6_nM("resistant") < 0.01 * intact
    assert bench.with_values(cell={"sirna_il6": 0.75}).own_il6_nM("resistant") == pytest.approx(0.25 * intact)
    assert bench.with_values(well={"self_exposure": 0.0}).own_il6_nM("resistant") == 0.0


def test_density_decides(bench):
    """Isolated producers stay far below the half-maximal 0.9-1.6 ng/ml; a dense culture passes it."""
    seeded = (1.0, 1e2, 1e3, 1e4, 5e4)
    wells = [bench.well("sensitive_il6", Protocol(seeded_cells=n)) for n in seeded]
    courses = bench.run(wells)
    il6 = np.array([course.levels["il6"][-1] for course in courses]) * NG_PER_ML_PER_NM
    assert (np.diff(il6) > 0).all()
    assert il6[0] < 0.006
    assert il6[-1] > 1.6
    for name in ("p1_pstat3_nuclear", "p1_abcb1_mrna", "p1_mcl1"):
        assert (np.diff([course.levels[name][-1] for course in courses]) > 0).all(), name
    silent = bench.levels("il6", [bench.well("sensitive", Protocol(seeded_cells=n)) for n in seeded])
    assert (silent < 0.05 * il6 + 1e-9).all()


def test_more_medium_dilutes(bench):
    volumes = (5e-5, 1e-4, 1e-3)
    il6 = bench.levels("il6", [bench.well("sensitive_il6", Protocol(medium_volume_l=v)) for v in volumes])
    assert (np.diff(il6) < 0).all()


# growth


@settings(max_examples=6)
@given(seeded=st.floats(10.0, 9e4), effect=st.floats(-1.0, 1.0))
def test_growth_reaches_the_capacity_and_never_exceeds_it(bench, seeded, effect):
    protocol = Protocol(seeded_cells=seeded, duration_h=2400.0)
    (course,) = bench.with_values(cell={"il6_growth_effect": effect}).run(
        [bench.well("sensitive", protocol)], lambda p: np.linspace(0, p.end_h, 60)
    )
    cells = course.levels["cells"]
    assert (np.diff(cells) >= -1e-4 * cells[:-1]).all()
    assert cells.max() <= 1e5 * (1 + 1e-5)
    assert cells[-1] == pytest.approx(1e5, rel=1e-3)


def test_growth_dilutes_what_is_made_at_a_constant_rate_but_not_the_survival_factor(bench):
    """P-gp of growing cells lies below that of resting ones; the survival factor keeps pace with growth."""
    rows = []
    for rate in (0.0, 0.0273):
        silent = {"il6_basal": 0.0, "il6_feedback": 0.0, "edge_cebp_abcb1": 0.0}
        there = bench.with_values(cell={"division_rate_max": rate, **silent})
        protocol = Protocol(seeded_cells=10.0, capacity_cells=1e12, duration_h=240.0)
        (course,) = there.run([there.well("sensitive", protocol)])
        rows.append({name: course.levels[name][-1] for name in ("p1_pgp", "p1_mcl1")})
    resting, growing = rows
    assert growing["p1_pgp"] == pytest.approx(resting["p1_pgp"] * _dilution(bench, 0.0273), rel=1e-3)
    assert growing["p1_mcl1"] == pytest.approx(1.0, rel=1e-4)


def _dilution(bench, rate):
    """Return what dilution of mRNA and protein leaves: loss over loss plus growth, twice."""
    values = bench.overrides.cell
    return math.prod(values[name] / (values[name] + rate) for name in ("d_abcb1_mrna", "d_pgp"))


def test_an_arm_wins_over_what_the_line_carries(bench):
    """A control siRNA in a line under siRNA is a control."""
    arms = (Arm(), Arm(changes={"sirna_il6": 0.0}))
    silenced, control = bench.levels("il6", [bench.well("mcf7_dox_il6_sirna", PLATE, arm) for arm in arms])
    assert control > 1.2 * silenced


def test_growth_is_logistic(bench, start):
    (course,) = bench.run([bench.well("sensitive", Protocol(seeded_cells=1e4))], every_day)
    r, t = start["division_rate_max"], course.time_h
    expected = 1e5 / (1 + 9 * np.exp(-r * t))
    assert course.levels["cells"] == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("effect", [-0.6, 0.0, 0.6])
def test_growth_effect_has_the_sign_of_its_parameter(bench, effect):
    changed = bench if effect == 0 else bench.with_values(cell={"il6_growth_effect": effect})
    arms = (Arm(), Arm(il6_nM=5.0), Arm(il6_nM=5.0).cut("edge_il6_growth"))
    none, with_il6, cut = changed.levels("live_count", [bench.well("sensitive", PLATE, arm) for arm in arms])
    assert math.copysign(abs(with_il6 / none - 1) > 0.02, with_il6 - none) == np.sign(effect)
    assert cut == pytest.approx(none, rel=1e-5)


def test_crowded_producers_share_the_dish(bench):
    """Two populations grow to one capacity, together."""
    well = Well(((bench.line("sensitive"), 0.7), (bench.line("resistant"), 0.3)), Arm(), Protocol(duration_h=1200.0))
    (course,) = bench.run([well])
    assert course.levels["cells"][-1] == pytest.approx(1e5, rel=1e-3)


# bins, populations, ensembles


@settings(max_examples=30)
@given(cv=st.floats(0.0, 3.0), bins=st.integers(1, 12))
def test_bins_of_pgp_have_mean_one(cv, bins):
    factors = np.array(pgp_factors(cv, bins))
    assert factors.mean() == pytest.approx(1.0, rel=1e-9)
    assert (np.diff(factors) >= -1e-12).all()
    assert (factors >= 0).all()


def test_bins_are_equal_without_variation_and_spread_with_it():
    assert np.array(pgp_factors(0.0, 5)) == pytest.approx(np.ones(5), rel=1e-12)
    cv = np.array(pgp_factors(0.5, 400)).std()
    assert cv == pytest.approx(0.5, rel=0.02)


def test_variation_alone_selects_cells_with_more_pgp(bench):
    wells = [bench.dosed("sensitive", "doxorubicin", 1000.0, Protocol(duration_h=72.0, pgp_cv=cv)) for cv in (0.0, 1.0)]
    alike, varied = bench.run(wells)
    bins = [[course.levels[f"p1_b{k}_cells"][-1] for k in range(1, 6)] for course in (alike, varied)]
    assert bins[0] == pytest.approx(np.full(5, bins[0][0]), rel=1e-6)
    assert (np.diff(bins[1]) > 0).all()


def test_halves_of_one_line_are_the_line(bench):
    line, drug = bench.line("resistant"), bench.drug("doxorubicin")
    whole = Well(((line, 1.0),), Arm(), PLATE, ((drug, 1000.0),))
    halves = Well(((line, 0.5), (line, 0.5)), Arm(), PLATE, ((drug, 1000.0),))
    one, two = bench.run([whole, halves], hourly)
    for name in ("cells", "il6", "drug1", "drug1_total", "il6_total"):
        assert two.levels[name] == pytest.approx(one.levels[name], rel=1e-4, abs=1e-7), name
    for name in ("pgp", "drug1", "pstat3_nuclear"):
        assert two.levels[f"p2_{name}"] == pytest.approx(one.levels[f"p1_{name}"], rel=1e-4, abs=1e-4), name


def test_an_absent_population_does_nothing(bench):
    line, other = bench.line("sensitive_il6"), bench.line("resistant")
    alone, beside = bench.run([Well(((line, 1.0),), Arm(), PLATE), Well(((line, 1.0), (other, 0.0)), Arm(), PLATE)])
    for name in ("cells", "il6", "p1_pgp"):
        assert beside.levels[name] == pytest.approx(alone.levels[name], rel=1e-4), name


def test_producers_protect_their_neighbours(bench):
    """In co-culture, non-producers see IL-6; without the receptor edge they do not."""
    lines = ((bench.line("sensitive"), 0.5), (bench.line("sensitive_il6"), 0.5))
    alone, mixed = bench.run([bench.well("sensitive", PLATE), Well(lines, Arm(), PLATE)])
    assert mixed.levels["p1_abcb1_mrna"][-1] > 1.05 * alone.levels["p1_abcb1_mrna"][-1]
    assert mixed.levels["p1_mcl1"][-1] > 1.05 * alone.levels["p1_mcl1"][-1]


def mixed_wells(bench):
    drug, lines = bench.drug("doxorubicin"), ("sensitive", "sensitive_il6", "resistant")
    wells = [Well(((bench.line(n), 1.0),), Arm(), PLATE, ((drug, d),)) for n in lines for d in (0.0, 300.0, 3000.0)]
    wells.append(Well(((bench.line("sensitive"), 0.5), (bench.line("resistant"), 0.5)), Arm(), PLATE))
    wells.append(bench.well("sensitive", Protocol(seeded_cells=3e3)))
    return wells


def ends(courses):
    return np.array([[course.levels[name][-1] for name in ("cells", "il6", "p1_pgp")] for course in courses])


@settings(max_examples=3)
@given(st.randoms(use_true_random=False))
def test_results_do_not_depend_on_order_or_split(bench, random):
    wells = mixed_wells(bench)
    together = ends(bench.run(wells))
    order = list(range(len(wells)))
    random.shuffle(order)
    cut = random.randrange(1, len(wells))
    parts = [*bench.run([wells[i] for i in order[:cut]]), *bench.run([wells[i] for i in order[cut:]])]
    assert [course.well for course in parts] == [wells[i] for i in order]
    assert np.array_equal(ends(parts), together[order])


def test_progress_counts_every_well(bench):
    seen: list[int] = []
    wells = mixed_wells(bench)
    Bench(bench.overrides, lines=bench.lines, progress=seen.append).run(wells)
    assert sum(seen) == len(wells)
    assert min(seen) >= 1


def test_zero_dose_is_no_drug(bench):
    without = bench.well("resistant", PLATE)
    wells = [without, *(bench.dosed("resistant", name, 0.0, PLATE) for name in ("doxorubicin", "paclitaxel"))]
    courses = bench.run(wells, hourly)
    for course in courses[1:]:
        for name in ("cells", "il6", "p1_pgp"):
            assert course.levels[name] == pytest.approx(courses[0].levels[name], rel=1e-6, abs=1e-9), name


def test_levels_stay_positive(bench):
    for course in bench.run(mixed_wells(bench), hourly):
        for name, level in course.levels.items():
            assert level.min() >= -1e-6 * max(1.0, level.max()), name


def test_every_solute_has_a_start_and_an_addition():
    names = set(well_network(1, 2, 5).parameters)
    for solute in (*SOLUTES, "drug1", "drug2", *MEDIUM_BLOCKS):
        assert {f"start_{solute}", f"added_{solute}"} <= names


# bad input


@pytest.mark.parametrize("shares", [(0.5, 0.4), (0.7, 0.7), (1.5, -0.5), (math.nan, 1.0), ()])
def test_fractions_must_add_up(bench, shares):
    with pytest.raises(errors.DesignError, match="add up to 1"):
        Well(tuple((bench.line("sensitive"), share) for share in shares), Arm(), PLATE)


@pytest.mark.parametrize("dose", [-1.0, math.nan, math.inf])
def test_dose_must_be_a_number_from_zero(bench, dose):
    with pytest.raises(errors.DesignError, match="dose of doxorubicin"):
        bench.dosed("sensitive", "doxorubicin", dose, PLATE)


def test_blocker_is_no_drug_of_a_dose_response(bench):
    with pytest.raises(errors.DesignError, match=r"tariquidar is a blocker; try an arm"):
        bench.dosed("sensitive", "tariquidar", 100.0, PLATE)


def test_unknown_values_are_refused(bench):
    with pytest.raises(errors.InputError, match="edge_pgp_eflux"):
        bench.run([bench.well("sensitive", PLATE, Arm(changes={"edge_pgp_eflux": 0.0}))])


def test_circuit_and_well_name_the_same_molecules():
    names = {species.name for species in well_network(2, 1, 5).species}
    assert {f"p{i}_{species.name}" for i in (1, 2) for species in cell.SPECIES} <= names
