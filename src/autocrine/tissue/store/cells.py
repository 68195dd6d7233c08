"""The end of a tumour in one Zarr store, which opens as AnnData and xarray."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import zarr

from autocrine.core import errors
from autocrine.tissue.cells.phase import Phase
from autocrine.tissue.fields.export import as_dataset
from autocrine.tissue.tumour import Tumour

if TYPE_CHECKING:
    import anndata


def cell_table(tumour: Tumour) -> pd.DataFrame:
    """Return what each cell is and finds: a row for each, with its id as index.

    Columns ``level_<substrate>`` hold what the cell finds around it; ``division_rate`` and ``death_rate`` are 1/h.
    """
    population = tumour.population
    division, death = tumour.rates()
    found: dict[str, np.ndarray] = {
        "parent": population.parent.copy(),
        "founder": tumour.lineage.founders()[population.id],
        "birth_h": population.birth_h.copy(),
        "phase": np.array([Phase(int(each)).name.lower() for each in population.phase], object),
        "alive": population.alive,
        "clone": population.clone.copy(),
        "producer": population.producer.copy(),
        "abcb1_copies": population.abcb1_copies.copy(),
        "volume_um3": population.total_volume,
        "division_rate": division,
        "death_rate": np.where(population.alive, death, 0.0),
    }
    found |= {f"level_{name}": level for name, level in tumour.levels().items()}
    return pd.DataFrame(found, index=pd.Index([str(each) for each in population.id], name="id"))


def as_anndata(tumour: Tumour) -> anndata.AnnData:
    """Return the cells as AnnData: the circuit in ``X``, positions (um) in ``obsm["spatial"]``."""
    import anndata

    kept = [row for row, name in enumerate(tumour.circuit.species) if not name.startswith("given_")]
    names = [tumour.circuit.species[row] for row in kept]
    obs = cell_table(tumour)
    obs["phase"] = obs["phase"].astype("category")
    place: Any = tumour.population.position.T[:, : tumour.colony.domain.dimensions].copy()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of anndata and pandas about each other
        return anndata.AnnData(
            tumour.population.state[kept].T.copy(),
            obs=obs,
            var=pd.DataFrame(index=pd.Index(names, name="species")),
            obsm={"spatial": place},
            uns={"time_h": tumour.time_h, "drugs": [drug.name for drug in tumour.circuit.drugs]},
        )


def write_store(tumour: Tumour, path: Path) -> None:
    """Write one store: the group ``cells`` opens with ``anndata.read_zarr``, ``fields`` with ``xarray.open_zarr``.

    Raises
    ------
    OutputError
        If it cannot be written.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # zarr 3 says of text that it has no specification yet
            zarr.open_group(path, mode="a")
            as_anndata(tumour).write_zarr(path / "cells")
            as_dataset(tumour.fields).to_zarr(path / "fields", mode="w", consolidated=False)
    except OSError as error:
        raise errors.OutputError(f"the store {path} must be writable ({error.strerror or error})") from error
