"""Translates between Antimony and SBML in a process of its own, for `autocrine.engine.antimony_text`.

The library keeps what it has read for the whole process and answers some texts with hours or a crash, so that it gets
a process of its own for each text.
"""

from collections.abc import Callable
from typing import Any


def answer(asked: dict[str, str]) -> dict[str, str]:
    """Return what a text becomes, or why it becomes nothing.

    Parameters
    ----------
    asked : dict of str to str
        ``to``: ``sbml`` or ``antimony``; ``text``.

    Returns
    -------
    dict of str to str
        ``text`` or ``error``.
    """
    import antimony

    if asked["to"] == "sbml":
        return _translated(asked["text"], antimony.loadAntimonyString, antimony.getSBMLString)
    return _translated(asked["text"], antimony.loadSBMLString, antimony.getAntimonyString)


def _translated(text: str, load: Callable[[str], int], write: Callable[..., Any]) -> dict[str, str]:
    import antimony

    if load(text) < 0:
        return {"error": str(antimony.getLastError() or "it cannot be read")}
    found = write(antimony.getMainModuleName() or "")
    return {"text": found} if found else {"error": str(antimony.getLastError() or "it holds no model")}
