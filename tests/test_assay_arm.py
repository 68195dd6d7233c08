"""Arms: read from tables in units of the bench, cut edges, and refuse what cannot be."""

from dataclasses import replace

import pytest

from autocrine.assay import Arm, Protocol
from autocrine.circuit import Pharmacology, edge
from autocrine.core import Document, errors

DRUGS = Pharmacology.load()


def read(text):
    document = Document.parse(f"[made]\n{text}\n", "study.toml")
    return Arm.from_document("made", document.table("made"), DRUGS)


def test_amounts_may_be_mass_or_molar():
    assert read('il6 = "20.9 ng/ml"').il6_nM == pytest.approx(1.0)
    assert read('il6 = "50 pM"').il6_nM == pytest.approx(0.05)
    assert read('sil6r = "50 ng/ml"').sil6r_nM == pytest.approx(1.0)
    siltuximab = DRUGS["siltuximab"]
    mass = siltuximab.molar_mass_g_mol * 2e-9 * 1e9 / 1000  # 2 nM in ug/l
    (agent,) = read(f'agents = {{ siltuximab = "{mass} ng/ml" }}').agents
    assert agent == (siltuximab, pytest.approx(2.0))


def test_blockers_add_up_over_their_ki():
    arm = read('agents = { tariquidar = "51 nM", verapamil = "6 uM" }')
    assert arm.medium["pump_block"] == pytest.approx(51 / 5.1 + 6000 / 3000)
    assert read('agents = ["siltuximab"]').medium["siltuximab"] == pytest.approx(DRUGS["siltuximab"].doses_nM[0])
    assert set(Arm().medium.values()) == {0.0}


def test_every_blocker_has_a_place_in_the_medium():
    for drug in DRUGS.values():
        if drug.kind == "blocker":
            held = Arm(agents=((drug, 10.0),)).medium
            assert sum(level > 0 for level in held.values()) == 1, drug.name


@pytest.mark.parametrize("name", edge.load_edges())
def test_every_edge_can_be_cut(name):
    assert read(f'cut = ["{name}"]').changes == {name: 0.0}
    arm = Arm("x", il6_nM=1.0, changes={"sirna_il6": 0.5})
    assert arm.cut(name).changes == {"sirna_il6": 0.5, name: 0.0}
    assert arm.cut(name).il6_nM == 1.0
    assert name not in arm.changes


def test_a_study_adds_to_the_arms_that_all_know():
    known = Arm.known(Document.parse('[mine]\nil6 = "1 nM"\n', "study.toml"), DRUGS)
    assert {"none", "anti-IL-6R", "anti-IL-6", "dominant-negative C/EBP", "P-gp blocker", "ABCB1 siRNA"} < set(known)
    assert known["mine"].il6_nM == 1.0
    assert known["none"] == Arm("none")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('agents = ["tocilizumap"]', "tocilizumab"),
        ('agents = ["nonsense"]', "must be one that is known"),
        ('agents = ["doxorubicin"]', "must be a blocker, but doxorubicin is a cytotoxic"),
        ('agents = ["rhodamine 123"]', "must be a blocker"),
        ("agents = [3]", "must be a list of names"),
        ('agents = [["tocilizumab"]]', "must be a list of names"),
        ('agents = { tariquidar = "5 mg" }', "must be one that converts to nM"),
        ("agents = { tariquidar = 5 }", "must be one that converts to nM"),
        ('agents = { tariquidar = "-5 nM" }', "must not be negative"),
        ('agents = { tariquidar = "nan nM" }', "must be finite"),
        ('il6 = "5 mg"', "must be one that converts to nM"),
        ('il6 = "-1 ng/ml"', "must not be negative"),
        ("il6 = 5", "must be text"),
        ("sirna = { abcb2 = 0.5 }", "abcb1"),
        ("sirna = { abcb1 = 2 }", "between 0 and 1"),
        ("sirna = { abcb1 = -0.1 }", "between 0 and 1"),
        ("sirna = { abcb1 = nan }", "between 0 and 1"),
        ('sirna = { abcb1 = "much" }', "must be a number"),
        ('cut = ["edge_il6_cebq"]', "edge_il6_cebp"),
        ("cut = [1]", "must be a list of names"),
        ('cebp_dominant_negative = "5 nM"', "converts to molecule/cell"),
        ('cebp_dominant_negative = "-5 molecule/cell"', "must not be negative"),
        ('agent = ["tocilizumab"]', "try agents"),
    ],
)
def test_what_cannot_be_is_refused_with_file_line_and_key(text, message):
    with pytest.raises(errors.InputError, match=r"study\.toml, line 2, key made") as caught:
        read(text)
    assert message in str(caught.value)


def test_the_affinity_of_an_own_antibody_counts(bench):
    """One that hardly binds has no effect, and two kinds at once are refused."""
    siltuximab = bench.drug("siltuximab")
    useless = replace(siltuximab, name="useless", parameters=siltuximab.parameters.changed({"ki": 1e7}))
    protocol = Protocol(preincubation_h=24.0, duration_h=24.0)
    arms = [Arm(), Arm("good", ((siltuximab, 100.0),)), Arm("useless", ((useless, 100.0),))]
    none, good, bad = bench.levels("il6", [bench.well("sensitive_il6", protocol, arm) for arm in arms])
    assert good < 0.1 * none
    assert bad == pytest.approx(none, rel=0.01)
    with pytest.raises(errors.DesignError, match="one antibody"):
        bench.well("sensitive_il6", protocol, Arm("both", ((siltuximab, 1.0), (useless, 1.0)))).parameters(
            bench.overrides
        )
