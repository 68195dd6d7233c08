"""A study as a COMBINE archive: another program finds in it the courses of the wells that are measured here."""

import numpy as np
import pytest

from autocrine.core import Document
from autocrine.engine import standards
from autocrine.studies.design import read_design
from autocrine.studies.study_archive import write_study_archive

STUDY = """
[study]
name = "small"
lines = ["sensitive", "sensitive_il6"]
drugs = ["doxorubicin"]
arms = ["anti-IL-6R"]

[doses]
doxorubicin = { low = "10 nM", high = "1 uM", count = 2 }

"""


@pytest.mark.slow
def test_every_well_of_the_study_is_in_the_archive(tmp_path):
    design = read_design(Document.parse(STUDY, "small.toml"))
    write_study_archive(tmp_path / "study.omex", design)
    tables = {k: v for k, v in standards.simulate_archive(tmp_path / "study.omex").tables.items() if "report" in k}
    series = [
        design.bench.series(line, drug, design.protocol, arm, design.doses(drug))
        for line in design.lines
        for drug in design.drugs
        for arm in design.arms
    ]
    courses = design.bench.run([well for one in series for well in one.wells()])
    assert len(tables) == len(courses) == 6
    ends = {name: [float(table[name].iloc[-1]) for table in tables.values()] for name in ("cells", "il6", "p1_pgp")}
    for name, found in ends.items():
        np.testing.assert_allclose(found, [course.levels[name][-1] for course in courses], rtol=1e-4, atol=1e-9)
    assert max(ends["cells"]) > 2 * min(ends["cells"])
