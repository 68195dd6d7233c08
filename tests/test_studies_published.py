"""Published studies predict every finding that belongs to them, and the verdicts follow from what was computed."""

import pytest

from autocrine.assay import Arm
from autocrine.evidence import Verdict, load_library
from autocrine.studies import conze2001
from autocrine.studies.baseline import bench_with
from autocrine.studies.conze2001 import ConzeMeasures, claims_of, judge_claims
from autocrine.studies.design import published_design
from autocrine.studies.findings import judge_findings
from autocrine.studies.registry import STUDIES
from autocrine.studies.uncertainty import intervals

PROTOCOL = published_design("conze2001").protocol


@pytest.mark.parametrize("key", STUDIES)
def test_a_study_predicts_every_finding_of_its_own(key):
    library = load_library()
    own = {f.key for f in library.findings.values() if f.study == key and f.role != "context"}
    assert own == set(STUDIES[key].findings)


@pytest.mark.parametrize("key", STUDIES)
def test_findings_are_judged_and_a_fitted_one_is_never_a_hit(key):
    judged = judge_findings((key,), draws=0)
    assert {j.finding.key for j in judged} == set(STUDIES[key].findings)
    for one in judged:
        assert not (one.finding.role == "fit" and one.outcome == "hit")


def test_what_the_model_has_no_variable_for_is_not_asked():
    judged = {j.finding.key: j for j in judge_findings(("lee2001",), draws=0)}
    assert judged["lee2001-huh7-mrp"].outcome == "not asked"
    assert judged["lee2001-huh7-mdr1"].predicted is not None


@pytest.fixture(scope="module")
def measures():
    return ConzeMeasures(bench_with({}), PROTOCOL, replicates=2, seed=1, doses=7)


@pytest.mark.parametrize("edge", ["il6_receptor"])
def test_without_the_receptor_the_il6_gene_gives_no_resistance(measures, edge):
    assert measures.measure("fold_resistance_il6_gene") > 1.5
    assert measures.measure("fold_resistance_il6_gene", edge) < 1.5


def test_cutting_the_promoter_leaves_cebp_but_takes_abcb1(measures):
    assert measures.measure("cebp_activity_fold_il6_gene", "cebp_abcb1") > 1.5
    assert measures.measure("abcb1_mrna_fold_il6_gene", "cebp_abcb1") < 1.5


def test_a_claim_is_judged_by_its_two_runs_and_names_what_was_fitted_on_its_edge():
    (claim,) = claims_of(4)
    (judged,) = judge_claims([claim], PROTOCOL, seed=1, replicates=2, draws=1, doses=7)
    assert judged.effect is not None
    assert judged.effect_when_cut is not None
    assert claim.threshold is not None
    passes, still = judged.effect.low > claim.threshold, judged.effect_when_cut.high <= claim.threshold
    assert (judged.verdict == Verdict.REPRODUCED) == (passes and still)
    assert judged.fitted_on_edge == ("cakmak-abcb1", "nci60-abcb1-rna")
    assert judged.as_row()["id"] == "conze2001-4"


def test_an_input_of_the_model_is_at_best_used_for_fit_and_a_hypothesis_is_never_scored():
    judged = judge_claims(
        [*claims_of(1), *claims_of(7), *claims_of(8)], PROTOCOL, seed=1, replicates=2, draws=1, doses=7
    )
    assert [one.verdict for one in judged] == [Verdict.USED_FOR_FIT, Verdict.NOT_ASKED, Verdict.HYPOTHESIS]


def test_a_claim_of_a_paper_that_was_fitted_is_used_for_fit(monkeypatch):
    (claim,) = claims_of(3)
    assert not conze2001._entered_fit(claim)
    fitted = conze2001.baseline.Baseline(findings=("conze2001-cebp",))
    monkeypatch.setattr(conze2001.baseline.Baseline, "load", staticmethod(lambda: fitted))
    assert conze2001._entered_fit(claim)


def test_every_edge_of_a_claim_is_an_edge_of_the_circuit():
    for claim in load_library().claims_of("conze2001"):
        if claim.edge:
            arm = Arm().cut(f"edge_{claim.edge}")
            assert ConzeMeasures(bench_with({}), PROTOCOL, 1, 1, 7).bench.well("sensitive", PROTOCOL, arm)


def test_an_interval_holds_the_best_fit_and_the_draws_and_none_where_the_best_fit_has_none():
    found = intervals([{"a": 2.0, "b": None}, {"a": 1.0, "b": 1.0}, {"a": 4.0, "b": 2.0}])
    interval = found["a"]
    assert interval is not None
    assert interval.low <= 2.0 <= interval.high
    assert interval.value == 2.0
    assert found["b"] is None


def test_what_is_said_to_be_fitted_on_an_edge_was_fitted():
    used = set(conze2001.baseline.Baseline.load().findings)
    for edge, findings in conze2001.FITTED_ON_EDGE.items():
        assert set(findings) <= used, edge
        assert any(claim.edge == edge for claim in load_library().claims_of("conze2001")), edge
