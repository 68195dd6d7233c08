"""All batches of a trial: in this process, on a cluster, and again from where they stopped.

A batch is written as one Parquet file under its number as soon as it is there, whole or not at all; what is there is
not simulated again. A batch depends on protocol, seed and number only, so results are the same for any number of
workers, and a worker that dies costs the batches it was at: they are given to others.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from autocrine.cohort.batch import Protocol, simulate_batch
from autocrine.cohort.matching import Weights
from autocrine.core import errors, spread

if TYPE_CHECKING:
    import pandas as pd

#: what marks the files of a campaign, so that no other one goes on with them
_MARK = b"autocrine_campaign"


@dataclass(frozen=True)
class Campaign:
    """The batches of a trial.

    Attributes
    ----------
    protocol : Protocol
        What is done with every patient.
    weights : Weights
        With which plausible patients are accepted.
    patients : int
        How many virtual patients altogether.
    seed : int
        Seed of everything that is drawn.
    folder : Path
        Where the files ``batch-00000.parquet`` stand.
    batch_size : int
        Patients of a batch. It belongs to the seed: another size gives other patients.
    """

    protocol: Protocol
    weights: Weights
    patients: int
    seed: int
    folder: Path
    batch_size: int = 1000

    def __post_init__(self) -> None:
        """Refuse what is no number of patients."""
        if self.patients < 1 or self.batch_size < 1:
            raise errors.InputError("patients and batch_size must be at least 1", (self.patients, self.batch_size))

    @property
    def sizes(self) -> list[int]:
        """How many patients each batch writes; the last one is cut."""
        whole, rest = divmod(self.patients, self.batch_size)
        return [self.batch_size] * whole + ([rest] if rest else [])

    @property
    def digest(self) -> str:
        """What tells the files of this campaign from others."""
        told = (self.protocol, self.weights.tilts, self.seed, self.batch_size)
        return hashlib.sha256(repr(told).encode()).hexdigest()[:16]

    def file(self, number: int) -> Path:
        """Return where a batch stands."""
        return self.folder / f"batch-{number:05d}.parquet"

    def missing(self) -> list[int]:
        """Return the numbers of the batches that are still to be simulated.

        Raises
        ------
        InputError
            If a file of another campaign stands in the folder.
        """
        return [number for number, size in enumerate(self.sizes) if not self._is_there(number, size)]

    def run(
        self,
        *,
        workers: int = 1,
        scheduler: str = "",
        progress: Callable[[int], None] = lambda _patients: None,
    ) -> None:
        """Simulate what is missing.

        Parameters
        ----------
        workers : int
            Processes on this machine; 1 works in this process, more start a local Dask cluster.
        scheduler : str
            Address of a running Dask scheduler, such as ``tcp://10.0.0.1:8786``, instead.
        progress : callable
            Called with the number of patients of each finished batch.

        Raises
        ------
        InputError
            If the scheduler cannot be reached.
        OutputError
            If a batch cannot be written.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        todo = self.missing()
        for number, table in spread(self.batch, todo, workers=workers, scheduler=scheduler):
            self._write(number, table.iloc[: self.sizes[number]])
            progress(self.sizes[number])

    def batch(self, number: int) -> pd.DataFrame:
        """Simulate one batch."""
        return simulate_batch(self.protocol, number, self.batch_size, self.seed, self.weights)

    def tables(self) -> Iterator[pd.DataFrame]:
        """Go through all batches in the order of their numbers, one at a time."""
        import pandas as pd

        for number in range(len(self.sizes)):
            yield pd.read_parquet(self.file(number))

    def _is_there(self, number: int, size: int) -> bool:
        import pyarrow.parquet as pq

        path = self.file(number)
        if not path.exists():
            return False
        try:
            kept = pq.read_metadata(path)
        except (OSError, ValueError) as error:
            raise errors.InputError(f"a batch must be a Parquet file ({error})", where=str(path)) from error
        if (kept.metadata or {}).get(_MARK, b"").decode() != self.digest:
            raise errors.InputError(
                "a folder of batches must be of the same trial and seed", where=str(path), hint="another --out"
            )
        return kept.num_rows == size

    def _write(self, number: int, table: pd.DataFrame) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        path = self.file(number)
        aside = path.with_suffix(f".{os.getpid()}.unfinished")
        try:
            rows = pa.Table.from_pandas(table, preserve_index=False)
            rows = rows.replace_schema_metadata({**(rows.schema.metadata or {}), _MARK: self.digest.encode()})
            pq.write_table(rows, aside)
            aside.replace(path)
        except OSError as error:
            raise errors.OutputError(f"a batch must be written to {path}, but the system says: {error}") from error
        finally:
            aside.unlink(missing_ok=True)
