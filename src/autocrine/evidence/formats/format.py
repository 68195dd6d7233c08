"""The formats of records: which one a file has, and its bytes as text, before any reader sees it."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from autocrine.core import errors
from autocrine.evidence.formats import bibtex, csl_json, nbib, page, pubmed_xml, ris
from autocrine.evidence.record import Record

#: largest file that is read at once, in bytes (chosen: 20,000 records of PubMed's XML are about 200 MB)
LARGEST = 256 * 1024 * 1024


class Format(NamedTuple):
    """A format: the endings of its files, the look of its text, its reader and its writer."""

    endings: tuple[str, ...]
    looks: re.Pattern[str]
    read: Callable[[str, str], Iterator[Record]]
    write: Callable[[Iterator[Record]], str]


#: name → format, in the order in which a text is compared with them
FORMATS: dict[str, Format] = {
    "pubmed-xml": Format((".xml",), re.compile(r"\s*<"), pubmed_xml.read, pubmed_xml.write),
    "csl-json": Format((".json",), re.compile(r"\s*[\[{]\s*[\]{\"}]"), csl_json.read, csl_json.write),
    "ris": Format((".ris",), re.compile(r"(?:^|\n)TY  ?- ?"), ris.read, ris.write),
    "nbib": Format((".nbib", ".medline"), re.compile(r"(?:^|\n)(?:PMID|TI  |OWN |FAU )- ?"), nbib.read, nbib.write),
    "bibtex": Format((".bib", ".bibtex"), re.compile(r"(?:^|\n)\s*@\s*[A-Za-z]+\s*[{(]"), bibtex.read, bibtex.write),
    "page": Format((".txt",), re.compile(r"(?:^|\n)(?:Authors?|Year|Journal|Title)\b"), page.read, page.write),
}


def read_records(path: Path, kind: str | None = None, encoding: str = "utf-8") -> tuple[Record, ...]:
    """Read the publication records of a file.

    Parameters
    ----------
    path : Path
        The file.
    kind : str, optional
        One of `FORMATS`; found from the text where it is not given.
    encoding : str
        Of the file, unless it begins with a mark of Unicode.

    Returns
    -------
    tuple of Record
        At least one, in their order, as drafts.

    Raises
    ------
    InputError
        If the file cannot be read, is empty, too large, of unknown format or encoding, or no record was found in it.
    """
    try:
        if path.stat().st_size > LARGEST:
            raise errors.InputError(
                f"the file must have at most {LARGEST >> 20} MiB", where=str(path), hint="parts of it"
            )
        raw = path.read_bytes()
    except OSError as error:
        raise errors.InputError(f"the file must be readable ({error.strerror})", where=str(path)) from error
    return parse_records(_decoded(raw, encoding, str(path)), str(path), kind)


def parse_records(text: str, where: str, kind: str | None = None) -> tuple[Record, ...]:
    """Read the records of a text; ``where`` stands in messages."""
    if not text.strip():
        raise errors.InputError("the file must hold records, but it is empty", where=where)
    chosen = _found(text, where) if kind is None else _named(kind)
    records = tuple(chosen.read(text, where))
    for number, record in enumerate(records, 1):
        if not (record.title or record.authors or record.sources):
            must = "a record must have a title, an author or an identifier"
            raise errors.InputError(must, where=f"{where}, record {number}", hint="another --format")
    if not records:
        must = "the file must hold at least one record, but none was read"
        raise errors.InputError(must, where=where, hint=f"--format with one of {', '.join(FORMATS)}")
    return records


def write_records(records: Iterable[Record], kind: str) -> str:
    """Write records in one of `FORMATS`.

    Raises
    ------
    InputError
        If the format is unknown.
    """
    return _named(kind).write(iter(records))


def _named(kind: str) -> Format:
    if kind not in FORMATS:
        raise errors.InputError(f"the format must be one of {', '.join(FORMATS)}", kind)
    return FORMATS[kind]


def _found(text: str, where: str) -> Format:
    head = text[:65536].lstrip("\ufeff")
    for each in FORMATS.values():
        if each.looks is FORMATS["pubmed-xml"].looks or each.looks is FORMATS["csl-json"].looks:
            if each.looks.match(head):
                return each
        elif each.looks.search(head):
            return each
    must = f"the file must be one of {', '.join(FORMATS)}"
    raise errors.InputError(must, head.strip()[:60], where=where, hint="--format")


def _decoded(raw: bytes, encoding: str, where: str) -> str:
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if raw.startswith(mark):
            encoding = name
            break
    try:
        text = raw.decode(encoding)
    except LookupError as error:
        raise errors.InputError("the encoding must be known", encoding, hint="utf-8, cp1252 or latin-1") from error
    except UnicodeError as error:
        must = f"the file must be text in {encoding} ({error})"
        raise errors.InputError(must[:200], where=where, hint="--encoding cp1252 or --encoding utf-16") from error
    if "\0" in text:
        raise errors.InputError("the file must be text, but it holds zero bytes", where=where)
    return text
