"""The directory of one run: it appears under its name only when the run is complete."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from types import TracebackType

from autocrine.core.errors import OutputError


class RunDirectory:
    """A directory that is written aside and put in place at the end.

    Use it as a context: inside, ``path`` is a new directory beside the target. On success it replaces an earlier run of
    the same name; on an error or an interruption it is removed, and the earlier run stays.

    Parameters
    ----------
    target : Path
        Where the finished run shall stand.

    Raises
    ------
    OutputError
        If the place cannot be written, or something that is not a run stands there.
    """

    MARK = "provenance.json"

    def __init__(self, target: Path) -> None:
        self.target = Path(target)
        self.path = self.target

    def __enter__(self) -> RunDirectory:
        self._refuse_foreign()
        try:
            self.target.parent.mkdir(parents=True, exist_ok=True)
            self.path = Path(tempfile.mkdtemp(prefix=f".{self.target.name}-unfinished-", dir=self.target.parent))
        except OSError as error:
            raise OutputError(
                f"the run must be written to {self.target}, but the system says: {error.strerror}; "
                "try --out with a directory that you may write"
            ) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._put_in_place()
        else:
            shutil.rmtree(self.path, ignore_errors=True)

    def _refuse_foreign(self) -> None:
        if self.target.exists() and not (self.target / self.MARK).is_file():
            empty = self.target.is_dir() and not any(self.target.iterdir())
            if not empty:
                raise OutputError(
                    f"--out must name a new directory or an earlier run, but {self.target} holds something else; "
                    "try another name"
                )

    def _put_in_place(self) -> None:
        self.path.chmod(0o777 & ~_umask())
        if self.target.exists():
            old = Path(tempfile.mkdtemp(prefix=f".{self.target.name}-old-", dir=self.target.parent))
            self.target.rename(old / "run")
            self.path.rename(self.target)
            shutil.rmtree(old, ignore_errors=True)
        else:
            self.path.rename(self.target)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
