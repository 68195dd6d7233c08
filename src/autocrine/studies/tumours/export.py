"""The course of a tumour for other programs, from the store that its run left."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from autocrine import plots
from autocrine.core import Provenance, RunDirectory, errors
from autocrine.studies.tumours.pictures import draw_course
from autocrine.tissue import store


@dataclass(frozen=True)
class Format:
    """A format: how its file or its directory is called after the run, and what reads it."""

    ending: str
    read_by: str

    @property
    def is_directory(self) -> bool:
        """Whether it is a directory of files."""
        return not self.ending.startswith(".")


FORMATS = {
    "simularium": Format(".simularium", "simularium.allencell.org"),
    "multicellds": Format("-multicellds", "PhysiCell's tools, such as pcdl"),
    "vtk": Format("-vtk", "ParaView: cells.pvd and fields.pvd"),
    "gif": Format(".gif", "any browser"),
    "png": Format("-png", "any program: one picture for each frame"),
}


def export_tumour(
    run: Path,
    to: str,
    target: Path | None = None,
    *,
    number: int | None = None,
    every: int = 1,
    level: str = "il6",
    command: str = "",
) -> Path:
    """Write the course of one tumour of a run.

    Parameters
    ----------
    run : Path
        The directory of a run, or its ``tumour.zarr``.
    to : str
        One of `FORMATS`.
    target : Path, optional
        File or directory; beside the run, with its name, unless it is given.
    number : int, optional
        Which tumour of a run of several.
    every : int
        Every n-th frame.
    level : str
        Substrate that movies show.
    command : str
        The command line, for the provenance of directories.

    Returns
    -------
    Path
        What was written.

    Raises
    ------
    InputError
        If there is no such run, tumour, format or substrate.
    OutputError
        If it cannot be written.
    """
    if to not in FORMATS:
        raise errors.InputError(f"a format must be one of {', '.join(FORMATS)}", to)
    if every < 1:
        raise errors.InputError("every must be at least 1", every)
    recording, form = store.Recording(run, number), FORMATS[to]
    place = target or _beside(run, recording, form)
    if not form.is_directory:
        _make_parent(place)
        _write_file(recording, to, place, every, level)
        return place
    with RunDirectory(place) as directory:
        _WRITERS[to](recording, directory.path, every, level)
        Provenance(command, 0, "").save(directory.path / RunDirectory.MARK)
    return place


def _beside(run: Path, recording: store.Recording, form: Format) -> Path:
    whole = run.parent if run.name == "tumour.zarr" else run
    number = f"-{recording.path.name}" if recording.path.name.isdigit() else ""
    return whole.resolve().with_name(f"{whole.resolve().name}{number}{form.ending}")


def _make_parent(place: Path) -> None:
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise errors.OutputError(f"the file {place} must be writable ({error.strerror or error})") from error


def _write_file(recording: store.Recording, to: str, place: Path, every: int, level: str) -> None:
    if to == "gif":
        plots.maps.write_gif(draw_course(recording, level, every), place)
    else:
        store.write_simularium(recording, place, every)


def _write_pictures(recording: store.Recording, directory: Path, every: int, level: str) -> None:
    for at, figure in zip(recording.chosen(every), draw_course(recording, level, every), strict=True):
        plots.maps.write_still(figure, directory / f"frame-{at:04d}.png")


_WRITERS: dict[str, Callable[[store.Recording, Path, int, str], None]] = {
    "multicellds": lambda recording, directory, every, _: store.write_multicellds(recording, directory, every),
    "vtk": lambda recording, directory, every, _: store.write_vtk(recording, directory, every),
    "png": _write_pictures,
}
