"""PubMed's XML: ``PubmedArticleSet``; read without entities, whatever the document declares."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import defusedxml.ElementTree
from defusedxml import DefusedXmlException

from autocrine.core import errors
from autocrine.evidence.formats import names
from autocrine.evidence.formats.draft import Draft
from autocrine.evidence.formats.nbib import kind_of
from autocrine.evidence.record import Author, Record

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_PLACES = {
    "title": "Article/ArticleTitle",
    "journal": "Article/Journal/Title",
    "pages": "Article/Pagination/MedlinePgn",
    "volume": "Article/Journal/JournalIssue/Volume",
    "issue": "Article/Journal/JournalIssue/Issue",
    "publisher": "Article/Publisher/PublisherName",
    "place": "Article/Publisher/PublisherLocation",
}
_YEARS = ("Article/Journal/JournalIssue/PubDate/Year", "Article/Journal/JournalIssue/PubDate/MedlineDate")
_IDS = {"pubmed": "PMID", "pmc": "PMCID", "doi": "DOI"}
#: the root, an article and what stands in it are three; no real document has many more levels
_DEEPEST = 64


def read(text: str, where: str) -> Iterator[Record]:
    """Read the articles of PubMed's XML.

    Raises
    ------
    InputError
        If it is not well-formed, declares an entity, is nested too deeply, or is of another kind.
    """
    try:
        # a document type is common in these files; entities, local or external, are refused
        root = defusedxml.ElementTree.fromstring(text.encode("utf-8"), forbid_dtd=False)
    except (ElementTree.ParseError, ValueError, DefusedXmlException) as error:
        must = f"the file must be well-formed XML without entities ({error})"
        raise errors.InputError(must, where=where) from error
    _refuse_depth(root, where)
    if root.tag not in {"PubmedArticleSet", "PubmedArticle", "MedlineCitationSet"}:
        raise errors.InputError("the XML must be a PubmedArticleSet", root.tag[:60], where=where)
    articles = [root] if root.tag == "PubmedArticle" else list(root)
    for article in articles:
        citation = article if article.tag == "MedlineCitation" else article.find("MedlineCitation")
        if citation is not None:
            yield _record(article, citation)


def _refuse_depth(root: Element, where: str) -> None:
    level, depth = [root], 0
    while level:
        level = [child for parent in level for child in parent]
        depth += 1
        if depth > _DEEPEST:
            raise errors.InputError(f"the XML must have at most {_DEEPEST} levels", where=where)


def _record(article: Element, citation: Element) -> Record:
    draft = Draft("PubMed")
    for element in citation.iter():
        if len(element) == 0 and (element.text or "").strip():
            draft.raw.append((element.tag, element.text or ""))
    for name, place in _PLACES.items():
        draft.put(name, _text(citation.find(place)))
    for place in _YEARS:
        draft.put("year", _text(citation.find(place)))
    abstract = [_section(part) for part in citation.findall("Article/Abstract/AbstractText")]
    draft.put("abstract", " ".join(abstract))
    _people(draft, citation)
    _identifiers(draft, article, citation)
    draft.put(
        "type", kind_of([_text(kind) for kind in citation.findall("Article/PublicationTypeList/PublicationType")])
    )
    for note in citation.findall("GeneralNote"):
        draft.note(_text(note))
    return draft.finish()


def _people(draft: Draft, citation: Element) -> None:
    for group in citation.findall("Article/AuthorList"):
        draft.authors_complete &= group.get("CompleteYN", "Y") != "N"
        role = "editor" if group.get("Type") == "editors" else "author"
        for person in group.findall("Author"):
            family, given = _text(person.find("LastName")), _text(person.find("ForeName"))
            given = given or _text(person.find("Initials"))
            suffix = _text(person.find("Suffix"))
            given += f", {suffix}" if suffix and given else ""
            if family:
                # a family name alone keeps its comma out of the rules for initials
                draft.authors.append(Author(f"{family}, {given}" if given else family, role))
            else:
                draft.author(_text(person.find("CollectiveName")), "group")
            for address in person.findall("AffiliationInfo/Affiliation"):
                draft.address(_text(address))


def _identifiers(draft: Draft, article: Element, citation: Element) -> None:
    draft.source("PMID", _text(citation.find("PMID")))
    draft.source("ISSN", _text(citation.find("Article/Journal/ISSN")))
    for place in article.findall("PubmedData/ArticleIdList/ArticleId"):
        scheme = _IDS.get(place.get("IdType", ""))
        if scheme:
            draft.source(scheme, _text(place))
    for place in citation.findall("Article/ELocationID"):
        if place.get("EIdType") == "doi":
            draft.source("DOI", _text(place))
    for place in citation.findall("OtherID"):
        draft.source(place.get("Source", ""), _text(place))


def _section(part: Element) -> str:
    label = part.get("Label")
    return f"{label}: {_text(part)}" if label else _text(part)


def _text(element: Element | None) -> str:
    return "" if element is None else " ".join("".join(element.itertext()).split())


def write(records: Iterator[Record]) -> str:
    """Write records as PubMed's XML."""
    root = ElementTree.Element("PubmedArticleSet")
    for record in records:
        article = ElementTree.SubElement(root, "PubmedArticle")
        citation = ElementTree.SubElement(article, "MedlineCitation")
        for source in record.sources:
            if source.scheme == "PMID" and citation.find("PMID") is None:
                _put(citation, "PMID", source.value)
        _put_article(ElementTree.SubElement(citation, "Article"), record)
        for source in record.sources:
            if source.scheme not in {"PMID", "PMCID", "DOI", "ISSN"}:
                _put(citation, "OtherID", source.value, Source=source.scheme)
        for note in record.notes:
            _put(citation, "GeneralNote", note)
        ids = ElementTree.SubElement(ElementTree.SubElement(article, "PubmedData"), "ArticleIdList")
        for source in record.sources:
            for kind, scheme in _IDS.items():
                if scheme == source.scheme:
                    _put(ids, "ArticleId", source.value, IdType=kind)
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _put_article(article: Element, record: Record) -> None:
    journal = ElementTree.SubElement(article, "Journal")
    for source in record.sources:
        if source.scheme == "ISSN" and journal.find("ISSN") is None:
            _put(journal, "ISSN", source.value)
    issue = ElementTree.SubElement(journal, "JournalIssue")
    _put(issue, "Volume", record.volume)
    _put(issue, "Issue", record.issue)
    _put(ElementTree.SubElement(issue, "PubDate"), "Year", str(record.year or ""))
    _put(journal, "Title", record.journal)
    _put(article, "ArticleTitle", record.title)
    _put(ElementTree.SubElement(article, "Pagination"), "MedlinePgn", record.pages)
    if record.abstract:
        _put(ElementTree.SubElement(article, "Abstract"), "AbstractText", record.abstract)
    _put_people(article, record)
    _put(ElementTree.SubElement(article, "PublicationTypeList"), "PublicationType", record.type.capitalize())
    publisher = ElementTree.SubElement(article, "Publisher")
    _put(publisher, "PublisherName", record.publisher)
    _put(publisher, "PublisherLocation", record.place)


def _put_people(article: Element, record: Record) -> None:
    first: Element | None = None
    for kind in ("authors", "editors"):
        people = [who for who in record.authors if (who.role == "editor") == (kind == "editors")]
        if not people:
            continue
        complete = "Y" if record.authors_complete else "N"
        group = ElementTree.SubElement(article, "AuthorList", CompleteYN=complete, Type=kind)
        for who in people:
            person = ElementTree.SubElement(group, "Author")
            first = person if first is None else first
            family, given = names.parts(who.name)
            _put(
                person,
                "CollectiveName" if who.role == "group" else "LastName",
                who.name if who.role == "group" else family,
            )
            given, _, suffix = given.partition(",")
            _put(person, "ForeName", given if who.role != "group" else "")
            _put(person, "Suffix", suffix.strip() if who.role != "group" else "")
    if first is None:
        return
    for address in record.author_address:
        _put(ElementTree.SubElement(first, "AffiliationInfo"), "Affiliation", address)


def _put(parent: Element, tag: str, text: str, **attributes: str) -> None:
    if text:
        ElementTree.SubElement(parent, tag, attributes).text = text
