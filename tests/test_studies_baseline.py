"""The baseline fit sees findings with role fit, and nothing else."""

import dataclasses

import numpy as np
import pytest

from autocrine.circuit import baseline
from autocrine.core import errors
from autocrine.evidence import load_library
from autocrine.studies import baseline as fitting
from autocrine.studies.baseline import FREE, bench_with, fit_baseline, fitted_findings, predict
from autocrine.studies.registry import STUDIES


def test_the_stored_baseline_used_exactly_the_findings_with_role_fit_and_a_number():
    wanted = {f.key for f in load_library().findings.values() if f.role == "fit" and f.number is not None}
    assert set(baseline.Baseline.load().findings) == wanted
    assert {finding.key for finding in fitted_findings()} == wanted


def test_every_fitted_finding_belongs_to_a_study_that_predicts_it():
    predicted = {key for study in STUDIES.values() for key in study.findings}
    assert {finding.key for finding in fitted_findings()} <= predicted


def test_a_held_out_finding_is_refused():
    held_out = next(f for f in load_library().findings.values() if f.role == "hold_out")
    with pytest.raises(errors.InputError, match="role fit only"):
        fit_baseline([held_out])


def test_no_experiment_of_a_held_out_finding_is_done_for_the_fit(monkeypatch):
    """A part that predicts only held-out findings must not even run."""
    fitted = {finding.key for finding in fitted_findings()}

    def refuse(_bench):
        raise AssertionError("a held-out experiment was done")

    guarded = {
        key: dataclasses.replace(
            study, parts=tuple((keys, do if fitted & set(keys) else refuse) for keys, do in study.parts)
        )
        for key, study in STUDIES.items()
    }
    monkeypatch.setattr(fitting, "STUDIES", guarded)
    values = baseline.Baseline.load().parameters.values_by_name
    assert set(predict(values, fitted_findings())) == fitted


def test_other_held_out_numbers_leave_the_residuals_as_they_are(monkeypatch):
    """Change every held-out number in the library: what the fit minimises does not move."""
    values = baseline.Baseline.load().parameters.values_by_name

    def residuals():
        findings = fitted_findings()
        predictions = predict(values, findings)
        return [fitting._pull(finding, predictions[finding.key]) for finding in findings]

    before = residuals()
    library = load_library()
    planted = {
        key: dataclasses.replace(f, number=None if f.number is None else 1e6 * f.number) if f.role == "hold_out" else f
        for key, f in library.findings.items()
    }
    monkeypatch.setattr(fitting, "load_library", lambda: dataclasses.replace(library, findings=planted))
    assert residuals() == before


def test_the_stored_baseline_predicts_the_fitted_findings_within_three_standard_deviations():
    predictions = predict(baseline.Baseline.load().parameters.values_by_name, fitted_findings())
    pulls = {finding.key: fitting._pull(finding, predictions[finding.key]) for finding in fitted_findings()}
    assert max(map(abs, pulls.values())) < 3, pulls


def test_the_draws_lie_within_what_the_findings_allow():
    stored = baseline.Baseline.load()
    assert len(stored.draws) == 32
    for name, parameter in stored.parameters.items():
        logs = np.log([draw[name] for draw in stored.draws])
        assert abs(np.mean(logs) - np.log(parameter.value)) < 2 * np.std(logs) + 0.05, name


def test_the_defaults_are_the_fitted_values():
    stored = baseline.Baseline.load().parameters
    bench = bench_with({})
    from autocrine.circuit import cell

    for name, parameter in stored.items():
        if baseline.SEPARATOR in name:
            line, inner = name.split(baseline.SEPARATOR)
            assert bench.line(line).values[inner] == parameter.value
        else:
            assert cell.cell_parameters()[name].value == parameter.value
            assert cell.cell_parameters()[name].basis == "fitted"


def test_a_written_baseline_reads_back(tmp_path):
    findings = fitted_findings()[:2]
    names = FREE
    fit = fitting.Fit(names, np.zeros(len(names)), {f.key: 1.0 for f in findings}, 0.5)
    drawn = [fitting.Fit(names, np.full(len(names), 0.01 * k), {}, 0.5) for k in range(-2, 1)]
    path = tmp_path / "baseline.toml"
    fitting.write_baseline(fit, drawn, findings, path, seed=3)
    from autocrine.core import Document

    read = baseline.Baseline.from_document(Document.load(path))
    assert read.findings == tuple(f.key for f in findings)
    assert len(read.draws) == 3
    assert read.parameters["survival_gain"].value == 1.0


@pytest.mark.slow
def test_the_fit_can_be_repeated():
    """From the priors, the fit finds the stored values again, within a fraction of their interval."""
    found = fit_baseline().values
    for name, parameter in baseline.Baseline.load().parameters.items():
        interval = np.log(parameter.high / parameter.low)
        assert abs(np.log(found[name] / parameter.value)) < 0.1 * interval, name
