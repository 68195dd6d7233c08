"""Made-up patients with tied times, two causes, a response and a column that separates: what R and we both analyse."""

import numpy as np
import pandas as pd


def patients(count: int = 240, seed: int = 11) -> pd.DataFrame:
    """Return patients whose hazard rises with the marker; the same numbers always."""
    random = np.random.default_rng(seed)
    marker, age = random.normal(size=count).round(4), random.normal(60, 10, count).round(1)
    arm, grade = random.integers(0, 2, count), random.choice(["G1", "G2", "G3"], count)
    rate = 0.03 * np.exp(0.5 * marker + 0.02 * (age - 60) + 0.4 * (grade == "G3") - 0.3 * arm)
    first = random.exponential(1 / rate)
    other, censored = random.exponential(60, count), random.uniform(5, 70, count)
    time = np.minimum(np.minimum(first, other), censored)
    event = np.where(time == first, 1, np.where(time == other, 2, 0))
    response = (random.uniform(size=count) < 1 / (1 + np.exp(0.6 + 0.7 * marker))).astype(int)
    flag = (random.uniform(size=count) < 0.1).astype(int)
    # gaps come last, so that what is drawn before does not change
    lacks_marker = (random.uniform(size=count) < 1 / (1 + np.exp(1.4 - 0.08 * (age - 60)))).astype(int)
    lacks_age = ((random.uniform(size=count) < 0.12) & (lacks_marker == 0)).astype(int)
    table = {
        # whole and half months, so that many times are tied
        "time": np.maximum(np.ceil(2 * time) / 2, 0.5),
        "event": event,
        "marker": marker,
        "age": age,
        "grade": grade,
        "arm": arm,
        "response": response,
        "flag": flag,
        "separated": np.where(flag == 1, 1, response),
        "group": np.where(marker < -0.43, "low", np.where(marker < 0.43, "middle", "high")),
        "lacks_marker": lacks_marker,
        "lacks_age": lacks_age,
    }
    return pd.DataFrame(table)
