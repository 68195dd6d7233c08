"""A tumour in one Zarr store, which opens as AnnData and xarray, and its cells for ParaView."""

from __future__ import annotations

import base64
import os
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import quoteattr

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


def write_vtp(tumour: Tumour, path: Path) -> None:
    """Write the cells as points of VTK, which ParaView opens: radius, clone, producer, phase, id, levels around them.

    Raises
    ------
    InputError
        If the file has another suffix.
    OutputError
        If it cannot be written.
    """
    if path.suffix != ".vtp":
        raise errors.InputError("points of VTK must have the suffix .vtp", str(path))
    population = tumour.population
    count = population.count
    data: dict[str, np.ndarray] = {
        "radius (um)": np.cbrt(population.total_volume * 3 / (4 * np.pi)),
        "id": population.id,
        "clone": population.clone.astype(np.int64),
        "producer": population.producer.astype(np.int64),
        "phase": population.phase.astype(np.int64),
    }
    data |= {f"{n} ({tumour.fields.substrate(n).unit})": level for n, level in tumour.levels().items()}
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with part.open("w", encoding="ascii") as file:
            file.write(
                '<?xml version="1.0"?>\n<VTKFile type="PolyData" version="1.0" byte_order="LittleEndian" '
                f'header_type="UInt64">\n<PolyData>\n<Piece NumberOfPoints="{count}" NumberOfVerts="{count}">\n'
                "<Points>\n"
                + _array("position", population.position.T.copy(), 3)
                + "</Points>\n<Verts>\n"
                + _array("connectivity", np.arange(count))
                + _array("offsets", np.arange(1, count + 1))
                + "</Verts>\n<PointData>\n"
                + "".join(_array(name, each) for name, each in data.items())
                + "</PointData>\n</Piece>\n</PolyData>\n</VTKFile>\n"
            )
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise errors.OutputError(f"the points {path} must be writable ({error.strerror or error})") from error


def _array(name: str, values: np.ndarray, components: int = 1) -> str:
    whole = values.dtype.kind == "i"
    raw = values.astype("<i8" if whole else "<f8").tobytes()
    text = base64.b64encode(np.uint64(len(raw)).astype("<u8").tobytes() + raw).decode("ascii")
    label = quoteattr(name.encode("ascii", "replace").decode("ascii"))
    kind = "Int64" if whole else "Float64"
    return (
        f'<DataArray type="{kind}" Name={label} NumberOfComponents="{components}" format="binary">{text}</DataArray>\n'
    )
