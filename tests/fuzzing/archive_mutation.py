"""Mutations of COMBINE archives: members, their names, and the bytes of the ZIP file."""

from __future__ import annotations

import io
import stat
import zipfile
from random import Random

from fuzzing import text_mutation
from fuzzing.oddities import places
from fuzzing.xml_mutation import XmlMutation


class ArchiveMutation:
    """Changes COMBINE archives.

    Parameters
    ----------
    rng : Random
        What decides.
    outside : str
        The folder that no reader may look into.
    """

    def __init__(self, rng: Random, outside: str) -> None:
        self._rng, self._outside = rng, outside
        self._xml = XmlMutation(rng, outside)

    def changed(self, members: dict[str, bytes]) -> bytes:
        """Return an archive of these members with one change or a few."""
        rng, found = self._rng, dict(members)
        for _ in range(rng.choice((1, 1, 2))):
            name = rng.choice(sorted(found))
            pick = rng.randrange(10)
            if pick <= 4:
                text = found[name].decode("utf-8", "replace")
                text = self._xml.changed(text) if pick <= 3 else self._other_place(text, sorted(found))
                found[name] = text.encode("utf-8", "replace")
            elif pick == 5:
                found[name] = text_mutation.raw(rng, found[name])
            elif pick == 6:
                found.pop(name)
                if not found:
                    found[name] = b""
            elif pick == 7:
                found[rng.choice(places(self._outside)).replace("\0", "") or "x"] = found[name]
            elif pick == 8:
                found[rng.choice(places(self._outside)).replace("\0", "") or "x"] = found.pop(name)
            else:
                found[name] += b" " * rng.choice((1000, 30_000_000))
        packed = self._packed(found)
        return text_mutation.raw(rng, packed) if rng.random() < 0.12 else packed

    def _other_place(self, text: str, names: list[str]) -> str:
        """Put another place wherever a file of the archive is named."""
        place = self._rng.choice((*places(self._outside), *names)).replace("\0", "")
        for name in names:
            if name in text and self._rng.random() < 0.6:
                text = text.replace(name, place.replace("&", ""), self._rng.choice((1, 5)))
        return text

    def _packed(self, members: dict[str, bytes]) -> bytes:
        target = io.BytesIO()
        rng = self._rng
        method = rng.choice(
            (zipfile.ZIP_DEFLATED, zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
        )
        with zipfile.ZipFile(target, "w", method) as file:
            for name, data in members.items():
                info = zipfile.ZipInfo(name)
                info.compress_type = method
                pick = rng.random()
                if pick < 0.04:
                    info.external_attr = (stat.S_IFLNK | 0o777) << 16  # a link to outside
                    file.writestr(info, f"{self._outside}/model.xml")
                    continue
                if pick < 0.06:
                    info.flag_bits |= 1
                file.writestr(info, data)
        return target.getvalue()


def packed(members: dict[str, bytes]) -> bytes:
    """Return an archive as it should be."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in members.items():
            file.writestr(name, data)
    return target.getvalue()
