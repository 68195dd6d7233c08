"""The type of article in the words of each format; the library's own words are the keys."""

from __future__ import annotations

RIS = {
    "journal article": "JOUR",
    "book": "BOOK",
    "book chapter": "CHAP",
    "conference paper": "CPAPER",
    "thesis": "THES",
    "report": "RPRT",
    "data set": "DATA",
    "software": "COMP",
}
BIBTEX = {
    "journal article": "article",
    "book": "book",
    "book chapter": "incollection",
    "conference paper": "inproceedings",
    "thesis": "phdthesis",
    "report": "techreport",
    "data set": "dataset",
    "software": "software",
}
CSL = {
    "journal article": "article-journal",
    "book": "book",
    "book chapter": "chapter",
    "conference paper": "paper-conference",
    "thesis": "thesis",
    "report": "report",
    "data set": "dataset",
    "software": "software",
}
#: entry types that other programs write and that name one of ours
_ALSO = {
    "jfull": "journal article",
    "edbook": "book",
    "conf": "conference paper",
    "electronic": "unspecified literature",
    "mastersthesis": "thesis",
    "inbook": "book chapter",
    "proceedings": "book",
    "conference": "conference paper",
    "article": "journal article",
    "collection": "book",
    "online": "unspecified literature",
}


def word(table: dict[str, str], kind: str, otherwise: str) -> str:
    """Return the word of a format for one of our types; what appears in a journal is an article there."""
    journal = {"review", "meta-analysis", "editorial", "letter"}
    return table.get("journal article" if kind in journal else kind, otherwise)


def kind(table: dict[str, str], found: str) -> str:
    """Return our type for the word of a format; an unknown word is unspecified literature."""
    ours = {theirs.casefold(): name for name, theirs in table.items()}
    folded = found.strip().casefold()
    return ours.get(folded) or _ALSO.get(folded, "unspecified literature")
