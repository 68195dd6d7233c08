"""The files that a job has written, by numbers of ours: no name of a file comes from a request."""

from __future__ import annotations

from pathlib import Path

from autocrine.web.journal import RUN

#: what a person can open or save; stores of many files are left out
_SHOWN = {".html", ".csv", ".json", ".toml", ".svg", ".vtp", ".vti", ".parquet", ".xml", ".omex", ".txt", ".bib"}
_MOST, _DEEPEST = 200, 3


def job_files(place: Path) -> list[Path]:
    """Return the files of a run, reports first, then in the order of their names."""
    run = place / RUN
    found = [
        path
        for path in run.rglob("*")
        if path.suffix in _SHOWN
        and path.is_file()
        and not path.is_symlink()
        and len(path.relative_to(run).parts) <= _DEEPEST
        and not any(part.endswith(".zarr") for part in path.relative_to(run).parts)
    ]
    return sorted(found, key=lambda path: (path.suffix != ".html", path.relative_to(run).as_posix()))[:_MOST]
