"""Power of a marker in simulated trials: laws of the estimates, and no marker where there is no loop."""

import math

import numpy as np
import pandas as pd
import pytest

from autocrine.cohort import Campaign, Population, Protocol, find_weights, load_regimens
from autocrine.core import Document, errors, generator
from autocrine.studies.trial_power import Effect, find_power, fit_effects, needed, settings_of, wilson


def table(ratio, count=2000, seed=1, arms=1, interaction=1.0):
    """Return exponential times whose hazard rises by a ratio per doubling of the marker."""
    random = generator(seed, "power")
    marker, arm = random.standard_normal(count), random.integers(0, arms, count)
    time = random.standard_exponential(count) / (ratio * interaction**arm) ** marker
    return pd.DataFrame({
        "il6_pg_ml": 2.0**marker, "log10_burden": random.standard_normal(count), "arm": np.array(["a", "b"])[arm],
        "pfs_days": np.minimum(time, 2.0), "pfs_event": (time <= 2.0).astype(int),
    })  # fmt: skip


def test_a_known_ratio_is_found():
    found = fit_effects(table(1.5), "pfs")
    assert set(found) == {"prognostic"}
    assert math.exp(found["prognostic"].log_ratio) == pytest.approx(1.5, rel=0.1)
    assert found["prognostic"].found


def test_prognostic_is_not_predictive():
    both = fit_effects(table(1.0, arms=2, interaction=1.6), "pfs")
    assert math.exp(both["predictive"].log_ratio) == pytest.approx(1.6, rel=0.15)
    only = fit_effects(table(1.6, arms=2), "pfs")
    assert only["prognostic"].found
    assert abs(only["predictive"].z) < 3


def test_what_cannot_be_fitted_is_not_found():
    few = table(1.5).assign(pfs_event=0)
    assert not fit_effects(few, "pfs")["prognostic"].found
    assert not fit_effects(table(1.5).assign(il6_pg_ml=1.0), "pfs")["prognostic"].found


def test_patients_needed_follow_from_z():
    assert needed(Effect(0.5, 0.5 / 2.80158), 100) == math.inf  # |z| < 3: not above noise
    assert needed(Effect(1.0, 1.0 / 5.60316), 100) == pytest.approx(25, abs=1)
    assert needed(Effect(math.nan, math.nan), 100) == math.inf


def test_wilson():
    assert wilson(5, 100) == pytest.approx((0.0215, 0.1118), abs=1e-4)
    assert wilson(0, 10)[0] == pytest.approx(0.0, abs=1e-12)
    assert all(math.isnan(bound) for bound in wilson(0, 0))
    with pytest.raises(errors.InputError, match="hits must not exceed"):
        wilson(3, 2)


def test_settings_are_varied_one_at_a_time():
    from autocrine.cohort import Trial

    text = (
        '[arm.a]\nregimen = "ac_t"\n[power]\nloop_strengths = [0, 1]\nassay_cvs = [0.5]\nproducer_prevalences = [0.2]\n'
    )
    settings = settings_of(Trial.read(Document.parse(text, "t.toml")))
    assert [(s.varied, s.value) for s in settings] == [
        ("loop_strength", 0.0), ("loop_strength", 1.0), ("producer_prevalence", 0.2), ("assay_cv", 0.5),
    ]  # fmt: skip
    assert settings[0].protocol.population.loop_strength == 0.0
    assert settings[3].protocol.assay.cv == 0.5
    assert settings[3].protocol.population == Population()


def test_power_of_a_small_question():
    from autocrine.cohort import Trial

    text = """
    [trial]
    accrual_days = 30
    follow_up_days = 150
    match = false
    [arm.a]
    regimen = "ac_t"
    [power]
    sizes = [40]
    repeats = 4
    loop_strengths = [1.0]
    """
    trial = Trial.read(Document.parse(text, "t.toml"))
    found = find_power(trial, 1, find_weights(trial.protocol.population, 1, matched=False))
    assert found["adjusted_for_burden"].tolist() == [True, False]
    assert (found["trials"] == 4).all()
    assert found["power"].between(0, 1).all()


@pytest.mark.slow
def test_without_the_loop_il6_is_a_null_marker(tmp_path):
    """1,000 trials of 96 patients from drawing to Cox model: 5 % is in the 95 % interval of the type-I error."""
    protocol = Protocol({"ac_t": (load_regimens()["ac_t"], 1.0)}, Population(loop_strength=0.0))
    weights = find_weights(protocol.population, 1)
    campaign = Campaign(protocol, weights, 96_000, 1, tmp_path)
    campaign.run()
    pool = pd.concat(campaign.tables(), ignore_index=True)
    hits = sum(fit_effects(pool.iloc[i * 96 : (i + 1) * 96], "pfs")["prognostic"].found for i in range(1000))
    low, high = wilson(hits, 1000)
    assert low <= 0.05 <= high, (hits, low, high)
    assert abs(fit_effects(pool, "pfs")["prognostic"].z) < 3
