"""Designs of tumours: what is refused and how, runs that are killed and resumed, and what a run leaves."""

import errno
import os
import signal
import subprocess
import sys
import time
import warnings
import xml.etree.ElementTree as ET
from typing import Any

import numpy as np
import pandas as pd
import pytest

from autocrine.assay.well_network import well_network
from autocrine.cli import main
from autocrine.core import Document, errors
from autocrine.studies import simulate_tumours
from autocrine.studies.tumours.elsewhere import Job, run_elsewhere
from autocrine.studies.tumours.members import SHIPPED, load_document, members_of
from autocrine.tissue import TumourDesign
from autocrine.tissue.cells import memory
from autocrine.tissue.checkpoint import load_checkpoint, save_checkpoint
from autocrine.tissue.planting import plant, producers
from autocrine.tissue.store import write_store

TINY = """
[tumour]
name = "tiny"
duration = "0.5 h"
cells = 40
spacing = "16 um"
[domain]
size = "160 um"
voxel = "20 um"
[clone.sensitive]
line = "sensitive"
[producers]
fraction = 0.25
arrangement = "clustered"
[substrate.il6]
outside = "0 nM"
[substrate.doxorubicin]
initial = "2000 nM"
[substrate.tocilizumab]
[vessels]
spacing = "80 um"
area = "1000 um^2"
[vessels.permeability]
tocilizumab = "50 um/h"
[plasma.tocilizumab]
table = { time = ["0 h"], level = ["50 ug/ml"] }
[vary]
"treatment.without" = [["tocilizumab"], []]
[quick]
"tumour.duration" = "0.1 h"
"""


def design(text: str = TINY) -> TumourDesign:
    return TumourDesign.from_document(Document.parse(text, "tumour.toml"))


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("[substrate.tocilizumab]", "[substrate.tocilizumob]", r"key substrate.tocilizumob: .*try .*tocilizumab"),
        ("[substrate.il6]\noutside", "[substrate.oxygen]\noutside", "converts to mmHg|must have the substrate il6"),
        ("cells = 40", "cells = 0", "cells must be at least 1"),
        ("cells = 40", "cells = 40\ndimensions = 4", "dimensions must be 2 or 3"),
        ("cells = 40", "cells = 4000", "cells must lie inside the domain"),
        ('"160 um"', '"40 um"', "key domain: the shape of a grid must be"),
        ("fraction = 0.25", "fraction = 1.25", "fraction must lie between 0 and 1"),
        ('"clustered"', '"clumped"', "arrangement must be one of mixed, clustered"),
        ('line = "sensitive"', 'line = "sensitve"', "try sensitive"),
        ('line = "sensitive"', 'line = "sensitive"\nfraction = 0.5', "fractions of the clones must sum to 1"),
        ('duration = "0.5 h"', 'duration = "0.5 um"', "converts to h"),
        ('tocilizumab = "50 um/h"', 'doxorubicin = "50 um/h"', "must have a permeability and a level in plasma"),
        ('spacing = "80 um"', 'spacing = "8 um"', "vessels must be at least a voxel apart"),
        ("cells = 40", "cells = 40\nmost_cells = 30", "most_cells must be at least the 40 of the start"),
        ("cells = 40", 'cells = 40\nchemistry_step = "0.4 min"', "chemistry_step must be a whole number of ticks"),
        ("cells = 40", 'cells = 40\nchemistry_step = "1.2 min"\ngrowth_step = "3 min"', "and growth_step of its own"),
    ],
)  # fmt: skip
def test_a_design_that_cannot_be_used_is_refused(old, new, says):
    assert old in TINY
    with pytest.raises(errors.InputError, match=says) as refused:
        plant(design(TINY.replace(old, new, 1)))
    assert "tumour.toml" in str(refused.value) or "domain" in str(refused.value)


def test_more_cells_than_fit_into_memory_are_refused_with_an_estimate(monkeypatch):
    monkeypatch.setattr(memory.os, "sysconf", lambda name: 4096 if name == "SC_PAGE_SIZE" else 4 * 2**20)  # 16 GiB
    started = time.monotonic()
    with pytest.raises(errors.DesignError, match=r"1e\+08 cells need about \d+\.\d GiB.*16\.0 GiB.*at most .* cells"):
        design(TINY.replace("cells = 40", "cells = 100000000"))
    assert time.monotonic() - started < 2


def test_a_tick_that_is_too_long_is_refused_with_the_process():
    with pytest.raises(errors.InputError, match=r"step of mechanics \(dt_h\) must be at most 0.00724 h"):
        plant(design(TINY.replace('duration = "0.5 h"', 'duration = "0.5 h"\ntick = "2 min"')))
    crowded = TINY.replace(
        "[substrate.doxorubicin]", '[substrate.oxygen]\noutside = "38 mmHg"\n[substrate.doxorubicin]'
    )
    with pytest.raises(errors.InputError, match=r"tick must be at most .* for the decay, uptake and vessels of oxygen"):
        plant(design(crowded.replace('"0.5 h"', '"0.5 h"\nchemistry_step = "3 min"')))


def test_antibodies_are_given_by_mass():
    assert design().plasma["tocilizumab"].at(1.0) == pytest.approx(50e-3 / 148000 * 1e9)
    assert set(design().blockers) == {"tocilizumab"}


def test_an_antibody_against_il6_binds_it_and_soluble_receptors_are_followed():
    found = design(
        TINY.replace("[substrate.tocilizumab]", "[substrate.siltuximab]\n[substrate.sil6r]\n[substrate.tocilizumab]")
    )
    names = {each.name: each for each in found.substrates}
    assert set(names) >= {"siltuximab", "il6_siltuximab", "sil6r", "il6_sil6r"}
    # IL-6 is held at 0 at the faces, and so is what holds it
    assert all(face.permeability_um_h == np.inf for face in names["il6_siltuximab"].face_list(3))
    antibody, receptor = found.bindings
    assert (antibody.complex, antibody.off_rate_1_h / antibody.on_rate) == ("il6_siltuximab", pytest.approx(0.034))
    assert (receptor.complex, receptor.blocker, receptor.blocker_ki) == ("il6_sil6r", "tocilizumab", 2.54)
    well = well_network(1, 1, 0).parameters
    assert antibody.on_rate == well["k_siltuximab_on"].value
    tumour = plant(found)
    tumour.run(0.1)
    assert tumour.amount("sil6r") > 0


def test_a_tumour_that_outgrows_its_limit_stops_and_goes_on_with_a_larger_one(tmp_path):
    text = TINY.replace('[vary]\n"treatment.without" = [["tocilizumab"], []]', "").replace('"0.5 h"', '"3 h"')
    text = text.replace('initial = "2000 nM"', 'initial = "0 nM"')
    straight = simulate_tumours(_written(tmp_path, text), tmp_path / "straight")
    born = int(straight.summary["alive_at_end"].iloc[0])
    assert born > 41
    small = _written(tmp_path, text.replace("cells = 40", "cells = 40\nmost_cells = 41"))
    with pytest.raises(errors.DesignError, match=r"at most 41 cells \(most_cells\), after .* h.*and --resume"):
        simulate_tumours(small, tmp_path / "run")
    larger = _written(tmp_path, text.replace("cells = 40", "cells = 40\nmost_cells = 400"))
    resumed = simulate_tumours(larger, tmp_path / "run", resume=True)
    pd.testing.assert_frame_equal(straight.summary, resumed.summary, check_exact=True)


def test_tumours_that_are_run_at_once_are_those_that_are_run_in_turn(tmp_path):
    """Also on a cluster that was started elsewhere, and without a tumour that is finished."""
    from distributed import LocalCluster

    source = _written(tmp_path, TINY)
    straight = simulate_tumours(source, tmp_path / "straight", quick=True)
    local: Any = LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address="")
    with local as cluster:
        found = simulate_tumours(source, tmp_path / "spread", quick=True, scheduler=cluster.scheduler_address)
        _same_tables(tmp_path / "straight", tmp_path / "spread")
        pd.testing.assert_frame_equal(straight.summary, found.summary, check_exact=True)
        jobs = [Job(n, each, 1, 1, resume=True) for n, each in enumerate(members_of(load_document(source), quick=True))]
        run_elsewhere(jobs, tmp_path, 1, cluster.scheduler_address, lambda _: None)
    kept = [load_checkpoint(tmp_path / f"{n}.npz", f"{jobs[n].member.design.text} seed 1") for n in (0, 1)]
    assert [int(each["ticks"]) for each in kept] == [20, 20]
    before = (tmp_path / "0.npz").read_bytes()
    run_elsewhere(jobs, tmp_path, 1, "", lambda _: None)
    assert (tmp_path / "0.npz").read_bytes() == before
    with pytest.raises(errors.InputError, match="the scheduler must be reachable"):
        simulate_tumours(source, tmp_path / "none", quick=True, scheduler="tcp://127.0.0.1:1")


def test_a_full_disk_is_named_and_the_run_goes_on_when_there_is_room(tmp_path, monkeypatch):
    import anndata

    def full(*_args, **_more):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    source = _written(tmp_path, TINY)
    straight = simulate_tumours(source, tmp_path / "straight", quick=True)
    with monkeypatch.context() as patched:
        patched.setattr(anndata.AnnData, "write_zarr", full)
        with pytest.raises(errors.OutputError, match=r"the store .*tumour\.zarr/0 must be writable \(No space left"):
            simulate_tumours(source, tmp_path / "run", quick=True)
    assert not (tmp_path / "run").exists()
    again = simulate_tumours(source, tmp_path / "run", quick=True, resume=True)
    pd.testing.assert_frame_equal(straight.summary, again.summary, check_exact=True)
    _same_tables(tmp_path / "straight", tmp_path / "run")


def test_a_checkpoint_that_does_not_fit_on_the_disk_leaves_the_earlier_one(tmp_path):
    """A limit of the system for the size of a file is met where a disk is full: in the middle of a write."""
    resource = pytest.importorskip("resource")
    tumour = plant(design())
    tumour.run(0.1)
    save_checkpoint(tmp_path / "state.npz", tumour.state(), "a")
    tumour.run(0.2)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(errors.OutputError, match=r"checkpoint .* must be writable \(File too large\)"):
            save_checkpoint(tmp_path / "state.npz", tumour.state(), "a")
        with pytest.raises(errors.OutputError, match=r"store .* must be writable \(File too large\)"):
            write_store(tumour, tmp_path / "cells.zarr")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert int(load_checkpoint(tmp_path / "state.npz", "a")["ticks"]) == 20


def _same_tables(first, second):
    for name in ("cells", "lineage", "history", "founders"):
        assert (first / "tables" / f"{name}.csv").read_bytes() == (second / "tables" / f"{name}.csv").read_bytes(), name


def _written(folder, text):
    (folder / "tiny.toml").write_text(text)
    return folder / "tiny.toml"


def test_producers_are_as_many_as_said_and_clustered_ones_lie_together():
    clustered, mixed = design(), design(TINY.replace('"clustered"', '"mixed"'))
    spread = []
    for each in (clustered, mixed):
        tumour = plant(each)
        assert tumour.population.producer.sum() == 10
        mine = tumour.population.position[:, tumour.population.producer]
        spread.append(mine.std(axis=1).sum())
        by_id = np.argsort(tumour.population.id)
        position, producer = tumour.population.position[:, by_id], tumour.population.producer[by_id]
        assert np.array_equal(producer, producers(each, position, 1))
    assert spread[0] < 0.8 * spread[1]


@pytest.mark.parametrize("name", SHIPPED)
def test_designs_that_come_with_autocrine_can_be_planted(name):
    for quick in (True, False):
        members = members_of(load_document(name), quick=quick)
        assert len({member.label for member in members}) == len(members)
    assert plant(members_of(load_document(name), quick=True)[-1].design).population.count >= 100


def test_nothing_is_arranged_where_all_or_none_are_producers():
    labels = [member.label for member in members_of(load_document("producers"), quick=False)]
    assert len(labels) == 2 * (1 + 2 + 2 + 2 + 1)
    assert not [label for label in labels if label.startswith(("0 %", "100 %")) and "clustered" in label]


def test_a_run_leaves_stores_tables_points_and_a_report(tmp_path):
    import anndata
    import xarray

    (tmp_path / "tiny.toml").write_text(TINY)
    run = simulate_tumours(tmp_path / "tiny.toml", tmp_path / "run", quick=True)
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        cells = anndata.read_zarr(tmp_path / "run" / "tumour.zarr" / "1" / "cells")
    assert cells.obsm["spatial"].shape == (cells.n_obs, 3)
    assert {"il6_mrna", "receptor_complex", "pgp", "drug1"} <= set(cells.var_names)
    assert cells.obs["producer"].sum() == 10
    table = pd.read_csv(tmp_path / "run" / "tables" / "cells.csv").query("tumour == 'all given'")
    assert np.allclose(cells.obs["level_il6"], table["level_il6"])
    with xarray.open_zarr(tmp_path / "run" / "tumour.zarr" / "1" / "fields", consolidated=False) as fields:
        assert float(fields["tocilizumab"].max()) > 0
    points = ET.parse(tmp_path / "run" / "cells-1.vtp").getroot()  # noqa: S314
    piece = points.find("PolyData/Piece")
    assert piece is not None
    assert piece.attrib["NumberOfPoints"] == str(cells.n_obs)
    names = {each.attrib["Name"] for each in piece.findall("PointData/DataArray")}
    assert {"radius (um)", "producer", "il6 (nM)"} <= names
    page = (tmp_path / "run" / "report.html").read_text()
    assert page.count("<svg") > 8
    assert "all given" in page
    assert (run.summary["largest_imbalance"] < 1e-11).all()
    with pytest.raises(errors.OutputError, match="holds something else"):
        simulate_tumours(tmp_path / "tiny.toml", tmp_path, quick=True)


_CHILD = """
import sys, autocrine.studies.tumours.course as course
from autocrine.studies import simulate_tumours
course.CHECKPOINT_S = 0.0
def live(label, tumour):
    print(tumour.colony.ticks, flush=True)
simulate_tumours(sys.argv[1], __import__("pathlib").Path(sys.argv[2]), live=live, resume=True)
"""


def test_a_run_that_is_killed_ends_after_its_resume_as_one_that_was_not(tmp_path):
    text = TINY.replace('"0.5 h"', '"0.4 h"').replace('[vary]\n"treatment.without" = [["tocilizumab"], []]', "")
    (tmp_path / "tiny.toml").write_text(text)
    straight = simulate_tumours(tmp_path / "tiny.toml", tmp_path / "straight")
    command = [sys.executable, "-c", _CHILD, str(tmp_path / "tiny.toml"), str(tmp_path / "killed")]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=dict(os.environ))  # noqa: S603
    assert child.stdout is not None
    with child.stdout:
        for line in child.stdout:
            if int(line) >= 40:
                child.send_signal(signal.SIGKILL)
                break
    assert child.wait() == -signal.SIGKILL
    assert not (tmp_path / "killed").exists()
    assert (tmp_path / ".killed-checkpoints" / "0.npz").is_file()
    resumed = simulate_tumours(tmp_path / "tiny.toml", tmp_path / "killed", resume=True)
    pd.testing.assert_frame_equal(straight.summary, resumed.summary, check_exact=True)
    for name in ("cells", "lineage", "history", "founders"):
        first, second = ((tmp_path / run / "tables" / f"{name}.csv").read_bytes() for run in ("straight", "killed"))
        assert first == second, name


def test_the_command_says_what_is_wrong_without_a_traceback(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tiny.toml").write_text(TINY.replace("[substrate.doxorubicin]", "[substrate.doxorubicine]"))
    with pytest.raises(SystemExit) as left:
        main(["tumour", "tiny.toml"])
    assert left.value.code == 2
    said = capsys.readouterr().err
    assert "tiny.toml, line 17, key substrate.doxorubicine: a substrate must be one that is known" in said
    assert "try doxorubicin" in said
    assert "Traceback" not in said
    assert [path.name for path in tmp_path.iterdir()] == ["tiny.toml"]
