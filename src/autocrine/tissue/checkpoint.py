"""The state of a run in one file that is whole or absent."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import BinaryIO

import numpy as np

from autocrine.core import errors

#: names of arrays hold a slash, which a file in an archive must not
_SLASH = "|"


def save_checkpoint(path: Path, state: Mapping[str, np.ndarray], design: str) -> None:
    """Write a state so that a kill at any moment leaves the earlier file or the new one.

    Parameters
    ----------
    path : Path
        The file.
    state : mapping of str to ndarray
        What `Tumour.state` returns.
    design : str
        Text of the design, with which `load_checkpoint` compares.

    Raises
    ------
    OutputError
        If it cannot be written: a full disk, for example. The earlier file stays.
    """
    arrays = {name.replace("/", _SLASH): each for name, each in state.items()}
    _put(path, lambda file: np.savez(file, **arrays, design=np.array(design)))  # pyright: ignore[reportArgumentType]


def put_checkpoint(path: Path, raw: bytes) -> None:
    """Write a checkpoint that was made elsewhere, as `save_checkpoint` would.

    Raises
    ------
    OutputError
        If it cannot be written.
    """
    _put(path, lambda file: file.write(raw))


def _put(path: Path, write: Callable[[BinaryIO], object]) -> None:
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with part.open("wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise errors.OutputError(f"the checkpoint {path} must be writable ({error.strerror or error})") from error


def load_checkpoint(path: Path, design: str) -> dict[str, np.ndarray]:
    """Read a state.

    Raises
    ------
    InputError
        If there is none, it cannot be read, or it is of another design.
    """
    try:
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            found = {name.replace(_SLASH, "/"): file[name] for name in file.files}
    except FileNotFoundError as error:
        raise errors.InputError("a run that is resumed must have a checkpoint", str(path)) from error
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise errors.InputError(f"a checkpoint must be readable ({error})", where=str(path)) from error
    if str(found.pop("design", np.array(""))) != design:
        raise errors.InputError(
            "a run must be resumed with the design that it was started with", where=str(path), hint="another --out"
        )
    return found
