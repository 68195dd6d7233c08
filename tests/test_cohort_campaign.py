"""Batches go on where they stopped, and come out the same whoever simulates them."""

import filecmp
from typing import Any

import pandas as pd
import pytest

from autocrine.cohort.batch import Protocol
from autocrine.cohort.campaign import Campaign
from autocrine.cohort.matching import UNWEIGHTED
from autocrine.cohort.regimen import load_regimens
from autocrine.core import errors


def campaign(folder, patients=70, **changes):
    arms = {"ac_t": (load_regimens()["ac_t"], 1.0)}
    return Campaign(
        Protocol(arms, accrual_days=30.0, follow_up_days=90.0), UNWEIGHTED, patients, folder=folder, batch_size=30,
        **({"seed": 5} | changes),
    )  # fmt: skip


def test_a_stopped_campaign_goes_on_and_gives_the_same_files(tmp_path, monkeypatch):
    whole, stopped = campaign(tmp_path / "whole"), campaign(tmp_path / "stopped")
    whole.run()
    assert whole.missing() == []
    assert [len(table) for table in whole.tables()] == [30, 30, 10]

    def stop(patients):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped.run(progress=stop)
    assert stopped.missing() == [1, 2]
    seen = []
    stopped.run(progress=seen.append)
    assert seen == [30, 10]
    for number in range(3):
        assert filecmp.cmp(whole.file(number), stopped.file(number), shallow=False)


def test_more_patients_begin_with_the_same_ones(tmp_path):
    small, large = campaign(tmp_path / "small", 40), campaign(tmp_path / "large", 70)
    small.run()
    large.run()
    first, second = (pd.concat(each.tables(), ignore_index=True) for each in (small, large))
    pd.testing.assert_frame_equal(first, second.iloc[:40])


def test_another_trial_is_not_mixed_in(tmp_path):
    campaign(tmp_path).run()
    with pytest.raises(errors.InputError, match="of the same trial and seed"):
        campaign(tmp_path, seed=6).run()
    campaign(tmp_path).file(0).write_text("nothing")
    with pytest.raises(errors.InputError, match="must be a Parquet file"):
        campaign(tmp_path).missing()


def test_bad_numbers_and_unknown_schedulers_are_refused(tmp_path):
    with pytest.raises(errors.InputError, match="patients and batch_size must be at least 1"):
        campaign(tmp_path, patients=0)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # of the cluster, which warns of ports and of workers that are gone
def test_results_do_not_depend_on_workers_and_a_killed_one_loses_nothing(tmp_path):
    from distributed import LocalCluster

    alone, together, killed = (campaign(tmp_path / name, 240) for name in ("alone", "together", "killed"))
    alone.run()
    together.run(workers=2)
    local: Any = LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address="")
    with local as cluster:
        struck = []

        def strike(patients):
            if not struck:
                worker = next(iter(cluster.workers.values()))
                struck.append(worker.worker_address)
                worker.process.process.kill()

        killed.run(scheduler=cluster.scheduler_address, progress=strike)
    assert struck
    for number in range(len(alone.sizes)):
        assert filecmp.cmp(alone.file(number), together.file(number), shallow=False)
        assert filecmp.cmp(alone.file(number), killed.file(number), shallow=False)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # of the attempt to connect
def test_a_scheduler_that_is_not_there_is_named(tmp_path):
    with pytest.raises(errors.InputError, match="the scheduler must be reachable"):
        campaign(tmp_path).run(scheduler="tcp://127.0.0.1:1")
