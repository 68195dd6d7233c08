"""Laws of one cell: what IL-6 does, through which edge, and what is left when an edge is cut."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autocrine.circuit import cell, edge
from autocrine.core import Parameters, errors
from autocrine.engine import Network, Reaction, simulate, steady_state

IL6_NM = 0.5
SPECIES = [species.name for species in cell.SPECIES]
#: what siRNA against a gene lowers first
PRODUCT = {
    "il6": "il6_mrna",
    "il6r": "il6r",
    "il6st": "il6st",
    "stat3": "pstat3_nuclear",
    "socs3": "socs3",
    "cebpb": "lap",
    "cebpd": "cebpd",
    "abcb1": "pgp",
    "mcl1": "mcl1",
}
#: everything that IL-6 can change in a cell without secretion by itself
DOWNSTREAM = ("pstat3", "pstat3_nuclear", "socs3", "lap", "lip", "cebpd", "abcb1_mrna", "pgp", "mcl1", "il6_mrna")


@pytest.fixture(scope="module")
def resting(start):
    """Return steady levels by name, with changed parameters; arrays give one level per value."""

    def find(il6_nM=IL6_NM, **changes):
        result = steady_state(cell.cell_network(), {**start, "il6_at_cell": il6_nM, **changes})
        return {name: result[name] for name in SPECIES}

    return find


@pytest.fixture(scope="module")
def untouched(resting):
    """The levels of a cell that sees no IL-6."""
    return resting(0.0)


@pytest.fixture(scope="module")
def stimulated(resting):
    """The levels of a cell in IL-6."""
    return resting()


def assert_same(left, right, names=DOWNSTREAM, rel=1e-6):
    for name in names:
        assert left[name] == pytest.approx(right[name], rel=rel, abs=1e-7), name


def activity(levels, start, **changes):
    p = {**start, **changes}
    on, off = levels["lap"] + levels["cebpd"], levels["lip"] + p["cebp_dominant_negative"]
    return on / (p["k_cebp_site"] + on + off)


def test_units_fit():
    cell.cell_network().check_units()


@pytest.mark.parametrize(
    ("wrong", "reaction"),
    [
        ("a rate without its rate constant", "IL6 mRNA decay"),
        ("a concentration where molecules are counted", "P-gp decay"),
        ("a rate squared", "STAT3 phosphorylation"),
    ],
)
def test_unit_check_catches_a_planted_error(wrong, reaction):
    def spoilt(y, p, x):
        planted = {
            "IL6 mRNA decay": lambda rate: rate / p.d_il6_mrna,
            "P-gp decay": lambda rate: rate * x.il6_at_cell,
            "STAT3 phosphorylation": lambda rate: rate**2,
        }
        inside = set(SPECIES)
        return [
            Reaction(
                r.name,
                {name: n for name, n in r.stoichiometry.items() if name in inside},
                planted[r.name](r.rate) if r.name == reaction else r.rate,
            )
            for r in cell.cell(y, p, x)
            if any(name in inside for name in r.stoichiometry)
        ]

    whole = cell.cell_network()
    names = set(cell.cell_parameters())
    outside = Parameters(q for name, q in whole.parameters.items() if name not in names)
    network = Network.from_function("spoilt", spoilt, cell.SPECIES, cell.cell_parameters(), surroundings=outside)
    with pytest.raises(errors.UnitError, match=reaction):
        network.check_units()


@settings(max_examples=6)
@given(il6=st.floats(0.0, 10.0), copies=st.floats(1.0, 100.0), feedback=st.floats(0.0, 2.0))
def test_steady_state_is_a_long_run(start, il6, copies, feedback):
    values = {**start, "il6_at_cell": il6, "abcb1_copies": copies, "il6_feedback": feedback}
    steady = steady_state(cell.cell_network(), values)
    run = simulate(cell.cell_network(), [0.0, 3000.0], values, rtol=1e-9)
    assert steady.stable.all()
    assert run.values[0, -1] == pytest.approx(steady.values[0], rel=1e-5, abs=1e-6)


def test_resting_cell_is_at_its_declared_levels(untouched, start):
    """Without IL-6 the receptors and genes stand where synthesis over loss puts them."""
    k, shed = start["k_il6r_internalisation"], start["k_shedding"]
    assert untouched["il6r"] == pytest.approx(start["il6r_resting"] * k / (k + shed), rel=1e-8)
    assert untouched["il6st"] == pytest.approx(start["il6st_resting"], rel=1e-8)
    assert untouched["mcl1"] == pytest.approx(start["mcl1_resting"], rel=1e-6)
    assert untouched["pstat3_nuclear"] == pytest.approx(0.0, abs=1e-6)
    assert untouched["cebpd"] == pytest.approx(0.0, abs=1e-3)


def test_il6_drives_the_chain_to_pgp_and_survival(untouched, stimulated):
    for name in ("pstat3_nuclear", "socs3", "lap", "cebpd", "abcb1_mrna", "pgp", "mcl1"):
        assert stimulated[name] > 1.05 * untouched[name], name
    assert stimulated["il6r"] < untouched["il6r"]
    assert stimulated["il6st"] < untouched["il6st"]


def test_response_rises_with_il6(resting):
    doses = np.concatenate([[0.0], np.geomspace(1e-3, 10.0, 8)])
    levels = resting(doses)
    for name in ("pstat3_nuclear", "abcb1_mrna", "mcl1"):
        assert (np.diff(levels[name]) > 0).all(), name
    assert (levels["pstat3_nuclear"] < 215370.0).all()


@pytest.mark.parametrize(
    "without",
    [
        {"il6r_resting": 0.0},
        {"sirna_il6r": 1.0},
        {"edge_il6_receptor": 0.0},
        {"il6st_resting": 0.0},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_no_receptor_no_effect(resting, without):
    assert_same(resting(10.0, **without), resting(0.0, **without))


@pytest.mark.parametrize("block", ["il6r_block", "jak_block"])
def test_saturating_blocker_is_no_il6(resting, untouched, block):
    assert_same(resting(**{block: 1e13}), untouched)


def test_without_stat3_cebp_and_abcb1_do_not_hear_il6(resting, untouched):
    """The branch that leaves the receptor directly is left: survival still hears it."""
    deaf = resting(10.0, sirna_stat3=1.0)
    assert_same(deaf, untouched, ("lap", "lip", "abcb1_mrna", "pgp", "il6_mrna"))
    assert deaf["mcl1"] > 1.05 * untouched["mcl1"]
    assert_same(resting(10.0, sirna_stat3=1.0, stat3_share=1.0), untouched, ("mcl1",))


@pytest.mark.parametrize("block", ["il6r_block", "jak_block"])
def test_more_blocker_less_signal(resting, block):
    signal = resting(**{block: np.array([0.0, 0.3, 3.0, 30.0, 300.0])})["pstat3_nuclear"]
    assert (np.diff(signal) < 0).all()


def test_antibody_competes_with_il6_for_free_receptors(resting, stimulated):
    """Twice the IL-6 under an antibody at its Kd binds as fast as the IL-6 alone."""
    both = resting(2 * IL6_NM, il6r_block=1.0)
    assert_same(both, stimulated)
    assert both["receptor_complex"] == pytest.approx(stimulated["receptor_complex"], rel=1e-6)


def test_trans_signalling_needs_gp130_only(resting, untouched):
    """Soluble IL-6R gives signalling to cells without IL-6R, unless the switch takes it away."""
    deaf = {"il6r_resting": 0.0}
    signal = resting(0.0, il6_sil6r=1.0, **deaf)
    assert signal["pstat3_nuclear"] > 100
    assert signal["abcb1_mrna"] > 1.05 * untouched["abcb1_mrna"]
    assert_same(resting(0.0, il6_sil6r=1.0, edge_trans_signalling=0.0, **deaf), untouched)
    assert_same(resting(0.0, il6_sil6r=1.0, il6st_resting=0.0, **deaf), untouched)
    blocked = resting(0.0, il6_sil6r=1.0, jak_block=1e13, **deaf)
    assert_same(blocked, untouched)


@settings(max_examples=8)
@given(copies=st.floats(1.0, 300.0), il6=st.sampled_from([0.0, 0.05, 5.0]))
def test_amplification_multiplies_mrna_exactly(start, copies, il6):
    """Gene dose and IL-6 are separate causes: their folds multiply, and nothing else moves."""
    values = {**start, "il6_at_cell": il6, "abcb1_copies": np.array([1.0, copies])}
    levels = steady_state(cell.cell_network(), values)
    for name in ("abcb1_mrna", "pgp"):
        assert levels[name][1] == pytest.approx(copies * levels[name][0], rel=1e-7)
    assert levels["lap"][1] == pytest.approx(levels["lap"][0], rel=1e-9)


def test_y_box_carries_the_effect_of_il6_but_not_the_leak(resting, start):
    leak = start["s_abcb1"] * start["abcb1_leak"] / start["d_abcb1_mrna"]
    for il6 in (0.0, 10.0):
        for switch in ("y_box", "edge_cebp_abcb1"):
            assert resting(il6, **{switch: 0.0})["abcb1_mrna"] == pytest.approx(leak, rel=1e-8)


def test_cebp_edge_keeps_il6_from_cebp_but_not_from_survival(resting, untouched, stimulated):
    cut = resting(edge_il6_cebp=0.0)
    assert_same(cut, untouched, ("lap", "lip", "cebpd", "abcb1_mrna", "pgp"))
    assert_same(cut, stimulated, ("pstat3_nuclear", "socs3", "mcl1"))


def test_survival_edge_keeps_il6_from_survival_but_not_from_pgp(resting, untouched, stimulated):
    for cut in (resting(edge_il6_survival=0.0), resting(survival_gain=0.0)):
        assert_same(cut, untouched, ("mcl1",))
        assert_same(cut, stimulated, ("pstat3_nuclear", "lap", "pgp"))


def test_il6_represses_abcb1_where_a_tissue_says_so(resting, untouched):
    """The sign of IL-6's effect on ABCB1 is a property of the tissue."""
    levels = resting(abcb1_stat3_repression=5.0, y_box=0.0)
    assert levels["abcb1_mrna"] < 0.9 * untouched["abcb1_mrna"]


@settings(max_examples=6)
@given(fraction=st.floats(0.06, 0.5))
def test_lip_lowers_cebp_activity(start, fraction):
    values = {**start, "il6_at_cell": IL6_NM, "lip_fraction": np.array([0.05, fraction])}
    levels = steady_state(cell.cell_network(), values)
    few, many = ({name: levels[name][i] for name in ("lap", "lip", "cebpd")} for i in (0, 1))
    assert activity(many, start) < activity(few, start)
    assert levels["abcb1_mrna"][1] < levels["abcb1_mrna"][0]


def test_dominant_negative_removes_cebp_activity(resting, untouched, stimulated, start):
    leak = start["s_abcb1"] * start["abcb1_leak"] / start["d_abcb1_mrna"]
    mrna = [stimulated["abcb1_mrna"], *(resting(cebp_dominant_negative=n)["abcb1_mrna"] for n in (1e5, 1e7, 1e12))]
    assert np.all(np.diff(np.ravel(mrna).astype(float)) < 0)
    assert mrna[-1] == pytest.approx(leak, rel=1e-4)
    for name in ("pstat3_nuclear", "mcl1", "lap"):
        assert resting(cebp_dominant_negative=1e7)[name] == pytest.approx(stimulated[name], rel=1e-6)


def test_socs3_is_a_brake(resting, stimulated):
    free = resting(edge_socs3=0.0)
    assert free["pstat3_nuclear"] > 1.05 * stimulated["pstat3_nuclear"]
    assert free["receptor_complex"] > stimulated["receptor_complex"]
    assert_same(free, resting(sirna_socs3=1.0), ("pstat3_nuclear", "receptor_complex", "lap"))


def test_socs3_slows_the_kinase_beside_removing_receptors(resting):
    """Each of the two effects is a brake by itself (Sobotta 2017: on the kinase; HepG2 core model: on receptors)."""
    for alone in ({"k_socs3_degradation": 0.0}, {"k_socs3_brake": 1e12}):
        braked, free = resting(**alone)["pstat3_nuclear"], resting(**alone, edge_socs3=0.0)["pstat3_nuclear"]
        assert free > 1.02 * braked, alone


def test_stat3_overshoots_because_of_socs3(start):
    """The brake comes later than the signal: pSTAT3 peaks and falls, and stays up without SOCS3."""
    values = {**start, "il6_at_cell": 2.0, "edge_socs3": np.array([1.0, 0.0]), "k_complex_internalisation": 1.0}
    rest = steady_state(cell.cell_network(), start)
    initial = {name: float(rest[name][0]) for name in SPECIES}
    course = simulate(cell.cell_network(), np.linspace(0, 6, 121), values, initial=initial)["pstat3_nuclear"]
    peak, last = course.max(axis=1), course[:, -1]
    assert peak[0] / last[0] > 1.2 * peak[1] / last[1]


def test_each_drive_of_the_il6_gene_has_its_switch(resting, untouched):
    def mrna(il6=0.0, **changes):
        return float(resting(il6, **changes)["il6_mrna"][0])

    assert mrna(il6_basal=0.0) == pytest.approx(0.0, abs=1e-9)
    assert mrna(il6_transgene=1.0, il6_basal=0.0) == pytest.approx(100.0, rel=1e-2)
    assert mrna(il6_nfkb=1.0, il6_basal=0.0) == mrna(il6_transgene=1.0, il6_basal=0.0)
    assert mrna(il6_nfkb=1.0, edge_nfkb_il6=0.0) == pytest.approx(float(untouched["il6_mrna"][0]), rel=1e-9)
    assert mrna(il6_transgene=1.0, edge_nfkb_il6=0.0) > 50
    assert mrna(IL6_NM) > 1.05 * mrna(IL6_NM, edge_feedback_il6=0.0)
    assert mrna(IL6_NM, edge_feedback_il6=0.0) == pytest.approx(mrna(0.0), rel=1e-6)
    assert mrna(IL6_NM, sirna_stat3=1.0) == pytest.approx(mrna(0.0), rel=1e-3)


def test_every_gene_has_a_product_to_silence():
    genes = {name.removeprefix("sirna_") for name in cell.cell_parameters() if name.startswith("sirna_")}
    assert genes == set(PRODUCT)


@pytest.mark.parametrize("gene", PRODUCT)
def test_sirna_lowers_its_product(resting, gene):
    levels = resting(**{f"sirna_{gene}": np.array([0.0, 0.4, 0.85, 1.0])})[PRODUCT[gene]]
    assert (np.diff(levels) < 0).all()
    assert levels[-1] <= 1e-3 * levels[0]


@pytest.mark.parametrize("gene", ["il6", "abcb1", "cebpb", "mcl1"])
def test_sirna_removes_its_fraction_where_nothing_feeds_back(resting, gene):
    before, after = resting(0.0, **{f"sirna_{gene}": np.array([0.0, 0.3])})[PRODUCT[gene]]
    assert after == pytest.approx(0.7 * before, rel=1e-6)


def test_every_edge_is_a_parameter_and_its_cut_matters(resting, stimulated):
    """An edge that changes nothing when it is cut would make every claim about it insensitive."""
    base = {"il6_sil6r": 0.2, "il6_nfkb": 0.5}
    intact = resting(**base)
    elsewhere = {"edge_pgp_efflux", "edge_il6_growth"}  # in the well: drugs and division
    for name in edge.load_edges():
        assert cell.cell_parameters()[name].value == 1.0
        cut = resting(**base, **{name: 0.0})
        moved = max(float(abs(cut[n] - intact[n]).item() / (abs(intact[n]).item() + 1e-9)) for n in SPECIES)
        assert (moved > 1e-3) is (name not in elsewhere), name
