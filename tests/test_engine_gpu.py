"""Ensembles on a GPU: their PTX, its kernel on the processor behind a played driver, and a GPU where there is one."""

import re
import shutil
import subprocess
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest
import sympy

from autocrine.circuit.cell import cell_network
from autocrine.core import errors
from autocrine.engine import Event, Network, Reaction, Species, gpu_kernel, gpu_step, simulate
from autocrine.engine import gpu as gpu_room
from autocrine.engine.gpu import gpu
from autocrine.engine.gpu_kernel import GpuKernel
from autocrine.engine.gpu_run import GpuRun
from autocrine.engine.kernel import Batch, Kernel, network_step
from autocrine.engine.lsoda import Lsoda
from autocrine.engine.ptx import architecture_of, emit_ptx
from autocrine.engine.rodas4 import RODAS4
from autocrine.engine.rodas5p import RODAS5P
from autocrine.engine.thread_loop import print_threads
from played_driver import PlayedDriver
from test_engine_network import table
from test_engine_simulation import decay, exchange, explosion, level_of_a

METHODS = pytest.mark.parametrize("method", [RODAS4, RODAS5P], ids=lambda each: each.name)
TIMES = np.linspace(0.0, 6.0, 7)
a, t = sympy.symbols("a t")


def gpu_is_here() -> bool:
    try:
        gpu()
    except errors.InputError:
        return False
    return True


needs_gpu = pytest.mark.skipif(not gpu_is_here(), reason="there is no GPU of NVIDIA here")
needs_none = pytest.mark.skipif(gpu_is_here(), reason="there is a GPU")
needs_ptxas = pytest.mark.skipif(shutil.which("ptxas") is None, reason="the assembler of NVIDIA is not installed")


def everything():
    """A network whose rate uses every function that the engine knows, and time."""
    x = sympy.Symbol("a")
    rates = [sympy.exp(-x), sympy.log(1 + x), sympy.tanh(x), sympy.sin(t) ** 2, 1 + sympy.cos(x), sympy.sqrt(x)]
    rates += [x**2.5 / (1 + x**2.5), sympy.Abs(x - 1), sympy.floor(3 * x) + sympy.ceiling(x), sympy.Max(x, 0.5)]
    rates += [sympy.Min(x, 0.5), sympy.Piecewise((x, x > 0.3), (0.3, True)), sympy.sign(x - 0.2), x**x]
    reactions = [Reaction(f"r{i}", {"a": (-1) ** i * 0.1}, rate) for i, rate in enumerate(rates)]
    event = Event(assignments={"a": 2.0}, trigger=(a > 1.7) & (t > 1))
    return Network("everything", [Species("a", "1", 1.0)], table(k=(0.5, "1/h")), reactions, events=[event])


def steps_of(network):
    """Return the functions of a step, with those that watch the triggers of the network."""
    from autocrine.engine.event_table import EventTable

    triggers = EventTable.of(network, ()).triggers
    return network_step(network, () if triggers is None else triggers.conditions)


@contextmanager
def played(monkeypatch, **how):
    """Give the engine a GPU that is played by this processor; all of its memory must be given back."""
    driver = PlayedDriver({}, **how)

    def emit(text, architecture):
        made = emit_ptx(text, architecture)
        driver.programs[made] = text
        return made

    with monkeypatch.context() as patch:
        patch.setattr(gpu_room, "_driver", lambda: driver)
        for module in (gpu_kernel, gpu_step):
            patch.setattr(module, "emit_ptx", emit)
        gpu.cache_clear()
        try:
            yield driver
        finally:
            gpu.cache_clear()
    assert driver.broken or not driver.held


@METHODS
@pytest.mark.parametrize("make", [exchange, everything], ids=["small", "everything"])
def test_the_loop_is_printed_for_a_gpu(make, method):
    text = emit_ptx(print_threads(steps_of(make()), method))
    assert ".target sm_90" in text
    assert len(re.findall(r"\.entry", text)) == 1
    assert ".visible .entry integrate" in text
    assert ".extern" not in text
    called = set(re.findall(r"^\s*call(?:\.uni)? (?:\(\w+\), )?\s*([\w$.]+)", text, re.MULTILINE))
    defined = set(re.findall(r"^\.func\s+(?:\(.*?\)\s*)?([\w$.]+)", text, re.MULTILINE))
    assert called <= defined
    assert {"run", "linearise", "solve", "rhs"} <= called
    assert "atom.add.u64" in re.sub(r"atom(\.\w+)*\.add", "atom.add", text)
    # the numbers of a lane are found without asking which memory an address belongs to
    assert len(re.findall(r"\bld\.local", text)) > 10 * len(re.findall(r"\bld\.b64", text))


@needs_ptxas
@METHODS
@pytest.mark.parametrize("make", [exchange, everything, cell_network], ids=["small", "everything", "cell"])
def test_the_assembler_accepts_it_and_need_not_spill(make, method, tmp_path):
    source = tmp_path / "loop.ptx"
    source.write_text(emit_ptx(print_threads(steps_of(make()), method)))
    command = ["ptxas", "-v", "-arch=sm_90", str(source), "-o", str(tmp_path / "loop.cubin")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 0, done.stderr
    assert {int(each) for each in re.findall(r"(\d+) bytes spill", done.stderr)} == {0}
    assert all(int(each) < 255 for each in re.findall(r"Used (\d+) registers", done.stderr))


@METHODS
def test_a_thread_computes_as_one_lane_does(monkeypatch, method):
    network, count = exchange(), 50
    rates = np.random.default_rng(1).uniform(0.01, 2.0, (count, 4))
    row = np.array([each.value for each in network.parameters.values()])

    def batch():
        parameters = np.tile(row, (count, 1))
        parameters[:, :2] = rates[:, :2]
        places = np.zeros(count, int), np.full(count, len(TIMES))
        start, shown = np.tile([1.0, 0.0], (count, 1)), np.full((count, len(TIMES), 2), np.nan)
        end, rtol, atol = np.full(count, TIMES[-1]), np.full(count, 1e-7), np.full((count, 2), 1e-9)
        return Batch(start, parameters, np.zeros(count), end, rtol, atol, TIMES, *places, shown, 1000)

    one, two, stop = batch(), batch(), np.zeros(1, np.int64)
    step = network_step(network)
    expected = Kernel(step, method, lanes=1).run(one, stop)
    with played(monkeypatch) as driver:
        found = GpuKernel(step, method).run(two, stop)
        assert driver.launches == [(2, 32)]
        stop[0] = 1
        assert (GpuKernel(step, method).run(batch(), stop).verdict == 0).all()
    np.testing.assert_array_equal(two.shown, one.shown)
    np.testing.assert_array_equal(two.state, one.state)
    for name in ("verdict", "reached", "steps", "rejections"):
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name))
    assert found.iterations == found.steps.sum() >= count


def test_trajectories_are_those_of_the_processor(monkeypatch):
    rates = np.random.default_rng(3).uniform(0.01, 3.0, 1000)
    given = {"parameters": {"forth": rates}, "rtol": 1e-9, "atol": 1e-12}
    monkeypatch.setattr(GpuRun, "largest_chunk", 300)
    finished = []
    with played(monkeypatch) as driver:
        found = simulate(exchange(), TIMES, **given, device="gpu", progress=finished.append)
        # no more threads than the GPU holds at once
        assert driver.launches == [(4, 32)] * 4
    assert finished == list(range(1, 1001))
    np.testing.assert_allclose(found["a"], [level_of_a(TIMES, rate) for rate in rates], rtol=1e-7)
    np.testing.assert_allclose(found.values, simulate(exchange(), TIMES, **given).values, rtol=1e-11, atol=1e-13)


def test_parts_do_not_matter(monkeypatch):
    rates = np.random.default_rng(3).uniform(0.01, 3.0, 200)
    with played(monkeypatch):
        whole = simulate(exchange(), TIMES, {"forth": rates}, device="gpu").values
        monkeypatch.setattr(GpuRun, "largest_chunk", 37)
        np.testing.assert_array_equal(simulate(exchange(), TIMES, {"forth": rates}, device="gpu").values, whole)


def test_an_interruption_is_heard_between_two_launches(monkeypatch):
    def interrupted(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(GpuRun, "largest_chunk", 32)
    with played(monkeypatch) as driver:
        with pytest.raises(KeyboardInterrupt):
            simulate(exchange(), TIMES, {"forth": np.ones(640)}, device="gpu", progress=interrupted)
        assert 1 <= len(driver.launches) <= 3


@pytest.mark.parametrize("name", ["everything", "cell", "dose", "bounce", "rows", "end", "reduce", "failure", "start"])
def test_whatever_a_segment_meets_is_as_on_the_processor(monkeypatch, name):
    rates = np.random.default_rng(5).uniform(0.1, 2.0, 60)
    rows = np.sort(np.random.default_rng(6).uniform(0.0, 6.0, (60, 5)), axis=1)
    rows[::3, 3:] = np.nan
    network, times, given = {
        "everything": (everything, TIMES, {"initial": {"a": rates}}),
        "cell": (cell_network, 10 * TIMES, {"parameters": {"il6_at_cell": rates}}),
        "dose": (exchange, TIMES, {"events": [Event(2.0, {"a": 7.0}), Event(sympy.Symbol("tau"), {"b": a})]}),
        "bounce": (decay, TIMES, {"events": [Event(assignments={"a": 2.0}, trigger=a < 0.4)]}),
        "rows": (exchange, rows, {}),
        "end": (exchange, TIMES, {"end": np.linspace(0.0, 6.0, 60)}),
        "reduce": (exchange, TIMES, {"reduce": ["mean", "maximum"], "outputs": ["b", "total"]}),
        "failure": (explosion, [0.5], {"initial": {"a": 3.0 * rates}, "on_failure": "nan"}),
        "start": (exchange, TIMES, {"start": -2.0}),
    }[name]
    if network is exchange:
        given["parameters"] = {"forth": rates}
    expected = simulate(network(), times, **given, rtol=1e-8)
    with played(monkeypatch) as driver:
        found = simulate(network(), times, **given, rtol=1e-8, device="gpu")
        assert driver.launches
    np.testing.assert_allclose(found.values, expected.values, rtol=1e-8, atol=1e-11)
    assert {k: e.cause for k, e in found.failures.items()} == {k: e.cause for k, e in expected.failures.items()}
    assert bool(found.failures) == (name == "failure")
    for kept, value in expected.reduced.items():
        np.testing.assert_allclose(found.reduced[kept], value, rtol=1e-9)


def test_the_step_of_a_tissue_is_that_of_the_processor(monkeypatch):
    stepper = cell_network().stepper(surroundings=("il6_at_cell", "il6_sil6r", "il6r_block", "jak_block"))
    one = np.random.default_rng(1).lognormal(0, 1, (18, 300))
    two, outside = one.copy(), np.random.default_rng(2).lognormal(-3, 1, (4, 300))
    stepper.step(one, outside, 1 / 600)
    with played(monkeypatch) as driver:
        stepper.step(two, outside, 1 / 600, device="gpu")
        assert driver.launches[0] == (3, 128)
    np.testing.assert_allclose(two, one, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    ("fails", "message"),
    [
        ({"cuMemAlloc_v2": (4, 2)}, r"cuMemAlloc_v2 with error 2 \(out of memory\)"),
        ({"cuCtxSynchronize": (0, 700)}, r"error 700 \(an illegal memory access"),
        ({"cuLaunchKernel": (0, 999)}, r"cuLaunchKernel with error 999; try"),
        ({"cuModuleLoadDataEx": (0, 218)}, r"218 \(a PTX JIT compilation failed\): ptxas fatal : nothing fits"),
    ],
    ids=["memory", "kernel", "launch", "compilation"],
)
def test_what_the_driver_says_is_handed_on(monkeypatch, fails, message):
    with played(monkeypatch, fails=fails), pytest.raises(errors.DeviceError, match=message):
        simulate(exchange(), TIMES, device="gpu")


def test_memory_is_given_back_after_a_failure(monkeypatch):
    with played(monkeypatch, fails={"cuMemcpyHtoD_v2": (20, 1)}) as driver:
        monkeypatch.setattr(GpuRun, "largest_chunk", 32)
        with pytest.raises(errors.DeviceError, match=r"cuMemcpyHtoD_v2.*try fewer"):
            simulate(exchange(), TIMES, {"forth": np.ones(200)}, device="gpu")
        assert not driver.held
        assert driver.most_held > 10


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"devices": 0}, "the driver found none"),
        ({"fails": {"cuInit": (0, 999)}}, "cuInit with error 999"),
        ({"capability": (5, 2)}, "compute capability 6.0 or more but was '5.2'"),
    ],
)
def test_without_a_gpu_that_serves_one_cannot_be_asked_for(monkeypatch, how, message):
    with played(monkeypatch, **how), pytest.raises(errors.InputError, match=message):
        simulate(exchange(), TIMES, device="gpu")


@needs_none
def test_without_a_gpu_nothing_is_compiled():
    network = exchange()
    with pytest.raises(errors.InputError, match=r"needs a GPU of NVIDIA.*device='cpu'"):
        simulate(network, TIMES, device="gpu")
    assert "program" not in vars(network)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"device": "tpu"}, "must be 'cpu' or 'gpu' but was 'tpu'"),
        ({"device": "gpu", "gradient": ["forth"]}, "without a gradient"),
        ({"device": "gpu", "chance": "direct"}, "without chance"),
        ({"device": "gpu", "integrator": Lsoda}, "without a type of integrator"),
    ],
)
def test_what_a_gpu_cannot_do_is_refused(given, message):
    with pytest.raises(errors.InputError, match=message):
        simulate(exchange(), TIMES, **given)


def test_code_is_printed_for_what_the_gpu_can_run():
    known = {(6, 0): "sm_60", (7, 5): "sm_75", (8, 6): "sm_86", (8, 8): "sm_87", (9, 0): "sm_90", (12, 0): "sm_90"}
    assert {each: architecture_of(*each) for each in known} == known
    small = print_threads(network_step(decay()), RODAS4)
    for architecture in set(known.values()):
        assert f".target {architecture}" in emit_ptx(small, architecture)


def test_a_network_that_no_thread_can_hold_is_refused():
    large = replace(network_step(decay()), species=5000)
    with pytest.raises(errors.InputError, match=r"must need at most .* bytes"):
        print_threads(large, RODAS5P)


@needs_gpu
@METHODS
def test_a_gpu_computes_as_the_processor_does(method):
    rates = np.random.default_rng(3).uniform(0.01, 3.0, 20_000)
    given = {"parameters": {"forth": rates}, "rtol": 1e-9, "atol": 1e-12, "integrator": method}
    found = simulate(exchange(), TIMES, **given, device="gpu")
    np.testing.assert_allclose(found["a"], [level_of_a(TIMES, rate) for rate in rates], rtol=1e-6)
    np.testing.assert_allclose(found.values, simulate(exchange(), TIMES, **given).values, rtol=1e-9, atol=1e-12)


@needs_gpu
@METHODS
def test_a_gpu_knows_every_function_and_trigger(method):
    given = {"initial": {"a": np.random.default_rng(5).uniform(0.1, 2.0, 500)}, "rtol": 1e-8, "integrator": method}
    found = simulate(everything(), TIMES, **given, device="gpu").values
    np.testing.assert_allclose(found, simulate(everything(), TIMES, **given).values, rtol=1e-6, atol=1e-9)


@needs_gpu
def test_a_gpu_runs_the_circuit_and_reports_failures():
    network = cell_network()
    given = {"parameters": {"il6_at_cell": np.geomspace(1e-3, 10.0, 3000)}, "rtol": 1e-6}
    found = simulate(network, np.linspace(0.0, 96.0, 20), **given, device="gpu")
    expected = simulate(network, np.linspace(0.0, 96.0, 20), **given)
    np.testing.assert_allclose(found.values, expected.values, rtol=1e-4, atol=1e-7)
    failing = {"initial": {"a": np.array([0.1, 5.0])}, "on_failure": "nan"}
    assert simulate(explosion(), [0.5], **failing, device="gpu").failures.keys() == {1}
