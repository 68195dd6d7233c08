"""Print how long one dose-response fit with its interval takes, in ms."""

import time

import numpy as np

from autocrine.assay import fit_curve

DOSES = np.geomspace(1.0, 10_000.0, 8)
FITS = 100


def milliseconds(replicates: int, noise: float) -> np.ndarray:
    dose, plate = np.tile(DOSES, replicates), np.repeat(np.arange(replicates), DOSES.size)
    random = np.random.default_rng(1)
    taken = []
    for _ in range(FITS):
        ec50, slope = 10 ** random.uniform(0.5, 4.5), random.uniform(0.6, 3)
        value = 1 / (1 + (dose / ec50) ** slope) + noise * random.normal(0, 1, dose.size)
        start = time.perf_counter()
        fit_curve(dose, value, plate if replicates > 1 else None)
        taken.append(time.perf_counter() - start)
    return 1e3 * np.array(taken)


def main() -> None:
    fit_curve(DOSES, 1 / (1 + DOSES / 100))
    print(f"{'wells':>6} {'noise':>6} {'median':>8} {'95 %':>8}   ms per fit with interval, {FITS} fits")
    for replicates in (1, 3, 12):
        for noise in (0.01, 0.1):
            taken = milliseconds(replicates, noise)
            print(f"{8 * replicates:6d} {noise:6.2f} {np.median(taken):8.2f} {np.quantile(taken, 0.95):8.2f}")


if __name__ == "__main__":
    main()
