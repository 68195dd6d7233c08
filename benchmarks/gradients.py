"""What derivatives by many parameters cost, in plain trajectories, and how good they are.

The chain of `ensembles.py` is differentiated by the engine and by central differences, in one process on one processor,
in turn. Errors are of the derivatives by the logarithms of the parameters, over the outputs, against a run at 1e-10.
Run as ``python benchmarks/gradients.py [blocks of four species] [trajectories] [parameters]``.
"""

from __future__ import annotations

import platform
import sys
import time
from collections.abc import Callable

import numpy as np

from autocrine.engine import Network, simulate
from ensembles_machine import description
from ensembles_models import OUTPUTS, chain

TURNS = 3
#: relative step of central differences: the cube root of a relative error of 1e-9
STEP = 1e-3
Values = dict[str, np.ndarray]
Solve = Callable[[], np.ndarray]


def differences(network: Network, times: np.ndarray, values: Values, by: list[str], options: dict) -> np.ndarray:
    """Return derivatives by central differences: two trajectories for each parameter, all in one ensemble."""
    count = len(values[by[0]])
    signs = np.array([1 + STEP, 1 - STEP])
    moved = {name: np.tile(each, 2 * len(by)) for name, each in values.items()}
    for place, name in enumerate(by):
        part = slice(2 * place * count, 2 * (place + 1) * count)
        moved[name][part] *= np.repeat(signs, count)
    found = simulate(network, times, moved, **options).values.reshape(len(by), 2, count, len(times), -1)
    sizes = np.stack([2 * STEP * values[name] for name in by])[:, :, None, None]
    return np.moveaxis((found[:, 0] - found[:, 1]) / sizes, 0, -1)


def measured(tools: dict[str, Solve]) -> dict[str, tuple[float, np.ndarray]]:
    """Return the seconds, least of some turns, and the result of each tool."""
    best: dict[str, float] = {}
    results: dict[str, np.ndarray] = {name: tool() for name, tool in tools.items()}
    for _ in range(TURNS):
        for name, tool in tools.items():
            began = time.perf_counter()
            results[name] = tool()
            best[name] = min(best.get(name, np.inf), time.perf_counter() - began)
    return {name: (best[name], results[name]) for name in tools}


def compare(network: Network, times: np.ndarray, values: Values, by: list[str], rtol: float) -> None:
    """Print time and error of each way at a tolerance."""
    options = {"outputs": [each.name for each in network.species], "threads": 1}
    at: dict = options | {"rtol": rtol, "atol": rtol * 1e-3}
    best = simulate(network, times, values, **options, rtol=1e-10, atol=1e-13, gradient=by)
    logarithmic = np.stack([values[name] for name in by], axis=-1)[:, None, None, :]
    size = np.abs(best.values) + 1e-3 * np.abs(best.values).max(axis=(0, 1))
    tools: dict[str, Solve] = {
        "no derivatives": lambda: simulate(network, times, values, **at).values,
        "gradient": lambda: simulate(network, times, values, **at, gradient=by).gradient,
        "gradient, tolerance 10": lambda: (
            simulate(network, times, values, **at, gradient=by, gradient_tolerance=10.0).gradient
        ),
        "gradient, steps of the states": lambda: (
            simulate(network, times, values, **at, gradient=by, gradient_tolerance=np.inf).gradient
        ),
        "central differences": lambda: differences(network, times, values, by, at),
    }
    found = measured(tools)
    count, plain = len(values[by[0]]), found["no derivatives"][0]
    for name, (seconds, result) in found.items():
        line = f"{rtol:.0e} {name:30} {seconds / count * 1e3:9.3f} ms {seconds / plain:7.1f} plain trajectories"
        if name != "no derivatives":
            off = np.abs(result - best.gradient) * logarithmic / size[..., None]
            line += f"   mean largest error {off.max(axis=(1, 2, 3)).mean():.1e}"
        print(line)


def main(size: int, count: int, parameters: int) -> None:
    network, times = chain(size), np.linspace(0.0, 96.0, OUTPUTS)
    by = list(network.parameters)[:parameters]
    random = np.random.default_rng(1)
    values = {name: network.parameters[name].value * random.lognormal(0, 0.2, count) for name in by}
    print(f"{description()[0]}, Python {platform.python_version()}, NumPy {np.__version__}")
    print(f"{len(network.species)} species, {len(by)} parameters, {count} trajectories, {OUTPUTS} times")
    for rtol in (1e-4, 1e-6, 1e-8):
        compare(network, times, values, by, rtol)


if __name__ == "__main__":
    given = [int(each) for each in sys.argv[1:4]]
    main(*given, *(7, 64, 30)[len(given) :])
