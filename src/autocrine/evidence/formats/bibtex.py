"""BibTeX: entries with a key and fields in braces or quotes; accents in TeX are read, and written as Unicode."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from autocrine.core import errors
from autocrine.evidence.formats import kinds, names
from autocrine.evidence.formats.draft import Draft, clean
from autocrine.evidence.record import Record

_ENTRY = re.compile(r"@\s*([A-Za-z]+)\s*([{(])")
_BRACKET = re.compile(r'\\.|[{}"()]', re.DOTALL)
_TEXTS = {
    "title": "title",
    "journal": "journal",
    "journaltitle": "journal",
    "booktitle": "journal",
    "volume": "volume",
    "number": "issue",
    "issue": "issue",
    "year": "year",
    "date": "year",
    "abstract": "abstract",
    "publisher": "publisher",
    "address": "place",
    "location": "place",
    "school": "publisher",
    "institution": "publisher",
    "entrysubtype": "type",
}
_SOURCES = {"doi": "DOI", "pmid": "PMID", "pmcid": "PMCID", "issn": "ISSN", "isbn": "ISBN", "wos": "WOS"}
_ACCENTS = {
    "'": "\u0301",
    "`": "\u0300",
    "^": "\u0302",
    '"': "\u0308",
    "~": "\u0303",
    "=": "\u0304",
    ".": "\u0307",
    "c": "\u0327",
    "v": "\u030c",
    "u": "\u0306",
    "H": "\u030b",
    "r": "\u030a",
    "k": "\u0328",
}
_LETTERS = {
    "ss": "ß",
    "o": "ø",
    "O": "Ø",
    "l": "ł",
    "L": "Ł",
    "ae": "æ",
    "AE": "Æ",
    "oe": "œ",
    "aa": "å",
    "AA": "Å",
    "i": "ı",
    "alpha": "α",
    "beta": "β",
    "gamma": "γ",
    "delta": "δ",
    "kappa": "κ",
    "textendash": "–",
}
_ACCENT = re.compile(r"\{?\\(?:(['`^\"~=.])\s*\{?(\\?[A-Za-z])\}?|([cvuHrk])(?:\s*\{(\\?[A-Za-z])\}|\s+([A-Za-z])))\}?")
_LETTER = re.compile(r"\\([A-Za-z]+)(?:\{\}|\s+|(?![A-Za-z]))")


def read(text: str, where: str) -> Iterator[Record]:
    """Read the entries of a BibTeX file; comments, preambles and strings are no records, strings are filled in.

    Raises
    ------
    InputError
        If an entry does not end, or a field is no field.
    """
    strings: dict[str, str] = {
        m: m for m in ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
    }
    place, counted, number = 0, 0, 1
    while (found := _ENTRY.search(text, place)) is not None:
        number += text.count("\n", counted, found.start())
        counted = found.start()
        line = f"{where}, line {number}"
        end = _end(text, found.end(), "}" if found[2] == "{" else ")", line)
        body, place, word = text[found.end() : end], end + 1, found[1].lower()
        if word in {"comment", "preamble"}:
            continue
        if word == "string":
            strings.update(_fields(body, strings, line))
            continue
        key, comma, rest = body.partition(",")
        if not comma:
            raise errors.InputError("an entry must have a key and fields", body[:60], where=line)
        yield _record(word, key.strip(), _fields(rest, strings, line))


def _end(text: str, start: int, closing: str, where: str) -> int:
    depth, quoted = 0, False
    for found in _BRACKET.finditer(text, start):
        sign = found[0]
        if sign == closing and depth == 0 and not quoted:
            return found.start()
        depth += (sign == "{") - (sign == "}")
        if depth < 0:
            break
        if sign == '"' and depth == 0:
            quoted = not quoted
    raise errors.InputError("an entry must end: its braces do not match", text[start : start + 60], where=where)


def _fields(body: str, strings: dict[str, str], where: str) -> list[tuple[str, str]]:
    fields: list[tuple[str, str]] = []
    place = 0
    name = re.compile(r"[\s,]*([^\s=,{}\"]+)\s*=\s*")
    while body[place:].strip(" \t\r\n,"):
        found = name.match(body, place)
        if found is None:
            raise errors.InputError("a field must be name = value", body[place:].strip()[:60], where=where)
        value, place = _value(body, found.end(), strings, where)
        fields.append((found[1].lower(), value))
    return fields


def _value(body: str, place: int, strings: dict[str, str], where: str) -> tuple[str, int]:
    parts = []
    while True:
        opening = body[place : place + 1]
        if opening in {"{", '"'} and opening:
            end = _end(body, place + 1, "}", where) if opening == "{" else _quote(body, place + 1, where)
            parts.append(body[place + 1 : end])
            place = end + 1
        else:
            bare = re.compile(r"[^\s,#{}\"]*").match(body, place)
            word = "" if bare is None else bare[0]
            parts.append(strings.get(word.lower(), word))
            place += len(word)
        joined = re.compile(r"\s*#\s*").match(body, place)
        if joined is None:
            return "".join(parts), place
        place = joined.end()


def _quote(body: str, start: int, where: str) -> int:
    depth = 0
    for found in re.finditer(r'\\.|[{}"]', body[start:], re.DOTALL):
        depth += (found[0] == "{") - (found[0] == "}")
        if found[0] == '"' and depth == 0:
            return start + found.start()
    raise errors.InputError("a quoted value must end", body[start : start + 60], where=where)


def _record(word: str, key: str, fields: list[tuple[str, str]]) -> Record:
    draft = Draft("BibTeX", key=key, raw=[("entry", word), *fields])
    for name, value in fields:
        text = plain(value)
        if name in _TEXTS:
            draft.put(_TEXTS[name], text)
        elif name in _SOURCES:
            for one in re.split(r"[;,]\s+", text):
                draft.source(_SOURCES[name], one)
        elif name in {"author", "editor"}:
            _people(draft, name, value)
        elif name == "pages":
            draft.put("pages", re.sub(r"\s*(?:--+|–)\s*", "-", text))
        elif name in {"note", "affiliation"}:
            for one in value.split(" \\par "):
                draft.note(plain(one)) if name == "note" else draft.address(plain(one))
        elif name == "eprint":
            draft.source(dict(fields).get("eprinttype", "eprint"), text)
    draft.put("type", kinds.kind(kinds.BIBTEX, word))
    return draft.finish()


def _people(draft: Draft, role: str, value: str) -> None:
    for name in _outside_braces(value):
        if re.fullmatch(r"\{.*\}", name.strip(), re.DOTALL):
            draft.author(plain(name), "group")
            continue
        text = plain(name)
        if "," not in text and " " in text:
            words = text.split()
            low = next((i for i, word in enumerate(words[:-1]) if i and word[0].islower()), len(words) - 1)
            text = f"{' '.join(words[low:])}, {' '.join(words[:low])}"
        draft.author(text, role)


def _outside_braces(value: str) -> list[str]:
    people, depth, begun = [], 0, 0
    for found in re.finditer(r"\\.|[{}]|\s+and\s+", value):
        depth += (found[0] == "{") - (found[0] == "}")
        if depth == 0 and found[0].strip() == "and":
            people.append(value[begun : found.start()])
            begun = found.end()
    return [*people, value[begun:]]


def plain(value: str) -> str:
    """Return the text that TeX would print: accents as letters, no braces, no commands."""

    def accented(found: re.Match[str]) -> str:
        letter = (found[2] or found[4] or found[5]).lstrip("\\")
        return unicodedata.normalize("NFC", letter + _ACCENTS[found[1] or found[3]])

    value = _ACCENT.sub(accented, value)
    value = re.sub(r"\\([&%$#_{}])", lambda found: f"\x00{ord(found[1])}\x01", value)
    value = _LETTER.sub(lambda found: _LETTERS.get(found[1], ""), value)
    value = re.sub(r"[{}$]|\\(?=\W|$)", "", value).replace("~", " ").replace("---", "—")
    value = re.sub("\x00(\\d+)\x01", lambda found: chr(int(found[1])), value)
    return clean(value)


def write(records: Iterator[Record]) -> str:
    """Write records as BibTeX in Unicode, with the signs that TeX reads escaped."""
    return "\n".join(_written(record, number) for number, record in enumerate(records, 1))


def _written(record: Record, number: int) -> str:
    fields = [("title", f"{{{_escaped(record.title)}}}" if record.title else "")]
    for role, name in (({"author", "corresponding", "group"}, "author"), ({"editor"}, "editor")):
        people = [_person(who.name, who.role) for who in record.authors if who.role in role]
        if people and name == "author" and not record.authors_complete:
            people.append("others")
        fields.append((name, " and ".join(people)))
    fields.append(("year", str(record.year or "")))
    fields.append(("booktitle" if record.type == "book chapter" else "journal", _escaped(record.journal)))
    fields += [(name, _escaped(text)) for name, text in (("volume", record.volume), ("number", record.issue))]
    fields += [("pages", _escaped(record.pages).replace("-", "--")), ("publisher", _escaped(record.publisher))]
    fields += [("address", _escaped(record.place)), ("entrysubtype", _escaped(record.type))]
    known = {scheme: name for name, scheme in _SOURCES.items()}
    for scheme in dict.fromkeys(source.scheme for source in record.sources):
        values = "; ".join(_escaped(source.value) for source in record.sources if source.scheme == scheme)
        fields += [(known[scheme], values)] if scheme in known else []
    other = next((source for source in record.sources if source.scheme not in known), None)
    fields += [("eprinttype", other.scheme), ("eprint", _escaped(other.value))] if other else []
    fields += [("abstract", _escaped(record.abstract))]
    fields += [("affiliation", " \\par ".join(map(_escaped, record.author_address)))]
    fields += [("note", " \\par ".join(map(_escaped, record.notes)))]
    inside = "".join(f",\n  {name} = {{{value}}}" for name, value in fields if value)
    key = re.sub(r"[^A-Za-z0-9_:.+/-]", "", record.key) or f"record{number}"
    return f"@{kinds.word(kinds.BIBTEX, record.type, 'misc')}{{{key}{inside}\n}}\n"


def _person(name: str, role: str) -> str:
    family, given = names.parts(name)
    if role == "group" or not given:
        return f"{{{_escaped(name)}}}"
    return _escaped(f"{family}, {given}")


def _escaped(text: str) -> str:
    text = re.sub(r"([&%$#_])", r"\\\1", text.replace("\\", "/"))
    return re.sub(r"[{}]", lambda found: "(" if found[0] == "{" else ")", text).replace("~", "\u223c")
