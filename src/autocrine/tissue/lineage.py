"""Who descends from whom, and what became of each: a row for every cell that ever lived."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from autocrine.tissue.cells import Population

_COLUMNS = ("id", "parent", "birth_h", "clone", "producer", "end_h", "fate")
_KINDS = (np.int64, np.int64, float, np.int64, np.bool_, float, np.int64)
FATES = ("alive", "divided", "died")


class Lineage:
    """A row for every cell that ever lived; ids are rows, for they are counted from 0 and never used twice."""

    def __init__(self) -> None:
        self._rows = {name: np.zeros(0, kind) for name, kind in zip(_COLUMNS, _KINDS, strict=True)}

    def follow(
        self,
        population: Population,
        died: np.ndarray | None = None,
        divided: np.ndarray | None = None,
        time_h: float = np.nan,
    ) -> None:
        """Add the cells that are new; write down the end of those that died or divided at a time (h)."""
        known, rows = len(self._rows["id"]), population.next_id
        if rows > known:
            for name, kind in zip(_COLUMNS, _KINDS, strict=True):
                more = np.full(rows - known, np.nan) if name == "end_h" else np.zeros(rows - known, kind)
                self._rows[name] = np.concatenate([self._rows[name], more])
            new = np.flatnonzero(population.id >= known)
            at = population.id[new]
            for name in ("id", "parent", "birth_h", "clone", "producer"):
                self._rows[name][at] = getattr(population, name)[new]
        for ids, fate in ((divided, 1), (died, 2)):
            if ids is not None and len(ids):
                self._rows["end_h"][ids], self._rows["fate"][ids] = time_h, fate

    def founders(self) -> np.ndarray:
        """Return the first ancestor of every cell."""
        found = self._rows["id"].copy()
        parent = self._rows["parent"]
        for row in np.flatnonzero(parent >= 0):  # parents have smaller ids, so that theirs is known
            found[row] = found[parent[row]]
        return found

    def table(self) -> pd.DataFrame:
        """Return all rows, with the word for each fate and the founder."""
        found = pd.DataFrame(self._rows)
        found["fate"] = np.array(FATES)[self._rows["fate"]]
        found["founder"] = self.founders()
        return found

    def to_arrays(self) -> dict[str, np.ndarray]:
        """Return copies of all columns."""
        return {name: each.copy() for name, each in self._rows.items()}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray]) -> Lineage:
        """Return the lineage that was saved."""
        found = cls()
        found._rows = {name: np.array(arrays[name]) for name in _COLUMNS}
        return found
