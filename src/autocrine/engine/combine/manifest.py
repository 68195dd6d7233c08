"""The manifest of a COMBINE archive: what it holds, and in which format."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from xml.etree.ElementTree import ParseError
from xml.sax.saxutils import quoteattr

from autocrine.core import errors

MANIFEST = "manifest.xml"
_SPACE = "http://identifiers.org/combine.specifications/omex-manifest"
_OMEX = "http://identifiers.org/combine.specifications/omex"
#: formats of what is written here
SBML = "http://identifiers.org/combine.specifications/sbml.level-3.version-2"
SEDML = "http://identifiers.org/combine.specifications/sed-ml.level-1.version-3"
METADATA = "http://identifiers.org/combine.specifications/omex-metadata"
_LARGEST = 5_000_000


@dataclass(frozen=True)
class Entry:
    """One file of an archive.

    Attributes
    ----------
    location : str
        Where it lies, from the root of the archive.
    format : str
        Its format, as an address of identifiers.org or a media type.
    master : bool
        Whether it is what should be opened first.
    """

    location: str
    format: str
    master: bool = False


def read_manifest(content: bytes, where: str) -> list[Entry]:
    """Return what a manifest lists, without the archive, the manifest and what lies elsewhere.

    Raises
    ------
    InputError
        If it is no XML, declares entities, or lists something without a place or a format.
    """
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    where = f"{where}: {MANIFEST}"
    if len(content) > _LARGEST:
        raise errors.InputError(f"a manifest must have at most {_LARGEST:,} bytes", len(content), where=where)
    try:
        root = fromstring(content, forbid_dtd=True)
    except ParseError as error:
        raise errors.InputError(f"a manifest must be XML: {error}", where=where) from error
    except (DefusedXmlException, ValueError, LookupError) as error:
        must = "a manifest must not declare a document type, entities or an unknown encoding"
        raise errors.InputError(must, where=where) from error
    found = []
    for element in root:
        if element.tag.rpartition("}")[2] != "content":
            continue
        location, kind = element.get("location"), element.get("format")
        if not location or kind is None:
            raise errors.InputError("a manifest must give location and format", element.attrib, where=where)
        plain = location.removeprefix("./")
        if plain not in {".", "", MANIFEST} and "://" not in plain:
            found.append(Entry(plain, kind, element.get("master", "") in {"true", "1"}))
    return found


def manifest_text(entries: Iterable[Entry]) -> str:
    """Return the manifest of an archive."""
    listed = [Entry(".", _OMEX), Entry(MANIFEST, _SPACE), *entries]
    lines = [
        f"  <content location={quoteattr(f'./{e.location}' if e.location != '.' else '.')} format={quoteattr(e.format)}"
        f"{' master=' + quoteattr('true') if e.master else ''}/>"
        for e in listed
    ]
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    return "\n".join([head, f'<omexManifest xmlns="{_SPACE}">', *lines, "</omexManifest>", ""])
