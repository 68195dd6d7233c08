"""The step of a tissue as PTX, and on a GPU where there is one."""

import shutil
import subprocess

import numpy as np
import pytest

from autocrine.circuit.cell import cell_network
from autocrine.core import errors
from autocrine.engine.gpu import gpu
from autocrine.engine.gpu_step import print_cells
from autocrine.engine.ptx import emit_ptx

SURROUNDINGS = ("il6_at_cell", "il6_sil6r", "il6r_block", "jak_block")


def stepper():
    return cell_network().stepper(surroundings=SURROUNDINGS)


def gpu_is_here() -> bool:
    try:
        gpu()
    except errors.InputError:
        return False
    return True


def test_the_step_of_a_cell_is_printed_for_a_gpu():
    text = emit_ptx(print_cells(stepper().program))
    assert ".target sm_90" in text
    assert ".visible .entry step_cells" in text
    assert "fma.rn.f64" in text
    assert ".extern" not in text


@pytest.mark.skipif(shutil.which("ptxas") is None, reason="the assembler of NVIDIA is not installed")
def test_the_assembler_accepts_it(tmp_path):
    (tmp_path / "step.ptx").write_text(emit_ptx(print_cells(stepper().program)))
    command = ["ptxas", "-arch=sm_90", str(tmp_path / "step.ptx"), "-o", str(tmp_path / "step.cubin")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(gpu_is_here(), reason="there is a GPU")
def test_without_a_gpu_one_cannot_be_asked_for():
    with pytest.raises(errors.InputError, match=r"needs a GPU of NVIDIA.*device='cpu'"):
        stepper().step(np.ones((18, 9)), np.zeros((4, 9)), 0.001, device="gpu")


@pytest.mark.skipif(not gpu_is_here(), reason="there is no GPU")
def test_a_gpu_steps_as_the_processor_does():
    one = np.random.default_rng(1).lognormal(0, 1, (18, 1000))
    two, outside = one.copy(), np.random.default_rng(2).lognormal(-3, 1, (4, 1000))
    for _ in range(5):
        stepper().step(one, outside, 1 / 600)
        stepper().step(two, outside, 1 / 600, device="gpu")
    np.testing.assert_allclose(two, one, rtol=1e-9, atol=1e-12)
