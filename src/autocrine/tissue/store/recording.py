"""The course of a tumour in its store: frames one after the other, which xarray opens as a ragged array.

The group ``frames`` follows the contiguous ragged arrays of the CF conventions: all cells of all frames stand one after
the other along ``cell``, and ``row_size`` says how many belong to each ``time``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import zarr
import zarr.errors

from autocrine.core import errors
from autocrine.tissue.store.frame import Frame
from autocrine.tissue.store.scene import Scene

GROUP = "frames"
_CHUNK = 65_536
_UNITS = {
    "position": "um", "velocity": "um/h", "volume": "um^3", "clock_h": "h",
    "division_rate": "1/h", "death_rate": "1/h",
}  # fmt: skip


def write_recording(path: Path, scene: Scene, frames: Iterable[Frame]) -> None:
    """Write frames to the group ``frames`` of a store, one at a time.

    Parameters
    ----------
    path : Path
        The store of the tumour.
    scene : Scene
        What stays the same.
    frames : iterable of Frame
        In the order of time.

    Raises
    ------
    OutputError
        If it cannot be written.
    """
    try:
        group = zarr.open_group(path, mode="a").create_group(GROUP, overwrite=True)
        group.attrs.update(scene.to_attributes() | {"featureType": "point", "Conventions": "CF-1.11"})
        for frame in frames:
            _append(group, "time", np.array([frame.time_h]), ("time",), "h")
            _append(group, "row_size", np.array([frame.count]), ("time",), "")
            for name, values in frame.cells.items():
                axes = ("cell", *(("part",) if name == "volume" else ("axis",) if values.ndim == 2 else ()))
                _append(group, name, values, axes, _UNITS.get(name, ""))
            for medium in scene.media:
                axes = ("time", *"xyz"[: scene.dimensions])
                _append(group, f"field_{medium.name}", frame.levels[medium.name][None], axes, medium.unit)
    except OSError as error:
        raise errors.OutputError(f"the store {path} must be writable ({error.strerror or error})") from error


def _append(group: zarr.Group, name: str, values: np.ndarray, axes: tuple[str, ...], unit: str) -> None:
    if name not in group:
        first = 1 if name.startswith("field_") else _CHUNK
        array = group.create_array(
            name, shape=(0, *values.shape[1:]), chunks=(first, *values.shape[1:]), dtype=values.dtype,
            dimension_names=axes,
        )  # fmt: skip
        if unit:
            array.attrs["units"] = unit
    array = group[name]
    assert isinstance(array, zarr.Array)  # noqa: S101
    array.append(values)


class Recording:
    """The frames in a store.

    Parameters
    ----------
    path : Path
        A run, its ``tumour.zarr``, or the store of one tumour in it.
    number : int, optional
        Which tumour of a run of several.

    Raises
    ------
    InputError
        If there is no such store, no such tumour, or it must be said which.
    """

    def __init__(self, path: Path, number: int | None = None) -> None:
        self.path = _find(path, number)
        try:
            self._group = zarr.open_group(self.path / GROUP, mode="r")
            self.scene = Scene.from_attributes(dict(self._group.attrs))
            self.times_h: np.ndarray = np.asarray(self._array("time")[:], float)
            self._ends = np.concatenate([[0], np.cumsum(np.asarray(self._array("row_size")[:], np.int64))])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise errors.InputError(f"a store must be readable ({error})", where=str(self.path)) from error

    def __len__(self) -> int:
        return len(self.times_h)

    def frame(self, at: int) -> Frame:
        """Return one frame; -1 is the last."""
        at = range(len(self))[at]
        rows = slice(int(self._ends[at]), int(self._ends[at + 1]))
        cells, levels = {}, {}
        for name in self._group.array_keys():
            if name.startswith("field_"):
                levels[name.removeprefix("field_")] = np.asarray(self._array(name)[at])
            elif name not in {"time", "row_size"}:
                cells[name] = np.asarray(self._array(name)[rows])
        return Frame(float(self.times_h[at]), cells, levels)

    def frames(self, every: int = 1) -> Iterator[Frame]:
        """Yield every n-th frame, the first and the last among them."""
        for at in self.chosen(every):
            yield self.frame(at)

    def chosen(self, every: int = 1) -> list[int]:
        """Return the numbers of every n-th frame, the first and the last among them."""
        return sorted({*range(0, len(self), every), len(self) - 1})

    def _array(self, name: str) -> Any:
        return self._group[name]


def _find(path: Path, number: int | None) -> Path:
    """Return the store of one tumour."""
    place = path / "tumour.zarr" if (path / "tumour.zarr").is_dir() else path
    if not place.is_dir():
        raise errors.InputError("a store must be a run of tumours or a tumour.zarr in one", str(path))
    if (place / GROUP).is_dir():
        if number not in {None, 0}:
            raise errors.InputError("this run has one tumour, whose number must be 0", number, where=str(path))
        return place
    numbers = sorted(int(each.name) for each in place.iterdir() if each.name.isdigit() and (each / GROUP).is_dir())
    if not numbers:
        raise errors.InputError(
            "a store must hold the frames of a tumour", str(path), hint="run the design again: older runs kept none"
        )
    if number is None and len(numbers) > 1:
        names = ", ".join(f"{each} ({_label(place / str(each))})" for each in numbers)
        raise errors.InputError("one tumour of this run must be chosen", where=str(path), hint=f"--number, of {names}")
    chosen = numbers[0] if number is None else number
    if chosen not in numbers:
        raise errors.InputError(f"the number of a tumour must be one of 0 to {numbers[-1]}", chosen, where=str(path))
    return place / str(chosen)


def _label(store: Path) -> str:
    return str(zarr.open_group(store / GROUP, mode="r").attrs.get("label", ""))
