"""Fields for other programs: ParaView (.vti) and xarray, which writes Zarr."""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

import numpy as np

from autocrine.core import errors
from autocrine.tissue.fields.fields import Fields
from autocrine.tissue.fields.grid import Grid

if TYPE_CHECKING:
    import xarray


def as_dataset(fields: Fields) -> xarray.Dataset:
    """Return all levels as an xarray dataset with coordinates in um and their units; ``to_zarr`` writes it."""
    import xarray

    axes = "xyz"[: len(fields.grid.shape)]
    coordinates = {axis: (axis, fields.grid.centres(i), {"units": "um"}) for i, axis in enumerate(axes)}
    levels = {name: (tuple(axes), fields[name].copy(), {"units": fields.substrate(name).unit}) for name in fields}
    attributes = {"time_h": fields.time_h, "spacing_um": fields.grid.spacing_um}
    return xarray.Dataset(levels, coords=coordinates, attrs=attributes)


def write_vti(fields: Fields, path: Path) -> None:
    """Write all levels as an image of VTK, which ParaView opens.

    Parameters
    ----------
    fields : Fields
        The fields.
    path : Path
        A file with the suffix ``.vti``; one that stands there is replaced when the new one is whole.

    Raises
    ------
    InputError
        If the file has another suffix.
    OutputError
        If it cannot be written.
    """
    levels = {f"{name} ({fields.substrate(name).unit})": fields[name] for name in fields}
    write_image(path, fields.grid, levels, fields.time_h)


def write_image(path: Path, grid: Grid, levels: Mapping[str, np.ndarray], time_h: float) -> None:
    """Write arrays of the shape of a grid as an image of VTK; as `write_vti`."""
    target = Path(path)
    if target.suffix != ".vti":
        raise errors.InputError("an image of VTK must have the suffix .vti", str(target))
    counts = (*grid.shape, 1)[:3]
    extent = " ".join(f"0 {n}" for n in counts)
    head = (
        '<?xml version="1.0"?>\n<VTKFile type="ImageData" version="1.0" '
        'byte_order="LittleEndian" header_type="UInt64">\n'
        f'<ImageData WholeExtent="{extent}" Origin="{" ".join(map(repr, grid.origin_um))}" '
        f'Spacing="{" ".join([repr(float(grid.spacing_um))] * 3)}">\n'
        f'<FieldData><DataArray type="Float64" Name="TimeValue" NumberOfTuples="1" format="ascii">{time_h!r}'
        f'</DataArray></FieldData>\n<Piece Extent="{extent}">\n<CellData>\n'
    )
    part = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        with part.open("w", encoding="ascii") as file:
            file.write(head)
            for name, level in levels.items():
                label = quoteattr(name.encode("ascii", "replace").decode("ascii"))
                file.write(f'<DataArray type="Float64" Name={label} format="binary">')
                # x runs fastest in VTK
                raw = level.astype("<f8").ravel(order="F").tobytes()
                file.write(base64.b64encode(np.uint64(len(raw)).astype("<u8").tobytes() + raw).decode("ascii"))
                file.write("</DataArray>\n")
            file.write("</CellData>\n</Piece>\n</ImageData>\n</VTKFile>\n")
        part.replace(target)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise errors.OutputError(f"the image {target} must be writable ({error.strerror or error})") from error
