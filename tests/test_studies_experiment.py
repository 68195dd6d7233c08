"""A study from TOML to tables: equal seeds give equal tables, and each part says what its design says."""

import numpy as np
import pandas as pd
import pytest

from autocrine.core import Document
from autocrine.studies import reproduce
from autocrine.studies.design import load_design, published_design, read_design
from autocrine.studies.experiment import COLUMNS, Experiment

SMALL = """
[study]
name = "small"
lines = ["sensitive", "mine"]
drugs = ["doxorubicin"]
arms = ["none", "IL-6 added"]
readouts = ["il6", "abcb1_mrna"]
probes = ["rhodamine 123"]
replicates = 2

[protocol]
preincubation = "1 d"
duration = "48 h"

[doses]
doxorubicin = ["10 nM", "0.1 uM", "1000 nM", "10 uM"]

[arm."IL-6 added"]
il6 = "10 ng/ml"

[line.mine]
from = "sensitive"
abcb1_copies = 10

[density]
lines = ["sensitive"]
cells = ["1e3 cell", "1e4 cell"]
drug = "doxorubicin"

[coculture]
producers = "sensitive_il6"
others = "sensitive"
producer_fractions = [0.0, 1.0]
drug = "doxorubicin"

[time_course]
lines = ["sensitive"]
every = "24 h"
"""


def design(text=SMALL, **changes):
    return read_design(Document.parse(text, "small.toml"), **changes)


@pytest.fixture(scope="module")
def results():
    return Experiment(design(), 1).run()


def test_equal_seeds_give_equal_bytes_and_others_do_not(results, tmp_path):
    again, other = Experiment(design(), 1).run(), Experiment(design(), 2).run()
    for name, found in (("a", results), ("b", again), ("c", other)):
        found.wells.to_parquet(tmp_path / name, index=False)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert (tmp_path / "a").read_bytes() != (tmp_path / "c").read_bytes()


def test_every_part_of_the_design_is_in_the_table(results):
    assert list(results.wells.columns) == list(COLUMNS)
    assert set(results.wells["part"]) == {"dose_response", "readout", "probe", "density", "coculture", "time_course"}
    assert results.wells["value"].notna().all()


def test_the_number_of_wells_is_known_before(results):
    seen = 0

    def count(steps):
        nonlocal seen
        seen += steps

    experiment = Experiment(design(), 1, count)
    experiment.run()
    assert seen == experiment.size


def test_doses_are_converted_and_an_untreated_well_is_added(results):
    doses = results.part("dose_response")["dose_nM"].unique()
    assert sorted(doses) == pytest.approx([0, 10, 100, 1000, 10000])


def test_untreated_viability_is_one_on_average(results):
    part = results.part("dose_response")
    untreated = part[(part["dose_nM"] == 0) & (part["readout"] == "viability")]
    assert untreated.groupby(["line", "arm"])["value"].mean().to_numpy() == pytest.approx(1.0)


def test_an_own_line_and_an_own_arm_do_something(results):
    table = results.potencies.set_index(["line", "arm"])
    assert table.loc[("mine", "none"), "fold_value"] > 2
    raised = table.loc[("sensitive", "IL-6 added"), "ic50_nM"] / table.loc[("sensitive", "none"), "ic50_nM"]
    assert raised > 2


def test_producers_in_coculture_protect_and_antibody_undoes_it(results):
    part = results.part("coculture")
    ic50 = part[part["readout"] == "ic50"].set_index(["arm", "producer_fraction"])["value"]
    assert ic50["none", 1.0] > 2 * ic50["none", 0.0]
    assert ic50["anti-IL-6R", 1.0] < 0.3 * ic50["none", 1.0]  # the rest is P-gp that was made before


def test_a_study_from_a_file_needs_three_keys_only(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text('[study]\nname = "own"\nlines = ["sensitive"]\ndrugs = ["cisplatin"]\n')
    found = load_design(path)
    assert found.arms[0].name == "none"
    assert found.doses("cisplatin").size > 4


def test_an_own_drug_record_is_used():
    text = SMALL.replace('drugs = ["doxorubicin"]', 'drugs = ["doxorubicin", "newdrug"]') + OWN_DRUG
    assert design(text).bench.drug("newdrug").is_substrate


def test_quick_is_smaller_and_says_what_it_does():
    full, quick = published_design("conze2001"), published_design("conze2001", quick=True)
    assert quick.doses("doxorubicin").size < full.doses("doxorubicin").size
    assert quick.doses("doxorubicin").max() == pytest.approx(full.doses("doxorubicin").max())
    assert Experiment(quick, 1).size < Experiment(full, 1).size / 3


def test_a_changed_parameter_changes_the_result():
    plain = Experiment(design(_PLAIN), 1).run().potencies["ic50_nM"].to_numpy()
    changed = (
        Experiment(design(_PLAIN + "\n[parameters]\nabcb1_copies = 50\n"), 1).run().potencies["ic50_nM"].to_numpy()
    )
    assert np.all(changed > 2 * plain)


def test_potencies_hold_one_row_per_line_drug_and_arm(results):
    assert isinstance(results.potencies, pd.DataFrame)
    assert len(results.potencies) == 2 * 1 * 2


_PLAIN = '[study]\nname = "p"\nlines = ["sensitive"]\ndrugs = ["doxorubicin"]\nreadouts = []\n'
OWN_DRUG = """
[drug.newdrug]
kind = "cytotoxic"
molar_mass_g_mol = 500.0
default_doses = { low = "1 nM", high = "10 uM", count = 5 }
potency = { value = 100.0, unit = "nM", basis = "chosen" }
accumulation = { value = 10.0, unit = "1", basis = "chosen" }
half_time = { value = 1.0, unit = "h", basis = "chosen" }
km = { value = 1000.0, unit = "nM", basis = "chosen" }
pump_ratio = { value = 1.0, unit = "1", basis = "chosen" }
death_max = { value = 0.06, unit = "1/h", basis = "chosen" }
steepness = { value = 1.5, unit = "1", basis = "chosen" }
k_damage = { value = 0.15, unit = "1/h", basis = "chosen" }
arrest_ratio = { value = 20.0, unit = "1", basis = "chosen" }
"""


@pytest.mark.slow
def test_a_second_process_changes_no_result(tmp_path):
    runs = [
        reproduce("conze2001", tmp_path / str(count), seed=3, command="", quick=True, processes=count)
        for count in (1, 2)
    ]
    for name in ("results.parquet", "potencies.parquet", "findings.parquet", "claims.json"):
        one, two = (run.path / name for run in runs)
        assert one.read_bytes() == two.read_bytes(), name
    one, two = ((run.path / "report.html").read_text(encoding="utf-8") for run in runs)
    assert one.count("<svg") == two.count("<svg") > 0
