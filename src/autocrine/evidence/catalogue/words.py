"""The words under which a text is indexed and looked for: one form for all the ways in which a biologist writes a name.

Case and accents are dropped, Greek letters become names, plurals lose their s. A name with a number is one word however
it is written (``MCF-7``, ``MCF7``), other hyphens and slashes part words, and synonyms become one form: so ``C/EBPβ``,
``CEBPB`` and ``NF-IL6`` are the two words ``cebp beta``, which a search for ``C/EBP`` finds too.
"""

from __future__ import annotations

import functools
import hashlib
import re
import tomllib
import unicodedata
from collections.abc import Iterator
from importlib import resources
from typing import NamedTuple

_GREEK = dict(
    zip("αβγδεζηθικλμνξοπρσςτυφχψω", [
        "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu",
        "xi", "omicron", "pi", "rho", "sigma", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega",
    ], strict=True)
)  # fmt: skip
_GREEK_NAMES = frozenset(_GREEK.values())
_PLAIN = str.maketrans(
    {letter: f"\u2010{name}\u2010" for letter, name in _GREEK.items()}
    | {"ø": "o", "ł": "l", "đ": "d", "ß": "ss", "æ": "ae", "œ": "oe", "ı": "i", "\u2212": "-"}
)
_ATOM = re.compile(r"[^\W\d_]+|\d+")
_SUFFIX = re.compile(r"([a-z]{2,}?)(alpha|beta|gamma|delta|kappa)$")
_COMBINING = re.compile(r"[\u0300-\u036f]")
#: endings of words that only look like plurals
_SINGULAR = ("ss", "us", "is", "as", "os")


class Unit(NamedTuple):
    """What was written without a blank (or is one name): its words, which must follow one another."""

    words: tuple[str, ...]


class _Atom(NamedTuple):
    """A run of letters or of digits, and what stood before it: ``""``, a hyphen, another sign, or a blank."""

    text: str
    before: str


def normal(text: str) -> str:
    """Return the words of a text, as they are indexed."""
    return " ".join(word for unit in units(text) for word in unit.words)


def digest(others: tuple[str, ...] = ()) -> str:
    """Return a short hash of the rules in this file, of the synonyms, and of other texts: equal rules, equal words."""
    folder = resources.files("autocrine.evidence.catalogue")
    rules = [folder.joinpath(name).read_bytes() for name in ("words.py", "body.py", "synonyms.toml")]
    return hashlib.sha256(b"\0".join([*rules, *(text.encode() for text in others)])).hexdigest()[:32]


def units(text: str) -> list[Unit]:
    """Return the words of a text in groups: each is one name or what stood between blanks."""
    atoms = _atoms(text)
    found: list[Unit] = []
    group: list[str] = []
    place = 0
    for length, words in _named(atoms):
        first = atoms[place]
        if group and first.before == " ":
            found.append(Unit(tuple(group)))
            group = []
        if words:
            group += words
        elif group and _joins(atoms, place):
            group[-1] += first.text
        else:
            group.append(first.text)
        place += length
    return [*found, Unit(tuple(group))] if group else found


def _joins(atoms: list[_Atom], place: int) -> bool:
    """Tell whether an atom goes on the word before it: ``mcf-7``, ``s100a9``, but not ``5-fluorouracil``."""
    here, last = atoms[place], atoms[place - 1]
    return here.before == "" or (here.before == "-" and here.text.isdigit() and not last.text.isdigit())


def _named(atoms: list[_Atom]) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Go through the atoms by names: how many atoms, and the words of a synonym (none where it is no name)."""
    names = _names()
    place = 0
    while place < len(atoms):
        length, words = 1, ()
        for count, known in names.get(atoms[place].text, ()):
            rest = tuple(atom.text for atom in atoms[place : place + count])
            ends = place + count
            # "il6" inside "il6st" or "il60" is no name: the next atom must not stand directly after it
            whole = ends >= len(atoms) or atoms[ends].before != ""
            begins = atoms[place].before != "" or place == 0
            if rest in known and whole and begins:
                length, words = count, known[rest]
                break
        yield length, words
        place += length


def _atoms(text: str) -> list[_Atom]:
    atoms: list[_Atom] = []
    folded = _folded(text)
    end = 0
    for found in _ATOM.finditer(folded):
        begin, word = found.start(), found[0]
        before = " " if not atoms else _sign(folded[end:begin])
        end = begin + len(word)
        parts = _parts(word)
        # a Greek letter in words is one even without a hyphen before it: ``il-1beta``
        before = before or ("/" if word in _GREEK_NAMES else "")
        atoms.append(_Atom(parts[0], before))
        if len(parts) > 1:
            atoms.append(_Atom(parts[1], "/"))
    return atoms


@functools.lru_cache(4096)
def _sign(between: str) -> str:
    """Return what stands between two atoms: nothing, a blank, a hyphen, or something else."""
    if not between:
        return ""
    if any(sign.isspace() for sign in between):
        return " "
    return "-" if set(between) == {"-"} else "/"


@functools.lru_cache(65536)
def _parts(word: str) -> tuple[str, ...]:
    greek = _SUFFIX.match(word)
    return tuple(map(_singular, greek.groups())) if greek else (_singular(word),)


def _folded(text: str) -> str:
    if text.isascii():
        return text.lower()
    text = unicodedata.normalize("NFKD", text.replace("\u2010", "-").replace("\u2011", "-")).casefold()
    return _COMBINING.sub("", text).translate(_PLAIN)


def _singular(word: str) -> str:
    plural = len(word) > 3 and word.endswith("s") and not word.endswith(_SINGULAR)
    return word[:-1] if plural else word


@functools.cache
def _names() -> dict[str, list[tuple[int, dict[tuple[str, ...], tuple[str, ...]]]]]:
    """Return the synonyms by their first atom, then by the number of atoms, the longest first."""
    table = tomllib.loads(resources.files("autocrine.evidence.catalogue").joinpath("synonyms.toml").read_text("utf-8"))
    by_first: dict[str, dict[int, dict[tuple[str, ...], tuple[str, ...]]]] = {}
    for form, names in table.items():
        for name in names:
            atoms = tuple(atom.text for atom in _atoms(name))
            by_first.setdefault(atoms[0], {}).setdefault(len(atoms), {})[atoms] = tuple(form.split())
    return {first: sorted(lengths.items(), reverse=True) for first, lengths in by_first.items()}
