"""Models as Antimony text, by way of SBML."""

from __future__ import annotations

import re
from pathlib import Path

from autocrine.core import errors
from autocrine.engine.foreign_process import ForeignProcess
from autocrine.engine.network import Network
from autocrine.engine.sbml import read_text, sbml_text

#: characters of a text; models written by people have some thousand
LARGEST_TEXT = 2_000_000
#: seconds that a translation may take; the time of the library grows with the square of the length
LONGEST = 60.0
_WHERE = re.compile(r"^Error in model string, line (\d+):\s*(.*)", re.DOTALL)
#: what is no code: comments and text, in the order in which they begin
_NO_CODE = re.compile(r"/\*.*?\*/|//[^\n]*|#[^\n]*|```.*?```|\"[^\"]*\"", re.DOTALL)
_IMPORT = re.compile(r"\bimport\b")
#: an import that somebody may have hidden from the pattern above
_HIDDEN = re.compile(r"\bimport\s*(?:/\*.*?\*/\s*)*[\"`][^\"`\n]*[\"`]", re.DOTALL)


def read_antimony(text: str, *, where: str = "Antimony") -> Network:
    """Read a model that is written in Antimony.

    Parameters
    ----------
    text : str
        The model itself, not the path of a file; it must not import others.
    where : str
        What it is called in messages.

    Returns
    -------
    Network
        As `read_sbml` gives it.

    Raises
    ------
    InputError
        If it cannot be read, with the line; if it imports a file, or is too large.
    UnsupportedError
        If it needs what this software does not have.

    References
    ----------
    Smith et al. 2009, Bioinformatics 25(18):2452-2454, doi:10.1093/bioinformatics/btp401.
    """
    return read_text(antimony_to_sbml(text, where=where), where)


def antimony_to_sbml(text: str, *, where: str = "Antimony") -> str:
    """Return Antimony as SBML text; see `read_antimony`."""
    if len(text) > LARGEST_TEXT:
        raise errors.InputError(f"a model must have at most {LARGEST_TEXT:,} characters", len(text), where=where)
    if not text.strip():
        raise errors.InputError("a model must not be empty", where=where, hint='"A -> B; k*A; k = 1; A = 10"')
    if "\0" in text:
        raise errors.InputError("a model must be text", where=where)
    _refuse_imports(text, where)
    return _translated(text, "sbml", where)


def antimony_of(network: Network) -> str:
    """Return a network as Antimony text.

    Parameters
    ----------
    network : Network
        Any network. What only the notes and marks of SBML can say, as ranges and evidence keys, is left out.
    """
    # numbers need no unit in Antimony, where they could not be read beside one
    plain = sbml_text(network).replace(' sbml:units="dimensionless"', "")
    return _translated(plain, "antimony", f"network {network.name}").replace("&apos;", "'").replace("&quot;", "''")


def write_antimony(network: Network, path: Path | str) -> None:
    """Write a network as a file of Antimony text; see `antimony_of`.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    text = antimony_of(network)
    try:
        Path(path).write_text(text, encoding="utf-8")
    except OSError as error:
        raise errors.OutputError(f"{path} cannot be written ({error.strerror or error})") from error


def _refuse_imports(text: str, where: str) -> None:
    code = _NO_CODE.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)
    found = _IMPORT.search(code) or _HIDDEN.search(text)
    if found:
        line = text.count("\n", 0, found.start()) + 1
        raise errors.InputError(
            "a model must not import other files", where=f"{where}, line {line}", hint="one text with all of its parts"
        )


def _translated(text: str, to: str, where: str) -> str:
    try:
        with ForeignProcess(Path(__file__).with_name("antimony_process.py")) as process:
            answer = process.ask({"to": to, "text": text}, LONGEST)
    except TimeoutError as error:
        raise errors.InputError(f"a model must be translated within {LONGEST:g} s", where=where) from error
    except ChildProcessError as error:
        raise errors.InputError("a model must be one that the antimony library can read", where=where) from error
    if "error" in answer:
        raise _refused(answer["error"], where)
    return answer["text"]


def _refused(message: str, where: str) -> errors.InputError:
    found = _WHERE.match(message)
    reason = " ".join((found[2] if found else message).split())
    reason = reason if len(reason) <= 300 else reason[:297] + "..."
    return errors.InputError(
        f"a model must be Antimony: {reason}", where=f"{where}, line {found[1]}" if found else where
    )
