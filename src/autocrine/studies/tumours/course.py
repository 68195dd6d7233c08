"""One tumour from its start to its end, over kills and resumes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.spatial import KDTree

from autocrine.core import errors
from autocrine.studies.tumours.members import Member
from autocrine.tissue import Tumour, plant, store
from autocrine.tissue import checkpoint as kept

#: points of the course of a run
_SAMPLES = 48
#: seconds of the clock between two checkpoints: when they are made changes no result
CHECKPOINT_S = 30.0
_COLUMNS = ("time_h", "alive", "dead", "producers", "died", "divided")


class Course:
    """One tumour from its start to its end.

    Parameters
    ----------
    member : Member
        Which.
    seed, threads : int
        As in `plant`.
    checkpoint : Path
        Where its state is kept.
    resume : bool
        Whether to go on from there, if there is one.

    Attributes
    ----------
    tumour : Tumour
        At the moment that was reached.
    """

    def __init__(self, member: Member, seed: int, threads: int, checkpoint: Path, *, resume: bool) -> None:
        self.member, self._checkpoint = member, checkpoint
        self._frames = _beside(checkpoint)
        self.tumour = plant(member.design, seed, threads)
        self._first = self._place_of(self.tumour)
        self._rows: list[list[float]] = []
        self._design = f"{member.design.text} seed {seed}"
        self.levels = [f"mean_{name}" for name in self.tumour.fields]
        if resume and checkpoint.is_file():
            state = kept.load_checkpoint(checkpoint, self._design)
            self._rows = state.pop("history").tolist()
            self.tumour.restore(state)
        if not self._rows:
            self._sample(self.tumour)
            self._keep_frame(self.tumour)

    @property
    def ticks(self) -> int:
        """Ticks of the whole run."""
        return round(self.member.design.duration_h / self.member.design.tick_h)

    def run(self, progress: Callable[[Tumour], None]) -> None:
        """Go to the end, and keep the state there.

        Raises
        ------
        DesignError
            If there are more cells than the design allows; the state is kept.
        """
        every, saved = max(1, self.ticks // _SAMPLES), time.monotonic()
        pause = max(1, self.ticks // self.member.design.frames)

        def after(tumour: Tumour) -> None:
            nonlocal saved
            if tumour.colony.ticks % every == 0 or tumour.colony.ticks == self.ticks:
                self._sample(tumour)
            if tumour.colony.ticks % pause == 0 or tumour.colony.ticks == self.ticks:
                self._keep_frame(tumour)
            progress(tumour)
            if time.monotonic() - saved > CHECKPOINT_S:
                self.save()
                saved = time.monotonic()

        try:
            self.tumour.run(self.member.design.duration_h, after)
        except errors.DesignError:  # more cells than it may have: the state is that after a tick, and a run can go on
            self.save()
            raise
        self.save()

    def save(self) -> None:
        """Keep the state."""
        kept.save_checkpoint(self._checkpoint, self.tumour.state() | {"history": np.array(self._rows)}, self._design)

    def frames(self) -> Iterator[store.Frame]:
        """Yield the moments that were kept, in the order of time."""
        for path in sorted(self._frames.iterdir()):
            yield store.load_frame(path)

    def moments(self, count: int) -> list[store.Frame]:
        """Return some of the moments that were kept, from the first to the last."""
        paths = sorted(self._frames.iterdir())
        chosen = np.unique(np.round(np.linspace(0, len(paths) - 1, count)).astype(int))
        return [store.load_frame(paths[each]) for each in chosen]

    def history(self) -> pd.DataFrame:
        """Return numbers of cells and mean levels over time."""
        return pd.DataFrame(self._rows, columns=pd.Index([*_COLUMNS, *self.levels])).drop_duplicates("time_h")

    def founders(self) -> pd.DataFrame:
        """Return what became of each first cell: distance to the nearest producer at the start, living descendants."""
        position, producer, clone = self._first
        lineage = self.tumour.lineage.table()
        alive = lineage.loc[(lineage["fate"] == "alive").to_numpy()]
        living = np.bincount(alive["founder"].to_numpy(), minlength=len(producer))
        died = np.bincount(lineage.loc[(lineage["fate"] == "died").to_numpy(), "founder"], minlength=len(producer))
        return pd.DataFrame(
            {
                "founder": np.arange(len(producer)),
                "clone": clone,
                "producer": producer,
                "distance_um": _nearest(position, position[:, producer]),
                "living_descendants": living[: len(producer)],
                "dead_descendants": died[: len(producer)],
            }
        )

    def distance_now(self) -> np.ndarray:
        """Return the distance of each cell to the nearest living producer (um); infinite where there is none."""
        population = self.tumour.population
        return _nearest(population.position, population.position[:, population.producer & population.alive])

    def _keep_frame(self, tumour: Tumour) -> None:
        # a file for each: what was kept after the last checkpoint is written again with equal bytes
        store.save_frame(store.take_frame(tumour), self._frames / f"{tumour.colony.ticks:09d}.npz")

    def _sample(self, tumour: Tumour) -> None:
        population = tumour.population
        alive = population.alive
        fate = tumour.lineage.to_arrays()["fate"]
        self._rows.append(
            [
                tumour.time_h,
                *(float(np.count_nonzero(each)) for each in (alive, ~alive, alive & population.producer)),
                *(float(np.count_nonzero(fate == each)) for each in (2, 1)),
                *(float(level.mean()) if level.size else 0.0 for level in tumour.levels().values()),
            ]
        )

    @staticmethod
    def _place_of(tumour: Tumour) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        population = tumour.population
        by_id = np.argsort(population.id)
        return population.position[:, by_id], population.producer[by_id], population.clone[by_id]


def taken_frames(checkpoint: Path) -> dict[str, bytes]:
    """Return the files of the frames beside a checkpoint, by name."""
    folder = _beside(checkpoint)
    return {path.name: path.read_bytes() for path in folder.iterdir()} if folder.is_dir() else {}


def put_frames(checkpoint: Path, files: Mapping[str, bytes]) -> None:
    """Write files of frames beside a checkpoint.

    Raises
    ------
    OutputError
        If that cannot be done.
    """
    folder = _beside(checkpoint)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (folder / name).write_bytes(content)
    except OSError as error:
        raise errors.OutputError(f"{folder} must be writable ({error.strerror or error})") from error


def _beside(checkpoint: Path) -> Path:
    return checkpoint.with_name(f"{checkpoint.stem}-frames")


def _nearest(position_um: np.ndarray, to_um: np.ndarray) -> np.ndarray:
    if to_um.shape[1] == 0:
        return np.full(position_um.shape[1], np.inf)
    return np.asarray(KDTree(to_um.T).query(position_um.T)[0])
