"""The arms of a user in the words of a laboratory, and what they are here."""

from __future__ import annotations

from dataclasses import replace

from autocrine.assay import Arm
from autocrine.circuit import Pharmacology
from autocrine.core import Document, errors

_PLAIN = {"", "none", "control", "vehicle", "dmso", "untreated", "no", "isotype", "igg", "medium"}
_SYNONYMS = {
    "anti-il-6r": ("antiil6r", "il6rblockade", "il6rantibody", "il6rblocker", "antiil6receptor"),
    "anti-il-6": ("antiil6", "il6blockade", "il6antibody", "il6neutralisation", "il6neutralization"),
    "jak inhibitor": ("jakinhibitor", "jaki", "jak12inhibitor"),
    "p-gp blocker": ("pgpblocker", "pgpinhibitor", "mdr1inhibitor", "abcb1inhibitor", "pglycoproteininhibitor"),
}
_ADDED = ("il6", "rhil6", "recombinantil6", "il6added", "addedil6")
#: added IL-6 where no dose is said; chosen, as usual in the field
_IL6 = "50 ng/ml"


def read_arm(text: str, drugs: Pharmacology, *, where: str = "") -> Arm:
    """Return the arm that a user means.

    Parameters
    ----------
    text : str
        Parts joined by ``+``: ``none``, an arm that every study knows (``anti-IL-6R``, ``anti-IL-6``,
        ``JAK inhibitor``, ``P-gp blocker``, ``IL-6 siRNA`` ...), a blocker by its name, or ``IL-6`` that is added; a
        blocker and IL-6 may be followed by a dose, as in ``tocilizumab 10 ug/ml``.
    drugs : Pharmacology
        The blockers that are known.
    where : str
        File and line for messages.

    Raises
    ------
    InputError
        If a part is unknown.
    UnitError
        If a dose is none.
    """
    name = " ".join(text.split())
    if _squeezed(name) in {_squeezed(word) for word in _PLAIN}:
        return Arm()
    known = Arm.known(Document({}, "", "no study"), drugs)
    parts = [_part(part.strip(), drugs, known, where) for part in name.split("+")]
    whole = parts[0]
    for part in parts[1:]:
        whole = Arm(
            name,
            (*whole.agents, *part.agents),
            whole.il6_nM + part.il6_nM,
            whole.sil6r_nM + part.sil6r_nM,
            {**whole.changes, **part.changes},
        )
    return replace(whole, name=name)


def _part(text: str, drugs: Pharmacology, known: dict[str, Arm], where: str) -> Arm:
    word, dose = text, ""
    pieces = text.split()
    if len(pieces) > 2 and _is_number(pieces[-2]):
        word, dose = " ".join(pieces[:-2]), " ".join(pieces[-2:])
    plain = _squeezed(word)
    if plain in _ADDED:
        return Arm.from_document(text, Document({"il6": dose or _IL6}, "", where or "arms"), drugs)
    for name, arm in known.items():
        if plain in {_squeezed(name), *_SYNONYMS.get(name.lower(), ())}:
            return _with_dose(arm, text, dose, where)
    try:
        return Arm.from_document(text, Document({"agents": {word: dose or None}}, "", where or "arms"), drugs)
    except errors.InputError as error:
        if isinstance(error, (errors.UnitError, errors.DesignError)):
            raise
        names = ", ".join([*known, "IL-6", *(drug.name for drug in drugs.values() if drug.target)])
        raise errors.InputError("an arm must be one that is known", text, where=where, hint=names) from error


def _with_dose(arm: Arm, text: str, dose: str, where: str) -> Arm:
    if not dose:
        return arm
    if len(arm.agents) != 1:
        raise errors.InputError("a dose must be of one agent", text, where=where)
    return replace(arm, agents=((arm.agents[0][0], arm.agents[0][0].dose_nM(dose, where=where)),))


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _squeezed(word: str) -> str:
    return "".join(letter for letter in word.casefold() if letter.isalnum())
