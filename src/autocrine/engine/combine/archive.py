"""COMBINE archives: zip files with a manifest. Those of strangers are never unpacked to a disk."""

from __future__ import annotations

import stat
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from autocrine.core import errors
from autocrine.engine.combine.manifest import MANIFEST, Entry, manifest_text, read_manifest

#: bytes of the archive, of one file and of all files in it
LARGEST_ARCHIVE, LARGEST_FILE, LARGEST_TOTAL = 200_000_000, 100_000_000, 300_000_000
MOST_FILES = 2_000
#: size over compressed size; text shrinks to a tenth, a bomb to a thousandth
MOST_SHRUNK = 200
#: what is smaller than this is no bomb however much it shrinks
SMALL = 1_000_000
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}


@dataclass(frozen=True)
class Archive:
    """A COMBINE archive in memory.

    Attributes
    ----------
    name : str
        What it is called in messages.
    entries : tuple of Entry
        What the manifest lists, without itself and without what lies elsewhere.
    files : mapping of str to bytes
        Contents by location.
    """

    name: str
    entries: tuple[Entry, ...]
    files: Mapping[str, bytes]

    def of_kind(self, word: str) -> list[Entry]:
        """Return the entries whose format holds a word, e.g. ``"sed-ml"``; masters first."""
        found = [entry for entry in self.entries if word in entry.format.lower()]
        return sorted(found, key=lambda entry: not entry.master)

    def text(self, location: str, beside: str = "") -> str:
        """Return a file as text.

        Parameters
        ----------
        location : str
            Where it lies, relative to the folder of ``beside``.

        Raises
        ------
        InputError
            If it is not in the archive, or no UTF-8.
        """
        place = _resolved(location, beside)
        if place not in self.files:
            hint = ", ".join(sorted(self.files)[:8])
            raise errors.InputError("a file must be in the archive", location, where=self.name, hint=hint)
        try:
            return self.files[place].decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise errors.InputError("a text must be written in UTF-8", where=f"{self.name}: {place}") from error


def read_archive(path: Path | str) -> Archive:
    """Read a COMBINE archive.

    Raises
    ------
    InputError
        If it is no zip file, names a place outside of itself, holds links, the same name twice, or is too large once it
        is unpacked; or if its manifest is missing or names what is not there.

    References
    ----------
    Bergmann et al. 2014, BMC Bioinformatics 15:369, doi:10.1186/s12859-014-0369-z.
    """
    file, where = Path(path), str(path)
    try:
        size = file.stat().st_size
        if size > LARGEST_ARCHIVE:
            raise errors.InputError(f"an archive must have at most {LARGEST_ARCHIVE:,} bytes", size, where=where)
        with zipfile.ZipFile(file) as opened:
            files = _files(opened, where)
    except OSError as error:
        raise errors.InputError("an archive must be a file that can be read", where=where) from error
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError) as error:
        raise errors.InputError(f"an archive must be a sound zip file: {error}", where=where) from error
    if MANIFEST not in files:
        raise errors.InputError(f"an archive must hold {MANIFEST}", sorted(files)[:8], where=where)
    entries = read_manifest(files[MANIFEST], where)
    for entry in entries:
        if entry.location not in files:
            raise errors.InputError("what the manifest lists must be in the archive", entry.location, where=where)
    return Archive(where, tuple(entries), files)


def write_files(path: Path | str, contents: Sequence[tuple[Entry, str]]) -> None:
    """Write an archive of texts: the same bytes for the same contents.

    Raises
    ------
    OutputError
        If it cannot be written.
    """
    texts = {MANIFEST: manifest_text([entry for entry, _ in contents])}
    texts |= {entry.location: text for entry, text in contents}
    try:
        with zipfile.ZipFile(path, "w") as opened:
            for location, text in texts.items():
                # the earliest time of a zip file, so that the bytes do not depend on the clock
                info = zipfile.ZipInfo(location, date_time=(1980, 1, 1, 0, 0, 0))
                info.compress_type = zipfile.ZIP_DEFLATED
                info.external_attr = (stat.S_IFREG | 0o644) << 16
                opened.writestr(info, text)
    except OSError as error:
        raise errors.OutputError(f"{path} cannot be written ({error.strerror or error})") from error


def _files(opened: zipfile.ZipFile, where: str) -> dict[str, bytes]:
    listed = opened.infolist()
    if len(listed) > MOST_FILES:
        raise errors.InputError(f"an archive must hold at most {MOST_FILES} files", len(listed), where=where)
    total, names = 0, set()
    for info in listed:
        _check(info, where)
        place = _resolved(info.filename, "")
        if place in names:
            raise errors.InputError("a file must be in an archive once", info.filename, where=where)
        names.add(place)
        total += info.file_size
    if total > LARGEST_TOTAL:
        raise errors.InputError(f"an archive must unpack to at most {LARGEST_TOTAL:,} bytes", total, where=where)
    # zipfile stops at the size that was declared, and complains of more
    return {_resolved(info.filename, ""): opened.read(info) for info in listed if not info.is_dir()}


def _check(info: zipfile.ZipInfo, where: str) -> None:
    """Refuse a file of an archive that must not be trusted."""
    name = info.filename
    parts = PurePosixPath(name).parts
    if not name or "\\" in name or ":" in name or "\0" in name or name.startswith("/") or ".." in parts:
        raise errors.InputError("a file of an archive must lie inside of it", name, where=where)
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in {0, stat.S_IFREG, stat.S_IFDIR}:
        raise errors.InputError("a file of an archive must be a plain file", name, where=where)
    if info.flag_bits & 1:
        raise errors.InputError("a file of an archive must not be encrypted", name, where=where)
    if info.compress_type not in _METHODS:
        raise errors.InputError("a file of an archive must be stored or deflated", name, where=where)
    if info.file_size > LARGEST_FILE:
        raise errors.InputError(f"{name} must have at most {LARGEST_FILE:,} bytes", info.file_size, where=where)
    if info.file_size > SMALL and info.file_size > MOST_SHRUNK * max(info.compress_size, 1):
        must = f"{name} must not be more than {MOST_SHRUNK} times as large as its compressed form"
        raise errors.InputError(must, f"{info.file_size:,} bytes from {info.compress_size:,}", where=where)


def _resolved(location: str, beside: str) -> str:
    """Return a location from the root of the archive; what leads out of it keeps its ``..`` and is not found."""
    found: list[str] = [] if location.startswith("/") else list(PurePosixPath(beside).parent.parts)
    for part in PurePosixPath(location).parts:
        if part == ".." and found and found[-1] != "..":
            found.pop()
        elif part not in {".", "/"}:
            found.append(part)
    return "/".join(found)
