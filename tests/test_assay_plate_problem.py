"""Plates and the circuit as a problem of PEtab: what it simulates is what the bench simulates."""

import numpy as np
import pandas as pd
import pytest

from autocrine.assay import Bench, Protocol
from autocrine.core import errors
from autocrine.engine.petab import Objective, read_petab, write_petab

WELLS = pd.DataFrame(
    [("sensitive", "doxorubicin", dose, 1.0, 48.0) for dose in (0.0, 300.0)]
    + [("resistant", "doxorubicin", dose, 0.8, np.nan) for dose in (0.0, 1000.0)],
    columns=pd.Index(["line", "drug", "dose_nM", "viability", "duration_h"]),
)


@pytest.mark.slow
def test_the_problem_simulates_what_the_bench_simulates(tmp_path):
    bench, protocol = Bench(), Protocol()
    problem = bench.petab_problem(WELLS, protocol, ["s_abcb1", "d_pgp"])
    objective = Objective(problem, rtol=1e-7, atol=1e-9)
    found = objective.evaluate()
    wells = []
    for line, hours in (("sensitive", 48.0), ("resistant", 72.0)):
        own = Protocol(duration_h=hours)
        wells += [bench.dosed(line, "doxorubicin", dose, own) for dose in (0.0, 300.0 if line == "sensitive" else 1e3)]
    cells = np.array([course.levels["cells"][-1] for course in bench.run(wells, rtol=1e-8)]).reshape(2, 2)
    expected = (cells / cells[:, :1]).ravel()
    assert expected[1] < 0.95
    np.testing.assert_allclose(found.simulated[0], expected, rtol=1e-5)
    # what is estimated moves what is simulated
    more = objective.evaluate({"s_abcb1": objective.values()["s_abcb1"] * 3})
    assert abs(more.simulated[0][1] - found.simulated[0][1]) > 1e-3
    again = Objective(read_petab(write_petab(problem, tmp_path)), rtol=1e-7, atol=1e-9)
    assert again.llh() == pytest.approx(found.llh, rel=1e-9)
    assert again.names == ("s_abcb1", "d_pgp", "untreated_1", "untreated_2", "sd_viability")


@pytest.mark.parametrize(
    ("rows", "estimated", "words"),
    [
        (WELLS, ["nothing"], "parameter of the circuit.*nothing"),
        (WELLS.iloc[:0], ["s_abcb1"], "measured wells"),
        (WELLS.assign(line="nobody"), ["s_abcb1"], "nobody"),
        (WELLS.assign(dose_nM=-1.0), ["s_abcb1"], "dose"),
    ],
)
def test_plates_that_make_no_problem(rows, estimated, words):
    with pytest.raises(errors.InputError, match=words):
        Bench().petab_problem(rows, Protocol(), estimated)
