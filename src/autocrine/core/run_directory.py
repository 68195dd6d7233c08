"""The directory of one run: it appears under its name only when the run is complete."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from pathlib import Path
from types import TracebackType

from autocrine.core.errors import OutputError

#: how often a finished run tries to take its name while others of the same name do so too
_ATTEMPTS = 20


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
        try:
            self._refuse_foreign()
            self.target.parent.mkdir(parents=True, exist_ok=True)
            self.path = Path(tempfile.mkdtemp(prefix=f".{self.target.name}-unfinished-", dir=self.target.parent))
        except OSError as error:
            raise self._refused(error) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._put_in_place()
        except OSError as problem:
            raise self._refused(problem) from problem
        finally:
            shutil.rmtree(self.path, ignore_errors=True)  # after success there is nothing under this name any more

    def _refuse_foreign(self) -> None:
        for _ in range(_ATTEMPTS):
            seen = self._identity()
            if seen is None or (self.target / self.MARK).is_file() or self._is_empty():
                return
            if self._identity() == seen:  # else a run of the same name took the place meanwhile: look again
                break
        raise OutputError(
            f"--out must name a new directory or an earlier run, but {self.target} holds something else; "
            "try another name"
        )

    def _identity(self) -> tuple[int, int, int] | None:
        """Tell what stands at the target from whatever stands there later; None if nothing does."""
        try:
            found = self.target.stat()
        except FileNotFoundError:
            return None
        return found.st_dev, found.st_ino, found.st_ctime_ns

    def _is_empty(self) -> bool:
        try:
            return not any(self.target.iterdir())
        except (FileNotFoundError, NotADirectoryError):
            return False

    def _put_in_place(self) -> None:
        self.path.chmod(0o777 & ~_umask())
        for _ in range(_ATTEMPTS):
            aside = self._move_aside()
            try:
                self.path.rename(self.target)
            except BaseException as error:
                if aside is not None and not self.target.exists():
                    with contextlib.suppress(OSError):
                        aside.rename(self.target)
                # a run of the same name that ended at this moment stands in the way: it counts as the earlier one
                if not (isinstance(error, OSError) and self.target.exists()):
                    raise
            else:
                return
            finally:
                if aside is not None:
                    shutil.rmtree(aside.parent, ignore_errors=True)
        raise OutputError(
            f"the run must be put at {self.target}, but other runs kept taking the name; try another --out"
        )

    def _move_aside(self) -> Path | None:
        """Move an earlier run out of the way; None if there is none."""
        if not self.target.exists():
            return None
        aside = Path(tempfile.mkdtemp(prefix=f".{self.target.name}-old-", dir=self.target.parent)) / "run"
        try:
            self.target.rename(aside)
        except FileNotFoundError:  # a run of the same name was quicker
            shutil.rmtree(aside.parent, ignore_errors=True)
            return None
        return aside

    def _refused(self, error: OSError) -> OutputError:
        return OutputError(
            f"the run must be written to {self.target}, but the system says: {error.strerror or error}; "
            "try --out with a directory that you may write"
        )


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
