"""A laboratory as a problem of PEtab: what is read again has the likelihood with which draws are weighted."""

import dataclasses

import pytest

from autocrine.assay import Bench, Protocol, well_sets
from autocrine.calibration import given
from autocrine.core import errors
from autocrine.engine import standards
from autocrine.studies.explain import inference, models, petab_export, synthetic
from autocrine.studies.explain.causes import Causes
from autocrine.studies.explain.emulator import Emulator

PLAN = synthetic.Plan(
    lines=("parent", "MCF-7/R"),
    doses=2,
    replicates=1,
    reach=5,
    arms=("none", "anti-IL-6R"),
    readouts=("il6", "abcb1_mrna", "pgp"),
)


class Exactly(Bench):
    def run_sets(self, wells, values, outputs, *, rtol=1e-8):
        return super().run_sets(wells, values, outputs, rtol=1e-8)


@pytest.fixture(scope="module")
def laboratory():
    planned = synthetic.planned(PLAN)
    return synthetic.measure(planned, synthetic.planted(planned, "both arms"), 5)


@pytest.mark.slow
def test_what_is_written_and_read_again_has_the_same_likelihood(laboratory, tmp_path, monkeypatch):
    monkeypatch.setattr(well_sets, "_RTOL", 1e-8)
    monkeypatch.setattr(well_sets, "_ATOL", 1e-10)
    emulator = Emulator(Causes(laboratory), Exactly())
    assert petab_export.export_petab(emulator, tmp_path) == []
    objective = standards.petab_objective(standards.read_petab(tmp_path / "laboratory.yaml"), 1e-8)
    names = petab_export.identifiers(emulator.causes.priors)
    priors = emulator.causes.priors
    posterior = inference.posterior_of(emulator, models.WHOLE, None)
    for seed in range(2):
        point = 0.3 * priors.sample(1, seed) + 0.7 * priors.centre
        values = dict(zip(priors.names, priors.as_is(point)[0].tolist(), strict=True))
        found = objective.evaluate({names[name]: value for name, value in values.items()}, gradient=False)
        assert found.llh == pytest.approx(posterior.log_likelihood(point)[0][0], rel=1e-6)


def test_the_problem_holds_every_value_and_parameter(laboratory):
    problem, notes = petab_export.problem_of(Emulator(Causes(laboratory)))
    assert notes == []
    assert sum(len(part.measurements) for part in problem.parts) == len(laboratory.measurements)
    assert set(problem.estimated) == set(petab_export.identifiers(Causes(laboratory).priors).values())
    assert {f"measured_{name}" for name in ("viability", "il6", "abcb1_mrna", "pgp")} == set(
        problem.parts[0].observables
    )


def test_censored_values_are_left_out_and_counted(laboratory):
    rows = [dataclasses.replace(row, kind="below") if row.readout == "il6" else row for row in laboratory.measurements]
    problem, notes = petab_export.problem_of(
        Emulator(Causes(dataclasses.replace(laboratory, measurements=tuple(rows))))
    )
    left = sum(row.kind == "below" for row in rows)
    assert notes == [f"PEtab has no censored values: {left} below or above a limit of detection are left out of it."]
    assert "measured_il6" not in problem.parts[0].observables


def test_a_protocol_that_cannot_be_said_is_a_note(tmp_path):
    planned = synthetic.planned(dataclasses.replace(PLAN, protocol=Protocol(medium_change_h=24.0)))
    with pytest.raises(errors.InputError, match="change of medium"):
        petab_export.problem_of(Emulator(Causes(planned)))
    assert "No PEtab" in petab_export.export_petab(Emulator(Causes(planned)), tmp_path)[0]


def test_identifiers_are_told_apart():
    priors = given.Priors([given.Prior("loop_A-1", 0.0, 1.0), given.Prior("loop_A+1", 0.0, 1.0)])
    assert petab_export.identifiers(priors) == {"loop_A-1": "loop_A_1", "loop_A+1": "loop_A_1_2"}
